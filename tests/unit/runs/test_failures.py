"""Errors of any origin end as one kind, and say nothing that they should not."""

from service.errors import BudgetExceededError, BudgetTooSmallError, InternalError, InvalidArgumentError, QueueFullError
from service.runs.failures import is_retryable, worded


def _caused_by(cause: BaseException, *, context: bool = False, hidden: bool = False) -> RuntimeError:
    error = RuntimeError("as somebody wraps it")
    if context or hidden:
        error.__context__, error.__suppress_context__ = cause, hidden
    else:
        error.__cause__ = cause
    return error


def test_ours_is_found_under_any_number_of_wrappers() -> None:
    ours = QueueFullError("Full.", retry_after_s=1.0)
    assert worded(_caused_by(_caused_by(ours))) is ours


def test_ours_is_found_where_it_was_being_handled() -> None:
    ours = InvalidArgumentError("No.")
    assert worded(_caused_by(ours, context=True)) is ours


def test_a_hidden_context_is_not_looked_at() -> None:
    assert isinstance(worded(_caused_by(InvalidArgumentError("No."), hidden=True)), InternalError)


def test_the_unexpected_has_a_correlation_id_and_nothing_else() -> None:
    one, other = (worded(ValueError("secret")) for _ in range(2))
    assert isinstance(one, InternalError)
    assert "secret" not in one.message
    assert one.message != other.message


def test_what_may_succeed_later_is_retryable() -> None:
    assert is_retryable(QueueFullError("Full."))
    assert not is_retryable(InvalidArgumentError("No."))
    assert is_retryable(InvalidArgumentError("Not yet.", retry_after_s=1.0))
    assert is_retryable(BudgetExceededError("Not today."))
    assert not is_retryable(BudgetTooSmallError("Never."))
