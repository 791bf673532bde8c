"""`vaiven models adapters` and `import-`, `load-`, `unload-`, `delete-adapter`: what is switched on beside a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command
from service.cli.names import short, whole
from service.cli.page import PageOptions, say_more
from service.cli.run_options import new_request_id
from service.cli.screen import bytes_size, print_json, print_table, say

if TYPE_CHECKING:
    from vaiven.v1.adapter_pb2 import Adapter

LIMIT_S = 120.0
"""Unloading waits for the answers that have the adapter; importing reads large files."""

ModelArgument = Annotated[str, typer.Argument(help="The model's name.", metavar="MODEL")]
AdapterArgument = Annotated[str, typer.Argument(help="The adapter's name.", metavar="ADAPTER")]


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "adapters", example="vaiven models adapters phi")(adapters)
    command(group, "import-adapter", example="vaiven models import-adapter phi mail --from /srv/in/mail")(
        import_adapter
    )
    command(group, "load-adapter", example="vaiven models load-adapter phi mail")(load_adapter)
    command(group, "unload-adapter", example="vaiven models unload-adapter phi mail")(unload_adapter)
    command(group, "delete-adapter", example="vaiven models delete-adapter phi mail")(delete_adapter)


def adapters(caller: Caller, model: ModelArgument, page: PageOptions) -> None:
    """List the adapters beside a model, and whether requests may name them."""
    from vaiven.v1.model_service_pb2 import ListAdaptersRequest

    request = ListAdaptersRequest(name=whole("models", model), page_size=page.limit, page_token=page.page_token)
    answer = caller.call(caller.models.ListAdapters, request)
    if caller.connection.json:
        return print_json(answer)
    rows = ((short(one.name), _state(one), bytes_size(one.size_bytes)) for one in answer.adapters)
    print_table(("Adapter", "State", "Size"), rows, empty="No adapters.")
    return say_more(answer.next_page_token)


def import_adapter(
    caller: Caller,
    model: ModelArgument,
    adapter: AdapterArgument,
    path: Annotated[
        str, typer.Option("--from", help="A folder of PEFT or a file, on the service's machine.", metavar="PATH")
    ],
) -> None:
    """Put an adapter beside a model that was built with `--adaptable`."""
    from vaiven.v1.model_service_pb2 import ImportAdapterRequest

    request = ImportAdapterRequest(name=_name(model, adapter), request_id=new_request_id(), path=path)
    found = caller.call(caller.models.ImportAdapter, request, limit_s=LIMIT_S).adapter
    _tell(caller, found, "is here; `vaiven models load-adapter` loads it")


def load_adapter(caller: Caller, model: ModelArgument, adapter: AdapterArgument) -> None:
    """Load an adapter beside a loaded model: requests may name it then."""
    from vaiven.v1.model_service_pb2 import LoadAdapterRequest

    request = LoadAdapterRequest(name=_name(model, adapter), request_id=new_request_id())
    _tell(caller, caller.call(caller.models.LoadAdapter, request, limit_s=LIMIT_S).adapter, "is loaded")


def unload_adapter(caller: Caller, model: ModelArgument, adapter: AdapterArgument) -> None:
    """Unload an adapter, when the requests that have it are answered."""
    from vaiven.v1.model_service_pb2 import UnloadAdapterRequest

    request = UnloadAdapterRequest(name=_name(model, adapter), request_id=new_request_id())
    _tell(caller, caller.call(caller.models.UnloadAdapter, request, limit_s=LIMIT_S).adapter, "is unloaded")


def delete_adapter(caller: Caller, model: ModelArgument, adapter: AdapterArgument) -> None:
    """Remove an adapter that is not loaded from beside its model, with its file."""
    from vaiven.v1.model_service_pb2 import DeleteAdapterRequest

    name = _name(model, adapter)
    answer = caller.call(caller.models.DeleteAdapter, DeleteAdapterRequest(name=name, request_id=new_request_id()))
    print_json(answer) if caller.connection.json else say(f"{name} is deleted.", style="")


def _name(model: str, adapter: str) -> str:
    return f"{whole('models', model)}/{whole('adapters', adapter)}"


def _tell(caller: Caller, found: Adapter, what: str) -> None:
    words = f"{found.name} ({bytes_size(found.size_bytes)}) {what}."
    print_json(found) if caller.connection.json else say(words, style="")


def _state(found: Adapter) -> str:
    from vaiven.v1.adapter_pb2 import AdapterState

    return AdapterState.Name(found.state).removeprefix("ADAPTER_STATE_").lower()
