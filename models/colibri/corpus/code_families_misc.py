"""Families over single numbers, dates, files and classes."""

# A table of families: one compact entry each reads better than one argument a line.
# fmt: off

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import Any

from models.colibri.corpus.code_family import Case, Family, Slots, calls, family, fill
from models.colibri.corpus.code_inputs import fixed, integer

_I = "$p: int"
_F = "$p: float"
_D = "$p: date"
_DATES = "from datetime import date"
_MEASURE = "[convert|turn|change] $o "
_CHECK = "[check|tell|say|determine|test] [if|whether] $o "


def _fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def _prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, n))


def _raises(bad: Any, good: Any) -> Any:
    """Return cases: the call with `bad` raises ValueError, with `good` it gives its argument back."""

    def cases(rng: random.Random, slots: Slots) -> list[Case]:
        low, fine = bad(slots), good(slots)
        return [(f"raised({slots['F']}, {low!r})", "ValueError"), (f"{slots['F']}({fine!r})", fine)]

    return cases


def _at(*inputs: int) -> Any:
    return [lambda rng, slots, d=d: (slots["n"] + d,) for d in inputs]


def _day(rng: random.Random) -> str:
    return f"date(2026, {rng.randint(1, 12)}, {rng.randint(1, 28)})"


def _days(oracle: Any, count: int = 1) -> Any:
    def cases(rng: random.Random, slots: Slots) -> list[Case]:
        found = []
        for _ in range(3):
            args = [_day(rng) for _ in range(count)]
            days = [date(*map(int, a[5:-1].split(", "))) for a in args]
            found.append((f"{slots['F']}({', '.join(args)})", oracle(slots, *days)))
        return found

    return cases


def _says(*pairs: tuple[str, Any]) -> Any:
    """Return cases from expression templates over the slots."""
    return lambda rng, slots: [(fill(e, slots), v(slots) if callable(v) else v) for e, v in pairs]


