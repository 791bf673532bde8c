"""The code corpus: its own answers are right, wrong ones are not, and nothing held out is trained on."""

from __future__ import annotations

import random
import re
from datetime import date

import pytest

from models.colibri.corpus import code_names as names
from models.colibri.corpus.code import TASKS
from models.colibri.corpus.code_family import KINDS, code_of
from models.colibri.corpus.code_request import FAMILIES, draw_slots
from models.colibri.corpus.code_run import STEP_LIMIT, passes, same
from models.colibri.corpus.example import Example, Split, Task
from plugins.code import layout
from plugins.prompt_file import system_text

DRAWS = 150
SPLITS: tuple[Split, ...] = ("train", "heldout")
GENERATE = next(t for t in TASKS if t.name == "code.generate")
REVIEW = next(t for t in TASKS if t.name == "code.review")
TESTS = next(t for t in TASKS if t.name == "code.write_tests")
MEND = next(t for t in TASKS if t.name == "code.mend")
EXPLAIN = next(t for t in TASKS if t.name == "code.explain")

MARKS = {
    "bare except hides every error": r"^except:$",
    "print was left in": r"^print\(",
    "compare to None with is": r"== None:$",
    "eval runs any code that it is given": r"= eval\(",
    "the file is never closed; open it in a with block": r"= open\(",
    "the default value is shared between calls": r"^def .*=\s?(\[\]|\{\})\)",
}
"""What gives each defect away in its line."""


def drawn(task: Task, split: Split, count: int = DRAWS, seed: int = 1) -> list[Example]:
    """Draw `count` examples."""
    rng = random.Random(seed)
    return [task.draw(rng, split) for _ in range(count)]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_own_answers_are_right_and_short(task: Task, split: Split) -> None:
    for example in drawn(task, split):
        verdicts = task.score(example, example.answer)
        assert verdicts
        assert all(verdicts.values()), (verdicts, example)
        assert sum(len(m.content) for m in example.prompt) + len(example.answer) < 1500
        assert "$" not in example.prompt[1].content + example.answer


@pytest.mark.parametrize("task", TASKS, ids=lambda t: t.name)
def test_prompt_is_what_the_plugin_sends(task: Task) -> None:
    function = task.name.removeprefix("code.")
    example = drawn(task, "train", 1)[0]
    assert [m.role for m in example.prompt] == ["system", "user"]
    assert example.prompt[0].content == system_text("code", function)
    user = example.prompt[1].content
    if function == "generate":
        assert user == layout.generate_input(user.removeprefix("Task: ").partition("\n")[0])
    elif function == "review":
        lines = user.partition("Code:\n")[2].split("\n")
        assert user == layout.review_input("\n".join(re.sub(r"^\d+: ?", "", line) for line in lines))
    elif function == "mend":
        broken = user.split("\nCode:\n")[1]
        problem = layout.syntax_problem(broken)
        assert problem is not None
        assert user == layout.mend_input(broken, problem)
    else:
        code = user.removeprefix("Code:\n")
        assert layout.extract_code(f"look at this please:\n{code}") == code
        assert user == (layout.explain_input if function == "explain" else layout.write_tests_input)(code)


def test_there_are_forty_families_whose_held_out_phrasings_recombine_known_words() -> None:
    assert len({f.name for f in FAMILIES}) == len(FAMILIES) >= 40
    for fam in FAMILIES:
        train, held = set(fam.phrases["train"]), set(fam.phrases["heldout"])
        assert held
        assert not train & held
        assert len(train | held) >= 8
        assert {w for t in held for w in t.split()} <= {w for t in train for w in t.split()}
        assert fam.kind in KINDS


def test_no_identifier_is_in_both_splits() -> None:
    rng = random.Random(2)
    train = {names.noun(rng, "train") for _ in range(2000)}
    assert len(train) > 1000
    assert not train & {names.noun(rng, "heldout") for _ in range(2000)}
    given = {split: {n for e in drawn(GENERATE, split, 600) if "_" in (n := e.facts["name"])} for split in SPLITS}
    fixed = {f.name for f in FAMILIES}
    assert not (given["train"] - fixed) & (given["heldout"] - fixed)


def test_names_of_a_request_are_in_it_or_fixed() -> None:
    for example in drawn(GENERATE, "heldout", 400):
        request = example.prompt[1].content
        family = next(f for f in FAMILIES if f.name == example.facts["family"])
        assert example.facts["name"] == family.name or example.facts["name"] in request
        slots = example.facts["slots"]
        assert slots["p"] == KINDS[family.kind].default or slots["p"] in request
        assert all(str(slots[letter]) in request for letter in family.letters)


def test_every_family_agrees_with_its_oracle_and_reads_well() -> None:
    rng = random.Random(3)
    for fam in FAMILIES:
        slots = draw_slots(rng, "train", fam, named=True, own_argument=True)
        assert passes(code_of(fam, slots), fam.cases(rng, slots)), fam.name
        assert layout.syntax_problem(code_of(fam, slots, hints=False, doc=False)) is None
        assert fam.doc.endswith(".")


