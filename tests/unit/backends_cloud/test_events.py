from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from service.backends.openai_protocol.events import BodyReader, EventReader, TooLargeError

LINE_ENDS = [b"\n", b"\r\n", b"\r"]
words = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1, max_size=20)
lines = st.one_of(
    words.map(lambda text: f"data: {text}"),
    words.map(lambda text: f"data:{text}"),
    words.map(lambda text: f": {text}"),
    st.sampled_from(["event: message", "id: 7", "retry: 10", "unknown: field"]),
)
events = st.lists(st.lists(lines, min_size=1, max_size=4), max_size=6)


def reader(**limits: int) -> EventReader:
    return EventReader(**{"max_event_bytes": 10_000, "max_total_bytes": 100_000, **limits})


def read(stream: bytes, cuts: list[int]) -> list[bytes]:
    whole, found, start = reader(), [], 0
    for cut in sorted({cut % (len(stream) + 1) for cut in cuts} | {len(stream)}):
        found += whole.feed(stream[start:cut])
        start = cut
    return found + whole.end()


@given(events, st.sampled_from(LINE_ENDS), st.lists(st.integers(min_value=0)))
def test_however_it_is_cut_it_is_read_as_the_sdk_reads_it(
    given_events: list[list[str]], line_end: bytes, cuts: list[int]
) -> None:
    stream = b"".join(line_end.join(line.encode() for line in event) + line_end * 2 for event in given_events)
    expected = [event.data.encode() for event in SSEDecoder().iter_bytes(iter([stream])) if event.data]
    assert read(stream, cuts) == expected


@given(st.binary(max_size=400), st.lists(st.integers(min_value=0)))
def test_any_bytes_are_read_alike_however_they_are_cut(stream: bytes, cuts: list[int]) -> None:
    assert read(stream, cuts) == read(stream, [])


def test_a_mark_at_the_beginning_is_no_part_of_it() -> None:
    assert reader().feed(b"\xef\xbb\xbfdata: a\n\n") == [b"a"]


def test_lines_of_data_are_joined() -> None:
    assert reader().feed(b"data: a\ndata:\ndata: b\n\n") == [b"a\n\nb"]


def test_an_event_without_its_blank_line_is_dropped() -> None:
    whole = reader()
    assert whole.feed(b"data: a\n\ndata: b\n") == [b"a"]
    assert whole.end() == []


def test_whole_lines_are_counted_and_single_bytes_are_not() -> None:
    whole = reader()
    whole.feed(b": still")
    assert whole.lines == 0
    whole.feed(b" alive\n")
    assert whole.lines == 1


@pytest.mark.parametrize("stream", [b"x" * 11, b"data: 12345\ndata: 67890\n", b"data: 1234567890"])
def test_an_event_is_bounded(stream: bytes) -> None:
    with pytest.raises(TooLargeError):
        reader(max_event_bytes=10).feed(stream)


def test_a_stream_is_bounded() -> None:
    whole = reader(max_total_bytes=20)
    whole.feed(b"data: a\n\n")
    with pytest.raises(TooLargeError) as error:
        whole.feed(b"data: aaaa\n\n")
    assert error.value.limit_bytes == 20


def test_a_body_is_whole_at_its_end_and_bounded() -> None:
    body = BodyReader(max_total_bytes=4)
    assert body.end() == []
    assert [*body.feed(b"ab"), *body.feed(b"cd")] == []
    assert body.end() == [b"abcd"]
    with pytest.raises(TooLargeError):
        body.feed(b"e")
