"""A path stays below its server's, however it is read."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugins.sources.openapi.paths import PathError, check_inside, filled, placeholders
from plugins.sources.openapi.styles import escaped


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/a", "/v1/a%2Fb", "/v1/a.b/..c/...", "/v1/%25", "/v1/a;p=1", "/v1//a"]
)
def test_paths_that_stay(path: str) -> None:
    check_inside(path, "/v1")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/../admin",
        "/v1/%2e%2e/admin",
        "/v1/%2E./admin",
        "/v1/..%2fadmin",
        "/v1/..%5cadmin",
        "/v1/..;/admin",
        "/v1/..;x=1/admin",
        "/v1/%2e%2e%3b/admin",
        "/v1/%252e%252e/admin",
        "/v1/%252e%252e%252fadmin",
        "/v1/a/./b",
        "/v1/.",
        "/v1/..",
        "/v1/..%20/admin",
        "/v2/a",
        "/v1x",
        "/V1/a",
        "//v1/a",
        "v1/a",
        "",
        "/v1/a b",
        "/v1/a?b",
        "/v1/a#b",
        "/v1/a\\b",
        "/v1/é",
        "/v1/%",
        "/v1/%zz",
        "/v1/%00",
        "/v1/%0d%0a",
        "/v1/a%250aX",
        "/v1/" + "%" + "25" * 20 + "2e",
    ],
)
def test_paths_that_are_refused(path: str) -> None:
    with pytest.raises(PathError):
        check_inside(path, "/v1")


def readings(path: str) -> list[str]:
    """Return where a server may think that a path leads, after so many unescapings."""
    found = []
    for _ in range(4):
        found.append(posixpath.normpath(path.replace("\\", "/")))
        path = unquote(path)
    return found


ATTACKS = st.sampled_from(["..", ".", "/", "\\", "%2e", "%2f", "%5c", "%25", ";", "..;", "a", "%00", " ", "%252e", "é"])


@settings(max_examples=60, deadline=None)
@given(st.lists(ATTACKS, max_size=8).map("".join))
@example("..%2f..%2fadmin")
def test_no_raw_path_that_passes_leaves_its_base_in_any_reading(tail: str) -> None:
    path = f"/v1/{tail}"
    try:
        check_inside(path, "/v1")
    except PathError:
        return

    for reading in readings(path):
        assert reading == "/v1" or reading.startswith("/v1/")


@settings(max_examples=60, deadline=None)
@given(st.lists(ATTACKS, min_size=1, max_size=6).map("".join) | st.text(min_size=1, max_size=20))
def test_no_argument_leads_out_of_its_place(value: str) -> None:
    path = "/v1" + filled("/users/{id}/posts", {"id": escaped(value)})
    try:
        check_inside(path, "/v1")
    except PathError:
        return

    segments = path.split("/")
    assert segments[:3] == ["", "v1", "users"]
    assert segments[4:] == ["posts"]
    for reading in readings(path):
        assert reading.startswith("/v1/users/")


def test_a_placeholder_needs_a_value() -> None:
    assert placeholders("/a/{x}/{y}/{x}") == ("x", "y")
    assert filled("/a/{x}/{x}", {"x": "1"}) == "/a/1/1"
    for values in ({}, {"x": ""}):
        with pytest.raises(PathError, match="x"):
            filled("/a/{x}", values)
