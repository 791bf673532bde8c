"""What goes wrong in sources, as the errors that callers see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plugins.sources.base import SourceError
from service.errors import (
    DeadlineExceededError,
    FailedPreconditionError,
    InvalidArgumentError,
    PermissionDeniedError,
    UnavailableError,
    VaivenError,
    Violation,
)

_OF_THE_REQUEST: Final = frozenset(
    {
        "ARGUMENTS_INVALID", "ARGUMENTS_TOO_LARGE", "DOCUMENT_INVALID", "DOCUMENT_UNSUPPORTED", "PROMPT_INVALID",
        "PROMPT_TOO_LARGE", "PROMPT_UNSUPPORTED", "REGISTRATION_INVALID", "RULE_INVALID", "SCHEMA_INVALID",
        "TARGET_INVALID", "TLS_INVALID",
    }
)  # fmt: skip
_NOT_ALLOWED: Final = frozenset({"SECRET_NOT_ALLOWED", "STDIO_NOT_ALLOWED", "TARGET_NOT_ALLOWED"})
_LATE: Final = frozenset({"CALL_TIMEOUT", "SOURCE_TIMEOUT"})

_OF_ARGUMENTS: Final = frozenset({"ARGUMENTS_INVALID", "ARGUMENTS_TOO_LARGE"})

# Sources name what they are constructed with; callers know the fields of GrpcSource, OpenApiSource and McpSource.
_FIELDS: Final[Mapping[str, str]] = {
    "bearer": "bearer_secret",
    "call_timeout_s": "call_timeout",
    "stdio": "program",
    "tls.private_key": "tls.private_key_secret",
}
_CREDENTIALS: Final = "credentials."
_OF_CREDENTIALS: Final[Mapping[str, str]] = {
    "client_id": "client_credentials.client_id",
    "name": "api_key.name",
    "token": "bearer.secret",
    "username": "basic.username",
    "value": "api_key.secret",
}


def worded_source(error: SourceError, subject: str = "") -> VaivenError:
    """Return `error` as what a caller sees, with its code as the reason; `subject` says what it is about.

    Sources word their errors for callers and mask secrets, so the message is kept.
    """
    field = f"arguments.{error.field}".rstrip(".") if error.code in _OF_ARGUMENTS else _field_of_api(error.field)
    message = _sentence(f"{field}: {error.message}" if field else error.message)
    said = f"{subject}: {message}" if subject else message
    violations = [Violation(field or subject, error.message)] if field or subject else []
    if error.code in _OF_THE_REQUEST:
        return InvalidArgumentError(said, reason=error.code, violations=violations)
    if error.code in _NOT_ALLOWED:
        return PermissionDeniedError(said, reason=error.code, violations=violations)
    if error.code in _LATE:
        return DeadlineExceededError(said, reason=error.code, violations=violations)
    if error.retryable or error.code == "TARGET_UNREACHABLE":
        return UnavailableError(said, reason=error.code, violations=violations)
    return FailedPreconditionError(said, reason=error.code, violations=violations)


def _field_of_api(field: str) -> str:
    scheme, _, last = field.removeprefix(_CREDENTIALS).rpartition(".")
    if field.startswith(_CREDENTIALS) and scheme and last in _OF_CREDENTIALS:
        return f"{_CREDENTIALS}{scheme}.{_OF_CREDENTIALS[last]}"
    return _FIELDS.get(field, field)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
