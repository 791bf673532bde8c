from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import grpc
import grpc.aio
import pytest
import structlog
from google.rpc import error_details_pb2, status_pb2
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from vaiven.v1 import agent_service_pb2, generation_pb2

from service.errors import (
    DeadlineExceededError,
    DrainingError,
    InvalidArgumentError,
    NotFoundError,
    PermissionMissingError,
    UnauthenticatedError,
)
from service.permissions import Permission
from service.rpc.interceptors.auth import AuthGuard, PrincipalGuard
from service.rpc.interceptors.chain import Call, Guard, GuardInterceptor, GuardRow, current_call, current_principal
from service.rpc.interceptors.deadline import DeadlineGuard
from service.rpc.interceptors.drain import DrainGuard
from service.rpc.interceptors.errors import DETAILS_KEY, ErrorsGuard
from service.rpc.interceptors.observe import ObserveGuard
from service.rpc.interceptors.request_id import HEADER, RequestIdGuard
from service.rpc.interceptors.validate import ValidateGuard
from service.runs.spec import Principal
from tests.unit.rpc.fakes import FakeContext, call_with

SECRET = "sk-do-not-show"


def status_in(context: FakeContext) -> status_pb2.Status:
    raw = dict(context.trailing)[DETAILS_KEY]
    assert isinstance(raw, bytes)
    return status_pb2.Status.FromString(raw)


class TestRequestId:
    async def test_the_caller_s_id_comes_back_in_both_metadata(self) -> None:
        context = FakeContext([("user-agent", "x"), (HEADER, "order-17.a_B")])
        call = call_with(context)

        async with GuardRow(RequestIdGuard()).around(call):
            assert call.request_id == "order-17.a_B"
        assert context.initial == context.trailing == ((HEADER, "order-17.a_B"),)

    @pytest.mark.parametrize("offered", ["", "a" * 129, "two words", "línea", "a\nb", b"bytes"])
    async def test_an_unfit_id_is_replaced(self, offered: str | bytes) -> None:
        context = FakeContext([(HEADER, offered)])
        call = call_with(context)

        async with GuardRow(RequestIdGuard()).around(call):
            assert len(call.request_id) == 32
        assert context.trailing == ((HEADER, call.request_id),)

    async def test_calls_without_one_get_different_ids(self) -> None:
        calls = [call_with(FakeContext()), call_with(FakeContext())]
        for call in calls:
            async with GuardRow(RequestIdGuard()).around(call):
                pass
        assert calls[0].request_id != calls[1].request_id


class TestErrors:
    async def test_a_known_error_becomes_its_status_and_keeps_other_trailers(self) -> None:
        context = FakeContext()
        context.set_trailing_metadata([(HEADER, "id-1")])

        with pytest.raises(grpc.aio.AbortError):
            async with GuardRow(ErrorsGuard()).around(call_with(context)):
                raise NotFoundError("There is no run runs/r1.")

        assert context.aborted == (grpc.StatusCode.NOT_FOUND, "There is no run runs/r1.")
        assert dict(context.trailing)[HEADER] == "id-1"
        assert status_in(context).message == "There is no run runs/r1."

    async def test_an_unforeseen_error_is_logged_once_and_hidden(self) -> None:
        context = FakeContext()

        with capture_logs() as logs, pytest.raises(grpc.aio.AbortError) as raised:
            async with GuardRow(ErrorsGuard()).around(call_with(context)):
                raise RuntimeError(SECRET)

        assert [(log["log_level"], str(log["exc_info"])) for log in logs] == [("error", SECRET)]
        assert context.aborted is not None
        assert context.aborted[0] is grpc.StatusCode.INTERNAL
        assert SECRET not in context.aborted[1] + str(context.trailing)
        assert logs[0]["correlation_id"] in context.aborted[1]
        assert raised.value.__cause__ is None

    @pytest.mark.parametrize("passing", [asyncio.CancelledError(), grpc.aio.AbortError("done")])
    async def test_cancellation_and_aborts_pass(self, passing: BaseException) -> None:
        context = FakeContext()

        with pytest.raises(type(passing)) as raised:
            async with GuardRow(ErrorsGuard()).around(call_with(context)):
                raise passing
        assert raised.value is passing
        assert context.aborted is None


