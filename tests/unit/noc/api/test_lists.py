"""Every list of the API, from the table of routes: it goes by pages, and is filtered by the words of all others."""

from __future__ import annotations

from typing import Final, get_origin

from noc.api._endpoint import Endpoint
from noc.api.routes import endpoints
from tests.unit.noc.api.answers import refused
from tests.unit.noc.http.house import House

WHOLE: Final = {
    "/search": "the best of each kind, `limit` of each; nobody reads on there",
    "/series": "numbers of a stretch of time: `from` and `to` say how many, 100,000 at most",
    "/series/top": "the highest: `limit` says how many, and what is behind them is asked by `order`",
    "/marks": "what is drawn behind one chart: `from` and `to` say how much",
    "/incidents/{id}/changes": "of one hour, 100 at most",
}
"""Answers that have `items` and are no lists to page through."""

SAYS_HOW_MUCH: Final = {
    "/audit": {"text": "searches all words of a record", "from": "bounds what is read", "to": "bounds what is read"},
    "/circuits": {"min_use_pct": "an old word for use_pct__gte"},
    "/made-rules": {"q": "searches all words of a rule"},
    "/rules": {"raised": "one of fixed spans of time", "q": "searches all words of a rule"},
    "/incidents": {"q": "searches all words of an incident"},
    "/events": {"since": "an old word for last__gte", "until": "an old word for last__lt"},
    "/ledger": {"from": "bounds what is read", "to": "bounds what is read"},
    "/windows/times": {"from": "begins the time whose work is told", "to": "ends it"},
    "/assets": {"from": "begins the time of downtime", "to": "ends it", "sort": "is the order"},
    "/objectives": {"period": "says of which time", "zone": "says where days begin"},
    "/series/names": {"device": "says whose"},
    "/oncall/schedules/{id}/shifts": {"from": "begins the time whose shifts are told", "to": "ends it"},
    "latest": {"measurement": "says which numbers are read", "since": "says how old they may be"},
    "availability": dict.fromkeys(("period", "from", "to", "target", "known"), "says how figures are made"),
}
"""Parameters of lists that are no filters of what is listed, and why."""

NOBODY_THERE: Final = ("/rules", "/made-rules", "/rehearsals", "/series/names", "/mailbox")
"""Of these the house of these tests has nobody who tells, or they ask for more."""


def _lists(house: House) -> list[Endpoint]:
    return [
        one for one in endpoints(house.server._sources) if one.method == "GET" and "items" in one.answer.model_fields
    ]


def _asked(one: Endpoint) -> set[str]:
    return {parameter.name for parameter in one.parameters if parameter.place == "query"}


def _said_of(path: str) -> dict[str, str]:
    words = path.split("/")
    return SAYS_HOW_MUCH.get(path) or SAYS_HOW_MUCH.get(words[-1]) or SAYS_HOW_MUCH.get(words[1], {})


async def test_every_list_goes_by_pages(house: House) -> None:
    found = _lists(house)
    assert len(found) > 40
    for one in found:
        has = {"limit", "cursor"} <= _asked(one) and "next" in one.answer.model_fields
        assert has != (one.path in WHOLE), one.path
    assert {one.path for one in found} >= WHOLE.keys()


async def test_nothing_but_lists_says_next(house: House) -> None:
    for one in endpoints(house.server._sources):
        if "cursor" in _asked(one):
            assert get_origin(one.answer.model_fields["items"].annotation) is list, one.path


async def test_every_list_is_filtered_by_the_same_words(house: House) -> None:
    for one in _lists(house):
        if one.path in WHOLE:
            continue
        names = _asked(one) - {"limit", "cursor", "format"}
        fields = {name.partition("__")[0] for name in names if "__" in name}
        assert names - fields - {name for name in names if "__" in name} == _said_of(one.path).keys(), one.path


async def test_every_list_refuses_a_page_that_there_is_not(house: House) -> None:
    for one in _lists(house):
        if "cursor" in _asked(one) and "{" not in one.path and one.path not in NOBODY_THERE:
            for name, wrong in (("limit", "0"), ("limit", "1001"), ("cursor", "x!")):
                await refused(house, f"{one.path}?{name}={wrong}", f"/query/{name}")
