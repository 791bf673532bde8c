"""Resource names: parsed once here, so that a wrong one is one kind of error everywhere."""

from __future__ import annotations

from service.errors import InvalidArgumentError, Violation


def run_name(run_id: str) -> str:
    """Return `runs/{run_id}`."""
    return f"runs/{run_id}"


def session_name(session_id: str) -> str:
    """Return `sessions/{session_id}`."""
    return f"sessions/{session_id}"


def message_name(session_id: str, position: int) -> str:
    """Return `sessions/{session_id}/messages/{position}`."""
    return f"sessions/{session_id}/messages/{position}"


def ticket_name(ticket_id: str) -> str:
    """Return `tickets/{ticket_id}`."""
    return f"tickets/{ticket_id}"


def model_name(model_id: str) -> str:
    """Return `models/{model_id}`."""
    return f"models/{model_id}"


def plugin_name(plugin: str) -> str:
    """Return `plugins/{plugin}`."""
    return f"plugins/{plugin}"


def function_name(plugin: str, function: str) -> str:
    """Return `plugins/{plugin}/functions/{function}`."""
    return f"plugins/{plugin}/functions/{function}"


def plan_name(plan_id: str) -> str:
    """Return `plans/{plan_id}`."""
    return f"plans/{plan_id}"


def operation_name(operation_id: str) -> str:
    """Return `operations/{operation_id}`."""
    return f"operations/{operation_id}"


def approval_name(run_id: str, approval_id: str) -> str:
    """Return `runs/{run_id}/approvals/{approval_id}`."""
    return f"runs/{run_id}/approvals/{approval_id}"


def approval_parts(name: str) -> tuple[str, str]:
    """Return run and approval of `runs/{run}/approvals/{approval}`.

    Raises:
        InvalidArgumentError: The name is of another form.
    """
    parts = name.split("/")
    if len(parts) != 4 or parts[0] != "runs" or parts[2] != "approvals" or not parts[1] or not parts[3]:
        raise _malformed(name, "runs/{run}/approvals/{approval}", "name")
    return parts[1], parts[3]


def id_in(name: str, collection: str, field: str = "name") -> str:
    """Return the id in `{collection}/{id}`; `field` is the request's field, for the error.

    Raises:
        InvalidArgumentError: The name is of another form.
    """
    head, _, rest = name.partition("/")
    if head != collection or not rest or "/" in rest:
        raise _malformed(name, f"{collection}/{{id}}", field)
    return rest


def function_parts(name: str, field: str = "function") -> tuple[str, str]:
    """Return plugin and function of `plugins/{plugin}/functions/{function}`.

    Raises:
        InvalidArgumentError: The name is of another form.
    """
    parts = name.split("/")
    if len(parts) != 4 or parts[0] != "plugins" or parts[2] != "functions" or not parts[1] or not parts[3]:
        raise _malformed(name, "plugins/{plugin}/functions/{function}", field)
    return parts[1], parts[3]


def _malformed(name: str, form: str, field: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field} must be {form}.", violations=(Violation(field, f"{name!r} is not {form}"),))
