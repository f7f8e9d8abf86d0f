"""Where the sites of the world stand: cities, countries, coordinates and time zones of real towns. The door to
airportsdata: towns that have an airfield are where missions go.

The same count and seed give the same sites.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import airportsdata

from noc.model.errors import UsageError

SiteClass = Literal["hub", "rtc", "office", "mission", "field"]

SITES: Final = 594
"""Sites of the network that the world is modelled on."""

SITES_AT_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the world. centre: the site of its technology centre; time_zone: of that centre."""

    id: str
    name: str
    centre: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Place:
    """A site before it has devices. latitude, longitude: degrees, north and east positive."""

    id: str
    name: str
    site_class: SiteClass
    region: str
    country: str
    time_zone: str
    latitude: float
    longitude: float


REGIONS: Final = (
    Region("europe", "Europe and the Middle East", "geneva", "Europe/Zurich"),
    Region("americas", "Americas", "new-york", "America/New_York"),
    Region("africa", "Africa", "nairobi", "Africa/Nairobi"),
    Region("asia-pacific", "Asia and the Pacific", "bangkok", "Asia/Bangkok"),
)

CENTRES: Final = (
    Place("brindisi", "Brindisi data centre", "hub", "europe", "IT", "Europe/Rome", 40.659, 17.951),
    Place("valencia", "Valencia data centre", "hub", "europe", "ES", "Europe/Madrid", 39.484, -0.43),
    Place("nairobi", "Nairobi technology centre", "rtc", "africa", "KE", "Africa/Nairobi", -1.234, 36.817),
    Place("new-york", "New York technology centre", "rtc", "americas", "US", "America/New_York", 40.7489, -73.968),
    Place("geneva", "Geneva technology centre", "rtc", "europe", "CH", "Europe/Zurich", 46.2266, 6.1405),
    Place("bangkok", "Bangkok technology centre", "rtc", "asia-pacific", "TH", "Asia/Bangkok", 13.7633, 100.509),
)

# How many of the sites behind the centres stand in each country, relative to each other.
WEIGHTS: Final[Mapping[str, Mapping[str, int]]] = {
    "africa": {
        "CD": 60,
        "SS": 45,
        "ML": 35,
        "CF": 35,
        "SO": 30,
        "SD": 30,
        "ET": 14,
        "KE": 12,
        "UG": 10,
        "TD": 14,
        "NE": 12,
        "BF": 10,
        "CM": 10,
        "NG": 12,
        "LY": 12,
        "LR": 8,
        "CI": 8,
        "SN": 6,
        "MR": 6,
        "MZ": 10,
        "EH": 3,
        "RW": 4,
        "BI": 3,
        "DJ": 3,
        "GW": 3,
        "MG": 6,
        "MW": 5,
        "ZM": 5,
        "AO": 6,
        "EG": 5,
    },
    "europe": {
        "LB": 12,
        "SY": 14,
        "IQ": 18,
        "YE": 14,
        "JO": 8,
        "CY": 5,
        "RS": 4,
        "BA": 3,
        "UA": 8,
        "GE": 3,
    },
    "asia-pacific": {
        "AF": 26,
        "PK": 12,
        "NP": 8,
        "MM": 12,
        "TL": 6,
        "BD": 6,
        "LK": 4,
        "PH": 6,
        "PG": 5,
        "KG": 3,
        "LA": 3,
    },
    "americas": {
        "HT": 16,
        "CO": 24,
        "GT": 8,
        "HN": 5,
        "SV": 4,
        "PE": 4,
        "EC": 4,
        "BO": 4,
        "DO": 3,
    },
}

OFFICE_CODES: Final = (
    *("VIE", "ADD", "SCL", "BEY", "SUV", "DKR", "JNB", "PTY", "DEL", "AMM", "ALA", "BSB"),
    *("CAI", "MEX", "TUN", "ABV", "YAO", "HRE", "LBV", "POM", "LIM", "BRU", "CPH", "DAR"),
)
MISSION_CODES: Final = (
    *("FIH", "JUB", "BKO", "BGF", "MGQ", "KRT", "EBB", "GOM", "PAP", "BOG", "KBL", "BGW"),
    *("EUN", "DAM", "SAH", "ISB", "KTM", "DIL", "ROB", "ABJ", "NDJ", "TIP", "GUA", "TBS"),
    *("BEG", "NIM", "OUA", "KGL", "BJM", "LUN", "ADE", "JIB", "LOS", "MTS", "LLW", "MPM"),
)
# Of the 588 sites behind the centres: 24 offices, 36 missions, the others in the field.
_OFFICE_SHARE: Final = 24 / 588
_MISSION_SHARE: Final = 36 / 588

