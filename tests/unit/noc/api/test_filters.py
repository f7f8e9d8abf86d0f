"""Filters as NetBox names them: the same on every list, declared, and refused where they are none or name nothing."""

from __future__ import annotations

import pytest

from noc.api._filters import Field, Filters
from noc.api.routes import endpoints
from tests.unit.noc.api.answers import get, refused
from tests.unit.noc.http.house import House

FOUND = {
    "/sites?region=africa&region=europe": ["bangui", "brindisi", "nairobi"],
    "/sites?region__n=africa": ["brindisi"],
    "/sites?region__n=africa&region__n=europe": [],
    "/sites?id=bangui&id=nairobi": ["bangui", "nairobi"],
    "/sites?id__in=nairobi,brindisi": ["brindisi", "nairobi"],
    "/sites?id__in=nairobi,brindisi&region=africa": ["nairobi"],
    "/sites?id__n=nairobi": ["bangui", "brindisi"],
    "/sites?name__ic=BANG": ["bangui"],
    "/sites?name__ic=bang&name__ic=rindis": ["bangui", "brindisi"],
    "/sites?name__nic=bang&name__nic=rindis": ["nairobi"],
    "/sites?name__isw=nai": ["nairobi"],
    "/sites?name__iew=ISI": ["brindisi"],
    "/sites?name__ie=nairobi": ["nairobi"],
    "/sites?name=nairobi": [],
    "/sites?country__empty=true": ["bangui", "brindisi", "nairobi"],
    "/sites?country__empty=false": [],
    "/sites?since__gte=now-1h": ["nairobi"],
    "/sites?since__lt=now-1h": [],
    "/devices?site=bangui&site=brindisi": ["bds-rtr-1", "bgf-rtr-1"],
    "/devices?id__isw=nbo&class__n=ups": ["nbo-rtr-1", "nbo-ups-1"],
    "/devices?address__isw=2001:db8": ["bds-rtr-1"],
    "/devices?tag__n=core": [],
    "/devices?status__n=unknown": ["nbo-rtr-1"],
    "/circuits?capacity_bps__gte=1": [],
    "/circuits?name__ic=satellite&kind=satellite&kind=mpls": ["nbo-sat"],
    "/circuits?provider_reference__empty=true": ["nbo-sat"],
    "/regions?name__ic=eur": ["europe"],
    "/regions?id__in=africa,europe": ["africa", "europe"],
    "/services?id__ic=x": [],
    "/endpoints?name__ic=x": [],
}

WRONG = {
    "/sites?id__in=nairobi,nairoby": ("id__in", "there is no site 'nairoby' (did you mean 'nairobi'?)"),
    "/sites?region=africa&region=asia": ("region", "there is no region 'asia' (did you mean 'africa'?)"),
    "/sites?region__n=asia": ("region__n", "there is no region 'asia' (did you mean 'africa'?)"),
    "/sites?name__ic=": ("name__ic", "must have 1 to 500 characters"),
    "/sites?name__icc=a": ("name__icc", "unknown parameter (did you mean 'name__ic'?)"),
    "/sites?since__gte=yesterday": ("since__gte", "'yesterday'"),
    "/sites?country__empty=perhaps": ("country__empty", "'perhaps' is not one of true, false"),
    "/circuits?capacity_bps__gte=much": ("capacity_bps__gte", "must be a number"),
    "/circuits?use_pct__gte=nan": ("use_pct__gte", "must be a number"),
    "/incidents?since__gte=x": ("since__gte", "'x'"),
    "/interfaces?speed_bps__lt=x": ("speed_bps__lt", "must be a number"),
}


@pytest.mark.parametrize("path", FOUND)
async def test_what_is_asked_for_is_found(house: House, path: str) -> None:
    house.saw("nbo-rtr-1", ok=True)
    assert [one["id"] for one in (await get(house, path))["items"]] == FOUND[path]


@pytest.mark.parametrize("path", WRONG)
async def test_what_is_wrong_is_said_with_its_name(house: House, path: str) -> None:
    name, said = WRONG[path]
    assert (await refused(house, path, f"/query/{name}")).startswith(said)


async def test_incidents_are_found_by_place_rule_and_time(house: House) -> None:
    first = await house.raises()
    second = await house.raises(entity="device/bds-rtr-1", rule="fan-failed")
    for query, found in {
        "site=nairobi&site=brindisi": [second, first],
        "region__n=africa": [second],
        "rule__ic=FAN": [second],
        "rule=device-down&rule=fan-failed": [second, first],
        "rule__nic=fan": [first],
        "since__gte=now-30s": [],
        "opened__gte=now-10m": [second, first],
    }.items():
        assert [one["id"] for one in (await get(house, f"/incidents?{query}"))["items"]] == found, query


def test_numbers_several_values_and_what_is_not_there() -> None:
    names = [one.name for one in Filters((Field("speed", "the speed", "number"), Field("at", "it", "time"))).parameters]
    assert names == ["speed", "speed__n", "speed__lt", "speed__lte", "speed__gt", "speed__gte", "at__lt", "at__gte"]


async def test_no_list_declares_a_name_twice(house: House) -> None:
    for endpoint in endpoints(house.server._sources):
        names = [(one.place, one.name) for one in endpoint.all_parameters]
        assert len(set(names)) == len(names), endpoint.path
