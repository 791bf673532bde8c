"""The onnxruntime-genai builder in a process of its own: what it may be asked, how far it is, what it may take."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from service.backends.onnx.options import Provider
from service.backends.onnx.process import worker_environment
from service.errors import BuilderMissingError, BuildFailedError, InvalidArgumentError, Violation

PACKAGES: Final = ("onnxruntime_genai", "torch", "transformers", "onnx_ir")
"""What the builder imports; the last three come with the extra `quantize`."""

CHILD: Final = Path(__file__).with_name("builder_child.py")
GRAPH: Final = Path(__file__).with_name("adapter_graph.py")
LOOK_S: Final = 0.5
"""How often the memory of the builder is looked at."""

_EXECUTION_PROVIDERS: Final[Mapping[Provider, str]] = {"cpu": "cpu", "cuda": "cuda", "directml": "dml"}
_LAYER: Final = re.compile(r"Reading layer (\d+)")
_TAIL_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What is built. `block_size` counts weights that share a scale; it and what follows are for int4 and int8.

    `adaptable`: adapters may be loaded beside it, whatever its precision.
    """

    precision: str
    provider: Provider
    block_size: int = 0
    asymmetric: bool = False
    last_layer_int8: bool = False
    adaptable: bool = False

    def arguments(self, checkpoint: Path, out: Path, cache: Path) -> list[str]:
        """Return the builder's arguments; unknown names among its options would be ignored in silence."""
        options = []
        if self.precision in ("int4", "int8"):
            options.append(f"block_size={self.block_size or 32}")
            if self.provider == "cpu":
                options.append("accuracy_level=4")
            if self.asymmetric:
                options.append("is_symmetric=false")
        if self.last_layer_int8:
            options += ["algo_config=rtn", "matmul_mixed_precision=last_matmul:int8"]
        arguments = ["-i", str(checkpoint), "-o", str(out), "-c", str(cache), "-p", self.precision]
        arguments += ["-e", _EXECUTION_PROVIDERS[self.provider]]
        return [*arguments, "--extra_options", *options] if options else arguments


def refuse_unloadable(plan: BuildPlan, config: Mapping[str, object]) -> None:
    """Refuse what is known to make a model that cannot be loaded, or that the builder would ignore.

    `config` is the checkpoint's `config.json`.

    Raises:
        InvalidArgumentError: It is such a combination; the field is named.
    """
    quantized = plan.precision in ("int4", "int8")
    if plan.precision == "fp16" and plan.provider == "cpu":
        raise _wrong("precision", "fp16 is for GPUs: the CPU's kernels take fp32, int8 and int4")
    if plan.precision in ("fp32", "int8") and plan.provider == "directml":
        raise _wrong("precision", "the builder makes fp16 and int4 for directml")
    if not quantized and (plan.block_size or plan.asymmetric):
        raise _wrong("block_size" if plan.block_size else "asymmetric", "is for int4 and int8 only")
    if plan.last_layer_int8 and plan.precision != "int4":
        raise _wrong("last_layer_int8", "is for int4 only")
    if plan.adaptable and plan.provider != "cpu":
        raise _wrong("adaptable", "is for models that run on cpu")
    if plan.asymmetric and config.get("tie_word_embeddings", False):
        # One quantized table serves as first and last layer then, and its kernel takes no zero points.
        raise _wrong(
            "asymmetric", "makes a model that cannot be loaded where first and last layer share their weights, as here"
        )


def read_config(checkpoint: Path) -> dict[str, object]:
    """Return the checkpoint's `config.json`.

    Raises:
        BuildFailedError: It is missing or not of the known form.
    """
    try:
        found = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BuildFailedError("The checkpoint's config.json is missing or cannot be read.") from error
    if not isinstance(found, dict):
        raise BuildFailedError("The checkpoint's config.json is not a JSON object.")
    return found


