"""What a poller that is cut off takes over of the centre's open incidents: who was told, and who owns them. Pure.

Keys of notices are made of what they are, here as there. So what the centre told is written here under the keys that it
would have had here, and escalation, which looks by keys, goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from alerts.escalation import key_of
from noc.app.autonomychanges import changes_of
from noc.bus.tales import NoticeTold, OpenIncidents, OpenThere
from noc.model.incident import Incident, Notice

Values = Mapping[str, int | str | None]

REPEATS: Final = ("page", "escalation", "reminder", "further", "resolved")
"""Kinds of notices whose keys are made by `alerts.escalation.key_of`."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """An incident as it is from now on, the columns that are another, and what others told of it."""

    incident: Incident
    values: Values
    told: tuple[Notice, ...]


class Centres:
    """The centre's open incidents, found by what they are. at_ms: when they were so, by the centre's clock.

    changes: what people changed there beside the settings; None where it didn't say.
    """

    def __init__(self, said: OpenIncidents) -> None:
        self.at_ms = said.at_ms
        self.changes = changes_of(said)
        self._by_key = {one.key: one for one in said.incidents}
        self._by_what = {(one.rule, one.entity): one for one in said.incidents}
        self._explained = {entity: one for one in said.incidents for entity in one.symptoms}

    def of(self, incident: Incident) -> OpenThere | None:
        """Return the one that an incident is there, or that explains it there; None where the centre has none."""
        same = self._by_key.get(incident.key) or self._by_what.get((incident.rule, incident.entity))
        return same or self._explained.get(incident.entity)


def adopted(incident: Incident, there: OpenThere, at_ms: int, policies: Iterable[str]) -> Adopted:
    """Return an incident as the centre has it.

    at_ms: when the centre said so, by this poller's clock: who acknowledged it here since then owns it. policies: that
    are known here; by another one it goes on as it is.
    """
    values: dict[str, int | str | None] = {"opened_ms": there.opened_ms, "begun_ms": there.begun_ms}
    if there.policy in set(policies):
        values["policy"] = there.policy
    is_newer_here = incident.acknowledged_ms is not None and incident.acknowledged_ms > at_ms
    if not is_newer_here:
        values |= {
            "acknowledged_ms": there.acknowledged_ms,
            "acknowledged_by": there.acknowledged_by,
            "acknowledged_until_ms": there.acknowledged_until_ms,
        }
    fields = {name: getattr(incident, name) for name in Incident.__dataclass_fields__}
    now = Incident(**{**fields, **values})
    return Adopted(now, values, tuple(_notice(now, one) for one in there.told if one.kind in REPEATS))


def is_adopted(incident: Incident, there: OpenThere) -> bool:
    """Return whether an incident counts from the same moment as the centre's."""
    return (incident.opened_ms, incident.begun_ms) == (there.opened_ms, there.begun_ms)


def _notice(incident: Incident, told: NoticeTold) -> Notice:
    """Return what the centre told under the key that it would have here. What is under way there is on its way."""
    key = key_of(incident, told.kind, told.number, (told.person, told.channel))
    return Notice(
        id=0,
        key=key,
        incident=incident.id,
        step=told.step,
        person=told.person,
        channel=told.channel,
        kind=told.kind,
        created_ms=told.created_ms,
        state="sent" if told.state in ("queued", "claimed", "unknown") else told.state,
        attempts=told.attempts,
        next_ms=told.created_ms,
        sent_ms=told.sent_ms,
        error=told.error,
        delivered_ms=told.delivered_ms,
        read_ms=told.read_ms,
        acted_ms=told.acted_ms,
    )
