"""Entries of a timeline that are told as a sentence, where a list of names and values would be read by nobody. Pure."""

from __future__ import annotations

from collections.abc import Callable
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
_OPENED: Final = {"down": say("it is down, by rule {rule}"), "raised": say("rule {rule} was raised")}
_IMPACT: Final = {1: say("high impact"), 2: say("medium impact"), 3: say("low impact")}


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words. what: its name; None: as others of its kind. why: a sentence; None: its facts tell it."""

    what: str | None = None
    why: str | None = None


def told(
    entry: Entry,
    spoken: Language,
    times: Times,
    reason: Callable[[str], str],
    called: Callable[[str], str] = str,
) -> Told:
    """Return an entry in words; nothing for one whose facts are told one by one.

    reason: says a fact `why`. called: what people are called.
    """
    facts = entry.facts
    if entry.kind in ("escalated", "reminded") and facts.get("to") is not None:
        return Told(None, _called(entry, spoken, reason, called))
    if entry.kind == "priority":
        return _priority(facts, spoken)
    if entry.kind == "opened" and facts.get("rule") is not None and facts.get("why") in _OPENED:
        return Told(None, _opened(facts, spoken, times, reason))
    if entry.kind in ("joined", "left") and "entities" in facts:
        return _symptoms(entry, spoken, reason)
    if entry.kind == "diagnosed" and "devices" in facts:
        answered, failed = _number(facts, "answered"), _number(facts, "failed")
        asked = {"n": answered, "total": answered + failed, "devices": spoken.isolated(str(facts["devices"]))}
        return Told(None, spoken.say("{n} of {total} questions answered: {devices}", **asked))
    by_ms, late = facts.get("by_ms"), _LATE.get(str(facts.get("target")))
    if entry.kind == "overdue" and isinstance(by_ms, int) and late is not None:
        return Told(None, spoken.say(late, time=times.written_ms(by_ms)))
    return Told()


def _called(entry: Entry, spoken: Language, reason: Callable[[str], str], called: Callable[[str], str]) -> str:
    """Return who is called next, and why; or who is reminded, and how often that was."""
    facts = entry.facts
    names = spoken.comma.join(spoken.isolated(called(one)) for one in str(facts["to"]).split(", "))
    if entry.kind == "reminded":
        return spoken.say("{names}, for time {n}", names=names, n=_number(facts, "number"))
    found = spoken.say("step {n}: {names}", n=_number(facts, "step"), names=names)
    if facts.get("why") is None:
        return found
    why = reason(str(facts["why"]))
    if _number(facts, "after_s"):
        why = spoken.say("{why} within {time}", why=why, time=spoken.length(_number(facts, "after_s")))
    return spoken.say("{first}; {further}", first=why, further=found)


def _opened(facts: Facts, spoken: Language, times: Times, reason: Callable[[str], str]) -> str:
    """Return by what it opened, who says whom to call, and why it is one by itself."""

    def apart(name: str) -> str:
        return spoken.isolated(str(facts[name]))

    parts = [spoken.say(_OPENED[str(facts["why"])], rule=apart("rule"))]
    if facts.get("policy") is None:
        parts.append(spoken.say("no policy says whom to call"))
    else:
        parts.append(spoken.say("policy {policy} says whom to call", policy=apart("policy")))
    if facts.get("evidence") is not None:
        why = reason(str(facts["evidence"]))
        about = facts.get("for") is not None
        parts.append(spoken.say("{thing}: {summary}", thing=why, summary=apart("for")) if about else why)
    if facts.get("window") is not None:
        until = _written(str(facts.get("window_until", "")), times)
        parts.append(spoken.say("it is in window {window} until {time}", window=apart("window"), time=until))
    found = parts[0]
    for part in parts[1:]:
        found = spoken.say("{first}; {further}", first=found, further=part)
    return found


def _written(text: str, times: Times) -> str:
    """Return a time of ISO 8601 as the page writes times; what is none as it stands."""
    try:
        return times.written_ms(times.moment_ms(text))
    except ValueError:
        return text


def _symptoms(entry: Entry, spoken: Language, reason: Callable[[str], str]) -> Told:
    """Return how many symptoms came or went, and the names of the first. Their kinds stand with the symptoms."""
    facts, number = entry.facts, _number(entry.facts, "count")
    names = [one.partition("/")[2] or one for one in str(facts["entities"]).split(", ")]
    listed = spoken.comma.join(spoken.isolated(one) for one in names) + (" …" if number > len(names) else "")
    if facts.get("why") is not None:
        listed = f"{reason(str(facts['why']))} · {listed}"
    if number < 2:
        return Told(None, listed)
    if entry.kind == "joined":
        return Told(spoken.count("{n} symptom joined", "{n} symptoms joined", number), listed)
    return Told(spoken.count("{n} symptom left", "{n} symptoms left", number), listed)


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
