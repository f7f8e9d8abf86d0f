"""Tales: what pollers told of incidents becomes one with what is known here, in one transaction of the caller (ADR 26).

What it comes to is decided in alerts/joining.py; here it meets what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from alerts import life, takeover
from alerts.calling import Calling
from alerts.causes import Batch
from alerts.joining import (
    Told,
    better,
    ended_ms,
    fresh_lines,
    is_earlier,
    is_owned,
    reopened_ms,
    same,
    taken_over,
)
from alerts.lifesettings import LifeSettings
from noc.inventory.inventory import Inventory
from noc.model.incident import Entry, Fact, Facts, Incident, Notice, Symptom
from noc.state import incidents, outbox, symptoms, tales
from noc.state.database import Transaction
from noc.state.incidents import Opening

CUT_OFF: Final = "cut_off"
"""Why a line stands in a timeline: a poller told of this while it was cut off."""

_TOLD_OF: Final = (
    "key",
    "cause",
    "acknowledged_ms",
    "acknowledged_by",
    "acknowledged_until_ms",
    "resolved_ms",
    "resolved_by",
    "reopened",
    "reopened_ms",
    "begun_ms",
)
"""Columns of an incident that is new here, which are as they were there."""


@dataclass(slots=True)
class Joined:
    """What came of some. opened: were new here; merged: are one with an incident that was known here."""

    opened: int = 0
    merged: int = 0
    numbers: dict[int, None] = field(default_factory=dict)


class Retelling:
    """Takes incidents of a tale into one transaction. inventory: as of the last good reload."""

    def __init__(
        self,
        connection: Transaction,
        batch: Batch,
        calling: Calling,
        inventory: Callable[[], Inventory],
        settings: LifeSettings,
        now_ms: int,
    ) -> None:
        self._connection = connection
        self._batch = batch
        self._calling = calling
        self._inventory = inventory
        self._settings = settings
        self._now_ms = now_ms
        self._children: dict[int, list[Incident]] = {}
        self.joined = Joined()

    async def take(self, told: Sequence[Told]) -> None:
        """Let incidents become what they are here; roots come before what they explain."""
        for one in told:
            await self._one(one)
        for one in told:
            await self._explains(one)
        await takeover.call(self._connection, self._batch, self._calling, self._children, self._now_ms)
        for number in self.joined.numbers:
            await self._calling.escalate(self._connection, number, self._now_ms)

    async def _one(self, told: Told) -> None:
        known, is_told = await self._known(told)
        if known is None:
            known = await self._open(told)
            self.joined.opened += 1
        else:
            self.joined.merged += not is_told
            known = await self._changed(told, known)
        if not is_told:
            said: dict[str, Fact] = {"why": CUT_OFF, "from": told.poller, "there": told.incident.id}
            await incidents.record(self._connection, [Entry(known.id, self._now_ms, "note", None, said)])
        await tales.know(self._connection, told.poller, told.incident.id, told.incident.key, known.id, self._now_ms)
        await self._lines(told, known)
        await self._notices(told, known)
        self._calling.touched[known.id] = None
        self.joined.numbers[known.id] = None

    async def _known(self, told: Told) -> tuple[Incident | None, bool]:
        """Return what an incident of a poller is here, and whether it was told before."""
        there = told.incident
        number = await tales.known_as(self._connection, told.poller, there.id, there.key)
        before = None if number is None else await incidents.get(self._connection, number)
        by_key = await tales.by_key(self._connection, there.key, there.rule, there.entity) if there.key else None
        opened = await incidents.open_of(self._connection, there.rule, there.entity)
        found = same(told, before, by_key, opened)
        return found, before is not None and found is not None and found.id == before.id

    async def _open(self, told: Told) -> Incident:
        """Write an incident that isn't known here; one that the root of an earlier symptom explains ends at once."""
        there, above = told.as_here, await self._above(told)
        what = (there.entity, there.rule, told.origin, there.severity, there.policy, there.since_ms, there.opened_ms)
        values: dict[str, int | str | None] = {name: getattr(there, name) for name in _TOLD_OF}
        if told.parent is not None:
            values["parent"] = await tales.number_of(self._connection, told.poller, told.parent)
        found = await incidents.insert(self._connection, Opening(*what, there.facts, self._now_ms), values)
        if found.resolved_ms is None:
            root = None if above is None else await self._root(above)
            if root is not None and is_earlier(root, found):
                await self._merge(found, root, None)
                return await self._again(found)
            if above is not None:
                await self._batch.leave(self._connection, [above], "alone")
            self._batch.began(found)
        affected = [] if found.cause else [found.entity]
        return await life.opened(
            self._connection, found, affected, self._inventory(), self._now_ms, settings=self._settings
        )

    async def _above(self, told: Told) -> Symptom | None:
        """Return the open symptom here that an open incident of a poller is."""
        there = told.incident
        if there.resolved_ms is not None:
            return None
        held = await symptoms.open_among(self._connection, [there.entity])
        return next((one for one in held if one.rule == there.rule), None)

    async def _root(self, one: Symptom) -> Incident | None:
        found = await incidents.get(self._connection, one.incident)
        return None if found is None or found.resolved_ms is not None else found

    async def _changed(self, told: Told, known: Incident) -> Incident:
        """Let an incident that is known here learn how it fared there."""
        there, connection = told.incident, self._connection
        again_ms = reopened_ms(told, known)
        if again_ms is not None:
            opened = await incidents.open_of(connection, known.rule, known.entity)
            if opened is None:
                said = next((one.facts for one in told.lines.values() if one.at_ms == again_ms), {"why": "again"})
                known = await life.reopen(connection, known, again_ms, facts=said)
                self._batch.began(known)
        if known.resolved_ms is None and there.since_ms < known.since_ms:
            await incidents.put(connection, known.id, {"since_ms": there.since_ms})
        if is_owned(told, known, self._now_ms):
            await incidents.acknowledge(connection, known.id, there.acknowledged_ms or 0, there.acknowledged_by or "")
            until_ms = there.acknowledged_until_ms
            values = {"acknowledged_until_ms": until_ms, "life_ms": self._now_ms}
            await incidents.put(connection, known.id, values)
            await outbox.drop_calls(connection, self._now_ms, known.id)
        end_ms = ended_ms(told, known)
        if end_ms is not None and await incidents.resolve(connection, known.id, end_ms, there.resolved_by):
            await outbox.drop_calls(connection, self._now_ms, known.id)
        return await self._again(known)

    async def _again(self, known: Incident) -> Incident:
        return await incidents.get(self._connection, known.id) or known

    async def _lines(self, told: Told, known: Incident) -> None:
        taken = await tales.taken(self._connection, known.id)
        own = await incidents.timeline_of(self._connection, known.id)
        lines = fresh_lines(told, own, taken)
        entries = [await self._line(told, known, line) for line in lines.values()]
        await incidents.record(self._connection, entries)
        await tales.touch(self._connection, known.id, self._now_ms)
        await tales.take(self._connection, known.id, dict.fromkeys(lines), self._now_ms)

    async def _line(self, told: Told, known: Incident, line: Entry) -> Entry:
        """Return a line with the numbers that other incidents have here."""
        facts = dict(line.facts)
        for name in ("into", "incident"):
            there = facts.get(name)
            if isinstance(there, int):
                here = await tales.number_of(self._connection, told.poller, there)
                facts[name] = f"{told.poller}: {there}" if here is None else here
        return replace(line, incident=known.id, facts=facts)

    async def _notices(self, told: Told, known: Incident) -> None:
        """Put into the outbox who was told there; what was told by both is one row."""
        taken = await tales.taken(self._connection, known.id)
        before = {one.id: one for one in await outbox.of_incident(self._connection, known.id)}
        by_key, by_what = {one.key: one for one in before.values()}, {_what(one): one for one in before.values()}
        new: dict[str, Notice] = {}
        rows: dict[str, int | None] = {}
        for mark, notice in taken_over(told, known).items():
            row = before.get(taken.get(mark) or 0) or by_key.get(notice.key) or by_what.get(_what(notice))
            if row is None:
                new[mark] = notice
                by_key[notice.key] = notice
                continue
            if mark not in taken:
                rows[mark] = row.id
            learned = better(row, notice)
            if learned and row.id:
                await outbox.learn(self._connection, row.id, learned)
        await outbox.put(self._connection, list(new.values()))
        numbers = {one.key: one.id for one in await outbox.of_incident(self._connection, known.id)} if new else {}
        rows |= {mark: numbers[notice.key] for mark, notice in new.items()}
        fresh = {mark: row for mark, row in rows.items() if mark not in taken}
        await tales.take(self._connection, known.id, fresh, self._now_ms)
        if known.parent is not None and any(one.state == "sent" and one.kind != "resolved" for one in new.values()):
            root = await takeover.root_of(self._connection, known)
            if root.id != known.id:
                self._is_child(known, root)

    async def _explains(self, told: Told) -> None:
        """Let an incident take over what it explained there; the root with the earlier beginning explains it."""
        number = await tales.known_as(self._connection, told.poller, told.incident.id, told.incident.key)
        known = None if number is None else await incidents.get(self._connection, number)
        if known is None:
            return
        root = await takeover.root_of(self._connection, known)
        taken = await tales.taken(self._connection, known.id)
        entities = [one.entity for one in told.symptoms.values()]
        held = {(one.rule, one.entity): one for one in await symptoms.open_among(self._connection, entities)}
        for mark, one in sorted(told.symptoms.items(), key=lambda item: item[1].joined_ms):
            there = held.get((one.rule, one.entity))
            if one.left_ms is not None:
                if there is not None and there.incident == root.id and there.since_ms <= one.left_ms:
                    await symptoms.leave(self._connection, [there.id], one.left_ms)
                elif mark not in taken and there is None:
                    await symptoms.put(self._connection, [replace(one, id=0, incident=known.id)])
            elif mark not in taken:
                await self._joins(one, root, there)
        fresh: Mapping[str, int | None] = dict.fromkeys(mark for mark in told.symptoms if mark not in taken)
        await tales.take(self._connection, known.id, fresh, self._now_ms)

    async def _joins(self, one: Symptom, root: Incident, there: Symptom | None) -> None:
        if there is not None:
            above = await self._root(there)
            if root.resolved_ms is None and (above is None or is_earlier(root, above)):
                await self._batch.move(self._connection, there, root.id)
            return
        own = await incidents.open_of(self._connection, one.rule, one.entity)
        if own is None:
            await symptoms.put(self._connection, [replace(one, id=0, incident=root.id)])
        elif own.id != root.id and root.resolved_ms is None and is_earlier(root, own):
            await self._merge(own, root, one)

    async def _merge(self, child: Incident, root: Incident, one: Symptom | None) -> None:
        """Let an incident become a symptom of another, and who was told of it hear that there is more."""
        connection, now_ms = self._connection, self._now_ms
        if not await symptoms.merge(connection, child.id, root.id, now_ms):
            return
        said: Facts = {"incident": child.id, "entity": child.entity, "rule": child.rule}
        entries = [
            Entry(child.id, now_ms, "merged", None, {"into": root.id}),
            Entry(root.id, now_ms, "merged", None, said),
        ]
        await incidents.record(connection, entries)
        if one is not None:
            facts = {**one.facts, "incident": child.id}
            await symptoms.put(connection, [replace(one, id=0, incident=root.id, facts=facts)])
        self._is_child(await self._again(child), root)
        self._calling.touched[root.id] = None
        self.joined.numbers[root.id] = None

    def _is_child(self, child: Incident, root: Incident) -> None:
        children = self._children.setdefault(root.id, [])
        children[:] = [*(one for one in children if one.id != child.id), child]


def _what(notice: Notice) -> tuple[object, ...]:
    """Return what a notice is, whoever numbered its incident."""
    return notice.kind, notice.step, notice.person, notice.channel, notice.created_ms
