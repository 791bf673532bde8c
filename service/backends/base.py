"""The contract of a backend: what a model can do, what it is asked, what it answers. No Semantic Kernel here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]
"""Why a model stopped: its own end or a stop string, the token limit, calls to make, a filter."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in units of `currency` (ISO 4217). Zero only where it is known to be zero."""

    currency: str
    input_per_mtok: float
    output_per_mtok: float
    cached_input_per_mtok: float


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The facts of one model on one backend; routing looks at these fields and never at names.

    `context_tokens` bounds prompt plus answer. `size_bytes` is the weights on disk. `state` is the backend's word on
    whether a request would be served now. `price` None: not known, which is never the same as free. `tool_generations`
    are the most that one answer takes where the model may call a function or not. `small`: it is too small for
    functions that it was not made for, so that what it chooses and fills is narrowed to what the request says.
    `adapters` are the names of those that are loaded beside a model that `supports_adapters`.
    """

    model_id: str
    backend: str
    display_name: str
    locality: Literal["local", "cloud"]
    context_tokens: int
    max_output_tokens: int
    supports_tools: bool
    supports_json_schema: bool
    supports_grammar: bool
    supports_vision: bool
    price: Price | None
    state: Literal["ready", "loading", "failed", "unloaded"] = "ready"
    state_message: str = ""
    precision: str = ""
    execution_provider: str = ""
    size_bytes: int = 0
    license: str = ""
    languages: tuple[str, ...] = ()
    tool_generations: int = 1
    supports_logprobs: bool = False
    small: bool = False
    supports_adapters: bool = False
    adapters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for; `arguments` is a JSON object as text."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture beside the text of a message: `url` begins with `https:` or is a `data:image/...;base64,` URL."""

    url: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a chat. `tool_call_id` belongs to role `tool`, `tool_calls` to `assistant`, `images` to `user`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that the model may call; `parameters` is a JSON Schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Guidance:
    """A constraint on the answer: a JSON Schema (as text), a regular expression, or a Lark grammar (llguidance)."""

    kind: Literal["json_schema", "regex", "lark_grammar"]
    value: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. `temperature` 0 is greedy; `seed` None draws a fresh one.

    Ranges: temperature 0–2, top_p in (0, 1], top_k >= 1 (None: the engine's default), stop: at most 8 strings. `min_p`
    (0–1) leaves out tokens less likely than this share of the likeliest. `repetition_penalty` (above 0, at most 2; 1:
    none) divides the logits of tokens of prompt and answer, `presence_penalty` (-2 to 2) is taken off those of the
    answer, and `logit_bias` (at most 300 pairs of a token and -100 to 100) is added. `logprobs` (0–20) asks for the
    log-probability of each token and of so many likeliest ones beside it; None: not asked.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    logprobs: int | None = None


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One generation. `deadline` is on the clock of `asyncio.get_running_loop().time()`; None: unbounded.

    `streamed` False says that nobody reads before the end, so that a backend may fetch the answer in one piece.
    `tenant` is who shares a fair part of a local model with others, and its prefix cache with nobody else. Of those who
    wait, a higher `priority` (-10 to 10) goes first. `adapter` is one of the card's; empty: the model as it is.
    """

    messages: Sequence[ChatMessage]
    max_output_tokens: int
    sampling: Sampling = field(default_factory=Sampling)
    guidance: Guidance | None = None
    tools: Sequence[ToolSpec] = ()
    tool_choice: Literal["auto", "required", "none"] = "none"
    deadline: float | None = None
    streamed: bool = True
    tenant: str = ""
    priority: int = 0
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one generation; `cached_input_tokens` is the part of the prompt that was not computed again."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Return the sum, field by field."""
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True)
class TokenChance:
    """A token, its text by itself (half of a character is U+FFFD), and the natural logarithm of its probability."""

    token: int
    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token of the answer and the likeliest ones in its place, before temperature, penalties and grammar."""

    chosen: TokenChance
    top: tuple[TokenChance, ...]


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Text that became ready, in whole characters; `logprobs` is of the tokens since the piece before, where asked."""

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A whole tool call."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class NoticePiece:
    """What the caller should know of an answer and is no part of it, e.g. that a filter flagged the text.

    `code` is `UPPER_SNAKE` and stable, `message` a sentence for a person; neither holds anything of prompt or answer.
    """

    code: str
    message: str


SETTING_IGNORED: Final = "SETTING_IGNORED"
"""A setting of the request means nothing to this model."""


def setting_ignored(name: str) -> NoticePiece:
    """Return the notice that the setting `name` has no effect on this model."""
    return NoticePiece(SETTING_IGNORED, f"This model has no setting {name}; it has no effect.")


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a generation; always the last piece, exactly once.

    `queued_s`, `first_token_s` and `total_s` are seconds: waiting for a turn, from submission to the first token, and
    from submission to the end.
    """

    finish_reason: FinishReason
    usage: Usage
    queued_s: float = 0.0
    first_token_s: float = 0.0
    total_s: float = 0.0


GenerationPiece: TypeAlias = TextPiece | CallPiece | NoticePiece | Finished


class Generator(Protocol):
    """Whatever can answer a `GenerationRequest`."""

    @property
    def card(self) -> ModelCard:
        """Return the model's facts as they are now."""
        ...

    def generate(self, request: GenerationRequest) -> AsyncIterator[GenerationPiece]:
        """Yield pieces and then one `Finished`.

        Closing the iterator stops the work within one decoding step.

        Raises:
            InvalidArgumentError: The request is malformed (sampling out of range, bad grammar).
            NotFoundError: The adapter is not loaded.
            ContextTooLongError: The prompt plus `max_output_tokens` does not fit.
            QueueFullError: The bounded queue is full.
            DeadlineExceededError: The deadline passed.
            WorkerDiedError: The model's process ended.
            UnavailableError: The model is not ready.
        """
        ...

    async def count_tokens(
        self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = (), guidance: Guidance | None = None
    ) -> int:
        """Return how many tokens the messages take as a prompt, with the model's own tokenizer and template.

        What the model is told of `tools` and of `guidance` is counted too; one that is only held to it is told nothing.
        """
        ...

    async def close(self) -> None:
        """Stop the model and free what it holds."""
        ...
