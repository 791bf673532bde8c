from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from service.backends.base import Sampling
from service.backends.onnx.sampling import Logits, Sampler

LOGITS: Logits = np.log(np.array([[[0.5, 0.3, 0.15, 0.05]]], dtype=np.float32))


def draws(sampling: Sampling, count: int = 4000) -> Counter[int]:
    sampler = Sampler(sampling, guided=False)
    return Counter(int(sampler.perturb(LOGITS).argmax()) for _ in range(count))


def test_draws_follow_the_softmax() -> None:
    counts = draws(Sampling(temperature=1.0, seed=1))
    assert [counts[token] / 4000 for token in range(4)] == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


def test_temperature_sharpens() -> None:
    counts = draws(Sampling(temperature=0.5, seed=1))
    assert counts[0] / 4000 == pytest.approx(0.25 / (0.25 + 0.09 + 0.0225 + 0.0025), abs=0.03)


def test_top_k_leaves_the_likeliest() -> None:
    assert set(draws(Sampling(temperature=2.0, top_k=2, seed=1))) == {0, 1}


def test_top_p_leaves_the_smallest_set_that_reaches_it() -> None:
    assert set(draws(Sampling(temperature=1.0, top_p=0.6, seed=1))) == {0, 1}
    assert set(draws(Sampling(temperature=1.0, top_p=0.01, seed=1))) == {0}


def test_a_seed_gives_the_same_draws() -> None:
    one, two = (Sampler(Sampling(temperature=1.0, seed=9), guided=True) for _ in range(2))
    assert all((one.perturb(LOGITS) == two.perturb(LOGITS)).all() for _ in range(10))


def test_where_the_likely_tokens_are_forbidden_the_draw_is_among_the_rest() -> None:
    sampler = Sampler(Sampling(temperature=1.0, top_k=1, seed=1), guided=True)
    counts = Counter(1 + int(sampler.perturb(LOGITS).ravel()[1:].argmax()) for _ in range(4000))
    assert [counts[token] / 4000 for token in (1, 2, 3)] == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


def test_extreme_logits_and_temperatures_stay_finite() -> None:
    logits = np.array([1e4, -1e4, 0.0], dtype=np.float32)
    drawn = Sampler(Sampling(temperature=1e-3, seed=1), guided=False).perturb(logits)
    assert np.isfinite(drawn).all()
    assert drawn.argmax() == 0
    assert drawn.shape == logits.shape
