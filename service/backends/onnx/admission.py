"""Who is refused when it comes, by whichever engine: for its length, or for those who wait already."""

from __future__ import annotations

from service.backends.onnx.options import OnnxEngineOptions
from service.errors import ContextTooLongError, QueueFullError


def needed_tokens(prompt_tokens: int, answer_tokens: int, context_tokens: int) -> int:
    """Return how many tokens a request holds at most: its prompt and its longest answer.

    Raises:
        ContextTooLongError: The model takes fewer.
    """
    needed = prompt_tokens + answer_tokens
    if needed > context_tokens:
        raise ContextTooLongError(
            f"The prompt has {prompt_tokens} tokens; with {answer_tokens} for the answer that is more than the "
            f"{context_tokens} that the model takes."
        )
    return needed


def need_place(requests: int, options: OnnxEngineOptions, retry_after_s: float) -> None:
    """Refuse a request where so many `requests` wait and are answered already.

    Raises:
        QueueFullError: They are as many as the engine takes.
    """
    if requests >= options.max_queued + options.max_active:
        raise QueueFullError("The model's queue is full. Try again later.", retry_after_s=retry_after_s)


def need_tokens_left(waiting_tokens: int, needed: int, options: OnnxEngineOptions, retry_after_s: float) -> None:
    """Refuse a request of `needed` tokens behind others of `waiting_tokens`; one that waits alone is never too long.

    Raises:
        QueueFullError: Together they are more than may wait.
    """
    if waiting_tokens and waiting_tokens + needed > options.max_queued_tokens:
        raise QueueFullError(
            "The prompts and answers that wait for the model are too many. Try again later.",
            retry_after_s=retry_after_s,
        )
