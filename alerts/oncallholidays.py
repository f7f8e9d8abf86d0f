"""Which days are holidays: those of countries, by the library `holidays`, and those of one's own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from alerts.oncallclock import IsHoliday
from alerts.oncallsettings import Holidays
from noc.model.finding import did_you_mean


def is_holiday_of(sets: Mapping[str, Holidays]) -> IsHoliday:
    """Return what tells whether a day is one of a named set; of a set that there is not, none is."""

    def is_holiday(name: str, day: date) -> bool:
        found = sets.get(name)
        return found is not None and day in found.days.keys() | _of_country(found, day.year)

    return is_holiday


def _of_country(holidays: Holidays, year: int) -> frozenset[date]:
    if holidays.country is None or wrong_country(holidays) is not None:
        return frozenset()
    return public_holidays(holidays.country, holidays.subdivision, year) - frozenset(holidays.without)


@lru_cache(maxsize=1_000)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of a country in a year; ask `wrong_country` first, which knows the countries."""
    import holidays  # noqa: PLC0415 only who has holidays loads them

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


def wrong_country(holidays: Holidays) -> str | None:
    """Return a sentence for an operator where nothing is known of a country or its part; else None."""
    if holidays.country is None:
        return None if holidays.subdivision is None else "a subdivision needs its country"
    known = _countries()
    if holidays.country not in known:
        return f"of the holidays of '{holidays.country}' nothing is known; write its days into `days`"
    parts = known[holidays.country]
    if holidays.subdivision is not None and holidays.subdivision not in parts:
        hint = did_you_mean(holidays.subdivision, parts) or f"; known are {', '.join(sorted(parts)) or 'none'}"
        return f"'{holidays.country}' has no subdivision '{holidays.subdivision}'{hint}"
    return None


@lru_cache(maxsize=1)
def _countries() -> dict[str, frozenset[str]]:
    from holidays.utils import list_supported_countries  # noqa: PLC0415 as above

    return {country: frozenset(parts) for country, parts in list_supported_countries().items()}
