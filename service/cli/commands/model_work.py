"""`vaiven models pull|load|unload|quantize|benchmark`: what is done with the models of the service's machine."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.caller import Caller
from service.cli.command import command
from service.cli.exits import USAGE, CommandError
from service.cli.names import whole
from service.cli.operation_view import WaitOption, follow, response_of
from service.cli.run_options import new_request_id
from service.cli.screen import bytes_size, print_json, print_table, say

if TYPE_CHECKING:
    from google.longrunning.operations_proto_pb2 import Operation
    from vaiven.v1 import model_operation_pb2

START_LIMIT_S = 60.0
"""Starting may have to look at large files first."""

ModelArgument = Annotated[str, typer.Argument(help="The model's name.", metavar="MODEL")]


class Precision(StrEnum):
    """The precisions, as on the command line."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"
    INT4 = "int4"


class Provider(StrEnum):
    """What computes, as on the command line."""

    CPU = "cpu"
    CUDA = "cuda"
    DIRECTML = "directml"


ProviderOption = Annotated[Provider | None, typer.Option(help="What it shall run on; else what the service runs on.")]


def add_to(group: typer.Typer) -> None:
    """Add the commands."""
    command(group, "pull", example="vaiven models pull phi --known phi-4-mini")(pull)
    command(group, "load", example="vaiven models load phi")(load)
    command(group, "unload", example="vaiven models unload phi")(unload)
    command(group, "quantize", example="vaiven models quantize small --from phi-checkpoint --precision int4")(quantize)
    command(group, "benchmark", example="vaiven models benchmark colibri --concurrency 1 --concurrency 4")(benchmark)


def pull(
    caller: Caller,
    model: ModelArgument,
    known: Annotated[
        str | None, typer.Option(help="A known model; `vaiven models catalogue` lists them.", metavar="ID")
    ] = None,
    repository: Annotated[
        str | None, typer.Option("--hub", help="A repository of the hub.", metavar="OWNER/NAME")
    ] = None,
    revision: Annotated[str, typer.Option(help="Its commit, branch or tag.", metavar="REVISION")] = "",
    folder: Annotated[str, typer.Option(help="The folder in it.", metavar="FOLDER")] = "",
    path: Annotated[
        str | None, typer.Option("--from", help="A folder or archive on the service's machine.", metavar="PATH")
    ] = None,
    sha256: Annotated[str, typer.Option(help="The archive's SHA-256 sum.", metavar="HEX")] = "",
    checkpoint: Annotated[bool, typer.Option("--checkpoint", help="It is a checkpoint to build models from.")] = False,
    provider: ProviderOption = None,
    wait: WaitOption = True,
) -> None:
    """Fetch a model, check it and keep it under the name MODEL.

    What was fetched from a hub before it broke off is kept: the same command goes on from there.
    """
    from vaiven.v1.model_operation_pb2 import HubSource
    from vaiven.v1.model_service_pb2 import PullModelRequest

    if sum(given is not None for given in (known, repository, path)) != 1:
        raise CommandError("Say where it is: one of --known, --hub and --from.", exit_code=USAGE)
    request = PullModelRequest(
        name=whole("models", model),
        request_id=new_request_id(),
        checkpoint=checkpoint,
        provider=_provider(provider),
        archive_sha256=sha256,
    )
    if known is not None:
        request.known_model = known
    elif repository is not None:
        request.hub.CopyFrom(HubSource(repository=repository, revision=revision, folder=folder))
    elif path is not None:
        request.path = path
    started = caller.call(caller.models.PullModel, request, limit_s=START_LIMIT_S)
    _tell_model(caller, started, wait, "is here; `vaiven models load` loads it" if not checkpoint else "is here")


def load(caller: Caller, model: ModelArgument, wait: WaitOption = True) -> None:
    """Load a model, so that it can answer."""
    from vaiven.v1.model_service_pb2 import LoadModelRequest

    request = LoadModelRequest(name=whole("models", model), request_id=new_request_id())
    _tell_model(caller, caller.call(caller.models.LoadModel, request, limit_s=START_LIMIT_S), wait, "is loaded")


def unload(caller: Caller, model: ModelArgument) -> None:
    """Unload a model; what it is answering now is answered, and its files stay."""
    from vaiven.v1.model_service_pb2 import UnloadModelRequest

    request = UnloadModelRequest(name=whole("models", model), request_id=new_request_id())
    found = caller.call(caller.models.UnloadModel, request, limit_s=START_LIMIT_S).model
    print_json(found) if caller.connection.json else say(f"{found.name} is unloaded.", style="")


