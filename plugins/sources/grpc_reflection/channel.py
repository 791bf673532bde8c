"""Connections to the target of a registration."""

from __future__ import annotations

from typing import Final

import grpc

from plugins.sources.grpc_reflection.registration import GrpcRegistration

_HEADROOM_BYTES: Final = 1024
_OPTIONS: Final[tuple[tuple[str, int | str], ...]] = (
    # Where a target is, and how it is called, is the operator's word: not a proxy's, not a DNS entry's.
    ("grpc.enable_http_proxy", 0),
    ("grpc.service_config_disable_resolution", 1),
    # A call that writes must not be sent twice behind the planner's back.
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
    # A service that comes back is called again within seconds; gRPC's own pause grows to two minutes.
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.primary_user_agent", "vaiven"),
)


def open_channel(registration: GrpcRegistration, *, max_message_bytes: int) -> grpc.aio.Channel:
    """Return a channel that connects at its first call; a received message may have `max_message_bytes`."""
    options = [*_OPTIONS, ("grpc.max_receive_message_length", max_message_bytes + _HEADROOM_BYTES)]
    tls = registration.tls
    if tls is None:
        return grpc.aio.insecure_channel(registration.target, options=options)
    if tls.server_name:
        options.append(("grpc.ssl_target_name_override", tls.server_name))
    credentials = grpc.ssl_channel_credentials(tls.root_certificates, tls.private_key, tls.certificate_chain)
    return grpc.aio.secure_channel(registration.target, credentials, options=options)
