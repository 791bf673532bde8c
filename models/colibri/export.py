"""Turn a checkpoint into what the service loads: `python -m models.colibri.export RUN/checkpoint`.

Runs the onnxruntime-genai builder (offline) for each precision, checks that its tokenizer cuts text as the one of the
training did, writes SHA256SUMS and vaiven-model.json, and puts the int4 model into models/colibri/weights.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from tokenizers import Tokenizer

from models.colibri import layout, prompts
from models.colibri.corpus.mixture import examples
from service.backends.onnx.integrity import write_sums

WEIGHTS = Path(__file__).parent / "weights"
PRECISIONS = ("fp32", "int4")
BLOCK_SIZE = 32
SAMPLES = 300
"""On how many examples the tokenizers are compared."""

LAYER = "Reading layer "
"""How the line begins that the builder prints at each layer. Source: onnxruntime_genai/models/builders/base.py."""

console = Console(highlight=False)
KEPT = (
    "model.onnx",
    "model.onnx.data",
    "genai_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
)


class Stage:
    """What is done for one precision at the moment, on a bar of `progress`; where there is no terminal, in lines."""

    def __init__(self, progress: Progress, precision: str) -> None:
        """Show a bar for `precision`."""
        self._progress = progress
        self._precision = precision
        self._task: TaskID = progress.add_task(f"{precision}: waiting", total=None)

    def begin(self, what: str, total: int | None = None) -> None:
        """Say what is done now, of `total` steps (None: not known)."""
        self._progress.reset(self._task, total=total, description=f"{self._precision}: {what}")
        if not console.is_terminal:
            console.print(f"{self._precision}: {what} …")

    def step(self) -> None:
        """Say that a step is done."""
        self._progress.advance(self._task)

    def end(self, told: str) -> None:
        """Say how it ended."""
        self._progress.remove_task(self._task)
        console.print(f"{self._precision}: {told}")


def build(checkpoint: Path, precision: str, out: Path, stage: Stage) -> None:
    """Build the ONNX model of `precision` in `out`, telling `stage` of each layer.

    Raises:
        SystemExit: The builder failed; what it printed goes to standard error.
    """
    options = [f"block_size={BLOCK_SIZE}", "accuracy_level=4"] if precision == "int4" else []
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(checkpoint), "-o", str(out)]
    command += ["-p", precision, "-e", "cpu", "-c", str(out / "cache")]
    if options:
        command += ["--extra_options", *options]
    quiet = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
    quiet["PYTHONUNBUFFERED"] = "1"  # each line when it is said
    said: list[str] = []
    with subprocess.Popen(command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as building:
        assert building.stdout is not None
        for line in building.stdout:
            said.append(line)
            if line.startswith(LAYER):
                stage.step()
    if building.returncode:
        raise SystemExit(f"{''.join(said)}\nthe builder failed for {precision}")
    shutil.rmtree(out / "cache", ignore_errors=True)
    for path in out.iterdir():
        if path.name not in KEPT:
            path.unlink()
    (out / "tokenizer.json").write_bytes((checkpoint / "tokenizer.json").read_bytes())
    (out / "tokenizer_config.json").write_bytes((checkpoint / "tokenizer_config.json").read_bytes())
    (out / "chat_template.jinja").unlink(missing_ok=True)


def check_tokenizer(checkpoint: Path, built: Path, samples: int, stage: Stage) -> None:
    """Compare the runtime's tokens with the training's on fresh examples, telling `stage` of each.

    Raises:
        SystemExit: They differ; the text is printed.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime_genai as og

    trained = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    model = og.Model(str(built))
    runtime = og.Tokenizer(model)
    for example in islice(examples(random.Random("tokenizer check"), "heldout"), samples):
        rendered = layout.render(example.prompt)
        messages = json.dumps([{"role": m.role, "content": m.content} for m in example.prompt])
        templated = runtime.apply_chat_template(messages, add_generation_prompt=True)
        if templated != rendered:
            raise SystemExit(f"the chat template differs:\n{templated!r}\n{rendered!r}")
        text = rendered + example.answer + layout.END
        if list(runtime.encode(text)) != trained.encode(text).ids:
            raise SystemExit(f"the tokenizers differ on:\n{text!r}")
        stage.step()


def describe(built: Path, checkpoint: Path, precision: str) -> None:
    """Write vaiven-model.json: the facts that the service shows and routes by."""
    config = json.loads((checkpoint / "config.json").read_text())
    facts = {
        "id": "colibri",
        "display_name": "Colibri, vaiven's embedded model",
        "precision": precision,
        "context_tokens": config["max_position_embeddings"],
        "license": "MIT",
        "languages": ["en", "es"],
        "supports_tools": True,
    }
    (built / "vaiven-model.json").write_text(json.dumps(facts, indent=2) + "\n")


def export(checkpoint: Path, precision: str, folder: Path, stage: Stage) -> None:
    """Build, compare, describe and sum up one precision in `folder`, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    layers = json.loads((checkpoint / "config.json").read_text())["num_hidden_layers"]
    stage.begin(f"building {layers} layers", layers)
    build(checkpoint, precision, folder, stage)
    stage.begin(f"comparing tokenizers on {SAMPLES} examples", SAMPLES)
    check_tokenizer(checkpoint, folder, SAMPLES, stage)
    stage.begin("writing checksums")
    describe(folder, checkpoint, precision)
    write_sums(folder)
    size = sum(p.stat().st_size for p in folder.iterdir())
    stage.end(f"{size / 1e6:.1f} MB, tokenizer equal on {SAMPLES} examples")


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, help="folder with config.json and model.safetensors")
    parser.add_argument("--out", type=Path, help="keep all precisions here as well (for evaluate)")
    parser.add_argument("--no-install", action="store_true", help="leave models/colibri/weights as it is")
    args = parser.parse_args()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory() as scratch,
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        out = args.out or Path(scratch)
        for precision in PRECISIONS:
            export(args.checkpoint, precision, out / precision, Stage(progress, precision))
        if not args.no_install:
            shutil.rmtree(WEIGHTS, ignore_errors=True)
            shutil.copytree(out / "int4", WEIGHTS)
            prompts.RECORD.write_text(prompts.digest() + "\n")
            console.print(f"installed int4 in {WEIGHTS.name}/")


if __name__ == "__main__":
    main()