class Builder:
    """Runs the builder with `python`, in at most `memory_bytes` and `timeout_s` seconds."""

    def __init__(
        self, python: Path | None, *, memory_bytes: int, timeout_s: float, inherited: Mapping[str, str]
    ) -> None:
        """Use `python`, None: the service's own; it gets the harmless part of the `inherited` environment."""
        self._python = str(python or sys.executable)
        self._memory_bytes = memory_bytes
        self._timeout_s = timeout_s
        self._environment = {
            **worker_environment(inherited),
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
        }

    async def check(self) -> None:
        """Check that what builds is installed.

        Raises:
            BuilderMissingError: It is not; the message says what to install.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                self._python, str(CHILD), "--check", *PACKAGES, stdout=asyncio.subprocess.PIPE, env=self._environment
            )
        except OSError as error:
            raise BuilderMissingError("models.builder_python cannot be started. Check its path.") from error
        told, _ = await process.communicate()
        missing = ["the packages that are needed"] if process.returncode else told.decode().split()
        if missing:
            raise BuilderMissingError(
                f"Building models needs {', '.join(missing)}. Install vaiven[quantize], or name in "
                "models.builder_python a Python that has them; docs/local-models.md says how."
            )

    async def build(
        self, plan: BuildPlan, checkpoint: Path, out: Path, cache: Path, layer_done: Callable[[int], None]
    ) -> None:
        """Build the model in `out`; `layer_done` is told how many layers were read.

        Raises:
            BuildFailedError: The builder failed, took too much memory or too long.
        """
        await self._run([str(CHILD), *plan.arguments(checkpoint, out, cache)], layer_done)

    async def make_adaptable(self, model_dir: Path) -> None:
        """Make a model that was built ready for adapters.

        Raises:
            BuildFailedError: Its graph is of another form, or it took too much memory or too long.
        """
        await self._run([str(CHILD), "--run", str(GRAPH), str(model_dir)], lambda _: None)

    async def _run(self, arguments: Sequence[str], layer_done: Callable[[int], None]) -> None:
        process = await asyncio.create_subprocess_exec(
            self._python,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            limit=1024 * 1024,
        )
        watching = asyncio.create_task(self._watch(process.pid))
        try:
            async with asyncio.timeout(self._timeout_s):
                tail = await _read(process, layer_done)
                code = await process.wait()
        except TimeoutError as error:
            raise BuildFailedError(
                f"Building took longer than {self._timeout_s:g} s (models.build_timeout_s)."
            ) from error
        finally:
            watching.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
            outcome = (await asyncio.gather(watching, return_exceptions=True))[0]
        if isinstance(outcome, int):
            raise BuildFailedError(
                f"Building took {outcome:,} bytes of memory, more than models.build_memory_bytes "
                f"({self._memory_bytes:,}). Raise it, or take a smaller model."
            )
        if code:
            raise BuildFailedError(f"The builder failed: {_reason(tail, code)}")

    async def _watch(self, pid: int) -> int:
        """End the builder when it takes too much, and return how much that was."""
        while True:
            taken = _resident_bytes(pid)
            if taken > self._memory_bytes:
                _kill(pid)
                return taken
            await asyncio.sleep(LOOK_S)


async def _read(process: asyncio.subprocess.Process, layer_done: Callable[[int], None]) -> list[str]:
    """Follow what the builder says, and return its last lines."""
    assert process.stdout is not None
    tail: list[str] = []
    while True:
        try:
            line = await process.stdout.readline()
        except ValueError:
            # A progress bar without an end of line; the stream has dropped it.
            continue
        if not line:
            return tail
        text = line.decode(errors="replace").rstrip()
        if (match := _LAYER.match(text)) is not None:
            layer_done(int(match[1]) + 1)
        tail = [*tail[-_TAIL_LINES:], text] if text else tail


def _reason(tail: list[str], code: int) -> str:
    """Return the last line that names an error, without the paths of this machine."""
    said = next((line for line in reversed(tail) if re.match(r"[\w.]*(Error|Exception|NotImplemented\w*)\b", line)), "")
    if not said:
        said = f"it ended by signal {-code}" if code < 0 else f"it ended with status {code}"
    return re.sub(r"(/[^\s'\"]+)+", lambda found: Path(found[0]).name, said)[:300]


def _resident_bytes(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        return sum(int(one.memory_info().rss) for one in family)
    except psutil.Error:
        return 0


def _kill(pid: int) -> None:
    try:
        psutil.Process(pid).kill()
    except psutil.Error:
        return


def _wrong(field: str, why: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{field}: {why}.", violations=(Violation(field, why),))
