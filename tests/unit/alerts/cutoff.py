"""Two houses, one that is cut off and the centre: and what the first tells the second."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select

from alerts.escalation import key_of
from alerts.joining import Told, groups
from alerts.tales import Joined
from noc.model.incident import Entry, Incident, Notice
from noc.state import incidents, outbox, symptoms
from noc.state.alerttables import incident as incident_table
from noc.state.alerttables import outbox as outbox_table
from noc.state.alerttables import symptom as symptom_table
from noc.state.alerttables import timeline as timeline_table
from noc.state.database import Transaction
from tests.unit.alerts.alerting import House

POLLER = "nbo-1"


async def tale_of(house: House, *numbers: int) -> list[Told]:
    """Return what a house tells of its incidents: all, or these."""
    async with house.database.read() as connection:
        found = await incidents.page(connection, limit=1_000)
        return [await _told(connection, one) for one in found[::-1] if not numbers or one.id in numbers]


async def _told(connection: Transaction, one: Incident) -> Told:
    origin = await symptoms.origin_of(connection, one.id)
    lines = {_mark("line", one.key, *_said(line)): line for line in await incidents.timeline_of(connection, one.id)}
    explained = {
        _mark("symptom", one.key, held.entity, held.rule, held.joined_ms): held
        for held in await symptoms.of_incident(connection, one.id)
    }
    notices = {
        _mark("notice", one.key, sent.kind, sent.step, sent.person, sent.channel, sent.created_ms): (
            sent,
            number_of(one, sent),
        )
        for sent in await outbox.of_incident(connection, one.id)
    }
    return Told(POLLER, one, origin, 1, lines, explained, notices)  # type: ignore[arg-type]


def number_of(one: Incident, notice: Notice) -> int:
    """Return what made the key of a notice beside its incident."""
    target = notice.person, notice.channel
    tried = (notice.step, *range(1, 20), notice.created_ms)
    return next((n for n in tried if key_of(one, notice.kind, n, target) == notice.key), notice.created_ms)


def _said(line: Entry) -> tuple[object, ...]:
    return line.at_ms, line.kind, line.who, dict(line.facts)


def _mark(*said: object) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


async def take(centre: House, tale: list[Told]) -> list[Joined]:
    """Have the centre take a tale, and do what is due."""
    joined = [await centre.engine.join([one for group in groups(tale) for one in group])]
    await centre.engine.work()
    return joined


async def all_of(house: House) -> list[list[tuple[object, ...]]]:
    """Return all that is written of incidents, but for when to look again."""
    found = []
    async with house.database.read() as connection:
        for table in (incident_table, timeline_table, outbox_table, symptom_table):
            rows = await connection.execute(select(table).order_by(table.c.id))
            found.append([tuple(row) for row in rows])
    return found
