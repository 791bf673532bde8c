"""Every sampling option and constraint of the contract, over gRPC, on the embedded model."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf import struct_pb2
from vaiven.v1 import generation_pb2, run_event_pb2
from vaiven.v1.agent_service_pb2 import RunRequest
from vaiven.v1.model_service_pb2 import GetModelRequest

from service.backends.onnx.catalogue import read_entry
from service.backends.onnx.client import OnnxModel
from service.backends.onnx.options import OnnxEngineOptions
from service.bootstrap import open_app
from service.testing.app import scratch_settings
from service.testing.tiny_model import FREE
from tests.e2e.client import Client, connected, hello, refusal, text_of
from tests.e2e.tiny import tiny_service

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEIGHTS = Path(__file__).resolve().parents[2] / "models" / "colibri" / "weights"
ASKED = "Hello, how are you today?"
UNHEARD = "Brump tolle wexi: {a} 17 / 4 ornd, ¿plu?"


@asynccontextmanager
async def colibri(directory: Path, **engine: Any) -> AsyncIterator[Client]:
    """Run a service on the embedded model; `engine` are options of the local engine."""
    options = OnnxEngineOptions(**engine)
    model = OnnxModel(read_entry(WEIGHTS), options, price=FREE, inherited_environment=dict(os.environ))
    model.start()
    try:
        await model.ready()
        async with (
            open_app(scratch_settings(directory), generators=[model]) as app,
            connected(f"127.0.0.1:{app.port}") as client,
        ):
            yield client
    finally:
        await model.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with colibri(tmp_path_factory.mktemp("sampling")) as running:
        yield running


async def answer(client: Client, asked: str = ASKED, **generation: Any) -> list[run_event_pb2.RunEvent]:
    request = hello(asked, generation={"max_output_tokens": 48, **generation})
    return [event async for event in client.agents.Run(request)]


async def said(client: Client, **generation: Any) -> str:
    return text_of(await answer(client, **generation))


def logprobs(events: list[run_event_pb2.RunEvent]) -> list[generation_pb2.TokenLogprob]:
    return [token for event in events for token in event.token_logprobs.tokens]


def warnings(events: list[run_event_pb2.RunEvent]) -> list[tuple[str, str]]:
    return [(event.warning.code, event.warning.message) for event in events if event.HasField("warning")]


async def test_a_regular_expression(client: Client) -> None:
    for pattern in (r"[A-Z][a-z]{2,9} [0-9]{4}", r"(yes|no), (yes|no)", r"año 20[0-9]{2}"):
        events = await answer(client, regex=pattern)
        assert re.fullmatch(pattern, text_of(events)), text_of(events)
        assert events[-1].completed.finish_reason == generation_pb2.FINISH_REASON_STOP


async def test_a_lark_grammar(client: Client) -> None:
    grammar = 'start: verb " the " thing\nverb: "open" | "close"\nthing: "door" | "window"\n'
    assert await said(client, lark_grammar=grammar, temperature=1.5, seed=3) in {
        f"{verb} the {thing}" for verb in ("open", "close") for thing in ("door", "window")
    }


async def test_a_json_schema_in_its_own_order(client: Client) -> None:
    schema = {
        "type": "object",
        "properties": {"zeal": {"type": "integer", "minimum": 3, "maximum": 7}, "air": {"enum": ["warm", "cold"]}},
        "required": ["zeal", "air"],
    }
    found = json.loads(await said(client, json_schema=json.dumps(schema)))
    assert list(found) == ["zeal", "air"]
    assert 3 <= found["zeal"] <= 7
    assert found["air"] in ("warm", "cold")


@pytest.mark.parametrize(
    "constraint",
    [{"regex": "(open"}, {"regex": "a(?=b)b"}, {"lark_grammar": "start: missing"}, {"json_schema": '{"type": 7}'}],
)
async def test_a_bad_grammar_fails_its_run_and_no_other(client: Client, constraint: dict[str, str]) -> None:
    failed, fine = await asyncio.gather(answer(client, **constraint), answer(client))
    assert (failed[-1].failed.code, failed[-1].failed.reason) == (3, "INVALID_FIELD")
    assert "The guidance cannot be used" in failed[-1].failed.message
    assert fine[-1].WhichOneof("payload") in ("completed", "incomplete")


async def test_a_schema_that_is_no_object_is_refused_at_once(client: Client) -> None:
    for words in ("[1]", "{oops"):
        refused = await refusal(client.agents.Run(hello(generation={"json_schema": words})))
        assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_a_function_with_a_schema_of_its_own_takes_no_other(client: Client) -> None:
    arguments = struct_pb2.Struct()
    arguments["message"] = "Where is my order?"
    request = RunRequest(
        function="plugins/support/functions/classify",
        arguments=arguments,
        generation=generation_pb2.GenerationParameters(regex="a"),
    )
    end = [event async for event in client.agents.Run(request)][-1]
    assert (end.failed.reason, end.failed.violations[0].subject) == ("INVALID_FIELD", "generation.constraint")


async def test_a_prompt_that_does_not_fit_is_refused_in_words(client: Client) -> None:
    events = [event async for event in client.agents.Run(hello("Where is it? " * 600))]
    failed = events[-1].failed
    assert (failed.reason, failed.violations[0].subject) == ("NO_ROUTE", "models/colibri")
    assert "leaves too few for an answer" in failed.violations[0].description
    assert (await answer(client))[-1].WhichOneof("payload") in ("completed", "incomplete")


async def test_log_probabilities(client: Client) -> None:
    events = await answer(client, logprobs=3)
    tokens = logprobs(events)
    end = events[-1].completed
    assert len(tokens) in (end.usage.output_tokens, end.usage.output_tokens - 1)  # the end token has no text
    # Greedy: the chosen one is the likeliest, and the probabilities of the first three are no more than one.
    for token in tokens:
        assert token.chosen == token.top[0]
        likely = [one.logprob for one in token.top]
        assert len(likely) == 3
        assert likely == sorted(likely, reverse=True)
        assert sum(map(math.exp, likely)) <= 1 + 1e-6
    spelled = "".join(token.chosen.text for token in tokens)
    assert spelled.startswith(end.text)
    assert [event.token_logprobs.first for event in events if event.HasField("token_logprobs")] == [0]
    assert logprobs(await answer(client)) == []
    assert all(not token.top for token in logprobs(await answer(client, logprobs=0)))


async def test_many_log_probabilities_come_in_several_events(client: Client) -> None:
    letters = "[a-z ]{150}"
    events = await answer(client, logprobs=1, regex=letters, max_output_tokens=150, logit_bias={0: -100.0})
    parts = [event.token_logprobs for event in events if event.HasField("token_logprobs")]
    counts = [len(part.tokens) for part in parts]
    assert counts[:-1] == [64] * (len(counts) - 1)
    assert [part.first for part in parts] == [64 * at for at in range(len(parts))]
    assert {part.model for part in parts} == {"models/colibri"}


async def test_a_bias_forbids_and_forces_a_token(client: Client) -> None:
    first = logprobs(await answer(client, logprobs=1))[0].chosen.token
    assert logprobs(await answer(client, logprobs=0, logit_bias={first: -100.0}))[0].chosen.token != first
    forced = logprobs(await answer(client, logprobs=0, logit_bias={first: 100.0}, max_output_tokens=5))
    assert [one.chosen.token for one in forced] == [first] * 5


async def test_penalties_and_the_least_share(client: Client) -> None:
    plain = await said(client)
    assert await said(client, repetition_penalty=1.0, presence_penalty=0.0, min_p=0.0) == plain
    assert await said(client, repetition_penalty=2.0) != plain
    # Where only what is as likely as the likeliest may follow, nothing is left to chance.
    assert await said(client, temperature=2.0, seed=5, min_p=1.0) == plain
    assert await said(client, temperature=2.0, seed=5) != plain


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("min_p", 1.1), ("repetition_penalty", 0.0), ("repetition_penalty", 2.1), ("presence_penalty", -2.1),
        ("logprobs", 21), ("priority", 11), ("logit_bias", {-1: 0.0}), ("logit_bias", {1: 100.5}),
        ("logit_bias", dict.fromkeys(range(301), 0.0)), ("regex", ""), ("lark_grammar", "x" * 65537),
    ],
)  # fmt: skip
async def test_what_is_out_of_its_range_is_refused_by_its_field(client: Client, field: str, value: Any) -> None:
    refused = await refusal(client.agents.Run(hello(generation={field: value})))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert f"generation.{field}" in refused.message


async def test_a_presence_penalty(tmp_path: Path) -> None:
    async with tiny_service(tmp_path) as service:  # the embedded model is too sure of what it says to be moved by it
        assert await said(service.client, presence_penalty=2.0) != await said(service.client)


async def test_who_is_more_urgent_goes_first(tmp_path: Path) -> None:
    async with tiny_service(tmp_path, max_active=1) as service:
        ended: list[str] = []

        async def ask(name: str, tokens: int, **fields: Any) -> None:
            generation = {"max_output_tokens": tokens, **fields.pop("generation", {})}
            async for _ in service.client.agents.Run(hello(name, generation=generation, **fields)):
                pass
            ended.append(name)

        async def seen(counter: str, count: int) -> None:
            while (await service.model.stats())[counter] != count:
                pass

        first = asyncio.create_task(ask("first", 900, cancel_on_disconnect=True))
        await seen("active", 1)
        tasks = []
        for count, (name, priority) in enumerate((("patient", -10), ("usual", 0), ("urgent", 10)), start=1):
            tasks.append(asyncio.create_task(ask(name, 8, generation={"priority": priority})))
            await seen("queued", count)
        first.cancel()
        await asyncio.gather(*tasks)
        assert ended == ["urgent", "usual", "patient"]


async def test_what_an_engine_does_not_know_it_says_or_refuses(tmp_path: Path) -> None:
    async with colibri(tmp_path, engine="genai") as client:
        assert not (await client.models.GetModel(GetModelRequest(name="models/colibri"))).model.supports_logprobs
        knobs: dict[str, Any] = {
            "min_p": 0.5, "repetition_penalty": 1.5, "presence_penalty": 1.0, "logit_bias": {5: 1.0}, "priority": 3,
        }  # fmt: skip
        events = await answer(client, **knobs)
        assert events[-1].WhichOneof("payload") in ("completed", "incomplete")
        told = warnings(events)
        assert [code for code, _ in told] == ["SETTING_IGNORED"] * len(knobs)
        assert all(any(name in words for _, words in told) for name in knobs)
        assert re.fullmatch("[0-9]{3}", await said(client, regex="[0-9]{3}"))
        failed = (await answer(client, logprobs=1))[-1].failed
        assert failed.reason == "NO_ROUTE"
        assert "log-probabilities" in failed.violations[0].description


async def test_a_seed_is_a_promise_alone_and_among_others(client: Client) -> None:
    # Of what it was never taught the model is sure of nothing.
    warm: dict[str, Any] = {"asked": UNHEARD, "temperature": 2.0, "max_output_tokens": 64}
    alone = {seed: await said(client, seed=seed, **warm) for seed in range(1, 5)}
    assert len(set(alone.values())) > 1, "it leaves nothing to chance"
    assert await said(client, seed=1, **warm) == alone[1]
    crowd = [seed for seed in alone for _ in range(4)]
    among = await asyncio.gather(
        *(said(client, seed=seed, **warm) for seed in crowd),
        *(said(client, temperature=1.5, max_output_tokens=200) for _ in range(4)),
    )
    assert among[: len(crowd)] == [alone[seed] for seed in crowd]
