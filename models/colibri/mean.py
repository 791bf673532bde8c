"""Take the mean of two checkpoints of one training: `python -m models.colibri.mean EARLIER LATER --out CHECKPOINT`.

Where the later steps taught something new at the cost of what was there, the weights between them often keep both.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

WEIGHTS = "model.safetensors"


def mean(earlier: Path, later: Path, share: float, out: Path) -> None:
    """Write to `out` a checkpoint whose weights are `share` (0 to 1) of `later` and the rest of `earlier`.

    Raises:
        SystemExit: The two are not of one shape.
    """
    first, second = load_file(earlier / WEIGHTS), load_file(later / WEIGHTS)
    if {k: v.shape for k, v in first.items()} != {k: v.shape for k, v in second.items()}:
        raise SystemExit(f"{earlier} and {later} are not checkpoints of one model")
    shutil.copytree(later, out)
    between = {k: ((1 - share) * first[k] + share * second[k]).contiguous() for k in second}
    save_file(between, out / WEIGHTS, metadata={"format": "pt"})


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("earlier", type=Path)
    parser.add_argument("later", type=Path)
    parser.add_argument("--share", type=float, default=0.6, help="how much of the later weights")
    parser.add_argument("--out", type=Path, required=True, help="a folder that is not there yet")
    args = parser.parse_args()
    mean(args.earlier, args.later, args.share, args.out)


if __name__ == "__main__":
    main()
