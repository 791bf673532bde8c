"""How the command line says things."""

import pytest

from service.cli.words import span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.25, "0.25 s"),
        (59.9, "59.9 s"),
        (60, "1 min"),
        (61.2, "1 min 2 s"),
        (3_600, "1 h"),
        (48_001, "13 h 21 min"),
        (86_400, "1 d"),
        (6 * 86_400 + 3 * 3_600 + 1, "6 d 4 h"),
    ],
)
def test_a_time_is_said_in_few_words_and_never_too_short(seconds: float, words: str) -> None:
    assert span(seconds) == words
