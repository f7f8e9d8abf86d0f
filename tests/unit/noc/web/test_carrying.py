"""What an address says of its reader goes on to where the page leads, and nowhere else."""

from __future__ import annotations

import pytest

from noc.web.carrying import carry, onward

WHAT = {"zone": "Africa/Nairobi", "lite": ""}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/sites", "/sites?zone=Africa/Nairobi&lite="),
        ("?range=6h", "?range=6h&zone=Africa/Nairobi&lite="),
        ("/sites?a=1&zone=UTC#x", "/sites?a=1&zone=UTC&lite=#x"),
        ("/sites?lite&zone=UTC", "/sites?lite&zone=UTC"),
        ("/api/v1/series?x=1", "/api/v1/series?x=1"),
        ("/static/noc.css", "/static/noc.css"),
        ("//elsewhere.example/", "//elsewhere.example/"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
        ("#main", "#main"),
        ("mailto:noc@example.org", "mailto:noc@example.org"),
    ],
)
def test_an_address_goes_on(before: str, after: str) -> None:
    assert onward(before, WHAT) == after


def test_links_forms_and_parts_of_a_page_go_on() -> None:
    html = (
        '<a class="x" href="/sites?q=a&amp;b=%C3%A9">Sites</a><a href="#main">skip</a><a href="/api/v1/x">API</a>'
        '<div hx-get="/sites/goma/figures"></div><form method="post" action="/incidents/1/note"></form>'
        '<button formaction="/windows/1/shorten"></button>'
    )
    assert carry(html, {"zone": "UTC"}) == (
        '<a class="x" href="/sites?q=a&amp;b=%C3%A9&amp;zone=UTC">Sites</a><a href="#main">skip</a>'
        '<a href="/api/v1/x">API</a><div hx-get="/sites/goma/figures?zone=UTC"></div>'
        '<form method="post" action="/incidents/1/note?zone=UTC"></form>'
        '<button formaction="/windows/1/shorten?zone=UTC"></button>'
    )


def test_forms_by_get_have_it_as_fields() -> None:
    made = carry('<form method="get" action="/problems" data-filter>', WHAT)
    assert made.endswith(
        '<input type="hidden" name="zone" value="Africa/Nairobi"><input type="hidden" name="lite" value="">'
    )
    assert 'name="zone"' not in carry('<form method="get" action="/audit" data-zone>', WHAT)


def test_nothing_is_touched_where_the_address_says_nothing() -> None:
    html = '<a href="/sites">Sites</a>'
    assert carry(html, {}) is html


def test_what_an_address_says_never_becomes_markup() -> None:
    made = carry('<a href="/sites">x</a><form method="get">', {"zone": '"><script>alert(1)</script>'})
    assert "<script" not in made


def test_texts_that_look_like_links_stay_texts() -> None:
    html = "<p>&lt;a href=&#34;/sites&#34;&gt;</p>"
    assert carry(html, WHAT) == html
