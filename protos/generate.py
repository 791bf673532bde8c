"""Generate the Python code of the contract into `protos/gen`, or check that what is there is what would be generated.

python protos/generate.py            write
python protos/generate.py --check    exit with status 1 and name the files when the committed code is stale
"""

from __future__ import annotations

import argparse
import importlib.resources
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
THIRD_PARTY = ROOT / "third_party"
GEN = ROOT / "gen"

# Neither protobuf nor protovalidate 2 ships Python code for this file; the code of google/type and google/rpc comes
# from googleapis-common-protos.
VALIDATE = THIRD_PARTY / "buf" / "validate" / "validate.proto"

PACKAGES = {
    "vaiven/__init__.py": '"""The generated code of the contract."""\n',
    "vaiven/v1/__init__.py": '"""`thing_pb2` has the messages, `thing_service_pb2_grpc` the stubs."""\n',
    "vaiven/py.typed": "",
}


class GenerationError(Exception):
    """The protos cannot be compiled; protoc has said why on stderr."""


def generate(out: Path) -> None:
    """Write all generated code under `out`, which must exist.

    Raises:
        GenerationError: protoc or a plugin of it failed.
    """
    sources = sorted((ROOT / "vaiven").rglob("*.proto"))
    _compile([*sources, VALIDATE], out, ("python", "mypy"))
    _compile([s for s in sources if s.stem.endswith("_service")], out, ("grpc_python", "mypy_grpc"))
    for name, text in PACKAGES.items():
        (out / name).write_text(text, encoding="utf-8")


def _compile(sources: Sequence[Path], out: Path, plugins: Sequence[str]) -> None:
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    # protoc names a file by the first of these folders that holds it, so the inner one comes first.
    arguments = ["protoc", f"-I{THIRD_PARTY}", f"-I{ROOT}", f"-I{well_known}"]
    for plugin in plugins:
        options = ""
        if plugin.startswith("mypy"):
            arguments.append(f"--plugin=protoc-gen-{plugin}={_plugin_path(plugin)}")
            options = "quiet:"
        arguments.append(f"--{plugin}_out={options}{out}")
    if protoc.main([*arguments, *(str(s) for s in sources)]) != 0:
        raise GenerationError("protoc failed")


def _plugin_path(plugin: str) -> str:
    """Return the plugin of this interpreter's environment, whatever PATH says."""
    path = shutil.which(f"protoc-gen-{plugin}", path=str(Path(sys.executable).parent))
    if path is None:
        raise GenerationError(f"protoc-gen-{plugin} is not installed beside {sys.executable}: install mypy-protobuf")
    return path


def stale_files(fresh: Path, committed: Path) -> list[str]:
    """Return the paths, relative and sorted, that differ between two trees or are in one of them only."""
    trees = [_files(fresh), _files(committed)]
    return sorted(name for name in trees[0].keys() | trees[1].keys() if trees[0].get(name) != trees[1].get(name))


def _files(tree: Path) -> dict[str, bytes]:
    return {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in tree.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail when protos/gen is stale")
    check = parser.parse_args(arguments).check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        stale = stale_files(fresh, GEN)
        if check:
            for name in stale:
                sys.stderr.write(f"stale: protos/gen/{name}; run `make gen`\n")
            return 1 if stale else 0
        shutil.rmtree(GEN, ignore_errors=True)
        shutil.copytree(fresh, GEN)
    sys.stdout.write(f"protos/gen: {len(stale)} files changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