NUMBER: tuple[Family, ...] = (
    family("factorial", "number", _I, "int", "Return the factorial of $p.",
           "result = 1\nfor x in range(2, $p + 1):\n    result *= x\nreturn result",
           ("[return|compute|calculate|get|find|work out] the factorial of $o", "[compute|calculate] $o factorial"),
           calls(lambda s, n: math.factorial(n), fixed(0), integer(1, 8)), ("$F(3) == 6", "$F(0) == 1")),
    family("fibonacci", "number", _I, "int", "Return the $p-th Fibonacci number.",
           "a, b = 0, 1\nfor _ in range($p):\n    a, b = b, a + b\nreturn a",
           ("[return|compute|calculate|get|find] the [fibonacci number|nth fibonacci number|n-th fibonacci value] for $o",),
           calls(lambda s, n: _fibonacci(n), fixed(0), integer(1, 20)), ("$F(6) == 8", "$F(0) == 0")),
    family("is_prime", "number", _I, "bool", "Say whether $p is prime.",
           "return $p > 1 and all($p % x for x in range(2, int($p ** 0.5) + 1))",
           (_CHECK + "is [prime|a prime number|a prime]",),
           calls(lambda s, n: _prime(n), fixed(1), fixed(2), fixed(9), integer(2, 60)),
           ("$F(7) is True", "$F(8) is False")),
    family("primes_up_to", "number", _I, "list[int]", "Return the primes up to $p.",
           "return [n for n in range(2, $p + 1) if all(n % x for x in range(2, n))]",
           ("[return|find|list|get|compute] [the|all] [primes|prime numbers] up to $o",),
           calls(lambda s, n: [x for x in range(2, n + 1) if _prime(x)], fixed(1), integer(2, 30)),
           ("$F(7) == [2, 3, 5, 7]", "$F(1) == []")),
    family("gcd", "number", _I + ", other: int", "int", "Return the greatest common divisor of $p and other.",
           "return math.gcd($p, other)",
           ("[return|compute|calculate|get|find] the [gcd|greatest common divisor] of $o and another [one|number]",),
           calls(lambda s, a, b: math.gcd(a, b), fixed(12, 18), fixed(7, 3)), ("$F(4, 6) == 2", "$F(3, 7) == 1"),
           "import math"),
    family("clamp", "number", _I, "int", "Clamp $p between $n and $m.", "return max($n, min($p, $m))",
           ("[clamp|limit|clip|restrict] $o [between $n and $m|to the range $n to $m|to $n..$m]", "keep $o between $n and $m"),
           calls(lambda s, x: max(s["n"], min(x, s["m"])), fixed(-1), fixed(9999), lambda r, s: (s["n"] + 1,)),
           ("$F(0) == $n", "$F(9999) == $m")),
    family("celsius_to_fahrenheit", "number", _F, "float", "Convert $p from Celsius to Fahrenheit.",
           "return $p * 9 / 5 + 32",
           (_MEASURE + "[from celsius to fahrenheit|from c to f|in celsius to fahrenheit|from degrees celsius to fahrenheit]",),
           calls(lambda s, c: c * 9 / 5 + 32, fixed(0), fixed(100), integer(-40, 40)),
           ("$F(0) == 32.0", "$F(100) == 212.0")),
    family("fahrenheit_to_celsius", "number", _F, "float", "Convert $p from Fahrenheit to Celsius.",
           "return ($p - 32) * 5 / 9",
           (_MEASURE + "[from fahrenheit to celsius|from f to c|in fahrenheit to celsius|from degrees fahrenheit to celsius]",),
           calls(lambda s, f: (f - 32) * 5 / 9, fixed(32), fixed(212), integer(-40, 90)),
           ("$F(32) == 0.0", "$F(212) == 100.0")),
    family("km_to_miles", "number", _F, "float", "Convert $p from kilometres to miles.", "return $p * 0.621371",
           (_MEASURE + "[from km to miles|from kilometres to miles|from kilometers to miles|in km to miles]",),
           calls(lambda s, x: x * 0.621371, fixed(0), integer(1, 90)), ("$F(0) == 0.0", "$F(1) == 0.621371")),
    family("percentage", "number", _F + ", whole: float", "float", "Return $p as a percentage of whole.",
           "return $p / whole * 100 if whole else 0.0",
           ("[return|compute|calculate|get|express] $o as a [percentage|percent] of [a whole|the whole]",),
           calls(lambda s, a, b: a / b * 100 if b else 0.0, fixed(1, 4), fixed(1, 0)),
           ("$F(1, 4) == 25.0", "$F(1, 0) == 0.0")),
    family("compound_interest", "number", _F + ", years: int", "float",
           "Return $p after some years at $n percent interest.", "return $p * (1 + $n / 100) ** years",
           ("[compute|calculate|return|get] the compound interest [on|for] $o at $n [percent|%] [over|for|after] some years",
            "grow $o by $n percent a year"),
           calls(lambda s, x, y: x * (1 + s["n"] / 100) ** y, fixed(100, 2), fixed(50, 0))),
    family("discount", "number", _F, "float", "Return $p less $n percent.", "return $p * (1 - $n / 100)",
           ("[take|subtract|deduct] $n [percent|%] [off|from] $o", "[apply|give] a discount of $n [percent|%] to $o"),
           calls(lambda s, x: x * (1 - s["n"] / 100), fixed(100), fixed(0))),
    family("add_tax", "number", _F, "float", "Return $p plus $n percent tax.", "return $p * (1 + $n / 100)",
           ("add [a tax of $n|$n] [percent|%] [|of tax |of vat ]to $o",
            "add vat of $n% to $o"),
           calls(lambda s, x: x * (1 + s["n"] / 100), fixed(100), fixed(0))),
    family("is_even", "number", _I, "bool", "Say whether $p is even.", "return $p % 2 == 0", (_CHECK + "is even",),
           calls(lambda s, n: n % 2 == 0, integer(0, 99), fixed(3), fixed(4)), ("$F(4) is True", "$F(3) is False")),
    family("is_odd", "number", _I, "bool", "Say whether $p is odd.", "return $p % 2 == 1", (_CHECK + "is odd",),
           calls(lambda s, n: n % 2 == 1, integer(0, 99), fixed(3), fixed(4)), ("$F(3) is True", "$F(4) is False")),
    family("is_multiple", "number", _I, "bool", "Say whether $p is divisible by $n.", "return $p % $n == 0",
           (_CHECK + "is [divisible by|a multiple of] $n",),
           calls(lambda s, x: x % s["n"] == 0, *_at(0, 1)), ("$F($n) is True", "$F(1) is False")),
    family("is_within", "number", _I, "bool", "Say whether $p lies between $n and $m.", "return $n <= $p <= $m",
           (_CHECK + "[lies|is] [between $n and $m|in the range $n to $m]",),
           calls(lambda s, x: s["n"] <= x <= s["m"], *_at(0, -1), lambda r, s: (s["m"] + 1,)),
           ("$F($n) is True", "$F(9999) is False")),
    family("round_to", "number", _F, "float", "Round $p to $d decimals.", "return round($p, $d)",
           ("round $o to $d [decimals|decimal places|digits|digits after the point]", "[return|get|give] $o rounded to $d [decimals|places]"),
           calls(lambda s, x: round(x, s["d"]), fixed(3.14159265), fixed(2.718281828))),
    family("is_leap_year", "number", _I, "bool", "Say whether $p is a leap year.",
           "return $p % 4 == 0 and ($p % 100 != 0 or $p % 400 == 0)", (_CHECK + "is a leap year",),
           calls(lambda s, y: y % 4 == 0 and (y % 100 != 0 or y % 400 == 0), fixed(1900), fixed(2000), integer(1990, 2040)),
           ("$F(2024) is True", "$F(1900) is False")),
    family("digit_sum", "number", _I, "int", "Return the sum of the digits of $p.",
           "return sum(int(x) for x in str($p))",
           ("[sum|add] [up |]the digits of $o", "[return|compute|get|calculate] the [digit sum|sum of the digits] of $o"),
           calls(lambda s, n: sum(map(int, str(n))), integer(0, 9999), fixed(0)), ("$F(123) == 6", "$F(0) == 0")),
    family("power", "number", _I, "int", "Return $p to the power of $d.", "return $p ** $d",
           ("[raise|take] $o to the power [of |]$d", "[return|compute|get|calculate] $o to the power of $d"),
           calls(lambda s, n: n ** s["d"], integer(2, 9), fixed(0)), ("$F(1) == 1", "$F(0) == 0")),
    family("fizzbuzz", "number", _I, "str", "Return Fizz, Buzz, FizzBuzz or $p.",
           'word = ("Fizz" if $p % 3 == 0 else "") + ("Buzz" if $p % 5 == 0 else "")\nreturn word or str($p)',
           ("[return|say|give|get] [fizzbuzz for|the fizzbuzz word of|the fizz buzz answer for] $o",),
           calls(lambda s, n: ("Fizz" * (n % 3 == 0) + "Buzz" * (n % 5 == 0)) or str(n), fixed(15), fixed(7), integer(1, 40)),
           ('$F(15) == "FizzBuzz"', '$F(7) == "7"')),
    family("at_least", "number", _I, "int", "Return $p, which must be at least $n.",
           'if $p < $n:\n    raise ValueError("$p must be at least $n")\nreturn $p',
           ("raise [|a ]ValueError [if|when] $o is [below|less than|under|smaller than] $n",
            "[validate|check|make sure] that $o is at least $n or raise ValueError"),
           _raises(lambda s: s["n"] - 1, lambda s: s["n"])),
    family("at_most", "number", _I, "int", "Return $p, which must be at most $n.",
           'if $p > $n:\n    raise ValueError("$p must be at most $n")\nreturn $p',
           ("raise [|a ]ValueError [if|when] $o is [above|greater than|over|larger than] $n",
            "[validate|check|make sure] that $o is at most $n or raise ValueError"),
           _raises(lambda s: s["n"] + 1, lambda s: s["n"])),
    family("not_empty", "text", "$p: str", "str", "Return $p, which must not be empty.",
           'if not $p:\n    raise ValueError("$p is empty")\nreturn $p',
           ("raise [|a ]ValueError [if|when] $o is [empty|blank]", "[validate|check|make sure] that $o is not empty or raise ValueError"),
           _raises(lambda s: "", lambda s: "kest")),
    family("retry_call", "none", "call: Callable[[], object]", "object", "Run a call up to $n times.",
           "for _ in range($n - 1):\n    try:\n        return call()\n    except Exception:\n        continue\nreturn call()",
           ("[retry|repeat] a [call|function|callable] up to $n times", "[run|try|call] a function [up to |at most |]$n times until it works"),
           _says(("$F(failing($n - 1))", "done"), ("raised($F, failing($n))", "OSError")), (),
           "from collections.abc import Callable"),
)

