"""A whole service keeps adapters beside a model: imported from PEFT, loaded, named by a request, unloaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from service.backends.base import ChatMessage, GenerationRequest, TextPiece
from service.backends.onnx.client import OnnxModel
from service.bootstrap import App
from service.errors import (
    FailedPreconditionError,
    ModelFilesError,
    NoRouteError,
    NotFoundError,
    PermissionDeniedError,
    RequestIdReusedError,
)
from service.models.requests import PathSource, PullOrder
from service.runs.routes import RouteQuery
from service.runs.spec import LOCAL_PRINCIPAL, Principal
from service.testing.app import scripted_app
from service.testing.tiny_model import ADAPTABLE_MODEL_DIR, PEFT_DIR, TINY_MODEL_DIR

MAIL, CODE = "models/own/adapters/mail", "models/own/adapters/code"
REQUEST_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


async def ended(app: App, operation: str) -> None:
    record = await app.ports.operations.wait(LOCAL_PRINCIPAL, operation, 60.0)
    assert record.outcome is not None


async def adapters(app: App) -> dict[str, str]:
    page = await app.ports.models.adapters(LOCAL_PRINCIPAL, "models/own", 0, "")
    return {record.adapter_id: record.state for record in page.items}


async def say(app: App, adapter: str) -> str:
    generator = app.fleet.plans.now.candidates.get("own").generator
    assert isinstance(generator, OnnxModel)
    request = GenerationRequest([ChatMessage("user", "hi")], max_output_tokens=12, adapter=adapter)
    return "".join([piece.text async for piece in generator.generate(request) if isinstance(piece, TextPiece)])


async def test_an_adapter_is_imported_loaded_used_and_unloaded(tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    shutil.copytree(ADAPTABLE_MODEL_DIR, incoming / "own")
    shutil.copytree(PEFT_DIR, incoming / "adapters")
    (incoming / "broken").mkdir()
    async with scripted_app(tmp_path, "hello", models={"import_directories": (incoming,)}) as app:
        models = app.ports.models
        order = PullOrder("own", PathSource(str(incoming / "own")))
        await ended(app, (await models.pull(LOCAL_PRINCIPAL, order, None)).name)
        mail = str(incoming / "adapters" / "mail")
        with pytest.raises(PermissionDeniedError):
            await models.import_adapter(Principal("other", "other"), MAIL, mail, None)
        with pytest.raises(PermissionDeniedError):
            await models.import_adapter(LOCAL_PRINCIPAL, MAIL, str(TINY_MODEL_DIR), None)
        with pytest.raises(ModelFilesError, match=r"adapter_config\.json"):
            await models.import_adapter(LOCAL_PRINCIPAL, MAIL, str(incoming / "broken"), None)
        assert await adapters(app) == {}
        with pytest.raises(FailedPreconditionError, match="LoadModel loads it"):
            await models.load_adapter(LOCAL_PRINCIPAL, MAIL, None)

        for name in (MAIL, CODE):
            path = str(incoming / "adapters" / name.rpartition("/")[2])
            await models.import_adapter(LOCAL_PRINCIPAL, name, path, None)
        assert await adapters(app) == {"code": "unloaded", "mail": "unloaded"}
        await ended(app, (await models.load(LOCAL_PRINCIPAL, "models/own", None)).name)
        found = await models.load_adapter(LOCAL_PRINCIPAL, MAIL, REQUEST_ID)
        assert (found.name, found.state) == (MAIL, "loaded")
        assert (await models.load_adapter(LOCAL_PRINCIPAL, MAIL, REQUEST_ID)).state == "loaded"
        with pytest.raises(RequestIdReusedError):
            await models.load_adapter(LOCAL_PRINCIPAL, CODE, REQUEST_ID)
        assert await adapters(app) == {"code": "unloaded", "mail": "loaded"}
        assert (await models.get(LOCAL_PRINCIPAL, "models/own")).adapters == ("mail",)
        assert await say(app, "mail") != await say(app, "")
        with pytest.raises(NotFoundError, match="loaded are: mail"):
            await say(app, "code")
        with pytest.raises(NotFoundError, match="there are: code, mail"):
            await models.load_adapter(LOCAL_PRINCIPAL, "models/own/adapters/sales", None)
        with pytest.raises(FailedPreconditionError, match="Unload it first"):
            await models.import_adapter(LOCAL_PRINCIPAL, MAIL, mail, None)
        with pytest.raises(FailedPreconditionError, match="Unload it first"):
            await models.delete_adapter(LOCAL_PRINCIPAL, MAIL, None)
        explained = await app.ports.routes.explain(LOCAL_PRINCIPAL, RouteQuery("hello", adapter="mail"))
        assert explained.decision.model == "models/own"
        reasons = [reason for one in explained.decision.candidates if not one.admitted for reason in one.reasons]
        assert "the adapter mail is not loaded beside it (loaded: none)" in reasons
        with pytest.raises(NoRouteError):
            await app.ports.routes.explain(LOCAL_PRINCIPAL, RouteQuery("hello", adapter="code"))

        assert (await models.unload_adapter(LOCAL_PRINCIPAL, MAIL, None)).state == "unloaded"
        assert (await models.unload_adapter(LOCAL_PRINCIPAL, MAIL, None)).state == "unloaded"
        with pytest.raises(NotFoundError, match="there are: code, mail"):
            await models.unload_adapter(LOCAL_PRINCIPAL, "models/own/adapters/sales", None)
        with pytest.raises(PermissionDeniedError):
            await models.delete_adapter(Principal("other", "other"), MAIL, None)
        for _ in range(2):
            await models.delete_adapter(LOCAL_PRINCIPAL, MAIL, REQUEST_ID)
        with pytest.raises(RequestIdReusedError):
            await models.delete_adapter(LOCAL_PRINCIPAL, CODE, REQUEST_ID)
        assert await adapters(app) == {"code": "unloaded"}
        with pytest.raises(NotFoundError, match="there are: code"):
            await models.delete_adapter(LOCAL_PRINCIPAL, MAIL, None)
        assert (await models.load_adapter(LOCAL_PRINCIPAL, CODE, None)).state == "loaded"
        await models.unload_adapter(LOCAL_PRINCIPAL, CODE, None)
        await models.import_adapter(LOCAL_PRINCIPAL, MAIL, mail, None)
        with pytest.raises(NotFoundError, match="models/none"):
            await models.adapters(LOCAL_PRINCIPAL, "models/none", 0, "")
        page = await models.adapters(LOCAL_PRINCIPAL, "models/own", 1, "")
        assert ([one.adapter_id for one in page.items], bool(page.next_page_token)) == (["code"], True)
