"""What is kept of remote pollers: who is enrolled, what people order, what is written down, what people hear."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.app.enrolling import enrolled
from noc.app.pollersettings import Reach
from noc.app.probeplan import PREFIX
from noc.app.remoteplans import Plans
from noc.app.remotepollers import Heard, Registry, clone
from noc.app.remotestatus import BlindGroup, Standing, said_unheard
from noc.bus.identity import Enrolled
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.incident import RuleTransition
from noc.model.instants import to_ms
from noc.model.transition import Transition
from noc.pipeline.restore import resume, rows
from noc.service import Rounds
from noc.state import checkpoint, incidents, ledger, pollers, tales
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

CHECKPOINT: Final = "pollers"
EVERY_S: Final = 2.0
ENROLLED_EVERY_S: Final = 10.0
FORGET_AFTER_MS: Final = 30 * 86_400_000
"""Boots of which nothing came for so long are forgotten, and what was told of incidents."""

FORGET_EVERY_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Ground:
    """What keeping stands on. put, put_rules: take transitions. told: hears of those of entities.

    reach: who asks what. hears: since when pollers are heard; None: they aren't. failing: why not, where the
    broker is away.
    """

    database: Database
    clock: Clock
    state_dir: Path
    inventory: Callable[[], Inventory]
    reach: Callable[[], Reach]
    hears: Callable[[], int | None]
    failing: Callable[[], str | None]
    put: Callable[[Iterable[Transition]], None]
    put_rules: Callable[[Iterable[RuleTransition]], None]
    told: Callable[[tuple[Transition, ...]], None]


class Keeping:
    """A service. fresh: is told who is enrolled anew, or no more."""

    def __init__(
        self,
        ground: Ground,
        registry: Registry,
        standing: Standing,
        plans: Plans,
        fresh: Callable[[Sequence[str], Sequence[str]], None],
    ) -> None:
        self._ground = ground
        self._registry = registry
        self._standing = standing
        self._plans = plans
        self._fresh = fresh
        self._said = ""
        self._enrolled_due_s = 0.0
        self._forget_due_s = 0.0
        self._rounds = Rounds(ground.clock, "pollers", self._round)

    async def start(self) -> None:
        """Take up what was known before a restart. Raises StateError."""
        async with self._ground.database.read() as connection:
            self._registry.take_up(await pollers.everyone(connection))
            self._standing.take_up(await incidents.all_open(connection))
            saved = await checkpoint.load(connection, CHECKPOINT)
            known = {
                entity: last
                for entity, last in (await ledger.latest(connection)).items()
                if last.check == "presence" and entity.startswith("poller/")
            }
        self._enrol()
        self._tell(resume(self._standing.statuses, saved, known))
        self._rounds.start()

    async def stop(self) -> None:
        """Write what is known."""
        await self._rounds.stop()
        await self._write()

    def remembered(self) -> Iterable[checkpoint.Row]:
        """Return what the checkpoint of pollers holds."""
        return rows(self._standing.statuses.memories())

    def wake(self) -> None:
        """Look at who is enrolled now, and at what has to be written."""
        self._enrolled_due_s = 0.0
        self._rounds.wake()

    def hear(self, known: Heard) -> None:
        """Take it as evidence that a poller is there, or isn't."""
        self._tell(self._standing.hear(known, self._now_ms()))

    def sign(self, known: Heard) -> None:
        """Take a frame for a sign of life."""
        self._tell(self._standing.sign(known, self._now_ms()))

    async def quarantine(self, known: Heard) -> None:
        """Take nothing from a poller any more, until people release it."""
        why = clone(known)
        log.error("poller/%s: in quarantine: %s", known.row.name, why)
        try:
            await self._write()
            async with self._ground.database.write() as connection:
                await pollers.order(connection, known.row.name, quarantine=why)
                asked = await pollers.everyone(connection)
        except StateError as error:
            log.error("poller/%s: that can't be written: %s", known.row.name, error)
            return
        self._obey(self._registry.ordered(asked))

    def blind(self) -> list[BlindGroup]:
        """Return the groups that nobody polls."""
        return self._standing.blind(self._ground.reach(), self._site_of)

    def unseen(self) -> list[str]:
        """Return what nobody sees for want of pollers, or of a broker, a sentence each."""
        why = self._ground.failing()
        if why is None:
            return [one.said for one in self.blind()]
        groups = self._standing.unheard(self._ground.reach(), self._site_of, self._now_ms())
        return [f"no poller is heard: {said_unheard(why, groups)}"]

    async def _round(self) -> float:
        now_s, now_ms, hears_ms = self._ground.clock.monotonic(), self._now_ms(), self._ground.hears()
        if now_s >= self._enrolled_due_s:
            self._enrolled_due_s = now_s + ENROLLED_EVERY_S
            fresh = self._enrol()
            if fresh:
                await self._plans.make()
        lost = [] if hears_ms is None else self._registry.silent(now_ms, hears_ms)
        for name in lost:
            log.warning("poller/%s: says nothing any more", name)
        self._tell(self._standing.expire(now_ms, hears=hears_ms is not None))
        if hears_ms is not None or self._ground.failing() is not None:
            judged = self._standing.judge(self._ground.reach(), self._site_of, now_ms, unheard=self._ground.failing())
            self._ground.put_rules(judged)
        await self._write()
        try:
            async with self._ground.database.read() as connection:
                asked = await pollers.everyone(connection)
            if now_s >= self._forget_due_s:
                self._forget_due_s = now_s + FORGET_EVERY_S
                async with self._ground.database.write() as connection:
                    await pollers.forget_before(connection, now_ms - FORGET_AFTER_MS)
                    await tales.forget_before(connection, now_ms - FORGET_AFTER_MS)
        except StateError as error:
            log.debug("what people order of pollers can't be read: %s", error)
        else:
            self._obey(self._registry.ordered(asked))
        return EVERY_S

    def _obey(self, names: Iterable[str]) -> None:
        for name in names:
            known = self._registry.of(name)
            if known is not None:
                self._plans.order(known)

    def _enrol(self) -> bool:
        """Look at who is enrolled; return whether it is others than before."""
        fresh, gone = self._registry.enrol(self._read())
        if fresh or gone:
            self._fresh(fresh, gone)
            self._tell(self._standing.watch(self._now_ms()))
        return bool(fresh or gone)

    def _read(self) -> Mapping[str, Enrolled]:
        """Return who is enrolled; as before, where that can't be read."""
        try:
            found = enrolled(self._ground.state_dir)
        except UsageError as error:
            if str(error) != self._said:
                log.error("who is enrolled can't be read, those before go on: %s", error)
            self._said = str(error)
            return {known.row.name: known.enrolled for known in self._registry}
        self._said = ""
        return found

    async def _write(self) -> None:
        changed = self._registry.unwritten()
        if not changed:
            return
        try:
            async with self._ground.database.write() as connection:
                await pollers.write(connection, changed)
        except StateError as error:
            self._registry.forget_written()
            log.debug("what is known of pollers can't be written: %s", error)

    def _site_of(self, key: str) -> str | None:
        inventory = self._ground.inventory()
        known = inventory.devices.get(key) or inventory.endpoints.get(key.removeprefix(PREFIX))
        return None if known is None else known.site

    def _tell(self, transitions: Iterable[Transition]) -> None:
        found = tuple(transitions)
        if found:
            self._ground.put(found)
            self._ground.told(found)

    def _now_ms(self) -> int:
        return to_ms(self._ground.clock.now())
