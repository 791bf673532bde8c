"""What happens in a run, as facts in order; stored before anyone sees them. No protobuf, no Semantic Kernel.

A run's events are numbered from 1 without a gap. The last one, and only that, has a `Terminal` payload.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, get_args

from pydantic import TypeAdapter

from planners.journal import StepState
from plugins.manifest import Effect
from service.backends.base import FinishReason, TokenLogprob, Usage
from service.economics.money import Money
from service.errors import Violation
from service.privacy.kinds import Kind
from service.runs.planning.records import PlannerName, PlanRecord


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The planner is known, and with `direct` the function, which is about to be called.

    It is the first event when the caller named the function (`how` is `named`); when the planner chose it (`how` is
    `chosen`), the choice's own `RoutingDecision` and `Warning`s come before. `function` and `session` are resource
    names; `function` is empty where more than one may be called. `explanation` says why it is that planner.
    """

    function: str
    how: Literal["named", "chosen"]
    arguments: dict[str, Any] = field(default_factory=dict)
    session: str | None = None
    planner: PlannerName = "direct"
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a generation was expected to take: tokens, money (None: the price is not known), seconds.

    `worst_cost` is for the longest answer, `expected_cost` and `total_s` for `expected_tokens` of it. `measured` False:
    the seconds were assumed.
    """

    prompt_tokens: int
    max_output_tokens: int
    expected_tokens: int
    worst_cost: Money | None
    expected_cost: Money | None
    first_token_s: float
    total_s: float
    measured: bool


@dataclass(frozen=True, slots=True)
class CandidateVerdict:
    """One deployment that was looked at: whether it may answer, and if not, each reason as a short sentence.

    `prediction` is None where a stated limit was broken; `score` (the lower, the better) where it may not answer.
    """

    model: str
    backend: str
    admitted: bool
    reasons: tuple[str, ...] = ()
    deployment: str = ""
    region: str = ""
    quality: str = ""
    prediction: Prediction | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """Which model answers and why; sent once for each distinct decision of a run. `model` is a resource name."""

    model: str
    backend: str
    candidates: tuple[CandidateVerdict, ...]
    explanation: str
    deployment: str = ""


@dataclass(frozen=True, slots=True)
class BackendSwitched:
    """Another deployment answers in the place of one that failed. The models are resource names.

    `reason` is the failure's. `continued` True: the text so far stays, and what comes is its continuation.
    """

    from_model: str
    from_backend: str
    from_deployment: str
    to_model: str
    to_backend: str
    to_deployment: str
    reason: str
    continued: bool


@dataclass(frozen=True, slots=True)
class MaskedKind:
    """How many different values of one kind of personal data were replaced by pseudonyms."""

    kind: Kind
    values: int


@dataclass(frozen=True, slots=True)
class PrivacyAction:
    """Personal data was replaced in what a model elsewhere is sent; told when kinds, numbers or deployment change.

    `model` is a resource name. Nothing personal was found where `masked` is empty.
    """

    model: str
    backend: str
    deployment: str
    masked: tuple[MaskedKind, ...]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the text; all pieces of a run joined in order are its text."""

    text: str


LOGPROBS_IN_EVENT: Final = 64
"""The most tokens of which one event tells; with 20 likeliest beside each that is some 50 KB."""


@dataclass(frozen=True, slots=True)
class TokenLogprobs:
    """How likely the tokens of one generation were, from its `first` on; `model` is a resource name."""

    model: str
    first: int
    tokens: tuple[TokenLogprob, ...]


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """A function call began to arrive."""

    call_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolCallReady:
    """A function call with its whole arguments, valid against the function's schema. `name` is a resource name."""

    call_id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a called function gave back, as the model sees it."""

    call_id: str
    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalRequired:
    """A person has to decide about a call; `name` and `function` are resource names.

    `step` is that of the plan, or the call's id in a loop of calls. `why`: the call needs it, or it was begun and
    nobody knows whether it had its effect.
    """

    name: str
    step: str
    function: str
    effect: Effect
    arguments: dict[str, Any]
    why: Literal["needed", "uncertain"]


@dataclass(frozen=True, slots=True)
class StepStatus:
    """Where one step of a plan is."""

    step: str
    state: StepState


@dataclass(frozen=True, slots=True)
class PlanUpdated:
    """A plan and where its steps are: when a run begins it, also after a restart, and when it ends."""

    plan: PlanRecord
    steps: tuple[StepStatus, ...]


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step is about to be called; `function` is a resource name, empty where the step calls nothing.

    `answers`: the text deltas are this step's, and what it said in earlier attempts is void.
    """

    step: str
    function: str
    arguments: dict[str, Any]
    attempt: int
    answers: bool


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step came to its end, or (UNCERTAIN) nobody knows whether it did.

    `reason` and `message` say what went wrong. `replayed`: it had ended before a restart and is only told again.
    """

    step: str
    state: StepState
    text: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    message: str = ""
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that the text refers to as `[number]`, counted from 1."""

    number: int
    document: str
    passage: str
    quote: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - the word of the contract
    """Something the caller should know that is no error; `code` is UPPER_SNAKE and stable."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds on the service's clock.

    `queued_s`: waiting for the model. `first_token_s`: from the run's start to the first text, None if there was
    none. `total_s`: from the run's start to its end. `output_tokens_per_s`: 0 when nothing was generated.
    """

    queued_s: float = 0.0
    first_token_s: float | None = None
    total_s: float = 0.0
    output_tokens_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class GenerationOutcome:
    """One generation: what it was predicted to take, and what it took.

    `model` is a resource name. `cost` None: the price is not known. `total_s` are seconds from its dispatch to its end.
    `finish_reason` None: it was broken off.
    """

    model: str
    backend: str
    deployment: str
    predicted: Prediction
    usage: Usage
    cost: Money | None
    total_s: float
    finish_reason: FinishReason | None = None


