"""The tokenizer and chat template of a model, from its files alone: no weights are loaded for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

# The package hands on all names of this extension module, which type checkers cannot look into.
import onnxruntime_genai.onnxruntime_genai as og

from service.backends.base import ChatMessage
from service.backends.onnx.sanitise import Sanitiser, special_tokens
from service.errors import InvalidArgumentError, ModelLoadError


class ModelWords:
    """Turns messages into the tokens of a prompt, and tokens into text."""

    def __init__(self, model_dir: Path) -> None:
        """Read the tokenizer of the model in `model_dir`.

        Raises:
            ModelLoadError: It cannot be read, or has no chat template.
        """
        self._sanitiser = Sanitiser(special_tokens(model_dir))
        try:
            self._tokenizer = og.Tokenizer(str(model_dir))
            self._tokenizer.apply_chat_template('[{"role":"user","content":""}]', add_generation_prompt=True)
        except RuntimeError as error:
            raise ModelLoadError(f"The tokenizer or chat template in {model_dir}: {first_line(error)}.") from error
        self.end_tokens = frozenset(int(token) for token in self._tokenizer.eos_token_ids)

    def prompt(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the tokens of a prompt; see `LoadedModel`."""
        plain = [{"role": message.role, "content": self._sanitiser.clean(message.content)} for message in messages]
        try:
            text = self._tokenizer.apply_chat_template(json.dumps(plain), add_generation_prompt=True)
            tokens: list[int] = self._tokenizer.encode(text).tolist()
        except RuntimeError as error:
            raise InvalidArgumentError(f"The chat template refuses the messages: {first_line(error)}.") from error
        return tokens

    def text(self, text: str) -> list[int]:
        """Return the tokens of a text that is no chat, in which no special one is read."""
        tokens: list[int] = self._tokenizer.encode(self._sanitiser.clean(text)).tolist()
        return tokens

    def text_stream(self) -> og.TokenizerStream:
        """Return a decoder for one request; see `LoadedModel`."""
        return self._tokenizer.create_stream()

    def text_of(self, token: int) -> str:
        """Return the text of one token by itself; half of a character is U+FFFD."""
        text: str = self._tokenizer.decode([token])
        return text


def first_line(error: Exception) -> str:
    """Return the first line of a library's message: the later ones can hold text of the request."""
    return (str(error).strip().splitlines() or ["no message"])[0][:300].rstrip(".")
