"""What one run is and has come to: its place, its events, its tokens, its money, its time."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping, Sequence

from plugins import output
from plugins.context import RunContext
from service.backends.base import Finished, FinishReason, ModelCard, NoticePiece, TokenLogprob, Usage
from service.economics.allowance import Allowance
from service.economics.money import DEFAULT_CURRENCY, Money
from service.economics.prices import added, cost_of
from service.errors import InternalError, VaivenError
from service.privacy.kinds import Kind
from service.privacy.masked import RunMasking
from service.routing.decision import Decision, Verdict
from service.routing.past import Past
from service.routing.request import Sent
from service.runs import events
from service.runs.events import Payload
from service.runs.failures import is_retryable
from service.runs.history import History
from service.runs.journal import Journal
from service.runs.names import model_name, run_name, session_name
from service.runs.spec import Principal, RunSpec
from service.runs.tally import RoutingTally, predicted


class RunScope:
    """The state of a run while it works; it turns what routing and plugins say into events."""

    def __init__(
        self, principal: Principal, run_id: str, spec: RunSpec, journal: Journal, *, session_id: str | None = None
    ) -> None:
        """Begin the run now.

        `goes_on_elsewhere` is set once another process could go on with the run from what is stored, `stored` where the
        run itself is still on its way to the disk, and `masking` once something of it is to be pseudonymised.
        `allowance` is what it may still cost, None: as much as budgets allow; `past` what its session had before.
        """
        self.principal = principal
        self.run_id = run_id
        self.spec = spec
        self.session_id = session_id
        self._journal = journal
        self._clock = asyncio.get_running_loop().time
        self._start = self._clock()
        self._first_text: float | None = None
        self._text: list[str] = []
        self._usage = Usage()
        self._tally = RoutingTally()
        self._cost: Money | None = None
        self._queued_s = 0.0
        self._decoded_tokens = 0
        self._decoding_s = 0.0
        self._finish_reason: FinishReason = "stop"
        self._decision: events.RoutingDecision | None = None
        self._masked: events.PrivacyAction | None = None
        self.masking: RunMasking | None = None
        self.allowance = None if spec.max_cost is None else Allowance(spec.max_cost, lambda: self._cost)
        self._degraded: set[str] = set()
        self._noticed: set[NoticePiece] = set()
        self.past: Past | None = None
        self._left_out = self._told_left_out = 0
        self._result: output.FunctionResult | None = None
        self.goes_on_elsewhere = False
        self.stored: asyncio.Future[str] | None = None

    @property
    def name(self) -> str:
        """Return the run's resource name."""
        return run_name(self.run_id)

    @property
    def session(self) -> str | None:
        """Return the session's resource name."""
        return None if self.session_id is None else session_name(self.session_id)

    @property
    def remaining_s(self) -> float:
        """Return how many seconds the run has left, infinite where nothing bounds it."""
        return math.inf if self.spec.deadline is None else max(0.0, self.spec.deadline - self._clock())

    async def until_stored(self) -> None:
        """Return when the run is on disk; nothing may leave the service before.

        Raises:
            UnavailableError: The disk does not take it.
        """
        if self.stored is None:
            return
        if self.stored.done():
            self.stored.result()
        else:
            await asyncio.shield(self.stored)

    async def emit(self, payload: Payload) -> None:
        """Store and publish an event that is not terminal."""
        await self._journal.emit(payload)

    async def take(self, piece: output.FunctionOutput) -> None:
        """Turn a piece of a function's output into an event.

        Raises:
            InternalError: The function went on after its result, or yielded something else.
        """
        if self._result is not None:
            raise InternalError("The function went on after its result.", reason="PLUGIN_BROKEN")
        match piece:
            case output.TextDelta(text=text):
                await self._take_text(text)
            case output.Note(code=code, message=message):
                await self.emit(events.Warning(code, message))
            case output.Citation():
                await self.emit(
                    events.Citation(piece.number, piece.document, piece.passage_id, piece.quote, piece.location)
                )
            case output.FunctionResult(data=data):
                if not _is_json(data):
                    raise InternalError("The function's result is not JSON.", reason="PLUGIN_BROKEN")
                self._result = piece
            case _:
                raise InternalError(f"The function yielded a {type(piece).__name__}.", reason="PLUGIN_BROKEN")

    async def _take_text(self, text: str) -> None:
        if text:
            if self._first_text is None:
                self._first_text = self._clock()
            # Half of a surrogate pair cannot be stored or sent; no model writes one, a plugin might.
            text = text.encode("utf-8", "replace").decode("utf-8")
            self._text.append(text)
            await self.emit(events.TextDelta(text))

    async def decided(self, decision: Decision) -> None:
        """Tell which model answers, unless that was the last told; see `service.routing.request.RouteTrace`."""
        told = decision_event(decision)
        if self._decision is None or _gist(told) != _gist(self._decision):
            self._decision = told
            await self.emit(told)

    async def switched(self, before: Verdict, after: Verdict, error: VaivenError, *, continued: bool) -> None:
        """Tell that another deployment answers; see `service.routing.request.RouteTrace`."""
        # The next decision is told even if it is the one before the switch: the first model may answer again.
        self._decision = None
        await self.emit(
            events.BackendSwitched(
                from_model=model_name(before.model),
                from_backend=before.backend,
                from_deployment=before.deployment,
                to_model=model_name(after.model),
                to_backend=after.backend,
                to_deployment=after.deployment,
                reason=error.reason,
                continued=continued,
            )
        )

    async def masked(self, counts: Mapping[Kind, int], deployment: Verdict) -> None:
        """Tell what was masked, unless that was the last told; see `service.routing.request.RouteTrace`."""
        kinds = tuple(events.MaskedKind(kind, values) for kind, values in counts.items())
        told = events.PrivacyAction(model_name(deployment.model), deployment.backend, deployment.deployment, kinds)
        if told != self._masked:
            self._masked = told
            await self.emit(told)

    async def degraded(self, decision: Decision) -> None:
        """Tell that a budget is short, once for each model; see `service.routing.request.RouteTrace`."""
        if decision.model in self._degraded:
            return
        self._degraded.add(decision.model)
        await self.emit(
            events.Warning(
                "BUDGET_DEGRADED",
                f"A budget has too little left for the model that would have answered; {decision.model} does instead.",
            )
        )

    async def noticed(self, notice: NoticePiece) -> None:
        """Tell what a backend said of an answer, once; see `service.routing.request.RouteTrace`."""
        if notice not in self._noticed:
            self._noticed.add(notice)
            await self.emit(events.Warning(notice.code, notice.message))

    async def logprobs(self, card: ModelCard, tokens: Sequence[TokenLogprob]) -> None:
        """Tell how likely the tokens of a generation were; see `service.routing.request.RouteTrace`."""
        for first in range(0, len(tokens), events.LOGPROBS_IN_EVENT):
            some = tuple(tokens[first : first + events.LOGPROBS_IN_EVENT])
            await self.emit(events.TokenLogprobs(model_name(card.model_id), first, some))

    def context(self, history: History) -> RunContext:
        """Return what functions may know of the run."""
        spec = self.spec
        meant = spec.function or spec.plan or spec.recipe or spec.allowed_functions or spec.collections
        return RunContext(
            self.principal.tenant, self.name, self.session, history.turns, spec.deadline, chosen=not meant
        )

    async def remembers(self, history: History) -> None:
        """Take what the run may tell models of its session, and tell how much that leaves out."""
        self._left_out, self.past = history.left_out, history.past
        await self.trimmed(0)

    async def trimmed(self, messages: int) -> None:
        """Tell how much of the session a model is not sent, if that is more than was told before.

        See `service.routing.request.RouteTrace`.
        """
        left_out = self._left_out + messages
        if left_out > self._told_left_out:
            self._told_left_out = left_out
            told = f"{left_out} earlier messages left out: they do not fit the model's context."
            await self.emit(events.Warning("HISTORY_TRIMMED", told))

    def generated(self, card: ModelCard, finished: Finished, sent: Sent, *, answers: bool = True) -> None:
        """Add one generation's tokens, money and time; see `service.routing.request.RouteTrace`.

        `answers` False: why it ended is not why the answer did.
        """
        self._add(card, finished.usage)
        # Not the elapsed time: whoever reads slowly holds the stream up, and that is not the model.
        self._tally.add(card, sent, finished.usage, finished.total_s, finished.finish_reason)
        self._queued_s += finished.queued_s
        if finished.usage.output_tokens > 1:
            self._decoded_tokens += finished.usage.output_tokens - 1
            self._decoding_s += max(0.0, finished.total_s - finished.first_token_s)
        if answers:
            self._finish_reason = finished.finish_reason

    def broken_off(self, card: ModelCard, usage: Usage, sent: Sent) -> None:
        """Add the tokens and money of a generation that was stopped; see `service.routing.request.RouteTrace`."""
        self._add(card, usage)
        self._tally.add(card, sent, usage, sent.elapsed_s)

    def _add(self, card: ModelCard, usage: Usage) -> None:
        self._usage += usage
        if card.price is None:
            return
        self._cost = added(self._cost, cost_of(usage, card.price))

    def spent_before(self, usage: Usage, cost: Money | None) -> None:
        """Add what the run had used in earlier processes, or before it was put aside."""
        self._usage += usage
        if cost is not None:
            self._cost = added(self._cost, cost)

    def answer_begins(self) -> None:
        """Forget what was said and why generations ended: the answer begins, or begins again."""
        self._text.clear()
        self._finish_reason = "stop"

    def function_begins(self) -> None:
        """Forget why earlier generations (the planner's) ended: only the function's own count."""
        self._finish_reason = "stop"

    def completed(self) -> events.Completed | events.Incomplete:
        """Return the terminal event of a function that came to its end.

        Raises:
            InternalError: It gave no result.
        """
        if self._result is None:
            raise InternalError("The function ended without a result.", reason="PLUGIN_BROKEN")
        text, data, timing = self._result.text, self._result.data, self._timing()
        if self._finish_reason == "length":
            return events.Incomplete("length", text, data, self._usage, self._money(), timing, self._routing())
        reason: events.CompletedReason = "stop"
        if self._finish_reason == "content_filter":
            reason = "content_filter"
        return events.Completed(reason, text, data, self._usage, self._money(), timing, self._routing())

    def failed(self, error: VaivenError) -> events.Failed:
        """Return the terminal event of a run that ended with `error`."""
        return events.Failed(
            code=error.code.value,
            reason=error.reason,
            message=error.message,
            retryable=is_retryable(error),
            retry_after_s=error.retry_after_s,
            text="".join(self._text),
            usage=self._usage,
            cost=self._money(),
            violations=error.violations,
            routing=self._routing(),
        )

    def cancelled(self, reason: str) -> events.Cancelled:
        """Return the terminal event of a run that was stopped."""
        return events.Cancelled(reason, "".join(self._text), self._usage, self._money(), self._routing())

    def _money(self) -> Money:
        return self._cost or Money(DEFAULT_CURRENCY)

    def _routing(self) -> events.RoutingOutcome | None:
        return self._tally.outcome(self._money())

    def _timing(self) -> events.Timing:
        return events.Timing(
            queued_s=self._queued_s,
            first_token_s=None if self._first_text is None else self._first_text - self._start,
            total_s=self._clock() - self._start,
            output_tokens_per_s=self._decoded_tokens / self._decoding_s if self._decoding_s > 0 else 0.0,
        )


def decision_event(decision: Decision) -> events.RoutingDecision:
    """Return a decision as what is told of it."""
    verdicts = tuple(
        events.CandidateVerdict(
            model_name(v.model),
            v.backend,
            v.admitted,
            v.reasons,
            v.deployment,
            v.region,
            v.quality,
            None if v.prediction is None else predicted(v.prediction),
            v.score,
        )
        for v in decision.verdicts
    )
    chosen = decision.chosen
    return events.RoutingDecision(
        model_name(chosen.model), chosen.backend, verdicts, decision.explanation, chosen.deployment
    )


def _gist(told: events.RoutingDecision) -> object:
    """Return what makes a decision another one; predictions change with every prompt."""
    return told.deployment, tuple((v.deployment, v.reasons) for v in told.candidates)


def _is_json(data: object) -> bool:
    try:
        json.dumps(data, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
