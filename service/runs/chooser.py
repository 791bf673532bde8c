"""The model that the planner asks, on a run's routed chat: answers in JSON that fit a schema."""

from __future__ import annotations

import json
from typing import Any, Final

from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.contents.chat_history import ChatHistory

from service.errors import FailedPreconditionError
from service.routing.chat import RoutedSettings

MAX_TOKENS: Final = 512
"""Room for the arguments of one call, which are short: long texts are copied from the request, not written."""


class RoutedChooser:
    """Asks by constrained decoding, greedily; the caller's generation parameters are for the answer, not for this."""

    def __init__(self, chat: ChatCompletionClientBase, *, max_tokens: int = MAX_TOKENS) -> None:
        """Ask `chat` for at most `max_tokens` tokens at a time."""
        self._chat = chat
        self._max_tokens = max_tokens

    async def complete_json(self, system: str, user: str, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the model's answer to `user`.

        Raises:
            FailedPreconditionError: It is not a JSON object, e.g. because it was cut off.
        """
        history = ChatHistory()
        history.add_system_message(system)
        history.add_user_message(user)
        settings = RoutedSettings(
            max_tokens=self._max_tokens,
            temperature=0.0,
            response_format={"type": "json_schema", "json_schema": {"name": "call", "schema": schema}},
        )
        content = await self._chat.get_chat_message_content(history, settings)
        try:
            answer = json.loads(str(content))
        except ValueError as error:
            raise _unreadable() from error
        if not isinstance(answer, dict):
            raise _unreadable()
        return answer


def _unreadable() -> FailedPreconditionError:
    return FailedPreconditionError(
        "The model's choice of a function could not be read; name the function, or say it in fewer words.",
        reason="MODEL_ANSWER_INVALID",
    )