@dataclass(frozen=True, slots=True)
class RoutingOutcome:
    """The sums over all generations of a run, as they were expected and as they came, and the first of them in detail.

    `expected_cost` None: the price of one was not known. Seconds are those of generating, in all.
    """

    generations: int
    expected_tokens: int
    output_tokens: int
    expected_cost: Money | None
    cost: Money
    expected_s: float
    total_s: float
    details: tuple[GenerationOutcome, ...] = ()


CompletedReason: TypeAlias = Literal["stop", "tool_calls", "content_filter"]
"""Why a model came to its end by itself; `length` makes an `Incomplete`."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The run reached its end. `result` fits the function's output schema."""

    finish_reason: CompletedReason
    text: str
    result: dict[str, Any]
    usage: Usage
    cost: Money
    timing: Timing
    routing: RoutingOutcome | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The run ended with an error. `code` is a gRPC status name; `text` is what had been said until then.

    `retry_after_s` None with `retryable` true: retry when you like.
    """

    code: str
    reason: str
    message: str
    retryable: bool
    retry_after_s: float | None
    text: str
    usage: Usage
    cost: Money
    violations: tuple[Violation, ...] = ()
    routing: RoutingOutcome | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The run was stopped by a request; `reason` says by whose or why, UPPER_SNAKE."""

    reason: str
    text: str
    usage: Usage
    cost: Money
    routing: RoutingOutcome | None = None


@dataclass(frozen=True, slots=True)
class Incomplete:
    """The model reached its token limit: `text` and `result` are what there is, cut off."""

    finish_reason: Literal["length"]
    text: str
    result: dict[str, Any]
    usage: Usage
    cost: Money
    timing: Timing
    routing: RoutingOutcome | None = None


Terminal: TypeAlias = Completed | Failed | Cancelled | Incomplete
Payload: TypeAlias = (
    RunStarted
    | RoutingDecision
    | BackendSwitched
    | PrivacyAction
    | TextDelta
    | TokenLogprobs
    | ToolCallStarted
    | ToolCallReady
    | ToolResult
    | ApprovalRequired
    | PlanUpdated
    | StepStarted
    | StepFinished
    | Citation
    | Warning
    | Terminal
)

TERMINAL_TYPES: Final[tuple[type, ...]] = get_args(Terminal)
PAYLOAD_TYPES: Final[dict[str, type]] = {cls.__name__: cls for cls in get_args(Payload)}
_ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {name: TypeAdapter(cls) for name, cls in PAYLOAD_TYPES.items()}


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One event: `run` is a resource name, `sequence` counts from 1, `time` is in UTC."""

    run: str
    sequence: int
    time: datetime
    payload: Payload

    @property
    def is_terminal(self) -> bool:
        """Return whether this is the run's last event."""
        return isinstance(self.payload, TERMINAL_TYPES)


def payload_kind(payload: Payload) -> str:
    """Return the name under which the payload's type is stored."""
    return type(payload).__name__


def payload_to_json(payload: Payload) -> bytes:
    """Return the payload as JSON; `payload_kind` must be kept beside it."""
    return _ADAPTERS[payload_kind(payload)].dump_json(payload)


def payload_from_json(kind: str, data: bytes | str) -> Payload:
    """Return the payload that `payload_to_json` wrote.

    Raises:
        KeyError: No payload of that kind exists.
        pydantic.ValidationError: The JSON does not fit the kind.
    """
    payload: Payload = _ADAPTERS[kind].validate_json(data)
    return payload
