from __future__ import annotations

from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from noc.http.problems import ProblemError
from noc.web.paging import chosen, page_of


def asked(url: str) -> web.Request:
    return make_mocked_request("GET", url)


@given(st.integers(0, 60), st.integers(1, 9))
def test_pages_give_every_item_once_in_order(count: int, per_page: int) -> None:
    seen: list[int] = []
    url = "/problems?severity=major"
    while True:
        page = page_of(range(count), asked(url), per_page)
        seen += page.items
        assert page.total == count
        assert page.last == len(seen)
        if page.after is None:
            break
        url = page.after
        assert "severity=major" in url
    assert seen == list(range(count))


def test_a_page_behind_the_last_is_the_last() -> None:
    page = page_of(range(25), asked("/sites?page=9"), 10)
    assert (list(page.items), page.first, page.last, page.before, page.after) == (
        [20, 21, 22, 23, 24],
        21,
        25,
        "/sites?page=2",
        None,
    )


def test_an_empty_list_has_one_page() -> None:
    page = page_of([], asked("/sites"))
    assert (page.first, page.last, page.before, page.after) == (0, 0, None, None)


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "٣", "9" * 30, ""])
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as told:
        page_of([1], asked(f"/sites?page={quote(text)}"))
    assert told.value.status == 400


def test_a_choice_is_one_of_the_known() -> None:
    request = asked("/problems?severity=major&state=")
    assert chosen(request, "severity", ("critical", "major")) == "major"
    assert chosen(request, "state", ("open",), "open") == "open"
    assert chosen(request, "region", ()) == ""
    with pytest.raises(ProblemError, match="must be one of critical, minor"):
        chosen(request, "severity", ("critical", "minor"))
