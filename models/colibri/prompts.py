"""What ties the weights to the plugins: the model knows exactly the prompts that it was trained on."""

from __future__ import annotations

import hashlib
from pathlib import Path

from planners.layout import FunctionLine, choice_system
from plugins.prompt_file import system_text

PLUGINS = Path(__file__).parents[2] / "plugins"
RECORD = Path(__file__).parent / "prompts.sha256"


def digest() -> str:
    """Return the SHA-256 of all system texts of the installed plugins and of the choice of a function.

    `export` records it beside the weights; where the two differ, the model must be trained again.
    """
    names = sorted((p.parents[1].name, p.stem) for p in PLUGINS.glob("*/prompts/*.yaml"))
    texts = [f"{plugin}.{function}\n{system_text(plugin, function)}" for plugin, function in names]
    texts.append(choice_system([FunctionLine("plugin.function", ("argument",), "Description.")]))
    return hashlib.sha256("\n\n".join(texts).encode()).hexdigest()