def test_the_layout_finds_the_names_that_a_request_asks_for() -> None:
    """What is typed wrong (`a function callde x`) may be missed; nothing may be taken for a name that is none."""
    found = 0
    for example in drawn(GENERATE, "heldout", 600):
        user, slots = example.prompt[1].content, example.facts["slots"]
        fam = next(f for f in FAMILIES if f.name == example.facts["family"])
        named, own = slots["F"] != fam.name, slots["p"] != KINDS[fam.kind].default
        found += ("\nName: " in user) == named and ("\nArgument: " in user) == own
        if "\nName: " in user:
            assert f"\nName: {slots['F']}" in user
    assert found > 570


def test_code_that_is_alike_bears_hints() -> None:
    for example in drawn(EXPLAIN, "train", 600):
        if "[::-1]" in example.facts["code"] and "==" not in example.facts["code"]:
            assert "->" in example.facts["code"]


def test_wrong_generated_code_is_found() -> None:
    example = next(e for e in drawn(GENERATE, "train", 800) if e.facts["family"] == "keep_above")
    n = example.facts["slots"]["n"]
    assert not GENERATE.score(example, example.answer.replace(f"> {n}", f">= {n}"))["tests_pass"]
    assert not GENERATE.score(example, example.answer.replace(example.facts["name"], "other"))["names_kept"]
    assert not GENERATE.score(example, "Sure!\n" + example.answer)["one_block"]
    assert not GENERATE.score(example, re.sub(r'    """.*"""\n', "", example.answer))["hinted"]
    assert not any(GENERATE.score(example, "").values())


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n        pass",
        "try:\n        while True:\n            pass\n    except Exception:\n        return []",
        "return f(x)",
        "return ().__class__.__mro__",
        "return list(range(10 ** 7))",
        "return 9 ** 9 ** 9",
        "raise SystemExit",
        "import os\n    return os.getcwd()",
        "return eval('1')",
        "import time\n    time.sleep(9)",
        "return (",
    ],
)
def test_hostile_code_is_refused_or_stopped(body: str) -> None:
    assert not passes(f"def f(x):\n    {body}", [("f(1)", 1)])


def test_the_bound_leaves_room_for_honest_code() -> None:
    code = f"def f(x):\n    n = 0\n    while n < {STEP_LIMIT // 3}:\n        n += 1\n    return n"
    assert passes(code, [("f(1)", STEP_LIMIT // 3)])


def test_results_are_compared_strictly_but_for_rounding() -> None:
    assert same(0.1 + 0.2, 0.3)
    assert same(date(2026, 1, 2), date(2026, 1, 2))
    assert not same(1, True)
    assert not same((1,), [1])
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_review_lines_point_at_the_defect() -> None:
    found: dict[str, int] = {}
    for example in drawn(REVIEW, "train", 500):
        shown = example.prompt[1].content.partition("Code:\n")
        lines = [re.sub(r"^\d+: ?", "", x) for x in shown[2].split("\n")]
        for line, severity, message in example.facts["findings"]:
            found[message.split()[-1]] = found.get(message.split()[-1], 0) + 1
            text = lines[line - 1]
            assert severity in {"error", "warning", "style"}
            if mark := MARKS.get(message):
                assert re.search(mark, text.strip())
            else:
                problem = layout.syntax_problem("\n".join(lines))
                assert problem is not None
                assert (problem.line, problem.message) == (line, message)
                assert shown[0] == f"Error: line {line}: {message}\n"
    assert len(found) > 6


def test_sound_code_bears_no_mark_of_a_defect() -> None:
    clean = [e for e in drawn(REVIEW, "train", 400) if not e.facts["findings"]]
    assert any("except OSError" in e.prompt[1].content for e in clean)
    for example in clean:
        lines = [x.partition(":")[2].strip() for x in example.prompt[1].content.split("\n")[1:]]
        assert not any(re.search(mark, line) for mark in MARKS.values() for line in lines)


def test_clean_code_is_about_a_quarter_of_the_reviews() -> None:
    examples = drawn(REVIEW, "train", 600)
    clean = [e for e in examples if e.answer == layout.NO_PROBLEMS]
    assert 0.15 < len(clean) / len(examples) < 0.35
    assert not all(REVIEW.score(clean[0], "- line 1: error: nonsense").values())
    bad = next(e for e in examples if e.facts["findings"])
    assert not any(v for k, v in REVIEW.score(bad, layout.NO_PROBLEMS).items() if k != "format")


def test_tests_that_check_nothing_or_fail_are_found() -> None:
    example = drawn(TESTS, "train", 1)[0]
    empty = "```python\ndef test_a() -> None:\n    pass\n\n\ndef test_b() -> None:\n    pass\n```"
    assert not TESTS.score(example, empty)["catch_wrong_code"]
    assert not TESTS.score(example, empty.replace("pass", "assert 1 == 2"))["pass"]
    assert not TESTS.score(example, "no code")["one_block"]


def test_explanations_and_mends_are_judged() -> None:
    explained = drawn(EXPLAIN, "train", 1)[0]
    assert not EXPLAIN.score(explained, "It does 777 things.")["nothing_invented"]
    assert not EXPLAIN.score(explained, "It does things.")["names_kept"]
    mended = drawn(MEND, "train", 1)[0]
    broken = mended.prompt[1].content.split("\nCode:\n")[1]
    assert not MEND.score(mended, layout.fenced(broken))["same_code"]
