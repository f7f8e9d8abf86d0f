"""What problems can be filtered by, and which of them a filter takes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from alerts.due import overdue
from alerts.lifesettings import PRIORITIES
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DeviceClass
from noc.model.incident import INCIDENT_STATES, SEVERITIES, Incident
from noc.model.part import owner_of
from noc.web.filtering import ANY, Key, Keys, Query, Term
from noc.web.places import Place

STATES: Final = ("unresolved", *INCIDENT_STATES)
OLD_STATES: Final = {"open": "new"}
"""Words that addresses may still have."""

KINDS: Final = ("down", "degraded", "other")
"""What an incident says of its entity: it doesn't work; it works, but worse than it should; anything else."""

PRIORITY_WORDS: Final = tuple(str(number) for number in range(1, PRIORITIES + 1))
MARKS: Final = ("major", "overdue", "planned", "reopened")
"""What `is:` asks for; planned: a window holds it back."""

SHORTCUTS: Final = ("severity", "priority", "owner", "site", "kind", "region", "state")
"""Keys that have a select, or a parameter of their own in addresses."""

ME: Final = "me"


@dataclass(frozen=True, slots=True)
class Row:
    """An incident and where it is. gone: the filter takes it no longer, and it stands where it stood."""

    incident: Incident
    where: Place
    gone: bool = False

    @property
    def order(self) -> tuple[bool, int, int, int, int]:
        """Return what rows are sorted by: unowned, then of high priority, then grave, then new."""
        one, severity = self.incident, SEVERITIES.index(self.incident.severity)
        return (one.state != "new", one.priority, severity, -one.since_ms, one.id)


@dataclass(frozen=True, slots=True)
class Known:
    """What a filter is held against beside the incidents. symptoms: how many each has. me: who looks.

    called: by which full name.
    """

    inventory: Inventory
    now_ms: int
    me: str
    symptoms: Mapping[int, int] = field(default_factory=dict)
    called: Callable[[str], str] = str


def keys_of(inventory: Inventory, owners: Sequence[str], rules: Sequence[str], may_see: Callable[[str], bool]) -> Keys:
    """Return the keys, with the values that are proposed: what whoever looks may see."""
    regions = tuple(sorted(key for key in inventory.regions if may_see(f"region/{key}")))
    sites = tuple(sorted(key for key in inventory.sites if may_see(f"site/{key}")))
    return {
        "severity": Key("word", SEVERITIES),
        "state": Key("word", STATES),
        "kind": Key("word", KINDS),
        "priority": Key("number", PRIORITY_WORDS),
        "owner": Key("name", (ME, ANY, *owners)),
        "region": Key("word", regions) if regions else Key("name"),
        "site": Key("name", sites),
        "device": Key("name"),
        "class": Key("word", get_args(DeviceClass)),
        "rule": Key("name", tuple(rules)),
        "entity": Key("name"),
        "since": Key("length"),
        "symptoms": Key("number"),
        "is": Key("word", MARKS),
    }


def wants_over(query: Query) -> str:
    """Return `resolved` or `closed` where incidents are asked for that are over; else nothing."""
    asked = {value for term in query.of("state") if not term.is_not for value in term.values}
    if "resolved" in asked:
        return "resolved"
    return "closed" if "closed" in asked else ""


def takes(query: Query, row: Row, known: Known) -> bool:
    """Return whether a row fits all of a filter. What is over is taken only where its state is asked for."""
    if row.incident.resolved_ms is not None and not wants_over(query):
        return False
    return all(_holds(term, row, known) != term.is_not for term in query.terms)


def kind_of(incident: Incident) -> str:
    """Return which of KINDS an incident is."""
    status = incident.facts.get("status")
    return status if isinstance(status, str) and status in KINDS else "other"


def _holds(term: Term, row: Row, known: Known) -> bool:
    return _HOLDS[term.key](term, row, known)


def _text(term: Term, row: Row, _: Known) -> bool:
    text = term.values[0]
    return text.casefold() in row.incident.rule.casefold() or text == f"#{row.incident.id}" or row.where.speaks_of(text)


def _state(term: Term, row: Row, _: Known) -> bool:
    one = row.incident
    standing = one.resolved_ms is None
    words = {one.state, "unresolved" if standing else "resolved"}
    return term.values == (ANY,) or not words.isdisjoint(term.values)


def _owner(term: Term, row: Row, known: Known) -> bool:
    owner = row.incident.acknowledged_by or ""
    names = {owner, known.called(owner)} if owner else set()
    if ME in term.values and known.me.casefold() in {name.casefold() for name in names}:
        return True
    return term.holds_name(*names)


def _of_device(row: Row, known: Known) -> Device | None:
    entity = owner_of(row.incident.entity) or row.incident.entity
    found = known.inventory.entity(entity)
    return found if isinstance(found, Device) else None


def _device(term: Term, row: Row, known: Known) -> bool:
    device = _of_device(row, known)
    return device is not None and term.holds_name(device.id, device.name)


def _class(term: Term, row: Row, known: Known) -> bool:
    device = _of_device(row, known)
    return device is not None and (term.values == (ANY,) or device.device_class in term.values)


def _region(term: Term, row: Row, _: Known) -> bool:
    region = row.where.region
    return region is not None and term.holds_name(region.id)


def _site(term: Term, row: Row, _: Known) -> bool:
    site = row.where.site
    return site is not None and term.holds_name(site.id, site.name)


def _is(term: Term, row: Row, known: Known) -> bool:
    one = row.incident
    marks = {
        "major": one.major_ms is not None,
        "overdue": bool(overdue(one, known.now_ms)),
        "planned": one.state == "new" and bool(one.facts.get("window_until")),
        "reopened": one.reopened > 0,
    }
    return any(marks[value] for value in term.values if value != ANY) or (term.values == (ANY,) and any(marks.values()))


def _word(word: Callable[[Incident], str]) -> Callable[[Term, Row, Known], bool]:
    return lambda term, row, _: term.values == (ANY,) or word(row.incident) in term.values


_HOLDS: Final[Mapping[str, Callable[[Term, Row, Known], bool]]] = {
    "": _text,
    "severity": _word(lambda one: one.severity),
    "state": _state,
    "kind": _word(kind_of),
    "priority": lambda term, row, _: term.holds_number(row.incident.priority),
    "owner": _owner,
    "region": _region,
    "site": _site,
    "device": _device,
    "class": _class,
    "rule": lambda term, row, _: term.holds_name(row.incident.rule),
    "entity": lambda term, row, _: term.holds_name(row.incident.entity),
    "since": lambda term, row, known: term.holds_number((known.now_ms - row.incident.since_ms) / 1_000),
    "symptoms": lambda term, row, known: term.holds_number(known.symptoms.get(row.incident.id, 0)),
    "is": _is,
}
