"""Words and numbers as pages write them. Pure; `assets/src/ages.js` and `numbers.js` write the same in the browser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Final

from noc.availability.figures import Exact
from noc.model.incident import EntryKind, Facts, Incident, NoticeKind, NoticeState
from noc.model.instants import from_ms, to_ms

NOTHING: Final = "–"
DEGRADED: Final = "degraded"
"""The fact `status` of an incident of what works, but worse than it should; `down` of what doesn't."""
_PREFIXES: Final = ("", "k", "M", "G", "T", "P")
_SECONDS_READ_AS_SUCH: Final = 120

ENTRY_WORDS: Final[Mapping[EntryKind, str]] = {
    "opened": "Opened",
    "notified": "Notified",
    "undelivered": "Could not be delivered",
    "reminded": "Reminded",
    "escalated": "Escalated",
    "acknowledged": "Acknowledged",
    "note": "Note",
    "resolved": "Resolved",
    "joined": "A symptom joined",
    "left": "A symptom left",
    "merged": "Became one of another incident",
    "reprobed": "Asked again",
    "flapping": "Goes up and down",
    "priority": "Priority",
    "expired": "Nobody owns it any more",
    "in_progress": "In progress",
    "reopened": "Reopened",
    "closed": "Closed",
    "major": "Major incident",
    "update": "Status update",
    "ticket": "Ticket",
    "problem": "Problem record",
    "diagnosed": "Diagnosed",
    "overdue": "Overdue",
    "handed_over": "Handed over",
    "delivered": "Delivered",
    "read": "Read",
    "acted": "Answered",
    "held": "Held back",
}
NOTICE_WORDS: Final[Mapping[NoticeKind, str]] = {
    "page": "page",
    "reminder": "reminder",
    "escalation": "escalation",
    "further": "more of it",
    "update": "status update",
    "resolved": "all clear",
}
DELIVERY_WORDS: Final[Mapping[NoticeState, str]] = {
    "queued": "waiting",
    "claimed": "being sent",
    "unknown": "perhaps sent; it is sent again",
    "sent": "sent",
    "dead": "given up",
    "dropped": "no longer needed",
}
WHY_WORDS: Final[Mapping[str, str]] = {
    "up": "it is up",
    "down": "it is down",
    "stale": "nobody sees it any more",
    "withdrawn": "it was switched off, or taken out of the configuration",
    "raised": "its rule was raised",
    "further": "its rule is raised for more",
    "cleared": "its rule was cleared",
    "by_hand": "by hand",
    "not_watched": "it is no longer watched",
    "unacknowledged": "nobody had acknowledged",
    "undelivered": "nobody could be reached",
    "window": "in a planned window",
    "window_over": "the window is over",
    "fallback": "it went another way",
    "unknown": "nobody knows whether it arrived; it is sent again",
    "repaired": "it had no next action, and was looked at again",
    "clock": "the clock of the machine leapt forward, so all waits as much longer",
    "again": "the same came back",
    "after": "it was over for long enough",
}
_POINTER: Final = re.compile(r"\A/query/(\w+): ")
_NAMES: Final[Mapping[str, str]] = {
    "since_ms": "since",
    "after_s": "after",
    "to": "to",
    "clear": "clears at",
    "window_since": "held back since",
    "window_until": "in the window until",
    "held_s": "held back for",
    "by_ms": "by",
    "by_s": "by",
    "until_ms": "until",
}
_SHORT_FORMS: Final = frozenset(("ups", "ip", "pabx", "vtc", "dns", "bgp", "vpn", "cpu", "pdu"))
_ELSEWHERE: Final = frozenset(
    ("person", "channel", "step", "kind", "clear", "measurement", "metric", "reason", "poller", "since_ms")
)
"""Facts of an entry of a timeline that stand beside it, or in the facts of its incident."""
_UNITS: Final[Mapping[str, str]] = {
    "celsius": "°C",
    "volts": "V",
    "amperes": "A",
    "watts": "W",
    "percent": "%",
    "hertz": "Hz",
    "db": "dB",
    "dbm": "dBm",
    "dbuv": "dBµV",
    "bits_per_second": "bit/s",
    "seconds": "s",
    "watt_hours": "Wh",
    "packets_per_second": "packet/s",
    "milliseconds": "ms",
}


def at(time_ms: int) -> datetime:
    """Return milliseconds of the Unix epoch as a time in UTC."""
    return from_ms(time_ms)


def ms(time: datetime) -> int:
    """Return a time as whole milliseconds of the Unix epoch."""
    return to_ms(time)


