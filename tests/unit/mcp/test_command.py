"""`vaiven mcp`: what is wrong on the command line is said, and ends with its exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.cli import app, screen


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    screen.error_console.cache_clear()
    monkeypatch.setattr("sys.argv", ["vaiven", "mcp", *arguments])
    with pytest.raises(SystemExit) as ended:
        app.main()
    screen.error_console.cache_clear()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--http", "0.0.0.0:80"), "no loopback address"),
        (("--http", "127.0.0.1:0", "--token", "a\tb"), "printable"),
        (("--allow", "e mail"), "name"),
        (("--tls-ca", "/nowhere.pem"), "cannot be read"),
    ],
)
def test_a_wrong_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert words in capsys.readouterr().err


def test_another_machine_is_called_by_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from service.cli.caller import Connection, open_async_channel

    made: list[str] = []
    monkeypatch.setattr("grpc.aio.secure_channel", lambda address, *_a, **_k: made.append(address))
    monkeypatch.setattr("grpc.aio.insecure_channel", lambda address, **_k: made.append(f"clear {address}"))
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    open_async_channel(Connection("shop.example:443"))
    open_async_channel(Connection("127.0.0.1:1", tls_ca=tmp_path / "ca.pem", tls_server_name="a.example"))
    open_async_channel(Connection("127.0.0.1:1"))

    assert made == ["shop.example:443", "127.0.0.1:1", "clear 127.0.0.1:1"]
