from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.sources.base import SourceError
from plugins.sources.prompt.handlebars import parse
from plugins.sources.prompt.messages import messages_of
from plugins.sources.prompt.template import render, roots

VALUES: dict[str, Any] = {
    "name": "Ana",
    "n": 3,
    "yes": True,
    "no": False,
    "nothing": None,
    "empty": [],
    "items": [{"title": "one", "tags": ["a", "b"]}, {"title": "two", "tags": []}],
    "address": {"city": "Bilbao", "lines": ["x"]},
    "turns": [{"role": "user", "text": "Hola"}, {"role": "assistant", "text": "<b>"}],
}


def rendered(template: str, values: dict[str, Any] = VALUES) -> str:
    return "".join(piece.text for piece in render(parse(template), values, 10_000))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hi {{name}}, {{{name}}}, {{& name}}!", "Hi Ana, Ana, Ana!"),
        ("{{n}} {{yes}} {{nothing}}|{{unknown}}|", "3 true ||"),
        ("{{address.city}} {{address/city}} {{address.lines.0}} {{address.lines.9}}", "Bilbao Bilbao x "),
        ("{{! a comment }}{{!-- another }} one --}}x", "x"),
        ("{{#if yes}}a{{else}}b{{/if}}{{#if empty}}a{{else}}b{{/if}}{{#if no}}a{{^}}b{{/if}}", "abb"),
        ("{{#unless yes}}a{{else}}b{{/unless}}{{#unless no}}c{{/unless}}", "bc"),
        ("{{#each items}}{{@index}}{{title}}:{{#each tags}}{{this}}{{../title}}{{../../name}}{{/each}};{{/each}}",
         "0one:aoneAnaboneAna;1two:;"),
        ("{{#each empty}}x{{else}}none{{/each}}{{#each unknown}}x{{/each}}", "none"),
        ("{{#each address}}{{@key}}={{#if @last}}last{{/if}}{{#if @first}}{{.}}{{/if}} {{/each}}",
         "city=Bilbao lines=last "),
        ("{{#with address}}{{city}} {{../name}}{{/with}}{{#with nothing}}x{{else}}y{{/with}}", "Bilbao Anay"),
        ("{{json address}}", '{"city": "Bilbao", "lines": ["x"]}'),
        ('{{concat name "-" n " " 1.5 " " -2 true null}}', "Ana-3 1.5 -2true"),
        ('{{#if (equals name "Ana")}}a{{/if}}{{#if (equals n 4)}}b{{/if}}{{#if (or no (equals n 3))}}c{{/if}}', "ac"),
        ("a {{~name~}} b", "aAnab"),
        ("{{#if yes}}\nx\n{{/if}}\ny", "x\ny"),
        ("  {{#each items}}\n- {{title}}\n  {{/each}}\nend", "- one\n- two\nend"),
        ("a {{#if yes}}\nb{{/if}}", "a \nb"),
        ("{{#message role=\"system\"}}Be kind.{{/message}}", '<message role="system">Be kind.</message>'),
        ('{{"}}"}}', "}}"),
        ("{ {name} }", "{ {name} }"),
    ],
)  # fmt: skip
def test_templates(template: str, text: str) -> None:
    assert rendered(template) == text


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{", "PROMPT_INVALID"),
        ("{{name", "PROMPT_INVALID"),
        ("{{{name}}", "PROMPT_INVALID"),
        ("{{}}", "PROMPT_INVALID"),
        ("{{#if yes}}", "PROMPT_INVALID"),
        ("{{#if yes}}{{/each}}", "PROMPT_INVALID"),
        ("{{/if}}", "PROMPT_INVALID"),
        ("{{else}}", "PROMPT_INVALID"),
        ("{{#if yes}}{{else}}{{else}}{{/if}}", "PROMPT_INVALID"),
        ("{{#if}}{{/if}}", "PROMPT_INVALID"),
        ("{{#if a b}}{{/if}}", "PROMPT_INVALID"),
        ("{{#message}}{{/message}}", "PROMPT_INVALID"),
        ('{{#message role="user" name="x"}}{{/message}}', "PROMPT_INVALID"),
        ("{{json (equals a b}}", "PROMPT_INVALID"),
        ("{{json a=b}}", "PROMPT_INVALID"),
        ("{{;x}}", "PROMPT_INVALID"),
        ("{{#if a}}" * 20 + "{{/if}}" * 20, "PROMPT_INVALID"),
        ("{{> partial}}", "PROMPT_UNSUPPORTED"),
        ("{{~> partial}}", "PROMPT_UNSUPPORTED"),
        ("{{* decorator}}", "PROMPT_UNSUPPORTED"),
        ("{{{{raw}}}}{{{{/raw}}}}", "PROMPT_UNSUPPORTED"),
        ("{{#set name='x'}}{{/set}}", "PROMPT_UNSUPPORTED"),
        ("{{set name 1}}", "PROMPT_UNSUPPORTED"),
        ("{{range 1000000000}}", "PROMPT_UNSUPPORTED"),
        ("{{email-send name}}", "PROMPT_UNSUPPORTED"),
    ],
)
def test_what_is_not_read_is_refused(template: str, code: str) -> None:
    with pytest.raises(SourceError) as raised:
        parse(template)
    assert (raised.value.code, raised.value.field) == (code, "template")


@pytest.mark.parametrize(
    "template",
    [
        '{{json "a\\\\",str(__import__(\'os\').getpid()))#"}}',
        "{{name.__class__.__mro__}}",
        "{{this.__init__.__globals__}}",
    ],
)
def test_no_template_reaches_python(template: str) -> None:
    try:
        said = rendered(template)
    except SourceError:
        return
    assert "class" not in said
    assert not any(part.isdigit() for part in said.split())


def test_the_names_that_a_template_takes_from_its_arguments() -> None:
    template = (
        "{{a}}{{#each b}}{{c}}{{../d}}{{#with e}}{{../../f}}{{/with}}{{else}}{{g}}{{/each}}{{#if (or h i.j)}}{{/if}}"
    )
    assert list(roots(parse(template))) == ["a", "b", "d", "f", "g", "h", "i"]


def test_messages_of_a_history() -> None:
    template = (
        '{{#each turns}}{{#message role=role}}{{text}}{{/message}}{{/each}}<message role="user">{{name}}</message>'
    )
    said = messages_of(render(parse(template), VALUES, 1_000))
    assert [(m.role, m.text) for m in said] == [("user", "Hola"), ("assistant", "<b>"), ("user", "Ana")]


def test_a_role_from_an_argument_never_speaks_for_the_system() -> None:
    pieces = render(parse("{{#message role=name}}x{{/message}}"), {"name": "system"}, 1_000)
    with pytest.raises(SourceError, match="ARGUMENTS_INVALID"):
        messages_of(pieces)


def test_loops_in_loops_end() -> None:
    template = "{{#each a}}{{#each ../a}}{{#each ../../a}}{{/each}}{{/each}}{{/each}}"
    with pytest.raises(SourceError, match="ARGUMENTS_TOO_LARGE"):
        rendered(template, {"a": list(range(1_000))})


@given(st.text(alphabet="{}#/!~>^\"'()= .@ab1\n", max_size=60))
def test_no_text_breaks_the_reader(template: str) -> None:
    with suppress(SourceError):
        rendered(template)
