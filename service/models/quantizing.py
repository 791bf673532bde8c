"""Builds models of checkpoints into the catalogue: in a process of its own, tried, and kept only when they load."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from service.backends.onnx import files
from service.backends.onnx.builder import Builder, BuildPlan, read_config, refuse_unloadable
from service.backends.onnx.options import Provider
from service.errors import BuildFailedError, VaivenError
from service.models.inventory import Inventory
from service.models.operations import Reporter
from service.models.pulling import Trial
from service.models.requests import QuantizeOrder
from service.models.staging import discard
from service.store.ids import new_id

_TOKENIZER: Final = ("tokenizer.json", "tokenizer_config.json")


class Quantizer:
    """Builds models; see `build`."""

    def __init__(self, inventory: Inventory, builder: Builder, provider: Provider, trial: Trial) -> None:
        """Build into `inventory`; `provider` is what models run on here, and what is built for it is tried."""
        self._inventory = inventory
        self._builder = builder
        self._provider: Provider = provider
        self._trial = trial

    def check(self, order: QuantizeOrder) -> None:
        """Check what can be known before anything is built; blocking.

        Raises:
            AlreadyExistsError: Something has the name already.
            NotFoundError: There is no such checkpoint.
            PermissionDeniedError: The path is not in an allowed directory.
            BuildFailedError: The checkpoint cannot be read.
            InvalidArgumentError: What is asked for makes a model that cannot be loaded.
        """
        self._inventory.must_be_new(order.model_id)
        refuse_unloadable(self._plan(order), read_config(self._checkpoint(order)))

    async def build(self, order: QuantizeOrder, reporter: Reporter) -> None:
        """Build and keep a model.

        Raises:
            BuilderMissingError: What builds is not installed.
            BuildFailedError: It could not be built, or does not load.
            ModelFilesError: The checkpoint is damaged.
            DiskFullError: There is too little room.
            AlreadyExistsError: Something has got the name meanwhile, or is about to.
        """
        with self._inventory.making(order.model_id):
            await self._build(order, reporter)

    async def _build(self, order: QuantizeOrder, reporter: Reporter) -> None:
        reporter.stage("checking the checkpoint")
        await self._builder.check()
        checkpoint, plan = await asyncio.to_thread(self._checkpoint, order), self._plan(order)
        config = await asyncio.to_thread(read_config, checkpoint)
        place = await asyncio.to_thread(self._inventory.staging.place, f"build-{new_id()}")
        built = place / "files"
        try:
            await asyncio.to_thread(_check, checkpoint, place)
            layers = config.get("num_hidden_layers")
            reporter.stage("building", layers if isinstance(layers, int) else 0, "layers")
            await self._builder.build(plan, checkpoint, built, place / "cache", reporter.done)
            if order.adaptable:
                reporter.stage("making it ready for adapters")
                await self._builder.make_adaptable(built)
            reporter.stage("checking")
            words = {
                "id": order.model_id,
                "precision": order.precision,
                "built_from": order.checkpoint or checkpoint.name,
            }
            await asyncio.to_thread(_describe, built, words, checkpoint)
            if plan.provider == self._provider:
                reporter.stage("loading it once")
                await self._try(built, plan.provider)
            await asyncio.to_thread(self._inventory.install, built, order.model_id, checkpoint=False)
        finally:
            await asyncio.to_thread(discard, place)

    async def _try(self, built: Path, provider: Provider) -> None:
        try:
            await self._trial(built, provider)
        except VaivenError as error:
            raise BuildFailedError(f"The model was built and does not load: {error.message}") from error

    def _plan(self, order: QuantizeOrder) -> BuildPlan:
        provider = order.provider or self._provider
        return BuildPlan(
            order.precision, provider, order.block_size, order.asymmetric, order.last_layer_int8, order.adaptable
        )

    def _checkpoint(self, order: QuantizeOrder) -> Path:
        if order.checkpoint:
            return self._inventory.checkpoint(order.checkpoint)
        return self._inventory.importable(order.path)


def _check(checkpoint: Path, place: Path) -> None:
    # What is built holds the weights once more, at most at 32 bits where the checkpoint has 16.
    files.need_room(place, 2 * files.size_of(checkpoint))
    files.check_safetensors_of(checkpoint)


def _describe(built: Path, words: Mapping[str, object], checkpoint: Path) -> None:
    if not built.is_dir():
        raise BuildFailedError("The builder ended without a model.")
    # The builder's libraries read the tokenizer and write it anew, with a normalizer and tokens that it did not have.
    for name in _TOKENIZER if (checkpoint / _TOKENIZER[0]).is_file() else ():
        if (checkpoint / name).is_file():
            with files.disk(built):
                shutil.copyfile(checkpoint / name, built / name)
    files.check_model(built)
    files.write_words(built, words)
