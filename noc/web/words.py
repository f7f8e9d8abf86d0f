"""Words and numbers as pages write them. Pure; `assets/src/ages.js` and `numbers.js` write the same in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Final

from noc.availability.figures import Exact
from noc.i18n.language import Language, language
from noc.i18n.marking import say
from noc.model.incident import Facts, Incident
from noc.model.instants import from_ms, to_ms
from noc.web.places import named
from noc.web.timeline import told
from noc.web.zones import IN_UTC, Times

NOTHING: Final = "–"
ENGLISH: Final = language("en")
DEGRADED: Final = "degraded"
"""The fact `status` of an incident of what works, but worse than it should; `down` of what doesn't."""
_PREFIXES: Final = ("", "k", "M", "G", "T", "P")
_SECONDS_READ_AS_SUCH: Final = 120

WHY_WORDS: Final[Mapping[str, str]] = {
    "up": say("it is up"),
    "down": say("it is down"),
    "stale": say("nobody sees it any more"),
    "withdrawn": say("it was switched off, or taken out of the configuration"),
    "raised": say("its rule was raised"),
    "further": say("its rule is raised for more"),
    "cleared": say("its rule was cleared"),
    "by_hand": say("by hand"),
    "not_watched": say("it is no longer watched"),
    "unacknowledged": say("nobody had acknowledged"),
    "undelivered": say("nobody could be reached"),
    "window": say("in a planned window"),
    "window_over": say("the window is over"),
    "fallback": say("it went another way"),
    "unknown": say("nobody knows whether it arrived; it is sent again"),
    "lost": say("it had no next action, and was looked at again"),
    "late": say("what was to be done for it next was overdue, and noc turned to it at once"),
    "clock": say("the clock of the machine leapt forward, so all waits as much longer"),
    "again": say("the same came back"),
    "after": say("it was over for long enough"),
    "alone": say("nothing that it hangs on is down"),
    "behind": say("it hangs on what is down"),
    "in vain": say("what it hangs on did not turn out to be down"),
    "storm": say("many failed at once"),
    "often": say("it fails often"),
    "calm": say("it is calm again"),
    "released": say("noc works it out again"),
    "centre": say("it is over at the centre"),
    "cut_off": say("a poller told of it that was cut off"),
    "region": say("its region is cut off, and calls people by itself"),
}
_NAMES: Final[Mapping[str, str]] = {
    "since_ms": "since",
    "after_s": "after",
    "to": "to",
    "clear": "clears at",
    "window_since": "held back since",
    "window_until": "in the window until",
    "held_s": "held back for",
    "by_ms": "by",
    "root_since_ms": "cause since",
    "into": "in incident",
    "root": "cause",
    "by_s": "by",
    "until_ms": "until",
}
_MOMENTS: Final = frozenset(("window_since", "window_until", "until"))
"""Facts that are times in ISO 8601."""

_WORDED: Final = frozenset(("status", "state", "target", "severity"))
"""Facts whose values are words that noc chose itself."""

_SHORT_FORMS: Final = frozenset(("ups", "ip", "pabx", "vtc", "dns", "bgp", "vpn", "cpu", "pdu", "mpls"))
_FIRST: Final = {name: place for place, name in enumerate(("why", "priority", "impact", "urgency"))}
"""Facts of an entry that stand before others."""

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
    "bytes": "B",
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


def duration(seconds: float, spoken: Language = ENGLISH) -> str:
    """Return a length of time in two units at most: `42 s`, `5 min`, `3 h 20 min`, `2 d 4 h`, `40 d`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return spoken.say("{n} s", n=whole)
    hours, minutes = divmod(whole // 60, 60)
    days, hours = divmod(hours, 24)
    parts = [
        spoken.say("{n} d", n=days) if days else "",
        spoken.say("{n} h", n=hours) if hours and days < 10 else "",
        spoken.say("{n} min", n=minutes) if minutes and not days else "",
    ]
    return " ".join(part for part in parts if part)


def length(milliseconds: Exact, spoken: Language = ENGLISH) -> str:
    """Return an exact length in milliseconds as `duration` does."""
    return duration(float(Fraction(milliseconds) / 1000), spoken)


def shift(milliseconds: Exact, spoken: Language = ENGLISH) -> str:
    """Return by how much something comes sooner or later, as `length` does; below a second in tenths, one at least."""
    if milliseconds >= 1000:
        return length(milliseconds, spoken)
    return spoken.say("{n} s", n=spoken.number(max(0.1, float(milliseconds) / 1000), 1))


def percent(value: Fraction | None, spoken: Language = ENGLISH) -> str:
    """Return a percentage with three decimals, cut and not rounded: 99.9996 is not 100."""
    if value is None:
        return NOTHING
    thousandths = value * 1000 // 1
    return spoken.marks(f"{thousandths // 1000}.{thousandths % 1000:03}")


def decimal(value: float, digits: int, spoken: Language = ENGLISH) -> str:
    """Return a number with as many decimals."""
    return spoken.number(value, digits)


def number(value: float, spoken: Language = ENGLISH) -> str:
    """Return how many there are."""
    return spoken.number(value)


def quantity(value: float | None, unit: str | None, spoken: Language = ENGLISH) -> str:
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
        return f"{sign}{spoken.marks(_figures(size))} {_PREFIXES[power]}{written}"
    if written == "s" and value >= _SECONDS_READ_AS_SUCH:
        return duration(value, spoken)
    if written == "s" and 0 < abs(value) < 1:
        return f"{spoken.marks(_figures(value * 1000))} ms"
    if written == "s":
        return spoken.say("{n} s", n=spoken.marks(_figures(value)))
    return f"{spoken.marks(_figures(value))} {written}".strip()


def unit(name: str) -> str:
    """Return a unit as people write it: `°C` for `celsius`; one that isn't known as it is."""
    return _UNITS.get(name, name)


