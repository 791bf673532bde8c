"""gRPC services as plugins, by server reflection or from a descriptor set."""

from plugins.sources.grpc_reflection.registration import GrpcRegistration, MethodRule, Tls
from plugins.sources.grpc_reflection.source import GrpcSource
from plugins.sources.grpc_reflection.target import check_target

__all__ = ["GrpcRegistration", "GrpcSource", "MethodRule", "Tls", "check_target"]