DATES: tuple[Family, ...] = (
    family("days_between", "date", _D + ", end: date", "int", "Return the days from $p to end.", "return (end - $p).days",
           ("[count|return|compute|get|calculate] the days [between $o and|from $o to] [an end date|another date|a second date]",),
           _days(lambda s, a, b: (b - a).days, 2), (), _DATES),
    family("add_days", "date", _D, "date", "Return the date $n days after $p.", "return $p + timedelta(days=$n)",
           ("add $n days to $o", "[return|get|compute|give] the date $n days after $o", "[move|shift|postpone] $o by $n days"),
           _days(lambda s, a: a + timedelta(days=s["n"])), (), "from datetime import date, timedelta"),
    family("days_before", "date", _D, "date", "Return the date $n days before $p.", "return $p - timedelta(days=$n)",
           ("[subtract|take|deduct] $n days from $o", "[return|get|compute|give] the date $n days before $o", "go back $n days from $o"),
           _days(lambda s, a: a - timedelta(days=s["n"])), (), "from datetime import date, timedelta"),
    family("is_weekend", "date", _D, "bool", "Say whether $p is on a weekend.", "return $p.weekday() >= 5",
           (_CHECK + "[is on a weekend|falls on a weekend|is a weekend day]",),
           _days(lambda s, a: a.weekday() >= 5), (), _DATES),
    family("format_date", "date", _D, "str", "Format $p as day, month and year.", 'return $p.strftime("%d/%m/%Y")',
           ("[format|write|show|print] $o as [day/month/year|dd/mm/yyyy]",),
           _days(lambda s, a: a.strftime("%d/%m/%Y")), (), _DATES),
    family("iso_date", "date", _D, "str", "Return $p in ISO form.", "return $p.isoformat()",
           ("[format|write|return|show] $o [as an iso string|in iso format|as yyyy-mm-dd]",),
           _days(lambda s, a: a.isoformat()), (), _DATES),
    family("parse_date", "text", "$p: str", "date", "Parse $p as an ISO date.", "return date.fromisoformat($p)",
           ("parse $o as [an iso date|a date|yyyy-mm-dd]", "[convert|turn|change] $o into a [date|date object]"),
           _says(('$F("2026-03-04")', date(2026, 3, 4)), ('$F("2025-12-31")', date(2025, 12, 31))), (), _DATES),
)