class TestDrain:
    async def test_a_closed_gate_refuses_with_a_time_to_come_back(self) -> None:
        gate = DrainGuard()
        gate.close()

        with pytest.raises(DrainingError) as refused:
            async with GuardRow(gate).around(call_with(FakeContext())):
                pytest.fail("the call went on")
        assert refused.value.retry_after_s == 1.0
        assert gate.closed

    async def test_it_is_empty_when_the_last_call_has_left(self) -> None:
        gate = DrainGuard()
        assert await gate.wait_empty(0.0)

        async with GuardRow(gate).around(call_with(FakeContext())):
            gate.close()
            async with asyncio.TaskGroup() as group:
                waiting = group.create_task(gate.wait_empty(60.0))
                assert not await gate.wait_empty(0.0)
                waiting.cancel()
        assert await gate.wait_empty(0.0)

    async def test_a_call_that_raises_leaves_too(self) -> None:
        gate = DrainGuard()

        with pytest.raises(KeyError):
            async with GuardRow(gate).around(call_with(FakeContext())):
                raise KeyError
        assert await gate.wait_empty(0.0)


class TestPrincipal:
    async def test_it_gives_its_principal(self) -> None:
        call = call_with(FakeContext())

        async with GuardRow(PrincipalGuard(Principal("acme", "ada"))).around(call):
            assert call.principal == Principal("acme", "ada")


class FakeJudge:
    """Knows one principal, and keeps what it was shown."""

    def __init__(self, *permissions: Permission, error: Exception | None = None) -> None:
        self.shown: list[tuple[str | bytes, ...]] = []
        self._principal = Principal("acme", "key:ada", frozenset(permissions))
        self._error = error

    async def principal(self, authorization: Sequence[str | bytes]) -> Principal:
        self.shown.append(tuple(authorization))
        if self._error is not None:
            raise self._error
        return self._principal


class TestAuth:
    async def test_who_has_the_permission_is_let_in_and_named_in_the_log(self) -> None:
        judge = FakeJudge(Permission.USE)
        call = call_with(FakeContext([("authorization", "Bearer x"), ("user-agent", "y"), ("authorization", "z")]))

        async with GuardRow(AuthGuard(judge)).around(call):
            assert call.principal == Principal("acme", "key:ada", frozenset({Permission.USE}))
            bound = structlog.contextvars.get_contextvars()
            assert (bound["tenant"], bound["caller"]) == ("acme", "key:ada")
        structlog.contextvars.clear_contextvars()
        assert judge.shown == [("Bearer x", "z")]

    @pytest.mark.parametrize("error", [UnauthenticatedError("No."), NotFoundError("Odd.")])
    async def test_what_the_judge_says_goes_on(self, error: Exception) -> None:
        call = call_with(FakeContext())

        with pytest.raises(type(error)):
            async with GuardRow(AuthGuard(FakeJudge(error=error))).around(call):
                pytest.fail("the call went on")
        assert call.principal is None

    async def test_who_lacks_it_is_told_which(self) -> None:
        permissions = frozenset(Permission) - {Permission.USE}

        with pytest.raises(PermissionMissingError, match="needs the permission `use`"):
            async with GuardRow(AuthGuard(FakeJudge(*permissions))).around(call_with(FakeContext())):
                pytest.fail("the call went on")

    async def test_a_method_that_nobody_has_thought_of_is_refused(self) -> None:
        call = call_with(FakeContext())
        call.method = "/vaiven.v1.AgentService/Brew"

        with pytest.raises(PermissionMissingError, match="No permission"):
            async with GuardRow(AuthGuard(FakeJudge(*Permission))).around(call):
                pytest.fail("the call went on")


class TestDeadline:
    @pytest.mark.parametrize(
        ("remaining_s", "expected_s"), [(None, 10.0), (3.0, 3.0), (1000.0, 20.0), (0.0, 0.0)], ids=str
    )
    async def test_it_bounds_every_call(self, remaining_s: float | None, expected_s: float) -> None:
        call = call_with(FakeContext(remaining_s=remaining_s), is_stream=True)
        before = asyncio.get_running_loop().time()

        async with GuardRow(DeadlineGuard(10.0, 20.0)).around(call):
            pass

        after = asyncio.get_running_loop().time()
        assert before + expected_s <= call.deadline <= after + expected_s

    async def test_a_unary_call_is_stopped(self) -> None:
        call = call_with(FakeContext(remaining_s=0.0))

        with pytest.raises(DeadlineExceededError):
            async with GuardRow(DeadlineGuard(10.0, 20.0)).around(call):
                await asyncio.Event().wait()

    async def test_a_stream_goes_on_to_its_terminal_event(self) -> None:
        call = call_with(FakeContext(remaining_s=0.0), is_stream=True)

        async with GuardRow(DeadlineGuard(10.0, 20.0)).around(call):
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def test_another_timeout_is_not_the_deadline(self) -> None:
        call = call_with(FakeContext())

        with pytest.raises(TimeoutError):
            async with GuardRow(DeadlineGuard(10.0, 20.0)).around(call):
                raise TimeoutError

    @pytest.mark.parametrize("bounds", [(0.0, 1.0), (2.0, 1.0)])
    def test_senseless_bounds_are_refused(self, bounds: tuple[float, float]) -> None:
        with pytest.raises(ValueError, match="default_s"):
            DeadlineGuard(*bounds)


