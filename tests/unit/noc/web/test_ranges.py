from __future__ import annotations

import pytest

from noc.i18n.language import language
from noc.web.faultwords import detail
from noc.web.ranges import misread, shown
from noc.web.zones import IN_UTC


@pytest.mark.parametrize(
    ("query", "range_shown", "wrong"),
    [
        ({}, "6h", []),
        ({"range": "7d"}, "7d", []),
        ({"from": "2026-11-01T00:00Z", "to": "2026-11-02"}, "6h", []),
        ({"range": "99x"}, "6h", ["“range=99x” must be one of 1h, 6h, 24h, 7d, 30d"]),
        ({"from": "yesterday"}, "6h", ["“from=yesterday” is no time; write it as 2026-11-01T00:00Z"]),
        ({"to": "0000-01-01"}, "6h", ["“to=0000-01-01” is no time; write it as 2026-11-01T00:00Z"]),
    ],
)
def test_what_is_not_understood_is_told_and_six_hours_are_shown(
    query: dict[str, str], range_shown: str, wrong: list[str]
) -> None:
    assert (shown(query), misread(query, IN_UTC)) == (range_shown, wrong)


def test_it_is_told_in_the_language_of_the_page() -> None:
    for text in misread({"range": "99x", "from": "yesterday"}, IN_UTC):
        said = detail(text, language("fr"))
        assert said.rstrip(".") != text
        assert "=" in said
