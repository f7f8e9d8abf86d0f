"""The times in syslog lines: ISO 8601, and the ways of vendors, most of them without year and zone. Pure functions.

A time without a zone is taken for UTC, which most networks set; with the abbreviation of a zone that isn't UTC it is
left out: MEST, IST, CST mean different things at different places.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from noc.model.instants import from_ms, to_ms

_MONTHS: Final = {
    name: number + 1
    for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}
_CLOCK = r"(?P<h{0}>[0-2]?\d):(?P<m{0}>[0-5]\d):(?P<s{0}>[0-6]\d)(?:[.,](?P<f{0}>\d{{1,9}})(?:\.\d{{1,3}})?)?"
_MONTH = "[A-Z][a-z]{2}"

TIME: Final = re.compile(
    # 2018-07-23T01:00:34.270Z, 2018-7-23 01:00:34.270.1
    rf"(?P<y1>(?:19|20)\d\d)-(?P<o1>[01]?\d)-(?P<d1>[0-3]?\d)[T ]{_CLOCK.format(1)}(?P<z1> ?(?:Z|[+-]\d\d:?\d\d)\b)?"
    # 2018 Apr 20 13:15:07, 2018-Nov- 9 15:41:30
    rf"|(?P<y2>(?:19|20)\d\d)[ -](?P<o2>{_MONTH})[ -] ?(?P<d2>[0-3]?\d) {_CLOCK.format(2)}"
    # Jul 20 21:45:59, Jul 20 2019 21:45:59, Mar  1 00:00:00.000
    rf"|(?P<o3>{_MONTH}) {{1,2}}(?P<d3>[0-3]?\d) (?:(?P<y3>(?:19|20)\d\d) )?{_CLOCK.format(3)}"
    r"(?: (?P<t3>(?:19|20)\d\d)\b)?"
)
"""Where a time stands in a line."""

ZONE: Final = re.compile(r" ?(?P<zone>UTC|[A-Z]{1,4}T|Z|[+-]\d\d:?\d\d)(?=[: ]|\Z)")
"""A zone behind it."""

_UTC: Final = ("", "Z", "UTC", "GMT")
_HALF_A_YEAR: Final = timedelta(days=183)


def milliseconds(found: re.Match[str], zone: str, received_ms: int) -> int | None:
    """Return the time that TIME has found, in milliseconds of the Unix epoch; None where it is none.

    zone: `UTC`, `+02:00`, …; empty where there is none. received_ms: where there is no year, the nearest one to this.
    """
    form = "1" if found["y1"] else "2" if found["y2"] else "3"
    offset = _offset(zone.strip())
    month = int(found["o1"]) if form == "1" else _MONTHS.get(found[f"o{form}"].lower())
    if offset is None or month is None:
        return None
    year = found[f"y{form}"] or (found["t3"] if form == "3" else None)
    day, hour, minute, second = (int(found[f"{part}{form}"]) for part in "dhms")
    thousandths = int((found[f"f{form}"] or "").ljust(3, "0")[:3])
    received = from_ms(received_ms)
    for one in (int(year),) if year else (received.year, received.year - 1, received.year + 1):
        try:
            moment = datetime(one, month, day, hour, minute, min(second, 59), tzinfo=UTC) - offset  # leap seconds
        except (ValueError, OverflowError):  # the 30th of February, and the 29th in most years
            continue
        if year or abs(moment - received) <= _HALF_A_YEAR:
            return to_ms(moment) + thousandths
    return None


def _offset(zone: str) -> timedelta | None:
    if zone in _UTC:
        return timedelta()
    if zone[0] not in "+-":
        return None
    length = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -length if zone[0] == "-" else length