class TestValidate:
    guard = ValidateGuard()

    async def check(self, request: Any) -> InvalidArgumentError | None:
        try:
            async with GuardRow(self.guard).around(call_with(FakeContext(), request)):
                return None
        except InvalidArgumentError as error:
            return error

    async def test_a_good_request_passes(self) -> None:
        assert await self.check(agent_service_pb2.RunRequest(input="Hi")) is None

    async def test_every_broken_rule_is_told_by_its_path_and_no_value_is_repeated(self) -> None:
        refused = await self.check(
            agent_service_pb2.RunRequest(
                request_id=SECRET,
                session=SECRET,
                function=SECRET,
                allowed_functions=["plugins/email", SECRET],
                model=f"{SECRET}/",
                generation=generation_pb2.GenerationParameters(temperature=7.25, stop=["ok", ""]),
            )
        )

        assert refused is not None
        assert [v.subject for v in refused.violations] == [
            "request_id",
            "session",
            "function",
            "allowed_functions[1]",
            "model",
            "generation.temperature",
            "generation.stop[1]",
        ]
        told = refused.message + "".join(v.description for v in refused.violations)
        assert SECRET not in told
        assert "7.25" not in told
        assert all(v.description for v in refused.violations)

    async def test_a_rule_on_the_whole_request_says_so(self) -> None:
        refused = await self.check(agent_service_pb2.RunRequest())

        assert refused is not None
        assert [v.subject for v in refused.violations] == ["request"]
        assert "input, function or recipe" in refused.message


class TestObserve:
    @staticmethod
    def counted(registry: CollectorRegistry, code: str) -> float | None:
        return registry.get_sample_value(
            "vaiven_rpcs_total", {"method": "/vaiven.v1.AgentService/GetRun", "code": code}
        )

    async def test_a_good_call_is_counted_and_timed(self) -> None:
        registry = CollectorRegistry()

        with capture_logs() as logs:
            async with GuardRow(ObserveGuard(registry)).around(call_with(FakeContext())):
                in_flight = registry.get_sample_value(
                    "vaiven_rpcs_in_flight", {"method": "/vaiven.v1.AgentService/GetRun"}
                )
                assert in_flight == 1

        assert self.counted(registry, "OK") == 1
        assert logs[0]["code"] == "OK"

    async def test_an_aborted_call_is_counted_by_its_code(self) -> None:
        registry = CollectorRegistry()
        context = FakeContext()

        with pytest.raises(grpc.aio.AbortError):
            async with GuardRow(ObserveGuard(registry), ErrorsGuard()).around(call_with(context)):
                raise NotFoundError("No.")

        assert self.counted(registry, "NOT_FOUND") == 1

    async def test_a_call_that_its_client_left_is_cancelled(self) -> None:
        registry = CollectorRegistry()

        with pytest.raises(asyncio.CancelledError):
            async with GuardRow(ObserveGuard(registry)).around(call_with(FakeContext())):
                raise asyncio.CancelledError
        assert self.counted(registry, "CANCELLED") == 1


class Noting(Guard):
    """A guard that notes when it is entered and left."""

    def __init__(self, name: str, notes: list[str], error: Exception | None = None) -> None:
        self._name = name
        self._notes = notes
        self._error = error

    async def enter(self, call: Call) -> None:
        self._notes.append(f"+{self._name}")
        if self._error is not None:
            raise self._error

    async def leave(self, call: Call, error: BaseException | None) -> None:
        self._notes.append(f"-{self._name} {error or ''}".rstrip())


class Replacing(Guard):
    """A guard that puts another error in the place of the one that ended the call."""

    async def leave(self, call: Call, error: BaseException | None) -> None:
        if error is not None:
            raise NotFoundError("Another.") from error


class Details:
    invocation_metadata = ()

    def __init__(self, method: str) -> None:
        self.method = method


async def intercepted(handler: Any, *guards: Any, method: str = "/vaiven.v1.AgentService/GetRun") -> Any:
    async def continuation(_details: Any) -> Any:
        return handler

    return await GuardInterceptor(guards).intercept_service(continuation, Details(method))


REQUEST = agent_service_pb2.GetRunRequest(name="runs/r1")


