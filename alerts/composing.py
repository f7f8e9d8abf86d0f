"""Composing: from a row of the outbox to the message for one person, with all that is known now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from alerts.majorincidents import said_by
from alerts.messages import Context, Reader, words
from alerts.notifiers._ports import Message, Notifier, NotifyError
from alerts.policies import AlertSettings
from alerts.rules import runbook
from alerts.scene import scene_of
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Incident, Notice
from noc.state.beside import Beside


class Links(Protocol):
    """Makes links with which one person acknowledges one incident."""

    def path(self, notice: Notice, now_ms: int) -> str:
        """Return the path of the link, from noc's base URL."""
        ...


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom and how to tell. notifiers: by the name that policies use. inventory: as of the last good reload.

    links: makes the links with which people acknowledge; None: there are none. answered: notifiers whose messages can
    be answered. simulated: nothing is real, and every message says so.
    """

    settings: AlertSettings
    notifiers: Mapping[str, Notifier]
    inventory: Callable[[], Inventory]
    simulated: bool = False
    links: Links | None = None
    answered: frozenset[str] = frozenset()


def compose(
    telling: Telling, notice: Notice, incident: Incident | None, lane: list[Notice], beside: Beside, now_ms: int
) -> tuple[Notifier, Message]:
    """Return the message of a notice and who hands it over. lane: notices of this incident for this person and channel.

    Raises NotifyError where there is nobody to tell any more, or nobody who tells.
    """
    settings = telling.settings
    notifier, person = telling.notifiers.get(notice.channel), settings.people.get(notice.person)
    if incident is None or notifier is None:
        raise NotifyError(f"there is no notifier '{notice.channel}' any more", permanent=True)
    address = None if person is None else person.address(notice.channel, settings.kind_of(notice.channel))
    if person is None or address is None:
        raise NotifyError(f"person '{notice.person}' is gone, or has no address any more", permanent=True)
    base_url = settings.base_url
    incident = replace(incident, facts=runbook.absolute(incident.facts, base_url))
    context = Context(
        beside.symptoms,
        beside.named,
        beside.notes,
        _ack_url(telling, notice, incident, now_ms),
        by_reply=notice.channel in telling.answered,
        said=_said(notice, incident, beside),
    )
    said = words(
        incident,
        notice,
        scene_of(incident.entity, telling.inventory()),
        now_ms,
        base_url,
        reader=Reader(person.language, person.time_zone),
        context=context,
        simulated=telling.simulated,
    )
    first = min(lane, key=lambda other: other.id, default=notice)
    return notifier, Message(
        key=notice.key,
        thread=first.key,
        to=address,
        name=person.name or notice.person,
        subject=said.subject,
        text=said.text,
        html=said.html,
        kind=notice.kind,
        incident=incident,
        short=said.short,
        language=person.language,
        url=None if base_url is None else f"{base_url}/incidents/{incident.id}",
        ack_url=context.ack_url,
    )


def _said(notice: Notice, incident: Incident, beside: Beside) -> Entry | None:
    """Return what a message repeats of what people said of a major incident: what it is sent for, or the newest."""
    if notice.kind == "update":
        return said_by(notice, incident, beside.said)
    return next((entry for entry in reversed(beside.said) if entry.kind == "update"), None)


def _ack_url(telling: Telling, notice: Notice, incident: Incident, now_ms: int) -> str | None:
    base_url, is_owned = telling.settings.base_url, incident.acknowledged_ms is not None
    if telling.links is None or base_url is None or is_owned or incident.resolved_ms is not None:
        return None
    return base_url + telling.links.path(notice, now_ms)
