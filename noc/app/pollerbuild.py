"""Joins a poller: from its file to the services of its process. What it asks, the centre's plan says, now or later."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from socket import socket
from typing import Final

from noc import __version__
from noc.app.autonomy import Autonomy
from noc.app.autonomyline import Line
from noc.app.pollerclaim import PollerClaim
from noc.app.pollerears import PollerEars
from noc.app.pollerkeeping import PollerKeeping, remembered
from noc.app.pollerplan import PollerPlan
from noc.app.pollerplans import PollerPlans
from noc.app.pollerroot import PollerRoot
from noc.app.pollersettings import PollersSettings
from noc.app.pollershare import PollerShare
from noc.app.pollerwork import PollerWork
from noc.bus.batching import Batching
from noc.bus.frames import BOOT_OCTETS
from noc.bus.group import Group
from noc.bus.holding import may_call
from noc.bus.messages import Acknowledged, Order, Presence
from noc.bus.pacing import Pace
from noc.bus.remembered import Remembered
from noc.bus.sending import UPLINK, Sending
from noc.bus.shelf import Shelf
from noc.bus.topics import Word
from noc.bus.uplink import Hooks, Uplink
from noc.clock import Clock, SteadyClock
from noc.model.check import Check
from noc.model.event import Event
from noc.model.instants import to_ms, to_us
from noc.model.reading import Reading
from noc.service import Service
from noc.spool.files import HoldBack
from noc.spool.spool import Spool

log = logging.getLogger(__name__)

SPOOL: Final = "spool"
BASES: Final = "bases"
BASES_SHARE: Final = 8
"""Of the budget, one part in so many is for bases."""

LATE_AT_MOST_S: Final = 30.0

NO_HOLD_BACK: Final = HoldBack(0.0, 0)
"""What the centre acknowledges it has on its own disk."""


class Poller:
    """A poller of a group. Nothing is started."""

    def __init__(self, root: PollerRoot, clock: Clock, handed: Mapping[str, Sequence[socket]] | None = None) -> None:
        self.root = root
        self.clock = SteadyClock(clock)
        self.boot = secrets.token_bytes(BOOT_OCTETS)
        self._who = who = root.identity
        state_dir, budget = root.state_dir, root.settings.spool.budget
        known = remembered(state_dir)
        kept = budget - budget // BASES_SHARE
        self.claim = PollerClaim(state_dir)
        self.spool = Spool(state_dir / SPOOL, self.clock, kept, hold_back=NO_HOLD_BACK, consumers=(UPLINK,))
        self.shelf = Shelf(state_dir / BASES, self.clock, budget // BASES_SHARE)
        self.batching = Batching(self.boot, self.clock, self.spool, self.shelf, self._put)
        self.pace = Pace(None, self.clock.monotonic())
        spooled = (self.spool, self.shelf, self.batching)
        self.sending = Sending(*spooled, self.pace, self.clock, self._publish)
        told = (self._listed, self._answered, self._ready)
        hooks = Hooks(self.presence, self._heard, self._planned, self._ordered, self._linked, *told)
        self.uplink = Uplink(root.broker(), who.poller, self.boot.hex(), self.sending, self.pace, self.clock, hooks)
        self.work = PollerWork(self.clock, self.batching, known, self._seen)
        heard = (self.clock, self.batching, self.work.expedite, handed or {}, known)
        self.ears = PollerEars(root.settings.receivers, root.folder, *heard)
        started_us, newcomer = to_us(self.clock.now()), root.settings.newcomer
        self.group = Group(who.poller, who.group, self.boot.hex(), started_us)
        self.share = PollerShare(who.poller, self.group, self.clock, newcomer, self.work.ask, self.uplink.speak)
        self.autonomy = Autonomy(state_dir, who.poller, who.group, self.clock, self._line())
        self.ears.sink.heard = self._heard_event
        self.plans = PollerPlans(who, state_dir, self._use)
        self.keeping = PollerKeeping(state_dir, self.clock, *spooled, self._memory)

    @property
    def services(self) -> tuple[Service, ...]:
        """Return all services in the order in which they start; they stop in reverse."""
        first = (self.claim, self.spool, self.shelf, self.batching, self.sending, self.keeping)
        return (*first, self.autonomy, self.work, self.share, self.ears, self.plans, self.uplink)

    @property
    def waiting(self) -> int:
        """Return how many frames the centre hasn't stored."""
        return self.spool.tally_of(UPLINK).queued.batches

    def presence(self) -> Presence:
        """Return what is to be said of this poller now, without times of the link."""
        return Presence(
            poller=self._who.poller,
            state=self.share.state,
            boot=self.boot.hex(),
            version=__version__,
            group=self._who.group,
            from_ms=self.share.from_ms,
            until_ms=self.share.until_ms,
            waiting=self.waiting,
            oldest_ms=self.keeping.oldest_ms if self.waiting else None,
            plan=self.plans.digest,
            devices=self.share.devices,
            endpoints=self.share.endpoints,
            alone_ms=self.autonomy.alone_ms,
        )

    def stuck(self) -> str | None:
        """Return what keeps the poller from its work, in one sentence; None while it goes on."""
        late_s = self.work.overdue_s
        return f"the next check is {late_s:.0f} s late" if late_s > LATE_AT_MOST_S else None

    def health(self) -> dict[str, str]:
        """Return what isn't well, by part, in one sentence; an empty one where all is."""
        return {
            "link": self.uplink.failing or "",
            "plan": self.plans.failing or ("" if self.plans.now else "there is no plan yet"),
            "spool": self.spool.failing or self.shelf.failing or "",
            "quarantine": self.uplink.quarantine,
            "autonomy": self.autonomy.health,
        }

    async def _use(self, plan: PollerPlan) -> bool:
        """Go by a plan; return whether its folder is still needed."""
        needed = await self.work.use(plan)
        self.pace.use(plan.budget, self.clock.monotonic())
        self.ears.use(plan)
        await self.autonomy.use(plan)
        self.uplink.hear_of(plan.members)
        self._live_by(plan.settings.pollers)
        self.share.use({*plan.inventory.devices, *(one.entity for one in plan.probes.endpoints.values())})
        self.uplink.speak()
        return needed

    def _live_by(self, settings: PollersSettings) -> None:
        """Say often enough that it is there; a centre that writes how often that is takes frames for it too."""
        self.group.lost_after_s = settings.lost_after.total_seconds()
        self.uplink.live_by(self.group.lost_after_s, frames_count="lost_after" in settings.model_fields_set)

    def _memory(self) -> Remembered:
        return Remembered(engine=self.ears.engine, budgets=self.work.budgets(), copies=self.work.copies.fetched)

    async def _publish(self, word: Word, octets: bytes) -> None:
        await self.uplink.publish(word, octets)

    def _line(self) -> Line:
        return Line(
            publish=self._publish_tale,
            hold_frames=self.sending.forbid,
            go_on=lambda: self.uplink.go_on(),  # noqa: PLW0108 made later
            speak=lambda: self.uplink.speak(),  # noqa: PLW0108
            may_call=self._may_call,
            take_all=lambda wanted: self.share.take_all(wanted),  # noqa: PLW0108
            ahead_ms=lambda: 0 if self.uplink.offset is None else self.uplink.offset.ahead_us // 1_000,
            look=lambda key: self.work.expedite(key),  # noqa: PLW0108
        )

    async def _publish_tale(self, octets: bytes) -> None:
        wait_s = self.pace.wait_s(len(octets), self.clock.monotonic(), backlog=False)
        if wait_s > 0:
            await self.clock.sleep(wait_s)
        self.pace.spend(len(octets), self.clock.monotonic())
        await self.uplink.publish("tales", octets)

    def _may_call(self) -> bool:
        if self.share.state != "here" or self.share.held:
            return False
        who, others = self._who, self.share.others()
        return may_call(who.poller, who.group, others, self.share.calling(), to_ms(self.clock.now()))

    def _listed(self, octets: bytes) -> None:
        self.autonomy.listed(octets)

    def _answered(self, said: Acknowledged) -> None:
        self.autonomy.answered(said)

    def _ready(self) -> bool:
        return self.autonomy.ready()

    def _heard_event(self, event: Event) -> None:
        self.autonomy.hear((event,))

    def _seen(self, check: Check, reading: Reading) -> None:
        self.ears.see(check, reading)
        self.autonomy.take(check, reading)

    def _put(self) -> None:
        self.sending.wake()

    def _heard(self, said: Presence, retained: bool) -> None:
        self.share.hear(said, retained)

    def _planned(self, octets: bytes) -> None:
        self.plans.come(octets)

    def _linked(self, is_up: bool) -> None:
        self.share.linked(is_up)
        self.autonomy.linked(is_up)

    def _ordered(self, order: Order) -> None:
        if order.quarantine is not None:
            self.share.hold(bool(order.quarantine))
        if order.drain is not None:
            self.share.drain(order.drain)
        if order.look:
            found = self.work.look(order.look)
            log.info("asked to look: %d of %d checks are made here", found, len(order.look))
