"""Settings: precedence, errors that an operator can act on, descriptions, and the parts that mirror others."""

from dataclasses import fields
from pathlib import Path

import pytest

from service.backends.onnx.options import OnnxEngineOptions
from service.knowledge.limits import KnowledgeLimits
from service.settings import KnowledgeSettings, OnnxSettings, Settings
from service.settings_models import data_directory
from service.settings_sources import SettingsError, load_settings, setting_facts


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_flag_over_environment_over_file_over_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().runs.max_concurrent == 64
    (tmp_path / "vaiven.toml").write_text("[runs]\nmax_concurrent = 1\nmax_duration_s = 9.5\n")
    assert load_settings().runs.max_concurrent == 1
    monkeypatch.setenv("VAIVEN_RUNS__MAX_CONCURRENT", "2")
    assert load_settings().runs.max_concurrent == 2
    settings = load_settings({"runs": {"max_concurrent": 3}})
    assert (settings.runs.max_concurrent, settings.runs.max_duration_s) == (3, 9.5)


def test_a_named_file_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / "vaiven.toml").write_text("[runs]\nmax_concurrent = 1\n")
    (tmp_path / "other.toml").write_text("[onnx.models]\nphi = '/models/phi'\n")
    settings = load_settings(file=tmp_path / "other.toml")
    assert (settings.runs.max_concurrent, settings.onnx.models) == (64, {"phi": Path("/models/phi")})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[server]\naddres = 'x'\n",
            "server.addres (vaiven.toml): there is no such setting; did you mean server.address?",
        ),
        ("[sever]\n", "sever (vaiven.toml): there is no such setting; did you mean server?"),
        ("[zzz]\n", "zzz (vaiven.toml): there is no such setting; `docs/configuration.md` lists them."),
        (
            "[runs]\nmax_concurrent = 0\n",
            "runs.max_concurrent (vaiven.toml): Input should be greater than or equal to 1.",
        ),
        (
            "[server]\ntls_key = 'k.pem'\n",
            "server (vaiven.toml): tls_certificate and tls_key belong together: set both or neither.",
        ),
        ("[onnx]\nprovider = 'gpu'\n", "onnx.provider (vaiven.toml): Input should be 'cpu', 'cuda' or 'directml'."),
    ],
)
def test_a_wrong_file_is_worded(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "vaiven.toml").write_text(text)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value) == message


def test_all_that_is_wrong_is_said_at_once_with_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vaiven.toml").write_text("[runs]\nmax_concurrent = 0\n")
    monkeypatch.setenv("VAIVEN_STORE__READER_THREADS", "many")
    with pytest.raises(SettingsError) as error:
        load_settings({"logging": {"level": "loud"}})
    lines = str(error.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "VAIVEN_STORE__READER_THREADS (the environment)",
        "runs.max_concurrent (vaiven.toml)",
        "logging.level (the command line)",
    ]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("VAIVEN_SERVR__ADDRESS", "x", "VAIVEN_SERVR__ADDRESS (environment): there is no such area"),
        ("VAIVEN_SERVER__ADDRES", "x", "VAIVEN_SERVER__ADDRES (the environment): there is no such setting"),
        ("VAIVEN_ONNX__MODELS", "{", "The environment cannot be read"),
    ],
)
def test_a_wrong_environment_is_worded(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"), [(b"[", "is not TOML"), (b"\xff", "is not TOML"), (None, "cannot be read")]
)
def test_an_unreadable_file_is_worded(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "my.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        load_settings(file=file)


def test_every_setting_says_what_it_is() -> None:
    facts = setting_facts()
    assert [fact.name for fact in facts if not fact.description.endswith(".")] == []
    assert [fact.environment for fact in facts if fact.name == "side_port.port"] == ["VAIVEN_SIDE_PORT__PORT"]


def test_a_default_is_told_as_it_would_be_written() -> None:
    told = {fact.name: fact.default for fact in setting_facts()}
    assert [told[name] for name in ("models.operators", "models.pinned", "onnx.embedded", "onnx.provider")] == [
        '["local"]',
        "[]",
        "true",
        '"cpu"',
    ]


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().runs.max_concurrent = 1  # type: ignore[misc]


def test_a_bare_instance_depends_on_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAIVEN_RUNS__MAX_CONCURRENT", "2")
    assert Settings().runs.max_concurrent == 64


def test_the_engine_and_the_library_get_their_own_defaults() -> None:
    assert OnnxSettings().options() == OnnxEngineOptions()
    assert KnowledgeSettings().limits() == KnowledgeLimits()
    assert {field.name for field in fields(OnnxEngineOptions)} < set(OnnxSettings.model_fields)


def test_the_data_directory_follows_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert data_directory() == Path("/data/vaiven")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert data_directory() == Path.home() / ".local" / "share" / "vaiven"
    monkeypatch.setattr("sys.platform", "darwin")
    assert data_directory().parts[-2:] == ("Application Support", "vaiven")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert data_directory() == Path("/local/vaiven")
