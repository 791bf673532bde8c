"""What Azure's content filters say beside an answer, as notices. Only words known here leave: labels are not prose.

Source: Microsoft Learn, "Content filtering annotations" and "Content streaming" (Azure OpenAI).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from service.backends.base import NoticePiece

PROMPT_FLAGGED: Final = "PROMPT_FLAGGED"
"""The filter found something in the prompt, and the model answered all the same."""

ANSWER_FLAGGED: Final = "ANSWER_FLAGGED"
"""The filter found something in the answer; whether it was withheld, the finish reason says."""

FILTER_UNAVAILABLE: Final = "FILTER_UNAVAILABLE"
"""The filter did not run, so that the answer came unchecked."""

_FILTER_ERROR: Final = "content_filter_error"
_SEVERITIES: Final = frozenset({"low", "medium", "high"})
_CATEGORIES: Final[Mapping[str, str]] = {
    "hate": "hate",
    "sexual": "sexual content",
    "violence": "violence",
    "self_harm": "self-harm",
    "jailbreak": "an attack on the model",
    "indirect_attack": "an attack inside a document",
    "profanity": "profanity",
    "protected_material_text": "protected text",
    "protected_material_code": "protected code",
    "custom_blocklists": "a blocklist",
    "ungrounded_material": "claims without a ground",
}


def prompt_notices(frame: Mapping[str, Any]) -> Iterator[NoticePiece]:
    """Yield what the frame's annotations of the prompt say; its older name is `prompt_annotations`."""
    for name in ("prompt_filter_results", "prompt_annotations"):
        for annotation in frame.get(name) or ():
            if isinstance(annotation, dict):
                yield from _notices(annotation, PROMPT_FLAGGED, "prompt")


def answer_notices(choice: Mapping[str, Any]) -> Iterator[NoticePiece]:
    """Yield what the annotations of one choice say, whether it carries text or comes after it."""
    yield from _notices(choice, ANSWER_FLAGGED, "answer")


def found_in(results: Mapping[str, Any]) -> list[str]:
    """Return what a filter's results name, in our words."""
    return [words for category, words in _CATEGORIES.items() if _is_found(results.get(category))]


def _notices(holder: Mapping[str, Any], code: str, what: str) -> Iterator[NoticePiece]:
    # An error of the filter comes under either name.
    for name in ("content_filter_results", "content_filter_result"):
        results = holder.get(name)
        if not isinstance(results, dict):
            continue
        error = results.get("error")
        if isinstance(error, dict) and error.get("code") == _FILTER_ERROR:
            yield NoticePiece(FILTER_UNAVAILABLE, f"The content filter did not run; the {what} is unchecked.")
        if found := found_in(results):
            yield NoticePiece(code, f"The content filter found in the {what}: {', '.join(found)}.")


def _is_found(result: object) -> bool:
    if not isinstance(result, dict):
        return False
    return result.get("filtered") is True or result.get("detected") is True or result.get("severity") in _SEVERITIES
