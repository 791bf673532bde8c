"""What a run does: find the function and its arguments, call it, turn what it says into events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any, Literal, Protocol

from planners.call import CallPlanner, PlanError
from planners.validation import violations
from service.economics.ledger import Ledger
from service.errors import FailedPreconditionError, InvalidArgumentError, Violation
from service.privacy.masked import Masking
from service.routing.chat import RoutedChat
from service.routing.plan import RoutingPlan, RoutingPlans
from service.runs import events
from service.runs.ability import ability
from service.runs.asking import Asking
from service.runs.chooser import RoutedChooser
from service.runs.history import History
from service.runs.kernels import output_of
from service.runs.names import function_parts, id_in
from service.runs.planning.functions import with_collections
from service.runs.plugin_records import FunctionRecord
from service.runs.plugins import PluginCatalogue, TenantPlugins, choice, chosen_name
from service.runs.scope import RunScope
from service.runs.spec import Principal, RunSpec
from service.store.store import Store


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
        masking: Masking | None = None,
    ) -> None:
        """Choose among `plugins` and the models of `plans`; `ledger` and `masking` as for `Asking`."""
        self._plugins = plugins
        self._plans = plans
        self._collections = collections
        self._asking = Asking(store, ledger, masking)
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
        functions = _functions(await self._callable(principal, spec), spec)
        if spec.model is not None:
            self._plans.now.candidates.get(id_in(spec.model, "models", "model"))
        if spec.function is not None:
            _check_arguments(functions[0], spec)
        for name in spec.collections:
            await self._collections.get_collection(principal.tenant, name)

    async def perform(self, scope: RunScope, why: str = "") -> str:
        """Do the run; return what the session keeps as the user's turn. `why` explains the choice of one direct call.

        Raises:
            VaivenError: Whatever stopped it.
        """
        async with self._plans.hold() as plan:
            await plan.policies.stored.catch_up(scope.principal.tenant)
            return await self._perform(scope, plan, why)

    async def _perform(self, scope: RunScope, plan: RoutingPlan, why: str) -> str:
        spec = scope.spec
        callable_ = await self._callable(scope.principal, spec)
        functions = _functions(callable_, spec)
        history = await self._asking.history(scope, plan)
        function, arguments = await self._decide(scope, plan, functions, history)
        how: Literal["chosen", "named"] = "chosen" if spec.function is None else "named"
        await scope.emit(
            events.RunStarted(function.name, how, dict(arguments), scope.session, "direct", why or _why(spec))
        )
        if function.effect != "none" or function.outside:
            await scope.until_stored()
        scope.function_begins()
        context = scope.context(history)
        chat = RoutedChat(plan.candidates, self._asking.request(scope, plan, function.name, arguments), scope)
        kernel = callable_.kernel(functions, chat)
        held = kernel.get_function(*function_parts(function.name))
        try:
            async with aclosing(await output_of(held, kernel, {**arguments, "run_context": context})) as pieces:
                async for piece in pieces:
                    await scope.take(piece)
        except ValueError as error:
            if type(error) is not ValueError:  # a subclass is a defect, a bare one is a function's word to its caller
                raise
            raise FailedPreconditionError(f"{function.name}: {error}.", reason="FUNCTION_REFUSED") from error
        return spec.input or json.dumps(dict(spec.arguments), ensure_ascii=False)

    async def _callable(self, principal: Principal, spec: RunSpec) -> TenantPlugins:
        named = [*spec.allowed_functions, *([spec.function] if spec.function is not None else [])]
        return await self._plugins.of(principal, named)

    async def _decide(
        self, scope: RunScope, plan: RoutingPlan, functions: tuple[FunctionRecord, ...], history: History
    ) -> tuple[FunctionRecord, Mapping[str, Any]]:
        spec = scope.spec
        given = _given(spec, functions)
        if spec.function is not None and not spec.input.strip():
            return functions[0], given
        chooser = RoutedChooser(RoutedChat(plan.candidates, self._asking.request(scope, plan, None), scope))
        try:
            decision = await self._planner.decide(
                spec.input,
                [choice(f) for f in functions],
                chooser,
                last_answer=history.last_answer,
                given=given,
                small=ability(plan, spec, masks=self._asking.masks).small,
            )
        except PlanError as error:
            raise _worded(error) from error
        chosen = next(f for f in functions if f.name == chosen_name(decision.function))
        return chosen, _collected(chosen, spec, decision.arguments)


def _why(spec: RunSpec) -> str:
    if spec.function is not None:
        return "The caller named the function."
    return "One direct call is what this service does where the request does not say (planning.default)."


def _functions(plugins: TenantPlugins, spec: RunSpec) -> tuple[FunctionRecord, ...]:
    """Return the functions among which the run may choose; the one that is named stands alone."""
    if spec.function is None:
        return plugins.allowed(spec.allowed_functions)
    named = plugins.function(spec.function)
    if spec.allowed_functions and named not in plugins.allowed(spec.allowed_functions):
        raise InvalidArgumentError(
            f"{named.name} is not among the allowed functions.",
            violations=(Violation("function", "is not among allowed_functions"),),
        )
    return (named,)


def _given(spec: RunSpec, functions: tuple[FunctionRecord, ...]) -> Mapping[str, Any]:
    if spec.function is None:
        return spec.arguments
    return _collected(functions[0], spec, spec.arguments)


def _collected(function: FunctionRecord, spec: RunSpec, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    # Another service may well call something else a collection.
    return arguments if function.outside else with_collections(function.input_schema, arguments, spec.collections)


def _check_arguments(function: FunctionRecord, spec: RunSpec) -> None:
    # Words may still give what is missing; without them the arguments are all there will be.
    spoken = bool(spec.input.strip())
    wrong = violations(function.input_schema, spec.arguments, outside=function.outside, unfinished=spoken)
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
