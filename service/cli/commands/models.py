"""`vaiven models`: what can answer, and what there is on the service's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command, new_group
from service.cli.commands import model_adapters, model_catalogue, model_compare, model_work
from service.cli.names import short, whole
from service.cli.page import PageOptions, say_more
from service.cli.screen import bytes_size, print_facts, print_json, print_table, printable

if TYPE_CHECKING:
    from rich.text import Text
    from vaiven.v1.model_pb2 import Model

group = new_group("See, fetch, build, load and measure models.", example="vaiven models list")


@command(group, "list", example="vaiven models list")
def list_models(caller: Caller, page: PageOptions) -> None:
    """List the models and whether they would answer now."""
    from vaiven.v1.model_service_pb2 import ListModelsRequest

    request = ListModelsRequest(page_size=page.limit, page_token=page.page_token)
    answer = caller.call(caller.models.ListModels, request)
    if caller.connection.json:
        return print_json(answer)
    rows = (
        (
            short(m.name),
            _state(m),
            m.backend,
            f"{_place(m)}{f', {m.execution_provider}' if m.execution_provider else ''}",
            m.precision,
            f"{m.context_tokens:,}",
            bytes_size(m.size_bytes) if m.size_bytes else "",
        )
        for m in answer.models
    )
    print_table(("Model", "State", "Backend", "Runs on", "Precision", "Context", "Size"), rows, empty="No models.")
    return say_more(answer.next_page_token)


@command(group, "show", example="vaiven models show colibri")
def show(caller: Caller, model: Annotated[str, typer.Argument(help="The model's name.", metavar="MODEL")]) -> None:
    """Show the facts of a model."""
    from vaiven.v1.model_service_pb2 import GetModelRequest

    found = caller.call(caller.models.GetModel, GetModelRequest(name=whole("models", model))).model
    print_json(found) if caller.connection.json else _show(found)


for module in (model_work, model_compare, model_catalogue, model_adapters):
    module.add_to(group)


def _show(model: Model) -> None:
    from service.cli.summary import money

    can = {
        "call functions": model.supports_tools,
        "keep to a JSON Schema": model.supports_json_schema,
        "keep to a grammar": model.supports_grammar,
        "see images": model.supports_vision,
        "take adapters": model.supports_adapters,
    }
    prices = f"{money(model.price.input_per_mtok)} in, {money(model.price.output_per_mtok)} out"
    print_facts(
        [
            ("Model", model.name),
            ("Name", printable(model.display_name)),
            ("State", _state(model)),
            ("", printable(model.state_message)),
            ("Backend", model.backend),
            ("Runs on", ", ".join(filter(None, (_place(model), model.execution_provider)))),
            ("Precision", model.precision),
            ("Size", bytes_size(model.size_bytes) if model.size_bytes else ""),
            ("Context", f"{model.context_tokens:,} tokens, answers of at most {model.max_output_tokens:,}"),
            ("Can", ", ".join(ability for ability, has in can.items() if has)),
            ("Adapters", ", ".join(model.adapters)),
            ("Languages", ", ".join(model.languages)),
            ("Licence", model.license),
            ("Price", f"{prices} (a million tokens)" if model.HasField("price") else "not known"),
        ]
    )


def _state(model: Model) -> Text:
    from rich.text import Text
    from vaiven.v1.model_pb2 import ModelState

    state = ModelState.Name(model.state).removeprefix("MODEL_STATE_").lower()
    return Text(state, style={"ready": "green", "loading": "yellow", "failed": "red", "unloaded": "dim"}.get(state, ""))


def _place(model: Model) -> str:
    from vaiven.v1 import generation_pb2

    return "cloud" if model.locality == generation_pb2.LOCALITY_CLOUD else "this machine"
