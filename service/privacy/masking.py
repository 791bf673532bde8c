"""Puts pseudonyms in the place of personal data, in texts that belong together and in all of a request."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from service.backends.base import ChatMessage, GenerationRequest, Guidance, ToolCall, ToolSpec
from service.privacy.detect import Detector, joined
from service.privacy.kinds import Finding, Kind
from service.privacy.pseudonyms import MaskingError, Pseudonyms

MAX_CHARACTERS: Final = 2_000_000
"""More than this is not masked, hence not sent."""

THREAD_CHARACTERS: Final = 4_000
"""From so many new characters on, they are read in a thread: the loop goes on meanwhile."""

NOTE: Final = (
    "Marks such as ‹PERSON_1› or ‹EMAIL_2B› stand for values that are not shown. Use a mark as you would use "
    "its value, "
    "and copy it exactly, with its brackets."
)
"""What a model is told that is sent marks."""

_ESCAPES: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\.", re.DOTALL)

# What in a schema is words rather than structure.
_WORDS: Final = frozenset({"title", "description", "default", "const", "enum", "examples"})
# What a value with a mark may break, although the value itself keeps to it.
_BROKEN: Final = frozenset({"format", "pattern", "minLength", "maxLength"})


@dataclass(frozen=True, slots=True)
class Masked:
    """Texts as they may leave, in the order given, and how many different values of each kind they had."""

    texts: tuple[str, ...]
    counts: Mapping[Kind, int]


class TextMasking:
    """Masks the texts of one session or run; what it read before is not read again."""

    def __init__(self, detector: Detector, pseudonyms: Pseudonyms) -> None:
        """Give values the pseudonyms of `pseudonyms`."""
        self.pseudonyms = pseudonyms
        self._detector = detector
        self._found: dict[str, tuple[Finding, ...]] = {}
        self._characters = 0

    def found(self, text: str) -> tuple[Finding, ...]:
        """Return where personal data is in a text that was read, also where nothing but a repetition tells it."""
        found = self._found.get(text)
        if found is None:  # it was read with its letters unescaped, in which places are others
            found = self._detector.detect(text)
        for one in found:
            self.pseudonyms.of(one.kind, text[one.start : one.end])
        return joined([*found, *self.pseudonyms.find(text)])

    def know(self, names: Iterable[str]) -> None:
        """Look for these names of people from now on, whatever the words around them."""
        for name in names:
            self.pseudonyms.of(Kind.PERSON, name)

    async def read(self, texts: Sequence[str]) -> None:
        """Find what is in `texts`, so that `mask` has no more to do than to replace it.

        Raises:
            MaskingError: They are too long.
        """
        new = [text for text in dict.fromkeys(map(_plain, texts)) if text not in self._found]
        size = sum(map(len, new))
        if self._characters + size > MAX_CHARACTERS:
            raise MaskingError(
                f"The texts have more than {MAX_CHARACTERS:,} characters, too many to be pseudonymised, so "
                f"nothing was sent."
            )
        self._characters += size
        if size < THREAD_CHARACTERS:
            found = list(map(self._detector.detect, new))
        else:
            found = await asyncio.to_thread(lambda: list(map(self._detector.detect, new)))
        self._found.update(zip(new, found, strict=True))

    def mask(self, texts: Sequence[str]) -> Masked:
        """Return the texts, all of which were read, with pseudonyms; a value found in one is replaced in all."""
        plain = tuple(map(_plain, texts))
        for text in plain:
            for one in self._found[text]:
                self.pseudonyms.of(one.kind, text[one.start : one.end])
        replaced: set[tuple[Kind, str]] = set()
        masked: tuple[str, ...] = ()
        # What a joined finding covers may be new, and is then to be found elsewhere, too.
        size = -1
        while size != len(self.pseudonyms):
            size = len(self.pseudonyms)
            replaced.clear()
            masked = tuple(self._masked(text, replaced) for text in plain)
        counts = Counter(kind for kind, _ in replaced if kind is not Kind.MARK)
        return Masked(masked, dict(sorted(counts.items())))

    def _masked(self, text: str, replaced: set[tuple[Kind, str]]) -> str:
        found = joined([*self._found[text], *self.pseudonyms.find(text)])
        if not found:
            return text
        pieces, end = [], 0
        for one in found:
            value = text[one.start : one.end]
            pieces += [text[end : one.start], self.pseudonyms.of(one.kind, value)]
            replaced.add((one.kind, value))
            end = one.end
        return "".join([*pieces, text[end:]])


def _plain(text: str) -> str:
    """Return JSON with its letters unescaped, so that a name in it is found; any other text as it is."""
    if "\\u" not in text or not text.lstrip().startswith(("{", "[", '"')):
        return text
    return _ESCAPES.sub(_letter, text)


def _letter(match: re.Match[str]) -> str:
    words = match.group()
    if not words.startswith("\\u"):
        return words
    try:
        decoded: str = json.loads(f'"{words}"')
        decoded.encode()  # half of a pair stays as it is
    except ValueError:
        return words
    # An escaped bracket of a mark stays one, so that no text becomes a mark which was none.
    return decoded if decoded.isprintable() and not set(decoded) & {'"', "\\", "‹", "›"} else words


def texts_of(request: GenerationRequest) -> list[str]:
    """Return all words of a request, in a fixed order; see `with_texts`."""
    texts: list[str] = []

    def take(text: str) -> str:
        texts.append(text)
        return text

    with_texts(request, take)
    return texts


def with_texts(request: GenerationRequest, changed: Callable[[str], str]) -> GenerationRequest:
    """Return the request with `changed(text)` in the place of each text of it."""
    return replace(
        request,
        messages=tuple(_message(message, changed) for message in request.messages),
        tools=tuple(
            ToolSpec(tool.name, changed(tool.description), _schema(tool.parameters, changed)) for tool in request.tools
        ),
        guidance=None if request.guidance is None else _guidance(request.guidance, changed),
        sampling=replace(request.sampling, stop=tuple(map(changed, request.sampling.stop))),
    )


def _message(message: ChatMessage, changed: Callable[[str], str]) -> ChatMessage:
    calls = tuple(ToolCall(call.call_id, call.name, changed(call.arguments)) for call in message.tool_calls)
    return replace(message, content=changed(message.content), tool_calls=calls)


def _guidance(guidance: Guidance, changed: Callable[[str], str]) -> Guidance:
    if guidance.kind != "json_schema":
        return replace(guidance, value=changed(guidance.value))
    schema = _schema(json.loads(guidance.value), changed)
    return replace(guidance, value=json.dumps(schema, ensure_ascii=False))


def _schema(schema: Any, changed: Callable[[str], str], *, words: bool = False) -> Any:
    if isinstance(schema, Mapping):
        return {key: _schema(value, changed, words=words or key in _WORDS) for key, value in schema.items()}
    if isinstance(schema, list | tuple):
        return [_schema(value, changed, words=words) for value in schema]
    return changed(schema) if words and isinstance(schema, str) else schema


def _loosened(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: _loosened(value)
            for key, value in schema.items()
            if key not in _BROKEN or isinstance(value, Mapping)  # a property may have such a name
        }
    return [_loosened(value) for value in schema] if isinstance(schema, list | tuple) else schema


def loosened(request: GenerationRequest) -> GenerationRequest:
    """Return the request without the limits of its schemas that marks in the place of values would break."""
    guidance = request.guidance
    if guidance is not None and guidance.kind == "json_schema":
        guidance = replace(guidance, value=json.dumps(_loosened(json.loads(guidance.value)), ensure_ascii=False))
    tools = tuple(replace(tool, parameters=_loosened(tool.parameters)) for tool in request.tools)
    return replace(request, guidance=guidance, tools=tools)


def with_note(messages: Sequence[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Return the messages with a word on what marks are."""
    first, *rest = messages or (ChatMessage("system", ""),)
    if first.role == "system":
        return (replace(first, content=f"{first.content}\n\n{NOTE}".lstrip()), *rest)
    return (ChatMessage("system", NOTE), first, *rest)