class TestChain:
    async def test_guards_are_entered_in_order_around_a_unary_call(self) -> None:
        notes: list[str] = []

        async def behaviour(request: Any, context: Any) -> Any:
            notes.append(current_call().method)
            return request

        handler = await intercepted(
            grpc.unary_unary_rpc_method_handler(behaviour), Noting("a", notes), Noting("b", notes)
        )

        assert await handler.unary_unary(REQUEST, FakeContext()) is REQUEST
        assert notes == ["+a", "+b", "/vaiven.v1.AgentService/GetRun", "-b", "-a"]

    async def test_one_that_refuses_is_not_left_and_those_around_it_are(self) -> None:
        notes: list[str] = []
        inner = Noting("b", notes, DrainingError("No.", retry_after_s=1.0))

        with pytest.raises(DrainingError):
            async with GuardRow(Noting("a", notes), inner, Noting("c", notes)).around(call_with(FakeContext())):
                pytest.fail("the call went on")
        assert notes == ["+a", "+b", "-a No."]

    async def test_those_outside_see_what_was_put_in_the_place_of_an_error(self) -> None:
        notes: list[str] = []

        with pytest.raises(NotFoundError, match="Another"):
            async with GuardRow(Noting("a", notes), Replacing(), Noting("b", notes)).around(call_with(FakeContext())):
                raise KeyError("first")
        assert notes == ["+a", "+b", "-b 'first'", "-a Another."]

    async def test_guards_stay_until_a_stream_has_ended(self) -> None:
        notes: list[str] = []

        async def behaviour(request: Any, context: Any) -> AsyncIterator[Any]:
            yield request
            yield request

        handler = await intercepted(grpc.unary_stream_rpc_method_handler(behaviour), Noting("a", notes))
        async for _ in handler.unary_stream(REQUEST, FakeContext()):
            notes.append("event")  # noqa: PERF401 - between the guards' own notes

        assert notes == ["+a", "event", "event", "-a"]

    async def test_a_stream_that_is_given_up_closes_what_it_reads(self) -> None:
        notes: list[str] = []

        async def behaviour(request: Any, context: Any) -> AsyncIterator[Any]:
            try:
                yield request
                yield request
            finally:
                notes.append("closed")

        handler = await intercepted(grpc.unary_stream_rpc_method_handler(behaviour), Noting("a", notes))
        async with aclosing(handler.unary_stream(REQUEST, FakeContext())) as stream:
            await anext(stream)

        assert notes == ["+a", "closed", "-a"]

    async def test_what_a_guard_refuses_never_reaches_the_servicer(self) -> None:
        context = FakeContext()
        gate = DrainGuard()
        gate.close()

        async def behaviour(request: Any, context: Any) -> Any:
            pytest.fail("the call went on")

        handler = await intercepted(grpc.unary_unary_rpc_method_handler(behaviour), ErrorsGuard(), gate)
        with pytest.raises(grpc.aio.AbortError):
            await handler.unary_unary(REQUEST, context)

        assert context.aborted is not None
        assert context.aborted[0] is grpc.StatusCode.UNAVAILABLE
        reasons = error_details_pb2.ErrorInfo()
        assert status_in(context).details[0].Unpack(reasons)
        assert reasons.reason == "SERVICE_DRAINING"

    @pytest.mark.parametrize("method", ["/grpc.health.v1.Health/Check", "/grpc.reflection.v1alpha.X/Y"])
    async def test_probes_are_not_guarded(self, method: str) -> None:
        async def behaviour(request: Any, context: Any) -> Any:
            return request

        handler: Any = grpc.unary_unary_rpc_method_handler(behaviour)
        assert await intercepted(handler, DrainGuard(), method=method) is handler

    async def test_an_unknown_method_stays_unknown(self) -> None:
        assert await intercepted(None, DrainGuard()) is None

    async def test_the_principal_is_there_for_the_servicer_and_only_if_a_guard_found_it(self) -> None:
        seen: list[Principal] = []

        async def behaviour(request: Any, context: Any) -> Any:
            seen.append(current_principal())
            return request

        handler: Any = grpc.unary_unary_rpc_method_handler(behaviour)
        guarded = await intercepted(handler, PrincipalGuard(Principal("acme", "ada")))
        await guarded.unary_unary(REQUEST, FakeContext())
        assert seen == [Principal("acme", "ada")]

        with pytest.raises(UnauthenticatedError):
            await (await intercepted(handler)).unary_unary(REQUEST, FakeContext())

    async def test_calls_side_by_side_see_their_own(self) -> None:
        both_are_in = asyncio.Barrier(2)
        methods: dict[str, str] = {}

        async def behaviour(request: Any, context: Any) -> Any:
            await both_are_in.wait()
            methods[request.name] = current_call().request.name  # type: ignore[attr-defined]
            return request

        handler = await intercepted(grpc.unary_unary_rpc_method_handler(behaviour))
        names = ["runs/a", "runs/b"]
        async with asyncio.TaskGroup() as group:
            for name in names:
                request = agent_service_pb2.GetRunRequest(name=name)
                group.create_task(handler.unary_unary(request, FakeContext()))
        assert methods == {name: name for name in names}