FILES: tuple[Family, ...] = (
    family("read_lines", "path", "$p: str", "list[str]", "Return the lines of the file $p.",
           'with open($p, encoding="utf-8") as file:\n    return file.read().splitlines()',
           ("read [the|all|all the] lines of $o", "[return|get|load] [the|all] lines [of|from] $o"),
           _says(('$F("a.txt")', ["one", "two 2"]), ('$F("no.txt")', []))),
    family("count_lines", "path", "$p: str", "int", "Count the lines of the file $p.",
           'with open($p, encoding="utf-8") as file:\n    return sum(1 for _ in file)',
           ("count the [lines|rows] [of|in] $o", "[return|get] [the number of|how many] lines in $o"),
           _says(('$F("a.txt")', 2), ('$F("no.txt")', 0))),
    family("read_text", "path", "$p: str", "str", "Return the text of the file $p.",
           'with open($p, encoding="utf-8") as file:\n    return file.read()',
           ("read the [text|contents|content] of $o", "[read|load|open] $o [and return its text|as text]"),
           _says(('$F("a.txt")', "one\ntwo 2\n"), ('$F("no.txt")', ""))),
    family("load_json", "path", "$p: str", "dict", "Load JSON from the file $p.",
           'with open($p, encoding="utf-8") as file:\n    return json.load(file)',
           ("[load|read|parse] [json|json data|the json] from $o", "[load|parse] $o as json"),
           _says(('$F("a.json")', {"a": 1})), (), "import json"),
    family("save_json", "path", "data: dict, $p: str", "None", "Write the data as JSON to the file $p.",
           'with open($p, "w", encoding="utf-8") as file:\n    json.dump(data, file)',
           ("[save|write|dump|store] [a dict|data] [as json to|to json in|as json into] $o",),
           _says(('$F({"k": 2}, "b.json")', None), ('files["b.json"]', '{"k": 2}')), (), "import json"),
    family("csv_column", "path", "$p: str", "list[str]", "Return the column $f of the CSV file $p.",
           'with open($p, newline="", encoding="utf-8") as file:\n    return [x["$f"] for x in csv.DictReader(file)]',
           ("[read|get|return|load|extract] the [column $f|$f column] [of|from] $o [as csv|which is csv|in csv format]",),
           _says(('$F("a.csv")', ["x", "y"])), (), "import csv"),
    family("append_line", "path", "$p: str, line: str", "None", "Append a line to the file $p.",
           'with open($p, "a", encoding="utf-8") as file:\n    file.write(line + "\\n")',
           ("[append|add|write] a line [to|at the end of] $o", "[append|add] [a text|one more] line to $o"),
           _says(('$F("a.txt", "three")', None), ('files["a.txt"]', "one\ntwo 2\nthree\n"))),
)

