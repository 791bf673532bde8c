"""Page tokens bring back the key they hold, for the list they belong to, and nothing else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InvalidArgumentError
from service.store.paging import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, decode_page_token, encode_page_token, page_limit


@given(st.text(max_size=50), st.text(max_size=50), st.integers())
def test_a_token_brings_its_key_back(scope: str, first: str, second: int) -> None:
    if len(str(second)) < 300:
        token = encode_page_token(scope, (first, second))
        assert decode_page_token(scope, token, (str, int)) == (first, second)


def test_no_token_is_the_first_page() -> None:
    assert decode_page_token("list", "", (str,)) is None


@pytest.mark.parametrize(
    "token",
    [
        "nonsense!",
        "abc",
        "é",
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b"\xff").decode(),
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
        "A" * 5000,
        encode_page_token("another list", ("a",)),
        encode_page_token("list", (1,)),
        encode_page_token("list", (True,)),
        encode_page_token("list", ("a", "b")),
    ],
)
def test_other_tokens_are_refused(token: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        decode_page_token("list", token, (str,))
    assert raised.value.reason == "INVALID_PAGE_TOKEN"
    assert raised.value.violations[0].subject == "page_token"


def test_page_sizes_are_bounded() -> None:
    assert [page_limit(size) for size in (0, 7, 99_999)] == [DEFAULT_PAGE_SIZE, 7, MAX_PAGE_SIZE]
    with pytest.raises(InvalidArgumentError):
        page_limit(-1)
