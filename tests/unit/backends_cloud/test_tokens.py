from __future__ import annotations

import json
from typing import get_args

import pytest

from service.backends.base import ChatMessage, Guidance, Image, ToolCall, ToolSpec
from service.backends.openai_protocol.tokens import IMAGE_TOKENS, Family, prompt_tokens, text_tokens

FAMILIES = get_args(Family)

# Counted with the tokenizers o200k_base, cl100k_base, Llama 3 and Mistral 7B.
COUNTED = {
    "Thank you for your order of 14 March. A replacement has left our warehouse this morning.": (19, 19, 19, 20),
    "Una lámpara nueva ha salido esta mañana de nuestro almacén y llegará el jueves.": (17, 22, 22, 29),
    "我们今天早上已经从仓库寄出了替换品，最迟星期四应该会送到您手中。": (26, 36, 26, 32),
    "def area(width: float, height: float) -> float:\n    return width * height\n": (19, 19, 19, 21),
}


@pytest.mark.parametrize("text", COUNTED)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_estimate_is_near_the_count_and_rather_above(text: str, family: Family) -> None:
    counted = COUNTED[text][FAMILIES.index(family)]
    assert 0.9 * counted <= text_tokens(text, family) <= 1.5 * counted


@pytest.mark.parametrize("family", FAMILIES)
def test_everything_in_a_message_counts(family: Family) -> None:
    bare = prompt_tokens([ChatMessage("user", "Hello")], family)
    assert 0 < bare < prompt_tokens([ChatMessage("user", "Hello, world")], family)
    called = ChatMessage("assistant", "", tool_calls=(ToolCall("c", "clock-tell", '{"city": "Cádiz"}'),))
    assert prompt_tokens([called], family) > bare
    picture = ChatMessage("user", "Hello", images=(Image("https://pictures.example/a.png"),))
    assert prompt_tokens([picture], family) == bare + IMAGE_TOKENS
    assert prompt_tokens([picture], family, image_tokens=7) == bare + 7
    assert text_tokens("", family) == 0
    city = {"type": "object", "properties": {"city": {"type": "string"}}}
    tools = [ToolSpec("clock-tell", "Tell the time of a city.", city)]
    with_tools = prompt_tokens([ChatMessage("user", "Hello")], family, tools)
    assert with_tools > bare + text_tokens(json.dumps(city), family)
    assert prompt_tokens([ChatMessage("user", "Hello")], family, tools * 2) > with_tools
    guided = prompt_tokens([ChatMessage("user", "Hello")], family, (), Guidance("json_schema", json.dumps(city)))
    assert guided > bare + text_tokens(json.dumps(city), family)


def test_lone_surrogates_are_counted_too() -> None:
    assert text_tokens("a\ud83d", "o200k") > text_tokens("a", "o200k")
