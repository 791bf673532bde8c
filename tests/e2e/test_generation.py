"""What a caller says of its answer reaches the model, and what the answer took comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from vaiven.v1 import generation_pb2, run_event_pb2

from tests.e2e.client import MOST_WORDS, hello, text_of
from tests.e2e.tiny import TinyService, tiny_service

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TinyService]:
    """One service on a model whose text means nothing, and depends on every token before."""
    async with tiny_service(tmp_path_factory.mktemp("generation")) as running:
        yield running


async def answer(service: TinyService, message: str = "Write.", **generation: Any) -> list[run_event_pb2.RunEvent]:
    request = hello(message, generation={"max_output_tokens": 40, **generation})
    return [event async for event in service.client.agents.Run(request)]


async def test_the_limit_of_tokens(service: TinyService) -> None:
    for limit in (1, 7, 40):
        end = (await answer(service, max_output_tokens=limit))[-1].incomplete
        assert (end.finish_reason, end.usage.output_tokens) == (generation_pb2.FINISH_REASON_LENGTH, limit)


async def test_text_comes_in_pieces_that_are_the_whole(service: TinyService) -> None:
    events = await answer(service, max_output_tokens=MOST_WORDS)
    assert len([event for event in events if event.HasField("text_delta")]) > 1
    assert text_of(events) == events[-1].incomplete.text


async def test_a_stop_string(service: TinyService) -> None:
    whole = text_of(await answer(service))
    stop = whole[12:15]
    end = (await answer(service, stop=[stop]))[-1].completed
    assert end.finish_reason == generation_pb2.FINISH_REASON_STOP
    assert end.text == whole[: whole.index(stop)]


async def test_a_seed_is_a_promise(service: TinyService) -> None:
    warm: dict[str, Any] = {"temperature": 1.0, "top_p": 0.95}
    texts = [text_of(await answer(service, seed=seed, **warm)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


async def test_of_one_likeliest_token_there_is_no_choice(service: TinyService) -> None:
    greedy = text_of(await answer(service))
    assert text_of(await answer(service, temperature=1.5, top_k=1)) == greedy
    assert text_of(await answer(service, temperature=1.5, top_p=0.0001)) == greedy
    assert text_of(await answer(service, temperature=1.5, seed=3)) != greedy


async def test_the_beginning_of_a_prompt_is_kept(service: TinyService) -> None:
    await answer(service, "The first to ask.")
    usage = (await answer(service, "Another one asks."))[-1].incomplete.usage
    assert 0 < usage.cached_input_tokens < usage.input_tokens


async def test_times_are_those_of_the_run(service: TinyService) -> None:
    timing = (await answer(service))[-1].incomplete.timing
    assert 0 <= timing.queued_s <= timing.first_token_s <= timing.total_s
    assert timing.first_token_s > 0
    assert timing.output_tokens_per_s > 0
