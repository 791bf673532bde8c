"""Families over one value: texts, numbers, dictionaries and files."""

# A table of families: one compact entry each reads better than one argument a line.
# fmt: off

from __future__ import annotations

import math
from typing import Any

from models.colibri.corpus.code_family import Family, calls, family, fill
from models.colibri.corpus.code_inputs import fixed, integer, mapping, text

_T = "$p: str"
_I = "$p: int"
_F = "$p: float"
_GIVE = "[return|compute|calculate|get|find]"
_TURN = "[convert|turn|change]"
_CHECK = "[check|tell|say|determine|test|find out] [if|whether]"


def _fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def _says(*pairs: tuple[str, Any]) -> Any:
    """Return cases from expression templates over the slots."""
    return lambda rng, slots: [(fill(expression, slots), value) for expression, value in pairs]


TEXTS: tuple[Family, ...] = (
    family("reverse_text", "text", _T, "str", "Return the text reversed.", "return $p[::-1]",
           ("reverse $o", "[return|give|get|write] $o [backwards|reversed|in reverse]", "reverse the [letters|characters] of $o",
            "[flip|reverse] $o"),
           calls(lambda s, x: x[::-1], text, fixed("")), ('$F("abc") == "cba"', '$F("") == ""'),
           ("string reversal", "reversing a string", "reverse string")),
    family("count_vowels", "text", _T, "int", "Count the vowels.", 'return sum(x in "aeiou" for x in $p.lower())',
           ("count [the|all|how many] vowels [in|of] $o", "[return|get|find] [the number of|how many] vowels in $o"),
           calls(lambda s, x: sum(y in "aeiou" for y in x.lower()), text, fixed("")),
           ('$F("Abe") == 2', '$F("") == 0'), ("counting vowels", "vowel count")),
    family("count_words", "text", _T, "int", "Count the words.", "return len($p.split())",
           ("count [the|all|how many] words [in|of] $o", "[return|get|find] [the number of|how many] words in $o"),
           calls(lambda s, x: len(x.split()), text, fixed("")), ('$F("a b") == 2', '$F("") == 0'),
           ("counting words", "word count")),
    family("is_palindrome", "text", _T, "bool", "Say whether the text is a palindrome.", "return $p == $p[::-1]",
           (_CHECK + " $o is a palindrome", "[check|test] $o for being a palindrome",
            _CHECK + " $o reads the same backwards"),
           calls(lambda s, x: x == x[::-1], text, fixed("kayak"), fixed("ab")),
           ('$F("kayak") is True', '$F("ab") is False'), ("palindrome", "palindrome check", "checking palindromes")),
    family("to_upper", "text", _T, "str", "Return the text in upper case.", "return $p.upper()",
           (_TURN + " $o [to|into] [upper case|uppercase|capital letters|capitals]", "uppercase $o",
            "[return|give|write] $o in [upper case|uppercase|capital letters|capitals]"),
           calls(lambda s, x: x.upper(), text, fixed("")), ('$F("ab") == "AB"', '$F("") == ""'), ("upper case",)),
    family("to_lower", "text", _T, "str", "Return the text in lower case.", "return $p.lower()",
           (_TURN + " $o [to|into] [lower case|lowercase|small letters]", "lowercase $o",
            "[return|give|write] $o in [lower case|lowercase|small letters]"),
           calls(lambda s, x: x.lower(), text, fixed("")), ('$F("AB") == "ab"', '$F("") == ""'), ("lower case",)),
    family("remove_spaces", "text", _T, "str", "Return the text without spaces.", 'return $p.replace(" ", "")',
           ("[remove|drop|delete|strip] [all |the |all the |][spaces|whitespace] [from|in|of] $o",
            "[return|give|get] $o without [spaces|any spaces|whitespace]"),
           calls(lambda s, x: x.replace(" ", ""), text, fixed("")), ('$F("a b") == "ab"', '$F("") == ""'),
           ("removing spaces",)),
)