CLASSES: tuple[Family, ...] = (
    family("Record", "none", "", "", "Hold $f, $g and $h.",
           '@dataclass\nclass $F:\n    """Hold $f, $g and $h."""\n\n    $f: $i\n    $g: $j\n    $h: $k',
           ("[hold|have|store] [the fields |fields |]$f ($i), $g ($j) and $h ($k)",
            "[hold|have|contain] $f: $i, $g: $j, $h: $k", "[store|bear] $i $f, $j $g and $k $h",
            "have [$f of type $i|a $i $f], [$g of type $j|a $j $g] and [$h of type $k|a $k $h]"),
           _says(("(lambda r: (r.$f, r.$g, r.$h))($F(1, 2, 3))", (1, 2, 3)), ("$F(1, 2, 3) == $F(1, 2, 3)", True)), (),
           "from dataclasses import dataclass", "dataclass"),
    family("Pair", "none", "", "", "Hold $f and $g.",
           '@dataclass\nclass $F:\n    """Hold $f and $g."""\n\n    $f: $i\n    $g: $j',
           ("[hold|have|store] [the fields |fields |]$f ($i) and $g ($j)", "[hold|have|contain] $f: $i, $g: $j",
            "[store|bear] $i $f and $j $g", "have [$f of type $i|a $i $f] and [$g of type $j|a $j $g]"),
           _says(("(lambda r: (r.$f, r.$g))($F(1, 2))", (1, 2)), ("$F(1, 2) == $F(1, 2)", True)), (),
           "from dataclasses import dataclass", "dataclass"),
    family("Counter", "none", "", "", "Count upwards from $n.",
           'class $F:\n    """Count upwards from $n."""\n\n    def __init__(self) -> None:\n        self.count = $n\n\n'
           "    def increment(self) -> int:\n        self.count += 1\n        return self.count",
           ("[count|count up|count upwards] [from $n|starting at $n|starting from $n] [|with an increment method]",
            "hold a counter [that starts at|starting at] $n"),
           _says(("$F().increment()", lambda s: s["n"] + 1), ("(lambda c: (c.increment(), c.increment()))($F())",
                 lambda s: (s["n"] + 1, s["n"] + 2))), (), "", "class"),
    family("Stack", "none", "", "", "Hold a stack of items.",
           'class $F:\n    """Hold a stack of items."""\n\n    def __init__(self) -> None:\n        self.items: list = []\n\n'
           "    def push(self, item: object) -> None:\n        self.items.append(item)\n\n"
           "    def pop(self) -> object:\n        return self.items.pop()",
           ("[implement|hold|keep|offer] a [stack|simple stack|last-in first-out stack] [with push and pop|]",),
           _says(("(lambda s: (s.push(1), s.push(2), s.pop(), s.pop())[2:])($F())", (2, 1))), (), "", "class"),
    family("Queue", "none", "", "", "Hold a queue of items.",
           'class $F:\n    """Hold a queue of items."""\n\n    def __init__(self) -> None:\n        self.items: list = []\n\n'
           "    def put(self, item: object) -> None:\n        self.items.append(item)\n\n"
           "    def get(self) -> object:\n        return self.items.pop(0)",
           ("[implement|hold|keep|offer] a [queue|simple queue|first-in first-out queue] [with put and get|]",),
           _says(("(lambda s: (s.put(1), s.put(2), s.get(), s.get())[2:])($F())", (1, 2))), (), "", "class"),
)
