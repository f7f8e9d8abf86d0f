"""What pollers that may call people hear of open incidents: retained, one message for each (docs/adr/0026).

A poller that is cut off goes by the last one: who was told there is not called anew, and an owner stays the owner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from alerts.changes import Changes
from alerts.escalation import may_have_told
from noc.app.autonomychanges import changes_near, with_changes
from noc.app.autonomytale import number_of
from noc.app.pollersettings import PollersSettings, calls_alone
from noc.app.remotetales import speaks_of
from noc.app.retained import Retained, Shown
from noc.bus.tales import OPEN_AT_MOST, NoticeTold, OpenIncidents, OpenThere, as_of, written
from noc.bus.topics import of_all, of_poller
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident, Notice
from noc.model.instants import to_ms
from noc.model.poller import RemotePoller
from noc.state import incidents, outbox, overrides, tales, windows
from noc.state.database import Database
from noc.state.incidents import AT_ONCE
from noc.wire.mqtt import Broker


@dataclass(frozen=True, slots=True)
class OpenNow:
    """An open incident, and what belongs to it."""

    incident: Incident
    origin: str
    symptoms: Sequence[str] = ()
    notices: Sequence[Notice] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What it goes by, as it is now. scopes: ids of the devices of each group. pollers: all that are enrolled."""

    settings: Callable[[], PollersSettings]
    scopes: Callable[[], Mapping[str, frozenset[str]]]
    inventory: Callable[[], Inventory]
    pollers: Callable[[], Iterable[RemotePoller]]


class OpenOut:
    """A service. centre: the name of this poller."""

    def __init__(self, broker: Broker, clock: Clock, database: Database, centre: str, around: Around) -> None:
        self._clock = clock
        self._database = database
        self._around = around
        self._known: tuple[object, ...] = ()
        self._bodies: dict[str, tuple[bytes, bytes]] = {}
        shown = Shown("open incidents", f"centre/{centre}/kept-incidents", [of_all("incidents")])
        self._retained = Retained(replace(broker, name=f"noc-incidents-{centre}"), clock, shown, self._round)

    async def start(self) -> None:
        """Begin; a broker that is away keeps nobody from starting."""
        await self._retained.start()

    async def stop(self) -> None:
        """Hang up. What is published stays: it is what a poller goes by that doesn't hear the centre."""
        await self._retained.stop()

    @property
    def published(self) -> int:
        """Return how many messages were published so far."""
        return self._retained.published

    async def _round(self, retained: Retained) -> None:
        """Publish what changed; clear that of pollers that call nobody by themselves, or are no more."""
        settings, known = self._around.settings(), self._around.pollers()
        wanted = {one.name: one.group for one in known if calls_alone(settings, one.group)}
        if wanted:
            await self._look(wanted)
        else:
            self._known, self._bodies = (), {}
        bodies = {topic: body for topic, (body, _) in self._bodies.items()}
        await retained.send(bodies, {topic: says for topic, (_, says) in self._bodies.items()})
        await retained.clear(bodies.keys())

    async def _look(self, wanted: Mapping[str, str]) -> None:
        scopes, inventory = self._around.scopes(), self._around.inventory()
        async with self._database.read() as connection:
            newest = await tales.newest(connection)
            said = await windows.newest(connection), await overrides.version(connection)
            known = (newest, scopes, inventory, wanted, said)
            if len(self._known) == len(known) and _are_same(self._known, known):
                return
            opened = await incidents.all_open(connection)
            origins, explained = await tales.origins(connection), await tales.explained(connection)
            notices: dict[int, list[Notice]] = {}
            numbers = [one.id for one in opened]
            for start in range(0, len(numbers), AT_ONCE):
                notices |= await outbox.of_incidents(connection, numbers[start : start + AT_ONCE])
            changes = await changes_near(connection, to_ms(self._clock.now()))
        now = [
            OpenNow(one, origins.get(one.id, "status"), explained.get(one.id, ()), notices.get(one.id, ()))
            for one in opened
        ]
        at_ms = to_ms(self._clock.now())
        of_group = {
            group: await asyncio.to_thread(_body, now, changes, scopes.get(group, frozenset()), inventory, at_ms)
            for group in sorted(set(wanted.values()))
        }
        self._bodies = {of_poller(name, "incidents"): of_group[group] for name, group in wanted.items()}
        self._known = known


def _body(
    opened: Iterable[OpenNow], changes: Changes, scope: frozenset[str], inventory: Inventory, at_ms: int
) -> tuple[bytes, bytes]:
    """Return the message of a group, and what makes it another one: not when it was so. It may take a while."""
    said = with_changes(open_in(opened, scope, inventory, at_ms), changes, scope, inventory)
    return written(said), written(as_of(said, 0))


def open_in(opened: Iterable[OpenNow], scope: frozenset[str], inventory: Inventory, at_ms: int) -> OpenIncidents:
    """Return the open incidents of a group's scope, the newest of very many. Pure.

    Also those that explain something in it: what hangs on them is called for nowhere.
    """
    found: list[OpenThere] = []
    for one in opened:
        below = tuple(entity for entity in one.symptoms if speaks_of(entity, "", scope, inventory))
        is_shared = one.incident.entity.startswith("shared/")  # nobody's own: it is of whom it explains something
        if below or (not is_shared and speaks_of(one.incident.entity, "", scope, inventory)):
            found.append(open_there(one, below))
    return OpenIncidents(at_ms=at_ms, incidents=tuple(found[-OPEN_AT_MOST:]))


def open_there(one: OpenNow, symptoms: tuple[str, ...]) -> OpenThere:
    """Return an open incident as a poller is told of it. symptoms: those that it may know of. Pure."""
    incident = one.incident
    told = [notice for notice in one.notices if notice.state not in ("dead", "dropped") or may_have_told(notice)]
    return OpenThere(
        key=incident.key,
        number=incident.id,
        entity=incident.entity,
        rule=incident.rule,
        origin=one.origin,
        severity=incident.severity,
        policy=incident.policy,
        since_ms=incident.since_ms,
        opened_ms=incident.opened_ms,
        cause=incident.cause,
        begun_ms=incident.begun_ms,
        acknowledged_ms=incident.acknowledged_ms,
        acknowledged_by=incident.acknowledged_by,
        acknowledged_until_ms=incident.acknowledged_until_ms,
        symptoms=symptoms,
        told=tuple(_told(notice, incident) for notice in told),
    )


def _told(notice: Notice, incident: Incident) -> NoticeTold:
    return NoticeTold(
        step=notice.step,
        number=number_of(notice, incident, ()),
        person=notice.person,
        channel=notice.channel,
        kind=notice.kind,
        created_ms=notice.created_ms,
        state=notice.state,
        attempts=notice.attempts,
        sent_ms=notice.sent_ms,
    )


def _are_same(known: tuple[object, ...], now: tuple[object, ...]) -> bool:
    return known[1] is now[1] and known[2] is now[2] and (known[0], *known[3:]) == (now[0], *now[3:])
