"""Phrases about an incident, in the reader's language. Pure.

Texts here are English; catalogues of noc/i18n have the others. Of rules the summary is looked up as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.scene import Scene
from noc.i18n.language import Language
from noc.model.incident import Entry, Fact, Incident, NoticeKind, Severity
from noc.model.part import PartKind


def severity(say: Language, word: Severity) -> str:
    """Return a severity."""
    return {
        "critical": say.say("critical"),
        "major": say.say("major"),
        "minor": say.say("minor"),
        "warning": say.say("warning"),
    }[word]


def lead(say: Language, kind: NoticeKind, title: str) -> str:
    """Return a subject with what stands before it."""
    if kind == "reminder":
        return say.say("REMINDER: {title}", title=title)
    if kind == "escalation":
        return say.say("ESCALATED: {title}", title=title)
    if kind == "further":
        return say.say("MORE: {title}", title=title)
    if kind == "update":
        return say.say("UPDATE: {title}", title=title)
    if kind == "resolved":
        return say.say("RESOLVED: {title}", title=title)
    return title


def why_you(say: Language, kind: NoticeKind) -> str:
    """Return why somebody is told."""
    return {
        "page": say.say("You are told because the policy names you first."),
        "reminder": say.say("Nobody has acknowledged this yet."),
        "escalation": say.say("Those who were told before you have not acknowledged this."),
        "further": say.say("There is more of it now. You are told because you were told of its beginning."),
        "update": say.say("You are told how this major incident stands."),
        "resolved": say.say("It is over. You are told because you were told of its beginning."),
    }[kind]


def said(say: Language, entry: Entry, text: str, who: str) -> str:
    """Return what somebody said of a major incident: that it is one, or none any more, or how it stands."""
    if entry.kind == "update":
        return say.say("{person} says: {said}", person=who, said=text)
    if entry.facts.get("is") == "major":
        short = say.say("{person} declared this a major incident.", person=who)
    else:
        short = say.say("{person} says that this is no major incident any more.", person=who)
    return f"{short} {text}".rstrip()


def part(say: Language, kind: PartKind, name: str) -> str:
    """Return a part of a device."""
    return {
        "bgp": say.say("BGP peer {name}", name=name),
        "ospf": say.say("OSPF neighbour {name}", name=name),
        "isis": say.say("IS-IS neighbour {name}", name=name),
        "ldp": say.say("LDP session with {name}", name=name),
        "vrf": say.say("VRF {name}", name=name),
        "tunnel": say.say("tunnel {name}", name=name),
        "probe": say.say("probe {name}", name=name),
        "interface": say.say("interface {name}", name=name),
    }[kind]


def application(say: Language, scene: Scene) -> str | None:
    """Return a service or an end point."""
    if scene.service is not None:
        return say.say("service {name}", name=scene.service)
    return None if scene.endpoint is None else say.say("end point {name}", name=scene.endpoint)


def other(say: Language, kind: str, name: str) -> str:
    """Return what is no single thing: a region, the network, a poller, what things share and failed together."""
    known = {
        "network": say.say("the network"),
        "storm": say.say("a storm of failures"),
        "region": say.say("region {name}", name=name),
        "poller": say.say("poller {name}", name=name),
        "segment": say.say("segment {name}", name=name),
        "provider": say.say("provider {name}", name=name),
    }
    return known.get(kind) or f"{kind} {name}".strip()


def thing(say: Language, incident: Incident, scene: Scene) -> str:
    """Return what an incident is about."""
    found = application(say, scene)
    if found is None and scene.circuit is not None:
        found = say.say("circuit {name}", name=scene.circuit)
    if found is None and scene.other is not None:
        found = other(say, *scene.other)
    name = found or scene.device or scene.site or incident.entity
    return name if scene.part is None else f"{name}, {part(say, scene.part.kind, scene.part.name)}"


def what(say: Language, incident: Incident, scene: Scene) -> str:
    """Return what is wrong, or was."""
    name, is_over = thing(say, incident, scene), incident.resolved_ms is not None
    if incident.facts.get("status") == "down":
        return say.say("{thing} was down", thing=name) if is_over else say.say("{thing} is down", thing=name)
    summary = say.say(str(incident.facts.get("summary") or incident.rule))
    if incident.facts.get("status") == "degraded":
        if is_over:
            return say.say("{thing} was degraded: {summary}", thing=name, summary=summary)
        return say.say("{thing} is degraded: {summary}", thing=name, summary=summary)
    return say.say("{thing}: {summary}", thing=name, summary=summary)


def title(say: Language, incident: Incident, scene: Scene) -> str:
    """Return an incident in one line."""
    values = {"severity": severity(say, incident.severity), "what": what(say, incident, scene), "id": incident.id}
    if scene.region is not None and thing(say, incident, scene) == scene.site:
        return say.say("{severity}: {what}, {place} [#{id}]", place=scene.region, **values)
    place = ", ".join(one for one in (scene.site, scene.region) if one)
    if place:
        return say.say("{severity}: {what} at {place} [#{id}]", place=place, **values)
    return say.say("{severity}: {what} [#{id}]", **values)


def seen(say: Language, incident: Incident) -> str:
    """Return what a rule saw: `97 %, limit 90`; empty where it saw no number.

    Of a sensor's status: `PSU B: critical, and 3 more`. What came later is named: `now also Fan 2`.
    """
    facts = incident.facts
    status, series, found = facts.get("sensor_status"), facts.get("series"), list[str]()
    if status is not None:
        name = str(facts.get("tag.name") or say.say("a sensor"))
        found.append(say.say("{thing}: {summary}", thing=name, summary=say.say(str(status))))
        if isinstance(series, int) and series > 1:
            found[0] = say.say("{what}, and {n} more", what=found[0], n=say.number(series - 1))
    elif facts.get("value") is not None and facts.get("limit") is not None:
        unit = unit_sign(str(facts.get("unit") or ""))
        value = f"{written(facts['value'])}{f' {unit}' if unit else ''}"
        found.append(say.say("{value}, limit {limit}", value=value, limit=written(facts["limit"])))
    if found and facts.get("further") is not None:
        found.append(say.say("now also {name}", name=facts["further"]))
    return "; ".join(found)


def unit_sign(unit: str) -> str:
    """Return a unit as it is written in all languages, where it has a sign."""
    return _SIGNS.get(unit, unit.replace("_", " "))


_SIGNS: Final[Mapping[str, str]] = {
    "percent": "%",
    "db": "dB",
    "dbm": "dBm",
    "dbuv": "dBµV",
    "celsius": "°C",
    "volts": "V",
    "amperes": "A",
    "watts": "W",
    "watt_hours": "Wh",
    "hertz": "Hz",
    "milliseconds": "ms",
    "seconds": "s",
    "bits_per_second": "bit/s",
    "megabits_per_second": "Mbit/s",
}


def labels(say: Language) -> Mapping[str, str]:
    """Return what facts are called, by their keys."""
    return {
        "check": say.say("Seen by check"),
        "poller": say.say("Seen from"),
        "failures": say.say("Failed probes in a row"),
        "further": say.say("Now also"),
        "window": say.say("Held back in window"),
        "held_s": say.say("Held back, seconds"),
        "measurement": say.say("Measurement"),
        "metric": say.say("Metric"),
        "value": say.say("Value"),
        "limit": say.say("Limit"),
        "clear": say.say("Clears at"),
        "unit": say.say("Unit"),
        "series": say.say("How many"),
        "runbook": say.say("Runbook"),
        "name": say.say("Name"),
        "said": say.say("Said"),
        "reason": say.say("Reason"),
        "source": say.say("Told by"),
        "description": say.say("Description"),
    }


def label(known: Mapping[str, str], key: str) -> str:
    """Return what a fact is called. known: by `labels`; others are called by their key."""
    name = key.removeprefix("tag.")
    text = known.get(name) or name.replace("_", " ")
    return f"{text[:1].upper()}{text[1:]}"


def written(value: Fact) -> str:
    """Return a fact as people read it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


UNTOLD: Final = frozenset({"status", "summary"})
"""Facts that stand in the first line already."""
