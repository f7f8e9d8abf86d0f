"""In which time zone a page says its times, and how it writes them. Pure; `assets/src/dates.js` writes the same.

A time is never without its zone: `22 Nov, 14:05 +03:00`, or `UTC`. With the offset beside it, the hour that clocks show
twice is told apart. The year is left out where it is that of now; what is kept (files, mails) always has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from noc.access.own import zones
from noc.availability.times import parse
from noc.i18n.dates import clock, offset
from noc.i18n.language import Language, language
from noc.model.instants import from_ms, from_wall, in_zone, to_ms

ADDRESS: Final = "zone"
"""What names the zone in an address: `?zone=Africa/Nairobi`."""

COOKIE: Final = "noc_zone"
SITE: Final = "site"
"""In an address: the zone of the site that the page is of."""

UTC_NAME: Final = "UTC"
ENGLISH: Final = language("en")
_SHOWN_AT_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Times:
    """How one page writes moments.

    name: of the zone (IANA). asked: what the address names, as it stands there. wrong: what it names and is no zone, or
    no zone of this page; then times are as if nothing had been asked. site: the name of the zone of the page's site,
    empty where there is none. own: that of the reader's account, empty where they said none. spoken: the language of
    the page. year: that of now, which days are written without; None: all have theirs.
    """

    zone: tzinfo = UTC
    name: str = UTC_NAME
    asked: str = ""
    wrong: str = ""
    site: str = ""
    own: str = ""
    spoken: Language = ENGLISH
    year: int | None = None

    def read(self, spoken: Language, now: datetime) -> Times:
        """Return the same for a page in a language, as it is made now."""
        return replace(self, spoken=spoken, year=self.local(now).year)

    def local(self, moment: datetime) -> datetime:
        """Return a moment as the clocks of the zone show it."""
        return in_zone(moment, self.zone)

    def written(self, moment: datetime) -> str:
        """Return a moment to the second, for where these matter: `22 Nov, 14:05:09 +03:00`."""
        return self._said(moment, seconds=True)

    def written_ms(self, time_ms: int) -> str:
        """Return milliseconds of the Unix epoch as `written` does."""
        return self.written(from_ms(time_ms))

    def minute(self, moment: datetime) -> str:
        """Return a moment to the minute: `22 Nov, 14:05 +03:00`."""
        return self._said(moment)

    def planned(self, moment: datetime) -> str:
        """Return a moment to the minute, with the day of the week, for what people are there for."""
        return self._said(moment, weekday=True)

    def whole(self, moment: datetime) -> str:
        """Return a moment with all there is, for what is kept: `22 Nov 2026, 14:05:09 +03:00`."""
        local = self.local(moment)
        return f"{self.spoken.dates.moment(local, seconds=True)} {self._mark(local)}"

    def _said(self, moment: datetime, *, weekday: bool = False, seconds: bool = False) -> str:
        local = self.local(moment)
        has_year = local.year != self.year
        said = self.spoken.dates.moment(local, year=has_year, weekday=weekday, seconds=seconds)
        return f"{said} {self._mark(local)}"

    def field(self, time_ms: int) -> str:
        """Return milliseconds of the Unix epoch as a form has a time, without a zone: `2026-11-22T14:05`."""
        return f"{self.local(from_ms(time_ms)):%Y-%m-%dT%H:%M}"

    def clock(self, moment: datetime) -> str:
        """Return the time of day alone, `14:05`: for where zone and day stand beside it."""
        return clock(self.local(moment))

    def day(self, moment: datetime) -> date:
        """Return the day that calendars of the zone show."""
        return self.local(moment).date()

    def midnight_ms(self, day: date) -> int:
        """Return when a day begins there, in milliseconds of the Unix epoch."""
        return to_ms(from_wall(datetime(day.year, day.month, day.day), self.zone))  # noqa: DTZ001 of the zone

    def mark(self, moment: datetime) -> str:
        """Return what stands behind a time: the offset then, `+03:00`; `UTC` in UTC."""
        return self._mark(self.local(moment))

    def _mark(self, local: datetime) -> str:
        return UTC_NAME if self.is_utc else self.spoken.isolated(offset(local))

    def beside(self, moment: datetime) -> str:
        """Return the offset in words: `UTC+3`, `UTC-9:30`; `UTC` where there is none."""
        hours, _, minutes = offset(self.local(moment)).partition(":")
        shown = f"{hours[0]}{int(hours[1:])}" + (f":{minutes}" if minutes != "00" else "")
        return UTC_NAME if shown in ("+0", "-0") else f"{UTC_NAME}{shown}"

    @property
    def is_utc(self) -> bool:
        """Return whether times are in UTC itself, and not in a zone that is as far on just now."""
        return self.name == UTC_NAME

    def moment_ms(self, text: str) -> int:
        """Return what somebody typed, in milliseconds: ISO 8601; without an offset it is a time of this zone.

        Raises ValueError where it is no time.
        """
        wall = datetime.fromisoformat(text.strip())
        if wall.tzinfo is not None:
            return parse(text.strip())
        try:
            return to_ms(from_wall(wall, self.zone))
        except OverflowError as error:
            raise ValueError(f"'{text.strip()}' lies outside the years 1 to 9999") from error


def times_for(asked: str, kept: str, own: str, site: tzinfo | None) -> Times:
    """Return how a page writes moments: as its address says, else as somebody chose, else as their account says.

    asked: of the address, `site` for that of the page's site. kept: by the browser. own: of the account. site: the zone
    of the site that the page is of, None where it is of none, or its zone isn't known.
    """
    there = "" if site is None else str(site)
    mine = own if is_zone(own) else ""
    found = next((name for name in (there if asked == SITE else asked, kept, mine) if is_zone(name)), UTC_NAME)
    is_wrong = bool(asked) and not is_zone(there if asked == SITE else asked)
    wrong = asked[:_SHOWN_AT_MOST] if is_wrong else ""
    return Times(zone_named(found), found, asked, wrong, there, mine)


def choices(times: Times, spoken: Language) -> list[tuple[str, str]]:
    """Return what the menu offers, as values and texts; a script adds the zone of the browser."""
    found = {UTC_NAME: UTC_NAME}
    if times.own:
        found.setdefault(times.own, spoken.say("Yours: {zone}", zone=times.own))
    if times.site:
        found[SITE] = spoken.say("The site's: {zone}", zone=times.site)
    found.setdefault(times.name, times.name)
    return list(found.items())


def zone_named(name: str) -> tzinfo:
    """Return a zone by its IANA name. Raises ValueError where there is none."""
    if name == UTC_NAME:
        return UTC
    if not is_zone(name):
        raise ValueError(f"'{name[:_SHOWN_AT_MOST]}' is no time zone; write one such as Africa/Nairobi")
    return ZoneInfo(name)


def is_zone(name: str) -> bool:
    """Return whether a zone has this name."""
    return name == UTC_NAME or name in zones()


IN_UTC: Final = Times()
