"""Semantic Kernel's own ONNX connector, used as its documentation does: on the event loop."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path

from semantic_kernel.connectors.ai.onnx import OnnxGenAIChatCompletion, OnnxGenAIPromptExecutionSettings
from semantic_kernel.contents import ChatHistory

from bench.local.asks import Ask


class Connector:
    """See `bench.local.callers.Answerer`."""

    def __init__(self, path: Path, directory: Path, threads: int) -> None:
        """Load the model by way of `directory`, since only its configuration can say how many threads it has."""
        for file in path.iterdir():
            (directory / file.name).symlink_to(file.resolve())
        config = json.loads((path / "genai_config.json").read_text(encoding="utf-8"))
        config["model"]["decoder"]["session_options"]["intra_op_num_threads"] = threads
        (directory / "genai_config.json").unlink()
        (directory / "genai_config.json").write_text(json.dumps(config), encoding="utf-8")
        self._service = OnnxGenAIChatCompletion(ai_model_path=str(directory))

    async def answer(self, ask: Ask) -> AsyncGenerator[float, None]:
        """Yield one for each token."""
        history = ChatHistory(system_message=ask.system)
        history.add_user_message(ask.user)
        # It has no way to say how long the answer may be, only how long all of it.
        settings = OnnxGenAIPromptExecutionSettings(max_length=len(ask.prompt) + ask.max_tokens, do_sample=False)
        async for _ in self._service.get_streaming_chat_message_contents(history, settings):
            yield 1

    async def settle(self) -> None:
        """Return: it works only while it is waited for."""
