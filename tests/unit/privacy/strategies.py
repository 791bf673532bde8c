"""Texts with personal data in them, and ways of cutting them."""

from __future__ import annotations

from hypothesis import strategies as st

VALUES = (
    "Ana Costa",
    "Tom Rivera",
    "Frau Dr. Schmidt",
    "María del Carmen Ruiz",
    "ana.costa@alder.example",
    "Ana.Costa@Alder.example",
    "+34 600 111 222",
    "030 1234567",
    "DE89 3704 0044 0532 0130 00",
    "DE89370400440532013000",
    "4111 1111 1111 1111",
    "12345678Z",
    "123-45-6789",
    "192.0.2.17",
    "2001:db8::8a2e:370:7334",
    "https://ana:hunter22@db.alder.example/x",
    "password: tr0ub4dor&3",
    "221B Baker Street, London NW1 6XE",
    "Hauptstraße 12a, 10115 Berlin",
    "born on 3 May 1984",
    "K-20417",
    "‹EMAIL_1›",
    "‹PERSON_1B›",
    "‹PERSON_1",
    "PERSON_1",
)

GLUE = (
    *(" ", ", ", "\n", ". ", "", '"', "‹", "›", "{", "}", "\\", "\\u2039", "s ", "_1› "),
    *("Dear ", "Best regards,\n", "Name: "),
)

texts = st.lists(
    st.one_of(st.sampled_from(VALUES), st.sampled_from(GLUE), st.text(max_size=12)), min_size=1, max_size=14
).map("".join)


@st.composite
def cut(draw: st.DrawFn, text: str) -> list[str]:
    """Return the text in pieces."""
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=20)))
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