def _figures(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    size = abs(value)
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}"


def title(incident: Incident, spoken: Language = ENGLISH) -> str:
    """Return what is wrong, in a few words: what the rule says of itself, or else its name."""
    summary = incident.facts.get("summary")
    said = spoken.say(str(summary)) if summary else spoken.say(readable(incident.rule))
    if incident.facts.get("status") != DEGRADED:
        return said
    return spoken.say("Degraded: {what}", what=said if said[1:2].isupper() else said[:1].lower() + said[1:])


def functions(spoken: Language, times: Times = IN_UTC) -> dict[str, Callable[..., object]]:
    """Return what templates call to say incidents and facts in a language, and their times in a zone."""
    return {
        "named": lambda place: named(place, spoken),
        "titled": lambda incident: title(incident, spoken),
        "plain_duration": lambda seconds: duration(seconds, spoken),
        "weekday_in": lambda time_ms: spoken.weekday(times.day(at(time_ms))),
        "facts_in": lambda items: facts(items, spoken, times),
        "said_in": lambda items: said(items, spoken, times),
        "told_in": lambda entry, called=str: told(
            entry, spoken, times, lambda why: spoken.say(WHY_WORDS.get(why, why)), called
        ),
    }


def readable(name: str) -> str:
    """Return a name of the program for people: `interface-errors` is `Interface errors`."""
    words = " ".join(
        word.upper() if word in _SHORT_FORMS else word for word in name.replace("_", " ").replace("-", " ").split()
    )
    return words[:1].upper() + words[1:]


def evidence(incident: Incident, spoken: Language = ENGLISH) -> str:
    """Return what the rule saw: the number and its limit; empty where it was no number, or only yes or no."""
    return "" if _is_yes_or_no(incident.facts) else _measured(incident.facts, spoken)


def _is_yes_or_no(seen: Facts) -> bool:
    return not seen.get("unit") and {seen.get("value"), seen.get("limit")} <= {0, 1}


def _measured(seen: Facts, spoken: Language) -> str:
    if (status := seen.get("sensor_status")) is not None:
        name = str(seen.get("tag.name") or spoken.say("a sensor"))
        return spoken.say("{thing}: {summary}", thing=name, summary=spoken.say(str(status)))
    value, limit = seen.get("value"), seen.get("limit")
    if not isinstance(value, int | float):
        return ""
    unit = str(seen.get("unit") or "")
    measured = quantity(value, unit, spoken)
    if not isinstance(limit, int | float):
        return measured
    most = quantity(limit, unit, spoken)
    return spoken.say("{measured}, limit {limit}", measured=spoken.isolated(measured), limit=spoken.isolated(most))


def facts(items: Facts, spoken: Language = ENGLISH, times: Times = IN_UTC) -> list[tuple[str, str]]:
    """Return facts as names and values to read; what people wrote, and the summary, stand elsewhere."""
    return [(name, value) for _, name, value in _facts(items, spoken, times)]


def _facts(items: Facts, spoken: Language, times: Times) -> list[tuple[str, str, str]]:
    """Return facts with their keys; those of a name that no catalogue has are in English."""
    measured = _measured(items, spoken)
    elsewhere = ("summary", "runbook", "text", "unit", *(("value", "limit") if measured else ()))
    return [("measured", spoken.say("Measured"), measured)] * bool(measured) + [
        (name, spoken.say(readable(_NAMES.get(name, name.removeprefix("tag.")))), _written(name, value, spoken, times))
        for name, value in items.items()
        if name not in elsewhere and value is not None
    ]


def said(items: Facts, spoken: Language = ENGLISH, times: Times = IN_UTC) -> list[tuple[str, str]]:
    """Return the facts of an entry of a timeline as names and values; why it was comes first, and has no name.

    Then its priority, with what it was made of.
    """
    told = {name: value for name, value in items.items() if name.removeprefix("tag.") not in _ELSEWHERE}
    if told.get("attempts") == 1:
        del told["attempts"]
    if _is_yes_or_no(items):
        del told["value"], told["limit"]
    if told.get("why") == "repaired":
        told["why"] = told.pop("was", None)
    found = sorted(_facts(told, spoken, times), key=lambda fact: _FIRST.get(fact[0], len(_FIRST)))
    return [("" if key == "why" else name, value) for key, name, value in found]


def _written(name: str, value: str | float, spoken: Language, times: Times) -> str:
    if name.endswith("_ms") and isinstance(value, int):
        return times.written_ms(value)
    if name in _MOMENTS and isinstance(value, str):
        return _moment(value, times)
    if name.endswith("_s") and isinstance(value, int | float):
        return duration(value, spoken)
    if name in ("why", "evidence"):
        return spoken.say(WHY_WORDS.get(str(value), str(value)))
    if name == "is":
        word = "declared" if value == "major" else "taken back"
        return spoken.say(word)
    if name == "cause":
        return spoken.say(readable(str(value)))
    if name in _WORDED:
        return spoken.say(str(value).replace("_", " "))
    return spoken.marks(f"{value:g}") if isinstance(value, float) else str(value)


def _moment(text: str, times: Times) -> str:
    """Return a time of ISO 8601 as the page writes times; what is none as it stands."""
    try:
        return times.minute(from_ms(times.moment_ms(text)))
    except ValueError:
        return text
