"""Who is measured: started, each in a process of its own, or named with the reason why not."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from bench.child import Child, ChildEndedError, child
from bench.local.asks import Load, Reading, reading_of
from bench.local.service import service
from service.backends.onnx.integrity import SUMS_FILE, write_sums

MOST: Final = 32
"""Answers at once, in every system that can be told."""

VAIVEN: Final = "vaiven, through gRPC"
ALONE: Final = "vaiven's engine alone"
"""No peer: what of the service's figure is the engine, and what is around it."""
_OURS: Final = {
    ALONE: "own",
    "genai Generator, in turn": "turns",
    "genai Generator, batches": "batches",
    "genai Engine": "engine",
    "Semantic Kernel's connector": "kernel",
}
"""Who runs in this project's own environment."""
_THEIRS: Final = {"llama.cpp": "llama", "transformers": "torch"}
_FOR_CONVERTING: Final = ("onnx", "gguf", "safetensors")
_NEEDED: Final = {"llama": ("llama_cpp", *_FOR_CONVERTING), "torch": ("torch", "transformers", *_FOR_CONVERTING)}
_DONE: Final = "converted"
_FOR_RANDOM: Final = ("torch", "transformers", "onnxruntime_genai", "onnx_ir")

NAMES: Final = (VAIVEN, *_OURS, *_THEIRS)


class Measured(Protocol):
    """A system that runs."""

    @property
    def pid(self) -> int:
        """The number of its process."""
        ...

    async def measure(self, load: Load) -> Reading:
        """Return what was found."""
        ...


class _Peer:
    def __init__(self, process: Child) -> None:
        self._process = process
        self.pid = process.pid

    async def measure(self, load: Load) -> Reading:
        await self._process.tell(load.line())
        return reading_of(await self._process.line())


@dataclass(slots=True)
class Systems:
    """Who runs, and who does not and why."""

    running: dict[str, Measured] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Environment:
    """The peers' own environment; `python` None: there is none."""

    python: Path | None

    async def lacks(self, modules: Sequence[str]) -> str:
        """Return which of `modules` are not there, in words; empty: none is missing."""
        if self.python is None:
            return "its environment was not named (--peers)"
        look = "import importlib.util as u, sys; print(*[m for m in sys.argv[1:] if u.find_spec(m) is None])"
        process = await asyncio.create_subprocess_exec(
            self.python, "-c", look, *modules, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        said, _ = await process.communicate()
        missing = said.decode().split()
        return f"not installed: {', '.join(missing)}" if missing or process.returncode else ""

    async def run(self, module: str, *arguments: str) -> None:
        """Run a module of `bench.local.peers` there to its end.

        Raises:
            ChildEndedError: It failed.
        """
        async with child(f"bench.local.peers.{module}", *arguments, python=self.python) as process:
            await process.line()


async def random_model(environment: Environment, tokenizer_of: Path, cache: Path) -> tuple[Path, str]:
    """Return the random model in `cache`, made where it is not there, and why there is none."""
    model = cache / "random-600m"
    if not await asyncio.to_thread((model / "genai_config.json").is_file):
        if lacking := await environment.lacks(_FOR_RANDOM):
            return model, lacking
        await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
        await environment.run("random_model", str(tokenizer_of), str(model))
    if not await asyncio.to_thread((model / SUMS_FILE).is_file):
        await asyncio.to_thread(write_sums, model)
    return model, ""


async def open_systems(
    stack: AsyncExitStack,
    model: Path,
    environment: Environment,
    cache: Path,
    threads: int,
    tell: Callable[[str], None],
    *,
    guesses: bool,
) -> Systems:
    """Start all that can be; `stack` ends them, `tell` is told who comes next."""
    systems = Systems()
    own = () if guesses else ("--no-guesses",)
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="vaiven-bench-"))
    tell(f"{VAIVEN} starts")
    systems.running[VAIVEN] = await stack.enter_async_context(service(model, Path(directory), MOST, guesses=guesses))
    for name, kind in _OURS.items():
        tell(f"{name} starts")
        more = own if kind == "own" else ()
        await _start(stack, systems, name, (kind, str(model), *more), threads, None)
    converted = cache / f"{model.parent.name if model.name == 'weights' else model.name}-peers"
    for name, kind in _THEIRS.items():
        if lacking := await environment.lacks(_NEEDED[kind]):
            systems.missing[name] = lacking
            continue
        tell(f"{name} starts")
        await _convert(environment, model, converted)
        path = converted / ("model.gguf" if kind == "llama" else "checkpoint")
        await _start(stack, systems, name, (kind, str(path)), threads, environment.python)
    return systems


async def _start(
    stack: AsyncExitStack, systems: Systems, name: str, told: Sequence[str], threads: int, python: Path | None
) -> None:
    process = await stack.enter_async_context(
        child("bench.local.peers", *told, "--threads", str(threads), "--most", str(MOST), python=python)
    )
    try:
        await process.line()
    except ChildEndedError as error:
        systems.missing[name] = str(error).splitlines()[-1]
        return
    systems.running[name] = _Peer(process)


async def _convert(environment: Environment, model: Path, out: Path) -> None:
    """Convert the weights for those who read other formats, unless they were since the model was made."""
    if not await asyncio.to_thread(_is_newer, out / _DONE, model):
        await environment.run("convert", str(model), str(out))
        await asyncio.to_thread((out / _DONE).touch)


def _is_newer(done: Path, model: Path) -> bool:
    return done.is_file() and done.stat().st_mtime > max(path.stat().st_mtime for path in model.iterdir())
