"""What a run does: find the function and its arguments, call it, turn what it says into events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, Protocol, cast

from semantic_kernel.functions import KernelArguments

from planners.call import CallPlanner, PlanError
from planners.validation import violations
from plugins.context import RunContext
from plugins.output import FunctionOutput
from service.economics.guard import LedgerGuard
from service.economics.ledger import Ledger
from service.economics.scope import SpendScope
from service.errors import FailedPreconditionError, InvalidArgumentError, Violation
from service.routing.candidates import Candidate
from service.routing.chat import RoutedChat
from service.routing.facts import Facts, Needs, limits_broken
from service.routing.plan import RoutingPlan, RoutingPlans
from service.routing.request import GenerationParameters, RouteRequest
from service.runs import events
from service.runs.chooser import RoutedChooser
from service.runs.history import History, load_history
from service.runs.names import function_parts, id_in
from service.runs.plugins import FunctionRecord, PluginCatalogue, choice, chosen_name
from service.runs.scope import RunScope
from service.runs.spec import Principal, RunSpec
from service.store.store import Store

COLLECTIONS: Final = "collections"
"""The argument of a function that takes the collections of the request."""


class Collections(Protocol):
    """Tells whether collections exist."""

    async def get_collection(self, tenant: str, name: str) -> object:
        """Return the collection.

        Raises:
            NotFoundError: The tenant has none of that name.
        """
        ...


class PluginAgent:
    """Answers a request with one function of a plugin, chosen by the caller or by the planner."""

    def __init__(
        self,
        store: Store,
        plugins: PluginCatalogue,
        plans: RoutingPlans,
        collections: Collections,
        ledger: Ledger | None = None,
    ) -> None:
        """Choose among `plugins` and the models of `plans`; `ledger` None: there are no budgets."""
        self._store = store
        self._plugins = plugins
        self._plans = plans
        self._collections = collections
        self._ledger = ledger
        self._planner = CallPlanner()

    async def check(self, principal: Principal, spec: RunSpec) -> None:
        """Refuse a request that cannot succeed.

        Raises:
            InvalidArgumentError: Neither a function nor words, a function that is not allowed, or wrong arguments.
            NotFoundError: A function, model or collection does not exist.
        """
        if spec.function is None and not spec.input.strip():
            raise InvalidArgumentError(
                "Say something in input, or name a function.",
                violations=(Violation("input", "is empty and no function is named"),),
            )
        functions = self._functions(spec)
        if spec.model is not None:
            self._plans.now.candidates.get(id_in(spec.model, "models", "model"))
        if spec.function is not None:
            _check_arguments(functions[0], spec)
        for name in spec.collections:
            await self._collections.get_collection(principal.tenant, name)

    async def perform(self, scope: RunScope) -> str:
        """Do the run; return what the session keeps as the user's turn.

        Raises:
            VaivenError: Whatever stopped it.
        """
        async with self._plans.hold() as plan:
            return await self._perform(scope, plan)

    async def _perform(self, scope: RunScope, plan: RoutingPlan) -> str:
        spec = scope.spec
        functions = self._functions(spec)
        history = await self._history(scope, plan)
        function, arguments = await self._decide(scope, plan, functions, history)
        how: Literal["chosen", "named"] = "chosen" if spec.function is None else "named"
        await scope.emit(events.RunStarted(function.name, how, dict(arguments), scope.session))
        scope.function_begins()
        context = RunContext(scope.principal.tenant, scope.name, scope.session, history.turns)
        chat = RoutedChat(plan.candidates, self._request(scope, plan, function.name), scope)
        kernel = self._plugins.kernel(functions, chat)
        held = kernel.get_function(*function_parts(function.name))
        # Semantic Kernel types what its own functions yield; ours yield FunctionOutput, which `take` checks.
        pieces = held.invoke_stream(kernel, KernelArguments(**arguments, run_context=context))
        stream = cast("AsyncIterator[FunctionOutput]", pieces)
        try:
            async for piece in stream:
                await scope.take(piece)
        except ValueError as error:
            if type(error) is not ValueError:  # a subclass is a defect, a bare one is a function's word to its caller
                raise
            raise FailedPreconditionError(f"{function.name}: {error}.", reason="FUNCTION_REFUSED") from error
        return spec.input or json.dumps(dict(spec.arguments), ensure_ascii=False)

    def _functions(self, spec: RunSpec) -> tuple[FunctionRecord, ...]:
        """Return the functions among which the run may choose; the one that is named stands alone."""
        allowed = self._plugins.allowed(spec.allowed_functions)
        if spec.function is None:
            return allowed
        named = self._plugins.function(spec.function)
        if named not in allowed:
            raise InvalidArgumentError(
                f"{named.name} is not among the allowed functions.",
                violations=(Violation("function", "is not among allowed_functions"),),
            )
        return (named,)

    def _request(self, scope: RunScope, plan: RoutingPlan, function: str | None) -> RouteRequest:
        """Return the limits of the run while `function` works; None: while the planner chooses one."""
        spec, tenant = scope.spec, scope.principal.tenant
        plugin, name = ("", "") if function is None else function_parts(function)
        guard = None
        if self._ledger is not None:
            guard = LedgerGuard(self._ledger, SpendScope(tenant, scope.run_id, scope.session_id or "", plugin, name))
        held = plan.policies.held(tenant, function or spec.function, spec.policy)
        return RouteRequest(
            None if spec.model is None else id_in(spec.model, "models", "model"),
            spec.locality,
            # The caller's parameters are for the answer; a high temperature must not choose another function.
            GenerationParameters() if function is None else spec.generation,
            spec.deadline,
            held.policy,
            plan.weights,
            guard,
            held.conflicts,
        )

    async def _history(self, scope: RunScope, plan: RoutingPlan) -> History:
        if scope.session_id is None:
            return History()
        request = replace(self._request(scope, plan, scope.spec.function), generation=scope.spec.generation)
        history = await load_history(
            self._store, scope.principal.tenant, scope.session_id, _likely(request, plan), request, scope.spec.input
        )
        if history.left_out:
            await scope.emit(
                events.Warning(
                    "HISTORY_TRIMMED",
                    f"{history.left_out} earlier messages left out: they do not fit the model's context.",
                )
            )
        return history

    async def _decide(
        self, scope: RunScope, plan: RoutingPlan, functions: tuple[FunctionRecord, ...], history: History
    ) -> tuple[FunctionRecord, Mapping[str, Any]]:
        spec = scope.spec
        given = _given(spec, functions)
        if spec.function is not None and not spec.input.strip():
            return functions[0], given
        chooser = RoutedChooser(RoutedChat(plan.candidates, self._request(scope, plan, None), scope))
        try:
            decision = await self._planner.decide(
                spec.input, [choice(f) for f in functions], chooser, last_answer=history.last_answer, given=given
            )
        except PlanError as error:
            raise _worded(error) from error
        chosen = self._plugins.function(chosen_name(decision.function))
        return chosen, _with_collections(chosen, spec, decision.arguments)


def _likely(request: RouteRequest, plan: RoutingPlan) -> Candidate | None:
    needs = Needs(model=request.model, locality=request.locality, policy=request.policy)
    return next((one for one in plan.candidates if not limits_broken(Facts.of(one), needs)), None)


def _given(spec: RunSpec, functions: tuple[FunctionRecord, ...]) -> Mapping[str, Any]:
    if spec.function is None:
        return spec.arguments
    return _with_collections(functions[0], spec, spec.arguments)


def _with_collections(function: FunctionRecord, spec: RunSpec, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    takes = COLLECTIONS in function.input_schema.get("properties", {})
    if not (takes and spec.collections) or COLLECTIONS in arguments:
        return arguments
    return {**arguments, COLLECTIONS: list(spec.collections)}


def _check_arguments(function: FunctionRecord, spec: RunSpec) -> None:
    # Words may still give what is missing; without them the arguments are all there will be.
    schema = function.input_schema if not spec.input.strip() else {**function.input_schema, "required": []}
    wrong = violations(schema, spec.arguments)
    if wrong:
        raise InvalidArgumentError(
            f"The arguments do not fit {function.name}.",
            violations=[Violation(f"arguments.{v.field}".rstrip("."), v.message) for v in wrong],
        )


def _worded(error: PlanError) -> InvalidArgumentError | FailedPreconditionError:
    if error.code == "MODEL_ANSWER_INVALID":
        return FailedPreconditionError(error.message, reason=error.code)
    subject = f"arguments.{error.field}" if error.field else "allowed_functions"
    return InvalidArgumentError(error.message, reason=error.code, violations=(Violation(subject, error.message),))
