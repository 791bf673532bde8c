"""Words of requests and descriptions, as far as code can compare them: folded, without endings, without small words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from plugins.language import STOP_WORDS

SMALL_WORDS: Final = STOP_WORDS | frozenset(
    "about all also another as been being dame did dime e ese eso esos favor give he her here hers his into its just "
    "know let like more mostrar ni no now o off onto or os otra otro out over pues saber say sea see ser she show si "
    "some such tal te tell than then these those too tu unas under unos until up us ver very want were while whose yes "
    "yet need".split()
)
"""Words that name neither a function nor a value; without accents, in lower case."""

_STEM: Final = 5
"""Words count as the same when so many of their first letters are, as of `orders` and `ordered`."""

_SAME: Final = {"mail": "email", "mails": "emails", "correo": "email", "correos": "emails"}
"""Words for which functions and people mostly have another."""

_WORD: Final = re.compile(r"[^\W\d_]+")


def folded(text: str) -> str:
    """Return `text` in lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def is_small(word: str) -> bool:
    """Return whether `word` says nothing by itself."""
    return folded(word) in SMALL_WORDS


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text` that say something; names such as `order_id` are two words."""
    plain = folded(text.replace("_", " ")).replace("e-mail", "email")
    words = (_SAME.get(word) or word for word in _WORD.findall(plain) if len(word) > 1)
    return [word[:_STEM] for word in words if word not in SMALL_WORDS]


def has(stem: str, among: Iterable[str]) -> str | None:
    """Return the word of `among` that is the same as `stem`, or begins with it as `shipping` does with `ship`."""
    for other in among:
        short, long = sorted((stem, other), key=len)
        if long == short or (len(short) >= _STEM - 1 and long.startswith(short)):
            return other
    return None
