"""Words, made at the edge: the message that tells one person of one change of an incident. In English today. Pure.

An incident keeps keys and values; what a device or a person wrote into them is made harmless here.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from noc.inventory.inventory import Inventory
from noc.model.incident import Fact, Incident, Notice, NoticeKind
from noc.model.instants import from_ms
from noc.model.part import part_name

SUBJECT_AT_MOST: Final = 200
VALUE_AT_MOST: Final = 500
SIMULATED: Final = "[SIMULATED] "

_UNSAFE: Final = {"Cc", "Cs", "Zl", "Zp"}
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that change the direction of what follows: with them a device could write one name and show another."""

_LEAD: Final[Mapping[NoticeKind, str]] = {
    "page": "",
    "reminder": "REMINDER: ",
    "escalation": "ESCALATED: ",
    "further": "MORE: ",
    "resolved": "RESOLVED: ",
}
_WHY_YOU: Final[Mapping[NoticeKind, str]] = {
    "page": "You are told because the policy names you first.",
    "reminder": "Nobody has acknowledged this yet.",
    "escalation": "Those who were told before you have not acknowledged this.",
    "further": "There is more of it now. You are told because you were told of its beginning.",
    "resolved": "It is over. You are told because you were told of its beginning.",
}
_NAMES: Final[Mapping[str, str]] = {
    "check": "seen by check",
    "poller": "seen from",
    "failures": "failed probes in a row",
    "further": "now also",
    "window": "held back in window",
    "held_s": "held back, seconds",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words. html is a whole document."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an incident happens, as far as the inventory knows: names for people, and the time zone of the place.

    part: of the device, in words (`BGP peer 192.0.2.1`); an interface is told by its name. application: a service or an
    end point, in words.
    """

    device: str | None = None
    device_class: str | None = None
    address: str | None = None
    interface: str | None = None
    part: str | None = None
    circuit: str | None = None
    provider: str | None = None
    application: str | None = None
    site: str | None = None
    region: str | None = None
    zone: tzinfo | None = None


def scene_of(entity: str, inventory: Inventory) -> Scene:
    """Return what the inventory knows of an entity; nothing of it where the entity is gone."""
    kind, _, name = entity.partition("/")
    part = part_name(entity)
    if part is not None:
        device = _device(part.device, inventory)
        if part.kind == "interface":
            return replace(device, interface=part.name)
        return replace(device, part=part.words)
    if kind == "device":
        return _device(name, inventory)
    if kind == "circuit":
        circuit = inventory.circuits.get(name)
        if circuit is None:
            return Scene(circuit=name)
        return replace(_site(circuit.site, inventory), circuit=_both(circuit.name, name), provider=circuit.provider)
    if kind == "endpoint":
        return _endpoint(name, inventory)
    if kind == "service":
        service = inventory.services.get(name)
        return Scene(application=f"service {name if service is None else _both(service.name, name)}")
    return _site(name, inventory) if kind == "site" else Scene(device=entity)


def _endpoint(key: str, inventory: Inventory) -> Scene:
    endpoint = inventory.endpoints.get(key)
    if endpoint is None:
        return Scene(application=f"end point {key}")
    place, name = _site(endpoint.site, inventory), _both(endpoint.name, key)
    return replace(place, application=f"end point {name}", address=endpoint.probe.address)


def _device(key: str, inventory: Inventory) -> Scene:
    device = inventory.devices.get(key)
    if device is None:
        return Scene(device=key)
    place, name = _site(device.site, inventory), _both(device.name, device.id)
    return replace(place, device=name, device_class=device.device_class, address=str(device.address))


def _both(name: str, key: str) -> str:
    return name if name == key else f"{name} ({key})"


def _site(key: str, inventory: Inventory) -> Scene:
    site = inventory.sites.get(key)
    if site is None:
        return Scene(site=key)
    region = inventory.regions[site.region]
    return Scene(site=site.name, region=region.name, zone=site.time_zone or region.time_zone)


def clean(text: str, at_most: int = VALUE_AT_MOST) -> str:
    """Return text that can stand in a header or a line: control and direction characters are shown as escapes."""
    shown = "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _UNSAFE or char in _BIDI
        else char
        for char in text[: at_most + 1]
    )
    return shown if len(shown) <= at_most else f"{shown[: at_most - 1]}…"


def words(
    incident: Incident,
    notice: Notice,
    scene: Scene,
    now_ms: int,
    base_url: str | None = None,
    *,
    simulated: bool = False,
) -> Words:
    """Return the message of a notice, as things stand now. base_url: of noc's pages, for the link."""
    subject = clean(f"{SIMULATED if simulated else ''}{_LEAD[notice.kind]}{_title(incident, scene)}", SUBJECT_AT_MOST)
    rows = [(label, clean(value)) for label, value in _rows(incident, scene, now_ms)]
    seen = "" if notice.kind == "resolved" else _seen(incident)
    opening = f"{_what(incident, scene)}{seen}. {_WHY_YOU[notice.kind]}"
    if incident.resolved_ms is not None and notice.kind != "resolved":
        opening = f"{_what(incident, scene)}{seen}. It is over already; this message was late."
    opening = clean(opening, 2 * VALUE_AT_MOST)
    link = None if base_url is None else f"{base_url}/incidents/{incident.id}"
    closing = "This is an exercise in a simulated network; nothing real is affected." if simulated else ""
    return Words(subject, _text(opening, rows, link, closing), _html(subject, opening, rows, link, closing))


def _title(incident: Incident, scene: Scene) -> str:
    where = ", ".join(part for part in (scene.site, scene.region) if part)
    return f"{incident.severity}: {_what(incident, scene)}{f' at {where}' if where else ''} [#{incident.id}]"


def _what(incident: Incident, scene: Scene) -> str:
    name = scene.application or scene.circuit or scene.device or scene.site or incident.entity
    part = f"interface {scene.interface}" if scene.interface else scene.part
    thing = f"{name}, {part}" if part else f"circuit {name}" if scene.circuit else name
    if incident.facts.get("status") == "down":
        return f"{thing} is down" if incident.resolved_ms is None else f"{thing} was down"
    said = incident.facts.get("summary") or incident.rule
    if incident.facts.get("status") == "degraded":
        return f"{thing} {'is' if incident.resolved_ms is None else 'was'} degraded: {said}"
    return f"{thing}: {said}"


def _seen(incident: Incident) -> str:
    """Return what a rule saw, as the first line says it: ` (97 percent, limit 90)`; nothing where it saw no number.

    Of a sensor's status: ` (PSU B: critical, and 3 more)`. What came later is named: `; now also Fan 2`.
    """
    further = incident.facts.get("further")
    also = "" if further is None else f"; now also {further}"
    status, series = incident.facts.get("sensor_status"), incident.facts.get("series")
    if status is not None:
        more = f", and {series - 1} more" if isinstance(series, int) and series > 1 else ""
        return f" ({incident.facts.get('tag.name') or 'a sensor'}: {status}{more}{also})"
    value, limit, unit = (incident.facts.get(name) for name in ("value", "limit", "unit"))
    if value is None or limit is None:
        return ""
    return f" ({_value(value)}{f' {unit}' if unit else ''}, limit {_value(limit)}".replace("_", " ") + f"{also})"


def _rows(incident: Incident, scene: Scene, now_ms: int) -> Iterator[tuple[str, str]]:
    """Yield what is known, as label and value."""
    parts = {
        "Site": scene.site,
        "Region": scene.region,
        "Device": scene.device,
        "Interface": scene.interface,
        "Part": scene.part,
        "Circuit": scene.circuit,
        "Provider": scene.provider,
        "Application": scene.application,
        "Class": scene.device_class,
        "Address": scene.address,
        "Severity": incident.severity,
        "Rule": incident.rule,
    }
    yield from ((label, value) for label, value in parts.items() if value)
    yield "Since", moment(incident.since_ms, scene.zone)
    if incident.resolved_ms is None:
        yield "For", length(now_ms - incident.since_ms)
    if incident.acknowledged_ms is not None:
        yield "Acknowledged", f"{moment(incident.acknowledged_ms, scene.zone)} by {incident.acknowledged_by}"
    if incident.resolved_ms is not None:
        by = f" by {incident.resolved_by}" if incident.resolved_by else ""
        yield "Resolved", f"{moment(incident.resolved_ms, scene.zone)}{by}"
        yield "Lasted", length(incident.resolved_ms - incident.since_ms)
    for key, value in incident.facts.items():
        if value is not None and key not in ("status", "summary"):
            label = _NAMES.get(key, key.removeprefix("tag.").replace("_", " "))
            yield f"{label[:1].upper()}{label[1:]}", _value(value)


def moment(time_ms: int, zone: tzinfo | None) -> str:
    """Return a time in UTC, and beside it at the place: `2026-03-01 00:00:00 UTC (03:00 EAT, 1 March)`."""
    utc = from_ms(time_ms)
    text = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    if zone is None:
        return text
    local = utc.astimezone(zone)
    day = "" if local.date() == utc.date() else f", {local.day} {local:%B}"
    return f"{text} (there {local:%H:%M} {local:%Z}{day})"


def length(milliseconds: int) -> str:
    """Return a length of time in its two largest units: `2 h 5 min`."""
    seconds = max(milliseconds, 0) // 1000
    units = ((seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    first = next((index for index, (number, _) in enumerate(units) if number), len(units) - 1)
    shown = [f"{number} {unit}" for number, unit in units[first : first + 2] if number]
    return " ".join(shown) or "0 s"


def _value(value: Fact) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _text(opening: str, rows: list[tuple[str, str]], link: str | None, closing: str) -> str:
    width = max(len(label) for label, _ in rows)
    lines = [opening, "", *(f"{label:<{width}}  {value}" for label, value in rows)]
    for more in (link, closing):
        if more:
            lines += ["", more]
    return "\n".join(lines) + "\n"


def _html(subject: str, opening: str, rows: list[tuple[str, str]], link: str | None, closing: str) -> str:
    def cell(text: str) -> str:
        return html.escape(text, quote=True)

    table = "".join(f'<tr><th align="left">{cell(label)}</th><td>{cell(value)}</td></tr>\n' for label, value in rows)
    anchor = "" if link is None else f'<p><a href="{cell(link)}">{cell(link)}</a></p>\n'
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{cell(subject)}</title></head>\n<body>\n'
        f"<p>{cell(opening)}</p>\n<table>\n{table}</table>\n{anchor}{f'<p>{cell(closing)}</p>' if closing else ''}\n"
        "</body></html>\n"
    )
