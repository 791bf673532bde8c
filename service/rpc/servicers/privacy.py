"""`PrivacyService`: personal data in texts."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc.aio
from vaiven.v1 import privacy_service_pb2 as pb
from vaiven.v1 import privacy_service_pb2_grpc

from service.rpc.convert.privacy import counts_to_proto, findings_to_proto
from service.rpc.convert.values import optional_text
from service.rpc.interceptors.chain import current_principal
from service.rpc.ports import Privacy

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]


class PrivacyServicer(privacy_service_pb2_grpc.PrivacyServiceServicer):
    """Converts, calls the domain, converts back."""

    def __init__(self, privacy: Privacy) -> None:
        """Keep the domain side."""
        self._privacy = privacy

    async def Detect(self, request: pb.DetectRequest, context: Context) -> pb.DetectResponse:
        """Return where personal data is."""
        findings = await self._privacy.detect(current_principal(), request.text)
        return pb.DetectResponse(findings=findings_to_proto(findings))

    async def Anonymize(self, request: pb.AnonymizeRequest, context: Context) -> pb.AnonymizeResponse:
        """Return texts with pseudonyms."""
        done = await self._privacy.anonymize(current_principal(), tuple(request.texts), optional_text(request.session))
        return pb.AnonymizeResponse(texts=done.texts, masked=counts_to_proto(done.counts), restore_token=done.token)

    async def Restore(self, request: pb.RestoreRequest, context: Context) -> pb.RestoreResponse:
        """Return texts with their values."""
        done = await self._privacy.restore(
            current_principal(),
            tuple(request.texts),
            optional_text(request.session),
            request.restore_token,
            in_json=request.json,
        )
        return pb.RestoreResponse(texts=done.texts, unknown=done.unknown, altered=done.altered)