NUMBER: tuple[Family, ...] = (
    family("factorial", "number", _I, "int", "Return the factorial.",
           "result = 1\nfor x in range(2, $p + 1):\n    result *= x\nreturn result",
           (_GIVE + " the factorial of $o", "[compute|calculate|find] the factorial", "[compute|calculate] factorial of $o"),
           calls(lambda s, n: math.factorial(n), fixed(0), integer(1, 8)), ("$F(3) == 6", "$F(0) == 1"),
           ("factorial", "factorials", "factorial of a number")),
    family("fibonacci", "number", _I, "int", "Return the Fibonacci number.",
           "a, b = 0, 1\nfor _ in range($p):\n    a, b = b, a + b\nreturn a",
           (_GIVE + " [the nth|the n-th|a|the] fibonacci number", _GIVE + " the fibonacci number [for|of] $o"),
           calls(lambda s, n: _fibonacci(n), fixed(0), integer(1, 20)), ("$F(6) == 8", "$F(0) == 0"),
           ("fibonacci", "fibonacci numbers", "nth fibonacci number", "the fibonacci sequence")),
    family("is_prime", "number", _I, "bool", "Say whether the number is prime.",
           "return $p > 1 and all($p % x for x in range(2, $p))",
           (_CHECK + " $o is [prime|a prime number|a prime]", "[check|test] $o for being [prime|a prime]"),
           calls(lambda s, n: n > 1 and all(n % d for d in range(2, n)), fixed(1), fixed(2), fixed(9), integer(2, 60)),
           ("$F(7) is True", "$F(8) is False"), ("prime check", "prime numbers", "is prime", "checking primes")),
    family("is_even", "number", _I, "bool", "Say whether the number is even.", "return $p % 2 == 0",
           (_CHECK + " $o is [even|an even number|even or odd]", "[check|test] $o for being even"),
           calls(lambda s, n: n % 2 == 0, integer(0, 99), fixed(3), fixed(4)), ("$F(4) is True", "$F(3) is False"),
           ("is even", "even check")),
    family("is_leap_year", "number", "$p: int", "bool", "Say whether the year is a leap year.",
           "return $p % 4 == 0 and ($p % 100 != 0 or $p % 400 == 0)",
           (_CHECK + " [a year|the year|a given year|$o] is a leap year", "[check|test] for a leap year"),
           calls(lambda s, y: y % 4 == 0 and (y % 100 != 0 or y % 400 == 0), fixed(1900), fixed(2000), integer(1990, 2040)),
           ("$F(2024) is True", "$F(1900) is False"), ("leap years", "leap year check", "is leap year")),
    family("celsius_to_fahrenheit", "number", _F, "float", "Convert Celsius to Fahrenheit.", "return $p * 9 / 5 + 32",
           (_TURN + " [$o from |degrees |a temperature from |degrees from |]celsius [to|into] fahrenheit",
            _TURN + " [a temperature|degrees] in celsius [to|into] fahrenheit"),
           calls(lambda s, c: c * 9 / 5 + 32, fixed(0), fixed(100), integer(-40, 40)),
           ("$F(0) == 32.0", "$F(100) == 212.0"), ("celsius to fahrenheit", "converting celsius to fahrenheit")),
    family("fahrenheit_to_celsius", "number", _F, "float", "Convert Fahrenheit to Celsius.", "return ($p - 32) * 5 / 9",
           (_TURN + " [$o from |degrees |a temperature from |degrees from |]fahrenheit [to|into] celsius",
            _TURN + " [a temperature|degrees] in fahrenheit [to|into] celsius"),
           calls(lambda s, f: (f - 32) * 5 / 9, fixed(32), fixed(212), integer(-40, 90)),
           ("$F(32) == 0.0", "$F(212) == 100.0"), ("fahrenheit to celsius", "converting fahrenheit to celsius")),
    family("fizzbuzz", "number", _I, "str", "Return Fizz, Buzz, FizzBuzz or the number.",
           'word = "Fizz" * ($p % 3 == 0) + "Buzz" * ($p % 5 == 0)\nreturn word or str($p)',
           ("[return|give|get|say] [fizzbuzz|fizz buzz] for $o", "[play|implement|solve|do] [fizzbuzz|fizz buzz]",
            "[play|do] [fizzbuzz|fizz buzz] for $o"),
           calls(lambda s, n: ("Fizz" * (n % 3 == 0) + "Buzz" * (n % 5 == 0)) or str(n), fixed(15), fixed(7), integer(1, 40)),
           ('$F(15) == "FizzBuzz"', '$F(7) == "7"'), ("fizzbuzz", "fizz buzz")),
)

DICTS: tuple[Family, ...] = (
    family("invert_dict", "data", "$p: dict", "dict", "Swap the keys and values.", "return {v: k for k, v in $p.items()}",
           ("invert $o", "[swap|exchange|flip] [the |]keys and values [of|in] $o", "[swap|flip] [the |]keys and values"),
           calls(lambda s, d: {v: k for k, v in d.items()}, mapping, fixed({})),
           ('$F({"a": 1}) == {1: "a"}', "$F({}) == {}"), ("inverting a dict",)),
    family("merge_dicts", "data", "$p: dict, other: dict", "dict", "Merge the two dicts.", "return {**$p, **other}",
           ("[merge|combine|join] $o [with|and] [another dict|another one|a second dict]",
            "[merge|combine|join] [two dicts|two dictionaries|the two dicts]"),
           calls(lambda s, a, b: {**a, **b}, fixed({"a": 1, "b": 2}, {"b": 3}), fixed({}, {})),
           ('$F({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}', "$F({}, {}) == {}"), ("merging two dicts",)),
)

FILES: tuple[Family, ...] = (
    family("read_lines", "path", "$p: str", "list[str]", "Return the lines of the file.",
           'with open($p, encoding="utf-8") as file:\n    return file.read().splitlines()',
           ("read [the|all|all the] lines [of|from|in] $o", "[return|get|load] [the|all|all the] lines [of|from|in] $o",
            "read $o line by line", "read $o into a list of lines"),
           _says(('$F("a.txt")', ["one", "two 2"]), ('$F("no.txt")', [])), (), ("reading lines of a file",)),
    family("count_lines", "path", "$p: str", "int", "Count the lines of the file.",
           'with open($p, encoding="utf-8") as file:\n    return sum(1 for _ in file)',
           ("count [the|all|how many] lines [of|in] $o", "[return|get|find] [the number of|how many] lines in $o"),
           _says(('$F("a.txt")', 2), ('$F("no.txt")', 0)), (), ("line count of a file", "counting lines of a file")),
)
