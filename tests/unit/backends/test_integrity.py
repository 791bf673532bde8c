from __future__ import annotations

from pathlib import Path

import pytest

from service.backends.onnx.integrity import SUMS_FILE, model_files, verify, write_sums
from service.errors import ModelLoadError
from service.testing.tiny_model import TINY_MODEL_DIR, copy_tiny_model


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    return copy_tiny_model(tmp_path / "model").path


def test_the_fixture_is_intact() -> None:
    assert verify(TINY_MODEL_DIR)


def test_one_changed_byte_is_named(model_dir: Path) -> None:
    weights = model_dir / "model.onnx.data"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelLoadError, match=r"model\.onnx\.data .*does not match"):
        verify(model_dir)


def test_missing_file_is_named(model_dir: Path) -> None:
    (model_dir / "tokenizer.json").unlink()
    with pytest.raises(ModelLoadError, match=r"tokenizer\.json .*missing"):
        verify(model_dir)


def test_added_file_is_named(model_dir: Path) -> None:
    (model_dir / "custom_ops.so").write_bytes(b"x")
    with pytest.raises(ModelLoadError, match=r"custom_ops\.so .*not listed"):
        verify(model_dir)


def test_documents_and_hidden_files_need_no_sum(model_dir: Path) -> None:
    for name in ("README.md", "LICENSE", ".gitattributes"):
        (model_dir / name).write_text("x")
    assert verify(model_dir)


def test_without_sums_only_by_permission(model_dir: Path) -> None:
    (model_dir / SUMS_FILE).unlink()
    with pytest.raises(ModelLoadError, match="allow_unverified"):
        verify(model_dir)
    assert verify(model_dir, allow_unverified=True) is False


def test_permission_does_not_excuse_wrong_sums(model_dir: Path) -> None:
    (model_dir / "genai_config.json").write_text("{}")
    with pytest.raises(ModelLoadError, match=r"genai_config\.json"):
        verify(model_dir, allow_unverified=True)


@pytest.mark.parametrize("text", ["", "nonsense\n", f"{'0' * 64}  ../other\n", f"{'0' * 64}  /etc/hosts\n"])
def test_malformed_sums(model_dir: Path, text: str) -> None:
    (model_dir / SUMS_FILE).write_text(text)
    with pytest.raises(ModelLoadError, match=SUMS_FILE):
        verify(model_dir)


def test_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="no model directory"):
        verify(tmp_path / "nowhere")


def test_written_sums_verify_in_folders_too(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "weights.bin").write_bytes(b"1")
    (tmp_path / "genai_config.json").write_text("{}")
    write_sums(tmp_path)
    assert model_files(tmp_path) == ["genai_config.json", "part/weights.bin"]
    assert verify(tmp_path)