def duration(seconds: float) -> str:
    """Return a length of time in two units at most: `42 s`, `5 min`, `3 h 20 min`, `2 d 4 h`, `40 d`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"


def length(milliseconds: Exact) -> str:
    """Return an exact length in milliseconds as `duration` does."""
    return duration(float(Fraction(milliseconds) / 1000))


def percent(value: Fraction | None) -> str:
    """Return a percentage with three decimals, cut and not rounded: 99.9996 is not 100."""
    if value is None:
        return NOTHING
    thousandths = value * 1000 // 1
    return f"{thousandths // 1000}.{thousandths % 1000:03}"


def quantity(value: float | None, unit: str | None) -> str:
    """Return a number with three figures and its unit; bits, bytes and packets with a prefix, times as people say them.

    Charts write all numbers of an axis in one unit, and so seconds as seconds.
    """
    if value is None:
        return NOTHING
    written = _UNITS.get(unit or "", unit or "")
    if written in ("bit/s", "B", "packet/s"):
        size, power = abs(value), 0
        while size >= 1000 and power < len(_PREFIXES) - 1:
            size, power = size / 1000, power + 1
        sign = "-" if value < 0 else ""
        return f"{sign}{_figures(size)} {_PREFIXES[power]}{written}"
    if written == "s" and value >= _SECONDS_READ_AS_SUCH:
        return duration(value)
    if written == "s" and 0 < abs(value) < 1:
        return f"{_figures(value * 1000)} ms"
    return f"{_figures(value)} {written}".strip()


def unit(name: str) -> str:
    """Return a unit as people write it: `°C` for `celsius`; one that isn't known as it is."""
    return _UNITS.get(name, name)


def _figures(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    size = abs(value)
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}"


def title(incident: Incident) -> str:
    """Return what is wrong, in a few words: what the rule says of itself, or else its name."""
    summary = incident.facts.get("summary")
    said = str(summary) if summary else readable(incident.rule)
    if incident.facts.get("status") != DEGRADED:
        return said
    return f"Degraded: {said if said[1:2].isupper() else said[:1].lower() + said[1:]}"


def readable(name: str) -> str:
    """Return a name of the program for people: `interface-errors` is `Interface errors`."""
    words = " ".join(
        word.upper() if word in _SHORT_FORMS else word for word in name.replace("_", " ").replace("-", " ").split()
    )
    return words[:1].upper() + words[1:]


def sentence(text: str) -> str:
    """Return an error as pages tell it: with a capital letter and a full stop, and a parameter without its pointer."""
    text = _POINTER.sub(r"\1 ", text)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def evidence(incident: Incident) -> str:
    """Return what the rule saw: the number and its limit; empty where it was no number, or only yes or no."""
    return "" if _is_yes_or_no(incident.facts) else _measured(incident.facts)


def _is_yes_or_no(seen: Facts) -> bool:
    return not seen.get("unit") and {seen.get("value"), seen.get("limit")} <= {0, 1}


def _measured(seen: Facts) -> str:
    if (status := seen.get("sensor_status")) is not None:
        return f"{seen.get('tag.name') or 'a sensor'}: {status}"
    value, limit = seen.get("value"), seen.get("limit")
    if not isinstance(value, int | float):
        return ""
    unit = str(seen.get("unit") or "")
    beyond = f", limit {quantity(limit, unit)}" if isinstance(limit, int | float) else ""
    return f"{quantity(value, unit)}{beyond}"


def facts(items: Facts) -> list[tuple[str, str]]:
    """Return facts as names and values to read; what people wrote, and the summary, stand elsewhere."""
    measured = _measured(items)
    elsewhere = ("summary", "text", "unit", *(("value", "limit") if measured else ()))
    return [("Measured", measured)] * bool(measured) + [
        (readable(_NAMES.get(name, name.removeprefix("tag."))), _written(name, value))
        for name, value in items.items()
        if name not in elsewhere and value is not None
    ]


def said(items: Facts) -> list[tuple[str, str]]:
    """Return the facts of an entry of a timeline as names and values; why it was comes first."""
    told = {name: value for name, value in items.items() if name.removeprefix("tag.") not in _ELSEWHERE}
    if told.get("attempts") == 1:
        del told["attempts"]
    if _is_yes_or_no(items):
        del told["value"], told["limit"]
    return sorted(facts(told), key=lambda fact: fact[0] != "Why")


def _written(name: str, value: str | float) -> str:
    if name.endswith("_ms") and isinstance(value, int):
        return f"{at(value):%Y-%m-%d %H:%M:%S} UTC"
    if name.endswith("_s") and isinstance(value, int | float):
        return duration(value)
    if name == "why":
        return WHY_WORDS.get(str(value), str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