_TITLES: Final = {"Senou": "Bamako", "Nausori": "Suva", "Tocumen": "Panama City", "Belgrad": "Belgrade"}
"""Towns that the airfield's neighbourhood is not known by."""

_REGION_OF: Final = {country: region for region, countries in WEIGHTS.items() for country in countries} | {
    **dict.fromkeys(("AT", "BE", "DK", "KZ"), "europe"),
    **dict.fromkeys(("CL", "PA", "BR", "MX"), "americas"),
    **dict.fromkeys(("ZA", "TN", "ZW", "GA", "TZ", "SZ"), "africa"),
    **dict.fromkeys(("FJ", "IN"), "asia-pacific"),
}


@dataclass(frozen=True, slots=True)
class _Town:
    name: str
    country: str
    time_zone: str
    latitude: float
    longitude: float


def places(count: int = SITES, seed: int = 1) -> tuple[Place, ...]:
    """Return the sites: the two data centres and the four technology centres first, then the others.

    Raises UsageError when there is no room for so many.
    """
    if not 1 <= count <= SITES_AT_MOST:
        raise UsageError(f"{count} sites: a world has 1 to {SITES_AT_MOST}")
    rng = random.Random(f"places {seed}")  # noqa: S311 a made-up world, no secret
    found = list(CENTRES[:count])
    used = {place.id: place.country for place in found}
    towns, by_code = _towns()
    rest = count - len(found)
    offices, missions = round(rest * _OFFICE_SHARE), round(rest * _MISSION_SHARE)
    named = [by_code[code] for code in OFFICE_CODES[:offices] if code in by_code]
    found += [_place(town, "office", used) for town in named]
    named = [by_code[code] for code in MISSION_CODES[:missions] if code in by_code]
    found += [_place(town, "mission", used) for town in named]
    field = _field_towns(towns, rng)
    while len(found) < count:
        found.append(_place(next(field), "field", used))
    return tuple(found)


@cache
def _towns() -> tuple[dict[str, list[_Town]], dict[str, _Town]]:
    """Return the towns of the countries that have a weight, and all towns by IATA code."""
    by_country: dict[str, list[_Town]] = {country: [] for country in _REGION_OF}
    by_code: dict[str, _Town] = {}
    seen: set[tuple[str, str]] = set()
    for code, airport in sorted(airportsdata.load("ICAO").items()):
        if airport["country"] not in by_country or not airport["tz"]:
            continue
        name = airport["city"] or re.sub(r" (Airport|Airfield|Airstrip|Air Base|Heliport).*", "", airport["name"])
        town = _Town(_TITLES.get(name, name), airport["country"], airport["tz"], airport["lat"], airport["lon"])
        if airport["iata"]:
            by_code[airport["iata"]] = town
        key = (town.country, _slug(town.name))
        if key not in seen and len(key[1]) > 1 and not code.isdigit():
            seen.add(key)
            by_country[town.country].append(town)
    return by_country, by_code


def _field_towns(towns: Mapping[str, list[_Town]], rng: random.Random) -> Iterator[_Town]:
    """Yield towns for ever, by the countries' weights. A country that has none left begins anew, nearby."""
    weights = {country: weight for region in WEIGHTS.values() for country, weight in region.items() if towns[country]}
    names, shares = list(weights), list(weights.values())
    waiting: dict[str, list[_Town]] = {}
    while True:
        country = rng.choices(names, weights=shares)[0]
        if not waiting.get(country):
            waiting[country] = rng.sample(towns[country], len(towns[country]))
        town = waiting[country].pop()
        north, east = rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.05)  # the camp, not the runway
        yield _Town(town.name, town.country, town.time_zone, town.latitude + north, town.longitude + east)


def _place(town: _Town, site_class: SiteClass, used: dict[str, str]) -> Place:
    """Return a site with an id of its own. A second site in the same town gets a number, another town its country."""
    name = slug = _slug(town.name)
    title, number = town.name, 2
    if slug in used and used[slug] != town.country:
        name = slug = f"{slug}-{town.country.lower()}"
    while name in used:
        name, title = f"{slug}-{number}", f"{town.name} {number}"
        number += 1
    used[name] = town.country
    point = round(town.latitude, 4), round(town.longitude, 4)
    return Place(name, title, site_class, _REGION_OF[town.country], town.country, town.time_zone, *point)


def _slug(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower().replace("'", "")).strip("-")[:40].strip("-")
