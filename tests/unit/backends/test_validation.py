from __future__ import annotations

import math
from typing import Any

import pytest

from service.backends.base import ChatMessage, GenerationRequest, Guidance, Image, Sampling, ToolSpec
from service.backends.onnx.options import OnnxEngineOptions
from service.backends.onnx.validation import validate
from service.errors import InvalidArgumentError

HELLO = (ChatMessage("user", "hello"),)
PICTURE = ChatMessage("user", "What is this?", images=(Image("https://pictures.example/a.png"),))
TOOL = ToolSpec("a", "b", {})


@pytest.mark.parametrize(
    ("field", "sampling"),
    [
        ("sampling.temperature", Sampling(temperature=-0.1)),
        ("sampling.temperature", Sampling(temperature=2.1)),
        ("sampling.temperature", Sampling(temperature=math.nan)),
        ("sampling.top_p", Sampling(top_p=0)),
        ("sampling.top_p", Sampling(top_p=1.01)),
        ("sampling.top_p", Sampling(top_p=math.nan)),
        ("sampling.top_k", Sampling(top_k=0)),
        ("sampling.seed", Sampling(seed=-1)),
        ("sampling.seed", Sampling(seed=2**63)),
        ("sampling.stop", Sampling(stop=("a",) * 9)),
        ("sampling.stop", Sampling(stop=("",))),
    ],
)
def test_sampling_out_of_range(field: str, sampling: Sampling) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        validate(GenerationRequest(HELLO, 1, sampling=sampling), 10)
    assert [violation.subject for violation in caught.value.violations] == [field]


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("messages", GenerationRequest((), 1)),
        ("messages.images", GenerationRequest((PICTURE,), 1)),
        ("max_output_tokens", GenerationRequest(HELLO, 0)),
        ("max_output_tokens", GenerationRequest(HELLO, 11)),
        ("tools", GenerationRequest(HELLO, 1, tool_choice="required")),
        (
            "guidance",
            GenerationRequest(HELLO, 1, tools=(TOOL,), tool_choice="required", guidance=Guidance("regex", "a")),
        ),
    ],
)
def test_request_out_of_range(field: str, request_: GenerationRequest) -> None:
    with pytest.raises(InvalidArgumentError, match=field):
        validate(request_, 10)


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(2, 1, 1, 0, ("a",) * 8), Sampling(seed=2**63 - 1)])
def test_the_ends_of_the_ranges_are_valid(sampling: Sampling) -> None:
    validate(GenerationRequest(HELLO, 10, sampling=sampling), 10)


@pytest.mark.parametrize(
    "fields",
    [
        {"max_active": 0},
        {"max_queued": -1},
        {"prefill_chunk_tokens": 0},
        {"provider": "tpu"},
        {"flush_interval_s": math.nan},
        {"restart_backoff_s": 2.0, "restart_backoff_max_s": 1.0},
    ],
)
def test_options_out_of_range(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(reversed(fields))):
        OnnxEngineOptions(**fields)
