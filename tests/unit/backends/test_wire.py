from __future__ import annotations

import io

import pytest

from service.backends.base import ChatMessage, GenerationRequest, Guidance, Sampling
from service.backends.onnx import wire
from service.errors import (
    ContextTooLongError,
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    ModelLoadError,
    QueueFullError,
    VaivenError,
    Violation,
)


def test_frames_come_back_one_by_one() -> None:
    stream = io.BytesIO(wire.encode({"op": "a", "text": "ñ\0€"}) + wire.encode({"op": "b"}))
    assert wire.read_frame(stream) == {"op": "a", "text": "ñ\0€"}
    assert wire.read_frame(stream) == {"op": "b"}
    assert wire.read_frame(stream) is None


def test_cut_frame_is_the_end() -> None:
    assert wire.read_frame(io.BytesIO(wire.encode({"op": "a"})[:-1])) is None


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="Unicode"):
        wire.encode({"op": "submit", "messages": [ChatMessage("user", "\ud800")]})


@pytest.mark.parametrize("guidance", [None, Guidance("regex", "[ab]")])
def test_submission_survives_the_pipe(guidance: Guidance | None) -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, top_k=3, seed=2**62, stop=("x", "y"))
    messages = (ChatMessage("system", "s"), ChatMessage("user", "ñ"))
    request = GenerationRequest(messages, 7, sampling=sampling, guidance=guidance)
    frame = wire.decode(wire.encode(wire.submit_frame(3, request, 1.5))[wire.LENGTH_BYTES :])
    assert wire.parse_submit(frame) == wire.Submission(3, messages, 7, sampling, guidance, 1.5)


@pytest.mark.parametrize(
    "kind",
    [
        ContextTooLongError,
        DeadlineExceededError,
        InternalError,
        InvalidArgumentError,
        ModelLoadError,
        QueueFullError,
    ],
)
def test_errors_survive_the_pipe(kind: type[VaivenError]) -> None:
    error = kind("why", reason="R", retry_after_s=2.0, violations=[Violation("field", "bad")])
    frame = wire.decode(wire.encode(wire.error_fields(error))[wire.LENGTH_BYTES :])
    back = wire.parse_error(frame)
    assert type(back) is kind
    assert vars(back) == vars(error)
