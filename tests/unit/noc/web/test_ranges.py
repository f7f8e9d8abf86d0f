from __future__ import annotations

import pytest

from noc.availability.times import parse
from noc.i18n.language import language
from noc.web.faultwords import detail
from noc.web.ranges import shown
from noc.web.zones import IN_UTC

NOW_MS = parse("2026-11-22T14:00:00Z")


@pytest.mark.parametrize(
    ("query", "range_shown", "wrong"),
    [
        ({}, "6h", []),
        ({"range": "7d"}, "7d", []),
        ({"from": "2026-11-01T00:00Z", "to": "2026-11-02"}, "", []),
        ({"from": "2026-11-01T00:00Z"}, "", []),  # until now
        ({"to": "2026-11-01T00:00Z"}, "", []),  # as long as the range
        ({"from": "", "to": ""}, "6h", []),
        ({"range": "99x"}, "6h", ["“range=99x” must be one of 1h, 6h, 24h, 7d, 30d"]),
        ({"from": "yesterday"}, "6h", ["“from=yesterday” is no time; write it as 2026-11-01T00:00Z"]),
        ({"to": "0000-01-01"}, "6h", ["“to=0000-01-01” is no time; write it as 2026-11-01T00:00Z"]),
        ({"from": "2026-11-01", "to": "x"}, "6h", ["“to=x” is no time; write it as 2026-11-01T00:00Z"]),
        ({"range": "24h", "from": "2026-11-22T15:00"}, "24h", ["“from=2026-11-22T15:00” must be in the past"]),
        (
            {"from": "2026-11-02", "to": "2026-11-01"},
            "6h",
            ["“from=2026-11-02” must be before “to=2026-11-01”"],
        ),
    ],
)
def test_what_is_not_understood_is_told_and_a_range_is_shown(
    query: dict[str, str], range_shown: str, wrong: list[str]
) -> None:
    found = shown(query, IN_UTC, NOW_MS)
    assert (found.range, list(found.misread)) == (range_shown, wrong)


def test_it_is_told_in_the_language_of_the_page() -> None:
    queries = (
        {"range": "99x", "from": "yesterday"},
        {"from": "2026-11-02", "to": "2026-11-01"},
        {"from": "2027-01-01"},
    )
    for text in (one for query in queries for one in shown(query, IN_UTC, NOW_MS).misread):
        said = detail(text, language("fr"))
        assert said.rstrip(".") != text
        assert "=" in said
