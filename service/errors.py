"""Everything that can go wrong, worded once; `service/rpc/status.py` turns it into a gRPC status.

Each class fixes a `code` (the name of a gRPC status) and a default `reason` (`UPPER_SNAKE`, stable, part of the
contract). Messages are for the caller: they say what to do and hold no secret, no prompt and no personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The gRPC status codes that vaiven uses, by name, so that this module need not know gRPC."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    ABORTED = "ABORTED"
    UNAVAILABLE = "UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    CANCELLED = "CANCELLED"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that was wrong: `subject` is a field path, a candidate or a resource name."""

    subject: str
    description: str


class VaivenError(Exception):
    """The root of all errors that a caller may see.

    `retry_after_s` says after how many seconds the same request may succeed; None: do not retry unchanged. `passes`
    says whether it may succeed later where nobody knows when; None: as the code has it.
    """

    code: Code = Code.INTERNAL
    default_reason: str = "INTERNAL"
    passes: bool | None = None

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        retry_after_s: float | None = None,
        violations: Sequence[Violation] = (),
    ) -> None:
        """Keep `message` for the caller; `reason` narrows the class's own."""
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason
        self.retry_after_s = retry_after_s
        self.violations = tuple(violations)


class InvalidArgumentError(VaivenError):
    """A field of the request is wrong; `violations` name the fields."""

    code = Code.INVALID_ARGUMENT
    default_reason = "INVALID_FIELD"


class RequestIdReusedError(InvalidArgumentError):
    """A `request_id` came back with another body."""

    default_reason = "REQUEST_ID_REUSED"


class NotFoundError(VaivenError):
    """The named resource does not exist for this tenant."""

    code = Code.NOT_FOUND
    default_reason = "RESOURCE_NOT_FOUND"


class AlreadyExistsError(VaivenError):
    """A resource of that name exists."""

    code = Code.ALREADY_EXISTS
    default_reason = "RESOURCE_ALREADY_EXISTS"


class FailedPreconditionError(VaivenError):
    """The system is not in the state that the call needs."""

    code = Code.FAILED_PRECONDITION
    default_reason = "FAILED_PRECONDITION"


class TicketClosedError(FailedPreconditionError):
    """A person has closed the ticket before."""

    default_reason = "TICKET_CLOSED"


class NoRouteError(FailedPreconditionError):
    """No model meets the request's limits; one violation a candidate."""

    default_reason = "NO_ROUTE"


class RunCostExceededError(NoRouteError):
    """What the request lets the run cost does not cover its next generation; one violation a candidate."""

    default_reason = "RUN_COST_EXCEEDED"


class PriceUnknownError(FailedPreconditionError):
    """A budget limits money and what the model costs is not known in its currency; one violation a budget."""

    default_reason = "PRICE_UNKNOWN"


class BudgetExceededError(VaivenError):
    """What the request may cost is more than a budget has left now; one violation a budget."""

    code = Code.RESOURCE_EXHAUSTED
    default_reason = "BUDGET_EXCEEDED"


class BudgetTooSmallError(BudgetExceededError):
    """What the request may cost is more than a budget will ever have left; one violation a budget."""

    default_reason = "BUDGET_TOO_SMALL"
    passes = False


class ContextTooLongError(InvalidArgumentError):
    """The prompt does not fit the model's context."""

    default_reason = "CONTEXT_TOO_LONG"


class PermissionDeniedError(VaivenError):
    """The caller may not do this; never says why in terms of the protected value."""

    code = Code.PERMISSION_DENIED
    default_reason = "PERMISSION_DENIED"


class PermissionMissingError(PermissionDeniedError):
    """The caller is known and lacks a permission, which the message names."""

    default_reason = "PERMISSION_MISSING"


class UnauthenticatedError(VaivenError):
    """No valid credentials came with the call."""

    code = Code.UNAUTHENTICATED
    default_reason = "UNAUTHENTICATED"


class CredentialsMissingError(UnauthenticatedError):
    """The call came without credentials."""

    default_reason = "CREDENTIALS_MISSING"


class CredentialsInvalidError(UnauthenticatedError):
    """The credentials are none of this service's; whether they ever were is not told."""

    default_reason = "CREDENTIALS_INVALID"


class CredentialsExpiredError(UnauthenticatedError):
    """The credentials are genuine, and their time is over."""

    default_reason = "CREDENTIALS_EXPIRED"


class QueueFullError(VaivenError):
    """A bounded queue is full; retry after `retry_after_s`."""

    code = Code.RESOURCE_EXHAUSTED
    default_reason = "QUEUE_FULL"


class SessionBusyError(VaivenError):
    """Another run is working on the session."""

    code = Code.ABORTED
    default_reason = "SESSION_BUSY"


class StaleEtagError(VaivenError):
    """The resource changed since the caller read it."""

    code = Code.ABORTED
    default_reason = "STALE_ETAG"


class UnavailableError(VaivenError):
    """A part of the service cannot answer now; the request may be retried."""

    code = Code.UNAVAILABLE
    default_reason = "UNAVAILABLE"


class DrainingError(UnavailableError):
    """The server is shutting down and takes no new work."""

    default_reason = "SERVICE_DRAINING"


class IssuerUnavailableError(UnavailableError):
    """The keys of the issuer of tokens could not be read, so that no token can be judged."""

    default_reason = "ISSUER_UNAVAILABLE"


class ServiceRestartedError(UnavailableError):
    """The service stopped while the run was in flight."""

    default_reason = "SERVICE_RESTARTED"


class WorkerDiedError(UnavailableError):
    """The model's worker process ended while it held the request."""

    default_reason = "MODEL_WORKER_DIED"


class ModelLoadError(FailedPreconditionError):
    """A model or its execution provider cannot be loaded; the message says what to install or mend."""

    default_reason = "MODEL_NOT_LOADABLE"


class ModelFilesError(FailedPreconditionError):
    """Files of a model are missing, cut short, changed, or not those of a model; nothing was kept."""

    default_reason = "MODEL_FILES_INVALID"


class BuilderMissingError(FailedPreconditionError):
    """What builds models is not installed; the message says what to install."""

    default_reason = "BUILDER_NOT_INSTALLED"


class BuildFailedError(FailedPreconditionError):
    """A model could not be built from its checkpoint; the message says why."""

    default_reason = "BUILD_FAILED"


class ModelMemoryError(VaivenError):
    """The models that are loaded leave no room for another one."""

    code = Code.RESOURCE_EXHAUSTED
    default_reason = "MODEL_MEMORY_FULL"


class DiskFullError(VaivenError):
    """There is too little room on the disk."""

    code = Code.RESOURCE_EXHAUSTED
    default_reason = "DISK_FULL"


class HubError(UnavailableError):
    """The hub of models does not answer as it should; asking again goes on where it stopped."""

    default_reason = "HUB_UNAVAILABLE"


class DeadlineExceededError(VaivenError):
    """The caller's deadline passed; the work was stopped."""

    code = Code.DEADLINE_EXCEEDED
    default_reason = "DEADLINE_EXCEEDED"


class RunCancelledError(VaivenError):
    """The run was cancelled by request."""

    code = Code.CANCELLED
    default_reason = "RUN_CANCELLED"


class OperationCancelledError(VaivenError):
    """The operation was cancelled by request."""

    code = Code.CANCELLED
    default_reason = "OPERATION_CANCELLED"


class InternalError(VaivenError):
    """Something unexpected: the message is fixed and holds a correlation id, nothing of the cause."""

    code = Code.INTERNAL
    default_reason = "INTERNAL"
