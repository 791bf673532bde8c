"""A whole service in this process, on a free port, with a scripted model; for tests here and in plugin projects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from plugins.manifest import PluginManifest
from service.backends.base import Generator
from service.backends.fake import FakeAnswer, FakeGenerator, Script
from service.bootstrap import App, open_app
from service.settings import Settings


def scratch_settings(directory: Path, **areas: Any) -> Settings:
    """Return settings for a service that keeps everything in `directory` and listens on a free port of loopback."""
    store = {"path": directory / "vaiven.db"} | areas.pop("store", {})
    server = {"address": "127.0.0.1:0", "drain_grace_s": 0.0} | areas.pop("server", {})
    auth = {"keys_file": directory / "keys.json"} | areas.pop("auth", {})
    models = {"directory": directory / "models"} | areas.pop("models", {})
    return Settings(store=store, server=server, auth=auth, models=models, **areas)


@asynccontextmanager
async def scripted_app(
    directory: Path,
    script: Script | FakeAnswer | str,
    *,
    manifests: Sequence[PluginManifest] | None = None,
    **areas: Any,
) -> AsyncIterator[App]:
    """Run a service whose one model answers by `script`; `manifests` None means the installed plugins."""
    generators: list[Generator] = [FakeGenerator(script)]
    async with open_app(scratch_settings(directory, **areas), generators=generators, manifests=manifests) as app:
        yield app
