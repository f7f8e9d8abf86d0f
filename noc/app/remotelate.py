"""Late evidence of remote pollers: their numbers fill the series at once, their results restate the ledger when ripe.

Results wait on disk, in a spool of their own: a frame is acknowledged when they are there. They are ripe when nothing
that the daemon may still decide could hang together with them, and it was quiet for a while, so that an hour's backlog
is one restatement and not hundreds.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.app.probeplan import PREFIX
from noc.app.probing import Answered
from noc.app.restating import LAG_MS, Known, known_from, restate_late
from noc.availability.evidence import Result as Evidence
from noc.availability.policy import ProbePolicy
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.compiled import Profile
from noc.model.check import Check
from noc.model.errors import StoreError
from noc.model.instants import to_ms
from noc.model.ports import SeriesReader
from noc.model.reading import Reading
from noc.model.samples import Samples
from noc.model.snapshot import Snapshot
from noc.pipeline.circuits import Circuits
from noc.pipeline.ingest import Ingest
from noc.pipeline.liveness import LivenessSeries
from noc.pipeline.parts import parts_of
from noc.pipeline.partwatch import Judged
from noc.pipeline.policy import availability_policy
from noc.pipeline.restate import context_ms
from noc.pipeline.status import Result, Statuses
from noc.service import Rounds
from noc.spool.payload import Payload, unpack
from noc.spool.record import Record
from noc.spool.spool import Spool
from noc.state.database import Database, StateError
from noc.wire.columns import BodyError

log = logging.getLogger(__name__)

FOLDER: Final = "late"
FORM: Final = "late"
BUDGET_BYTES: Final = 256 * 1024 * 1024
LOOK_EVERY_S: Final = 15.0
QUIET_MS: Final = 30_000
"""So long nothing late has come when what there is is restated,"""
BACKLOG_MS: Final = 60_000
"""What is older is of a backlog; what is younger was only overtaken on its way."""
WAIT_AT_MOST_MS: Final = 600_000
"""or so long the oldest of it has waited."""
RECORDS_AT_MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class Ground:
    """What late evidence stands on. context: tags of a device. numbers: takes samples. filled: is awaited until those
    are on disk. sick: why the time series can't be believed now; empty while they can. several: whether an entity is
    looked at from several places. answered: what a Reading says of an end point, by its entity's name. place: as of
    Ingest.
    """

    database: Database
    clock: Clock
    inventory: Callable[[], Inventory]
    profiles: Mapping[str, Profile]
    context: Callable[[str], Mapping[str, str]]
    store: SeriesReader
    numbers: Callable[[Iterable[Samples]], None]
    filled: Callable[[], Awaitable[None]]
    sick: Callable[[], str]
    several: Callable[[str], bool] = lambda _: False
    answered: Callable[[Reading, str], Answered | None] = lambda *_: None
    place: Callable[[str, str], str] = lambda *_: ""


class Late:
    """A service. restated: entities of which the ledger says something else since. results: that came late."""

    def __init__(self, folder: Path, ground: Ground) -> None:
        self._ground = ground
        self._spool = Spool(folder / FOLDER, ground.clock, BUDGET_BYTES)
        self._found: list[Result] = []
        self._circuits = Circuits(ground.inventory())
        self._ingest = Ingest(ground.profiles, Statuses(), ground.context, self._judge, place=ground.place)
        self._series = LivenessSeries(self._tags)
        self._known = known_from(ground.store)
        self._last: dict[str, list[Evidence]] = {}
        self._came_ms = 0
        self._rounds = Rounds(ground.clock, "late evidence", self._round)
        self.results = 0
        self.restated = 0

    @property
    def waiting(self) -> int:
        """Return how many batches of results wait to be restated."""
        return self._spool.queued

    async def start(self) -> None:
        """Take up what waited before a restart. Raises StoreError."""
        await self._spool.start()
        self._rounds.start()

    async def stop(self) -> None:
        """End; what waits stays on disk."""
        await self._rounds.stop()
        self._put()
        await self._spool.stop()

    def replace(self) -> None:
        """Go on with the inventory of now."""
        self._circuits.replace(self._ground.inventory())

    def take(self, check: Check, reading: Reading) -> None:
        """Take a late reading: its numbers go on at once. Of what several places look at one view restates nothing."""
        time_ms, now_ms = to_ms(reading.started_at), self._now_ms()
        if now_ms - time_ms > BACKLOG_MS:
            self._came_ms = now_ms
        ok, samples = reading.failure is None, tuple[Samples, ...]()
        if check.entity.startswith(PREFIX):
            said = self._ground.answered(reading, check.entity)
            if said is None:
                return
            ok, samples = not said.wrong, said.samples
        else:
            samples = self._ingest.take(check, reading).samples
        if check.liveness and not self._ground.several(check.entity):
            self._found.append(Result(check.entity, time_ms, ok, check.kind, reading.poller))
        self._ground.numbers(samples)

    async def on_disk(self) -> None:
        """Wait until the results that were taken are on disk."""
        number = self._put()
        if number is not None:
            await self._spool.durable(number)

    def _put(self) -> int | None:
        found, self._found = self._found, []
        if not found:
            return None
        self.results += len(found)
        body = json.dumps([[one.entity, one.time_ms, one.ok, one.check, one.poller] for one in found])
        return self._spool.put(Payload(FORM, len(found), body.encode()).pack())

    def _judge(self, check: Check, reading: Reading, snapshot: Snapshot) -> Judged:
        """Note what a poll tells of circuits; of parts nothing is restated."""
        device = self._ground.inventory().devices.get(check.entity.removeprefix("device/"))
        if device is None or reading.failure is not None:
            return Judged()
        time_ms = to_ms(reading.started_at)
        parts = parts_of(device.id, snapshot, lambda _: False).values()
        for entity, verdict in self._circuits.take(device.id, snapshot, parts, time_ms):
            if verdict != "off":
                self._found.append(Result(entity, time_ms, verdict == "ok", check.kind, reading.poller))
        return Judged()

    async def _round(self) -> float:
        if not self._spool.queued or self._ground.sick():
            return LOOK_EVERY_S
        records = await self._spool.waiting(RECORDS_AT_MOST)
        done: set[int] = set()
        try:
            done = await self._works_on(records)
        except (StateError, StoreError) as error:
            log.warning("late evidence waits: %s", error)
        except Exception:  # the guard: what is late must not end the daemon, and waits
            log.exception("late evidence met a fault in noc, and waits")
        await self._spool.release([record.seq for record in records if record.seq not in done])
        if done:
            await self._spool.settle(dict.fromkeys(done, 0))
        return LOOK_EVERY_S

    async def _works_on(self, records: Sequence[Record]) -> set[int]:
        """Restate what is ripe of some records; return the numbers of those."""
        now_ms, inventory = self._now_ms(), self._ground.inventory()
        if now_ms - self._came_ms < QUIET_MS and now_ms - records[0].time_ms < WAIT_AT_MOST_MS:
            return set()
        in_each = {record.seq: _results(record) for record in records}
        policy = availability_policy(inventory)
        entities = {one.entity for some in in_each.values() for one in some}
        ripe_ms = max((_ripe_ms(policy.probe_of(entity)) for entity in entities), default=0)
        done = {seq for seq, some in in_each.items() if all(one.time_ms <= now_ms - ripe_ms for one in some)}
        results = sorted({one for seq in done for one in in_each[seq]}, key=lambda one: one.time_ms)
        if not results:
            return done
        for poller in sorted({one.poller for one in results}):
            await self._restate(poller, [one for one in results if one.poller == poller], inventory, now_ms)
        for one in results:
            self._series.take(one)
        self._ground.numbers(self._series.samples())
        await self._ground.filled()
        self._remember(results, ripe_ms)
        return done

    async def _restate(self, poller: str, results: Sequence[Result], inventory: Inventory, now_ms: int) -> None:
        late: dict[str, list[Evidence]] = {}
        for one in results:
            late.setdefault(one.entity, []).append((one.time_ms, one.ok))
        database = self._ground.database
        done = await restate_late(database, inventory, late, self._all, poller=poller, now_ms=now_ms, write=True)
        changed = [one.entity for one in done.outcomes if one.restatement is not None]
        contested = [one.entity for one in done.outcomes if one.contested]
        self.restated += len(changed)
        message = "poller/%s: %d late results of %d entities: the ledger is restated for %d"
        log.info(message, poller, len(results), len(late), len(changed))
        if contested:
            message = "poller/%s: late results of %d entities contradict what the ledger stands on, such as %s"
            log.warning(message, poller, len(contested), contested[0])

    @property
    def _all(self) -> Known:
        """Return what gives known results: of the store, and those that are on their way there."""

        async def known(entity: str, start: int, stop: int) -> Sequence[Evidence]:
            found = dict(await self._known(entity, start, stop))
            found.update(one for one in self._last.get(entity, ()) if start <= one[0] < stop)
            return sorted(found.items())

        return known

    def _remember(self, results: Sequence[Result], back_ms: int) -> None:
        """Keep the end of what was restated: the next may hang together with it before the store shows it."""
        since_ms = results[-1].time_ms - back_ms
        self._last = {}
        for one in results:
            if one.time_ms >= since_ms:
                self._last.setdefault(one.entity, []).append((one.time_ms, one.ok))

    def _tags(self, entity: str) -> Mapping[str, str]:
        known = self._ground.inventory()
        kind, _, name = entity.partition("/")
        if kind == "device":
            return self._ground.context(entity)
        found = known.circuits.get(name) if kind == "circuit" else known.endpoints.get(name)
        site = None if found is None else found.site
        return {} if site is None else {"site": site, "region": known.sites[site].region}

    def _now_ms(self) -> int:
        return to_ms(self._ground.clock.now())


def _ripe_ms(policy: ProbePolicy) -> int:
    """Return how old a result must be so that all of the time that it speaks for can be restated."""
    return policy.stale_after + context_ms(policy) + LAG_MS


def _results(record: Record) -> list[Result]:
    """Return the results in a record; none where it is damaged, which is told."""
    try:
        payload = unpack(record.payload)
        return [Result(*row) for row in json.loads(payload.body)] if payload.form == FORM else []
    except (BodyError, ValueError, TypeError) as error:
        log.error("a batch of late results can't be read, and is left out: %s", error)
        return []
