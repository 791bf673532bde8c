from __future__ import annotations

from pathlib import Path

import pytest

from service.backends.onnx.catalogue import find_models, read_entry
from service.backends.onnx.facts import read_facts
from service.errors import ModelLoadError
from service.testing.tiny_model import TINY_MODEL_DIR, copy_tiny_model, tiny_model


def test_what_a_model_says_of_itself() -> None:
    entry = tiny_model()
    assert (entry.model_id, entry.context_tokens, entry.precision) == ("tiny-model", 1024, "int4")
    assert entry.has_sums
    assert 100_000 < entry.size_bytes < 600_000
    assert entry.kv_values_per_token == 2 * 2 * 2 * 16
    assert not entry.problem


def test_models_are_found_below_a_root_and_in_it(tmp_path: Path) -> None:
    copy_tiny_model(tmp_path / "maker" / "b-model" / "cpu")
    copy_tiny_model(tmp_path / "a-model")
    (tmp_path / "empty").mkdir()
    (tmp_path / "genai_note.txt").write_text("no model")
    found = find_models([tmp_path, tmp_path / "a-model", tmp_path / "missing"])
    assert [entry.path.relative_to(tmp_path).as_posix() for entry in found] == ["a-model", "maker/b-model/cpu"]


@pytest.mark.parametrize(
    ("name", "text"), [("genai_config.json", "{"), ("genai_config.json", "{}"), ("vaiven-model.json", "[]")]
)
def test_unreadable_model_says_why(tmp_path: Path, name: str, text: str) -> None:
    path = copy_tiny_model(tmp_path / "model").path
    (path / name).write_text(text)
    assert name in read_entry(path).problem


def test_key_value_memory_depends_on_the_provider() -> None:
    facts = read_facts(TINY_MODEL_DIR)
    assert facts.kv_bytes_per_token("cpu") == 512
    assert facts.kv_bytes_per_token("cuda") == 256
    assert facts.provider == "cpu"


def test_facts_of_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match=r"genai_config\.json"):
        read_facts(tmp_path)
