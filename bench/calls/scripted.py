"""A cloud model that is a script: it knows the right answers, and gives wrong ones only where it is told to.

What it shows is the way that a call takes: the request in OpenAI's words, names and schemas of the tools, the stream
with its calls in pieces, the checks of the arguments. Of the intelligence of a model it shows nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from bench.calls.dataset import ABSTAIN, Asked, functions, requests
from planners.layout import choice_user
from planners.tools import tool_name
from service.backends.base import ToolCall
from service.testing.upstream import Received
from service.testing.upstream_frames import Reply

_WORDS: Final = Reply(text=("None of the ", "functions ", "can do that."))


class Script:
    """Answers what an upstream received; every `err_each`-th request of the file is answered wrongly, 0: none is.

    Wrong are, by turns, the function, an argument, and that none is called; where none fits, that one is called.
    """

    def __init__(self, err_each: int = 0) -> None:
        """Know the two hundred requests by what they say."""
        self._asked = {choice_user(one.say): one for one in requests()}
        self._err_each = err_each

    def errs(self, asked: Asked) -> bool:
        """Return whether that request is answered wrongly."""
        return bool(self._err_each) and asked.number % self._err_each == 0

    def __call__(self, received: Received) -> Reply:
        """Return the answer to one call of the upstream."""
        body = received.body
        asked = self._asked[[one["content"] for one in body["messages"] if one["role"] == "user"][-1]]
        function, arguments = self._call(asked)
        if "tools" in body:
            return _tool_reply(asked, function, arguments)
        return _json_reply(function, arguments, body["response_format"]["json_schema"]["schema"])

    def _call(self, asked: Asked) -> tuple[str | None, dict[str, Any]]:
        """Return what to call with which arguments."""
        if not self.errs(asked):
            return asked.function, asked.arguments
        match asked.number // self._err_each % 3:
            case 1 if asked.function is not None:
                return asked.function, _changed(asked.arguments)
            case 2 if asked.function is not None:
                return None, {}
        return asked.near[0], _any_arguments(asked.near[0])


def _tool_reply(asked: Asked, function: str | None, arguments: Mapping[str, Any]) -> Reply:
    if function is None:
        return _WORDS
    call = ToolCall(f"call_{asked.number}", tool_name(function), json.dumps(arguments))
    return Reply(text=(), calls=(call,), finish_reason="tool_calls")


def _json_reply(function: str | None, arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> Reply:
    if "arguments" in schema["properties"]:
        return Reply(text=(json.dumps({"name": function, "arguments": arguments}),))
    return Reply(text=(json.dumps({"name": function or ABSTAIN}),))


def _changed(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with another value for the first of them."""
    name, value = next(iter(arguments.items()))
    return {**arguments, name: f"{value} or so" if isinstance(value, str) else value + 1}


def _any_arguments(function: str) -> dict[str, Any]:
    """Return arguments that fit `function` and mean nothing."""
    schema = functions()[function].input_schema
    values = {"string": "x", "integer": 5, "number": 5}
    return {
        name: schema["properties"][name].get("enum", [values[schema["properties"][name]["type"]]])[0]
        for name in schema["required"]
    }
