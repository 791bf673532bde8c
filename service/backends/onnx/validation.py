"""Checks of a request before it goes to a worker: onnxruntime-genai takes numbers that make no sense."""

from __future__ import annotations

from service.backends.base import GenerationRequest
from service.errors import InvalidArgumentError, Violation

MOST_STOP_STRINGS = 8
MOST_BIASES = 300
MOST_LOGPROBS = 20
"""Source: the reference of OpenAI's chat completions, for the last two."""
_SEED_END = 2**63


def validate(request: GenerationRequest, most_output_tokens: int) -> None:
    """Check the ranges that `base.Sampling` and the model's card state.

    Raises:
        InvalidArgumentError: One violation for each field that is out of its range.
    """
    sampling = request.sampling
    rules = (
        (bool(request.messages), "messages", "must not be empty"),
        (not any(message.images for message in request.messages), "messages.images", "this model cannot read images"),
        (1 <= request.max_output_tokens <= most_output_tokens, "max_output_tokens", f"1 to {most_output_tokens}"),
        (0 <= sampling.temperature <= 2, "sampling.temperature", "must be from 0 to 2"),
        (0 < sampling.top_p <= 1, "sampling.top_p", "must be above 0 and at most 1"),
        (sampling.top_k is None or sampling.top_k >= 1, "sampling.top_k", "must be at least 1"),
        (sampling.seed is None or 0 <= sampling.seed < _SEED_END, "sampling.seed", "must be from 0 to 2^63 - 1"),
        (0 <= sampling.min_p <= 1, "sampling.min_p", "must be from 0 to 1"),
        (0 < sampling.repetition_penalty <= 2, "sampling.repetition_penalty", "must be above 0 and at most 2"),
        (-2 <= sampling.presence_penalty <= 2, "sampling.presence_penalty", "must be from -2 to 2"),
        (
            len(sampling.logit_bias) <= MOST_BIASES
            and all(token >= 0 and -100 <= bias <= 100 for token, bias in sampling.logit_bias),
            "sampling.logit_bias",
            f"at most {MOST_BIASES} tokens, each with a bias from -100 to 100",
        ),
        (
            sampling.logprobs is None or 0 <= sampling.logprobs <= MOST_LOGPROBS,
            "sampling.logprobs",
            f"must be from 0 to {MOST_LOGPROBS}",
        ),
        (-10 <= request.priority <= 10, "priority", "must be from -10 to 10"),
        (len(sampling.stop) <= MOST_STOP_STRINGS, "sampling.stop", f"at most {MOST_STOP_STRINGS} strings"),
        (all(sampling.stop), "sampling.stop", "a stop string must not be empty"),
        (request.tool_choice != "required" or bool(request.tools), "tools", "must not be empty when one is required"),
        (
            request.tool_choice != "required" or request.guidance is None,
            "guidance",
            "cannot be combined with a required tool call",
        ),
    )
    violations = [Violation(subject, description) for holds, subject, description in rules if not holds]
    if violations:
        words = "; ".join(f"{violation.subject}: {violation.description}" for violation in violations)
        raise InvalidArgumentError(f"The request is malformed: {words}.", violations=violations)
