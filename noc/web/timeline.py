"""Entries of a timeline that are told as a sentence, where a list of names and values would be read by nobody. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.model.incident import SEVERITIES, Entry, Facts
from noc.web.zones import Times

_LATE: Final = {
    "respond": say("nobody owned it by {time}"),
    "restore": say("it was not over by {time}"),
    "update": say("no status update came by {time}"),
}
_IMPACT: Final = {1: say("high impact"), 2: say("medium impact"), 3: say("low impact")}


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words. what: its name; None: as others of its kind. why: a sentence; None: its facts tell it."""

    what: str | None = None
    why: str | None = None


def told(entry: Entry, spoken: Language, times: Times) -> Told:
    """Return an entry in words; nothing for one whose facts are told one by one."""
    facts = entry.facts
    if entry.kind == "priority":
        return _priority(facts, spoken)
    by_ms, late = facts.get("by_ms"), _LATE.get(str(facts.get("target")))
    if entry.kind == "overdue" and isinstance(by_ms, int) and late is not None:
        return Told(None, spoken.say(late, time=times.written_ms(by_ms)))
    return Told()


def _priority(facts: Facts, spoken: Language) -> Told:
    priority, was = facts.get("priority"), facts.get("was")
    if facts.get("why") == "released":
        return Told(None, spoken.say("noc works it out again; until then it was {was}", was=was))
    if priority is None:
        return Told()
    before = was is not None and was != priority
    if facts.get("why") == "by_hand":
        why = spoken.say("set by hand; until then it was {was}", was=was) if before else spoken.say("set by hand")
        return Told(spoken.say("Priority {n}", n=priority), why)
    if before:
        return Told(spoken.say("Priority {n} instead of {was}", n=priority, was=was), _reason(facts, spoken))
    return Told(spoken.say("Priority {n}", n=priority), _reason(facts, spoken))


def _reason(facts: Facts, spoken: Language) -> str | None:
    impact, urgency = facts.get("impact"), facts.get("urgency")
    if impact not in _IMPACT or not isinstance(urgency, int) or not 1 <= urgency <= len(SEVERITIES):
        return None
    said = {"impact": spoken.say(_IMPACT[int(impact)]), "severity": spoken.say(SEVERITIES[urgency - 1])}
    extent = _extent(facts, spoken)
    if extent is None:
        return spoken.say("{impact}; severity: {severity}", **said)
    return spoken.say("{impact}: {extent}; severity: {severity}", extent=extent, **said)


def _extent(facts: Facts, spoken: Language) -> str | None:
    """Return what is affected; None where the entry doesn't tell."""
    if "sites" not in facts:
        return None
    sites, people, services = (_number(facts, name) for name in ("sites", "people", "services"))
    some = (
        spoken.count("{n} whole site cut off", "{n} whole sites cut off", sites) if sites else "",
        spoken.count("{n} person there", "{n} people there", people) if people else "",
        spoken.count("{n} service down", "{n} services down", services) if services else "",
    )
    return spoken.comma.join(filter(None, some)) or spoken.say("no whole site cut off, no service down")


def _number(facts: Facts, name: str) -> int:
    number = facts.get(name)
    return number if isinstance(number, int) else 0
