"""Plugins from OpenAPI 3 documents."""

from plugins.sources.openapi.registration import (
    ApiKey,
    Basic,
    Bearer,
    ClientCredentials,
    Credentials,
    OpenApiRegistration,
    OperationRule,
)
from plugins.sources.openapi.source import OpenApiSource

__all__ = [
    "ApiKey",
    "Basic",
    "Bearer",
    "ClientCredentials",
    "Credentials",
    "OpenApiRegistration",
    "OpenApiSource",
    "OperationRule",
]