def quantize(
    caller: Caller,
    model: ModelArgument,
    precision: Annotated[Precision, typer.Option(help="The precision of the weights.")],
    source: Annotated[
        str, typer.Option("--from", help="A checkpoint that was pulled, or an absolute path.", metavar="CHECKPOINT")
    ],
    provider: ProviderOption = None,
    block_size: Annotated[int, typer.Option(help="Weights that share a scale: 16 to 256.", metavar="N")] = 0,
    asymmetric: Annotated[bool, typer.Option("--asymmetric", help="Each block has a zero point of its own.")] = False,
    last_layer_int8: Annotated[bool, typer.Option("--last-layer-int8", help="The last layer has 8 bits.")] = False,
    adaptable: Annotated[bool, typer.Option("--adaptable", help="Make it ready for adapters (LoRA).")] = False,
    wait: WaitOption = True,
) -> None:
    """Build a model from a checkpoint, and keep it under the name MODEL."""
    from vaiven.v1 import model_operation_pb2
    from vaiven.v1.model_service_pb2 import QuantizeModelRequest

    is_path = source.startswith("/") or ":" in source or "\\" in source
    request = QuantizeModelRequest(
        name=whole("models", model),
        request_id=new_request_id(),
        precision=model_operation_pb2.ModelPrecision.Value(f"MODEL_PRECISION_{precision.name}"),
        provider=_provider(provider),
        block_size=block_size,
        asymmetric=asymmetric,
        last_layer_int8=last_layer_int8,
        adaptable=adaptable,
    )
    if is_path:
        request.path = source
    else:
        request.checkpoint = whole("models", source)
    started = caller.call(caller.models.QuantizeModel, request, limit_s=START_LIMIT_S)
    _tell_model(caller, started, wait, "is built; `vaiven models load` loads it")


def benchmark(
    caller: Caller,
    model: ModelArgument,
    concurrency: Annotated[
        list[int] | None, typer.Option(help="Requests at once; may be given again.", metavar="N")
    ] = None,
    output_tokens: Annotated[int, typer.Option(help="Tokens of each answer.", metavar="N")] = 0,
    prompt_words: Annotated[int, typer.Option(help="Words of each prompt.", metavar="N")] = 0,
    repeats: Annotated[int, typer.Option(help="How often each is measured.", metavar="N")] = 0,
    wait: WaitOption = True,
) -> None:
    """Measure how fast a loaded model answers made-up requests."""
    from vaiven.v1.model_operation_pb2 import ModelBenchmark
    from vaiven.v1.model_service_pb2 import BenchmarkModelRequest

    request = BenchmarkModelRequest(
        name=whole("models", model),
        request_id=new_request_id(),
        concurrency=concurrency or (),
        output_tokens=output_tokens,
        prompt_words=prompt_words,
        repeats=repeats,
    )
    ended = follow(caller, caller.call(caller.models.BenchmarkModel, request, limit_s=START_LIMIT_S), wait=wait)
    if ended is None:
        return None
    found: ModelBenchmark = response_of(ended, ModelBenchmark)
    if caller.connection.json:
        return print_json(found)
    rows = (
        (
            str(point.concurrency),
            f"{point.output_tokens_per_s:,.0f}",
            f"{point.first_token_p50_s * 1000:,.0f} ms",
            f"{point.first_token_p99_s * 1000:,.0f} ms",
        )
        for point in found.points
    )
    print_table(("At once", "Tokens/s", "First token p50", "p99"), rows, empty="Nothing was measured.")
    memory = f", {bytes_size(found.memory_bytes)} of memory" if found.memory_bytes else ""
    return say(f"{found.model}: prompts of {found.prompt_tokens} tokens{memory}")


def _tell_model(caller: Caller, started: Operation, wait: bool, what: str) -> None:
    from vaiven.v1.model_pb2 import Model

    ended = follow(caller, started, wait=wait)
    if ended is None:
        return
    found: Model = response_of(ended, Model)
    size = f" ({bytes_size(found.size_bytes)})" if found.size_bytes else ""
    print_json(found) if caller.connection.json else say(f"{found.name}{size} {what}.", style="")


def _provider(provider: Provider | None) -> model_operation_pb2.ModelProvider.ValueType:
    from vaiven.v1 import model_operation_pb2

    return model_operation_pb2.ModelProvider.Value(f"MODEL_PROVIDER_{provider.name if provider else 'UNSPECIFIED'}")
