"""What a run does: find the function and its arguments, call it, turn what it says into events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Literal, Protocol

from semantic_kernel.functions import KernelArguments

from planners.call import CallPlanner, PlanError
from planners.validation import violations
from plugins.context import RunContext
from service.errors import FailedPreconditionError, InvalidArgumentError, Violation
from service.routing.candidates import Candidate, Candidates
from service.routing.chat import RoutedChat
from service.routing.decision import Needs, limits_broken
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
        self, store: Store, plugins: PluginCatalogue, candidates: Candidates, collections: Collections
    ) -> None:
        """Choose among `plugins` and `candidates`; nothing is kept between runs."""
        self._store = store
        self._plugins = plugins
        self._candidates = candidates
        self._collections = collections
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
            self._candidates.get(id_in(spec.model, "models", "model"))
        if spec.function is not None:
            _check_arguments(functions[0], spec)
        for name in spec.collections:
            await self._collections.get_collection(principal.tenant, name)

    async def perform(self, scope: RunScope) -> str:
        """Do the run; return what the session keeps as the user's turn.

        Raises:
            VaivenError: Whatever stopped it.
        """
        spec, request = scope.spec, _route_request(scope.spec)
        history = await self._history(scope, request)
        functions = self._functions(spec)
        function, arguments = await self._decide(scope, request, functions, history)
        how: Literal["chosen", "named"] = "chosen" if spec.function is None else "named"
        await scope.emit(events.RunStarted(function.name, how, dict(arguments), scope.session))
        scope.function_begins()
        context = RunContext(scope.principal.tenant, scope.name, scope.session, history.turns)
        kernel = self._plugins.kernel(functions, RoutedChat(self._candidates, request, scope))
        held = kernel.get_function(*function_parts(function.name))
        # Semantic Kernel types what its own functions yield; ours yield FunctionOutput, which `take` checks.
        stream: AsyncIterator[Any] = held.invoke_stream(kernel, KernelArguments(**arguments, run_context=context))
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

    async def _history(self, scope: RunScope, request: RouteRequest) -> History:
        if scope.session_id is None:
            return History()
        history = await load_history(
            self._store, scope.principal.tenant, scope.session_id, self._likely(request), request, scope.spec.input
        )
        if history.left_out:
            await scope.emit(
                events.Warning(
                    "HISTORY_TRIMMED",
                    f"{history.left_out} earlier messages left out: they do not fit the model's context.",
                )
            )
        return history

    def _likely(self, request: RouteRequest) -> Candidate | None:
        needs = Needs(model=request.model, locality=request.locality)
        return next((c for c in self._candidates if not limits_broken(c.card, needs)), None)

    async def _decide(
        self, scope: RunScope, request: RouteRequest, functions: tuple[FunctionRecord, ...], history: History
    ) -> tuple[FunctionRecord, Mapping[str, Any]]:
        spec = scope.spec
        given = _given(spec, functions)
        if spec.function is not None and not spec.input.strip():
            return functions[0], given
        # The caller's parameters are for the answer; a high temperature must not choose another function.
        plain = RouteRequest(request.model, request.locality, GenerationParameters(), request.deadline)
        chooser = RoutedChooser(RoutedChat(self._candidates, plain, scope))
        try:
            decision = await self._planner.decide(
                spec.input, [choice(f) for f in functions], chooser, last_answer=history.last_answer, given=given
            )
        except PlanError as error:
            raise _worded(error) from error
        chosen = self._plugins.function(chosen_name(decision.function))
        return chosen, _with_collections(chosen, spec, decision.arguments)


def _route_request(spec: RunSpec) -> RouteRequest:
    model = None if spec.model is None else id_in(spec.model, "models", "model")
    return RouteRequest(model, spec.locality, spec.generation, spec.deadline)


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
