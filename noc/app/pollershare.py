"""A poller's share: which devices and end points of its group it asks now, and from and until when.

Members of a group take what is theirs by rendezvous hashing. A newcomer says ahead when it begins; one that gives up
its share says ahead when it ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final, Literal

from noc.app.probeplan import PREFIX
from noc.bus.group import Group
from noc.bus.messages import Presence
from noc.bus.shares import Member, share, turning_points
from noc.clock import Clock, Timer
from noc.model.instants import MILLISECOND, to_ms

log = logging.getLogger(__name__)

SOON_S: Final = 0.001

State = Literal["here", "draining"]


class PollerShare:
    """A service. changed: is given what this poller asks from now on: devices by id, end points as endpoint/ID; speak:
    that others are to be told at once of what it says.

    mine: what it asks now. whole: it asks all of the group.
    """

    def __init__(
        self,
        poller: str,
        group: Group,
        clock: Clock,
        newcomer: timedelta,
        changed: Callable[[frozenset[str]], None],
        speak: Callable[[], None],
    ) -> None:
        self.mine: frozenset[str] = frozenset()
        self.state: State = "here"
        self.from_ms: int | None = None
        self.until_ms: int | None = None
        self.held = False
        self.whole = False
        self._poller = poller
        self._group = group
        self._clock = clock
        self._newcomer_ms = newcomer // MILLISECOND
        self._changed = changed
        self._speak = speak
        self._keys: frozenset[str] = frozenset()
        self._timer: Timer | None = None
        self._clones_told: set[str] = set()

    async def start(self) -> None:
        """Nothing is to be done before there is a plan."""

    async def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def endpoints(self) -> int:
        """Return how many end points it asks now."""
        return sum(key.startswith(PREFIX) for key in self.mine)

    @property
    def devices(self) -> int:
        """Return how many devices it asks now."""
        return len(self.mine) - self.endpoints

    @property
    def clones(self) -> int:
        """Return how many other processes said that they are this poller."""
        return len(self._group.clones)

    def others(self) -> tuple[Member, ...]:
        """Return who else is there."""
        return self._group.others(self._clock.monotonic())

    def calling(self) -> frozenset[str]:
        """Return who of the others calls people by itself."""
        return self._group.calling()

    def take_all(self, wanted: bool) -> None:
        """Ask all devices of the group while the centre is silent; or the share again."""
        if wanted != self.whole:
            self.whole = wanted
            self._look()

    def use(self, keys: Collection[str]) -> None:
        """Share others: devices by id, end points as endpoint/ID. The first are taken after the time of a newcomer."""
        self._keys = frozenset(keys)
        if self.from_ms is None and self.state == "here" and not self.held:
            self._come()
        self._look()

    def hear(self, said: Presence, retained: bool) -> None:
        """Take a presence of whom ever."""
        if self._group.hear(said, self._clock.monotonic(), retained=retained):
            self._look()
        for boot in self._group.clones - self._clones_told:
            self._clones_told.add(boot)
            log.error(
                "another process with the identity of %s is connected (boot %s): a copied machine or file; "
                "enrol one of them under a name of its own",
                self._poller,
                boot,
            )

    def linked(self, is_up: bool) -> None:
        """Say whether there is a link to the broker."""
        now_s = self._clock.monotonic()
        if is_up:
            self._group.linked(now_s)
        else:
            self._group.cut(now_s)
        self._look()

    def drain(self, wanted: bool) -> None:
        """Give up the share, with the notice that a newcomer gives; or take it again."""
        if wanted == (self.state == "draining"):
            return
        if wanted:
            self.state = "draining"
            self.until_ms = self._now_ms() + self._newcomer_ms if self.from_ms is not None else None
            log.warning("draining: the share goes to the others of the group")
        else:
            self.state = "here"
            self._come()
            log.warning("not draining any more")
        self._speak()
        self._look()

    def hold(self, held: bool) -> None:
        """Take no share while in quarantine."""
        if held == self.held:
            return
        self.held = held
        self.from_ms = self.until_ms = None
        if not held and self.state == "here":
            self._come()
        self._speak()
        self._look()

    def _come(self) -> None:
        self.from_ms, self.until_ms = self._now_ms() + self._newcomer_ms, None
        self._speak()

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())

    def _look(self) -> None:
        """Work out what is to be asked now, and when to look again."""
        now_ms, others = self._now_ms(), self.others()
        members = others if self.from_ms is None else (*others, Member(self._poller, self.from_ms, self.until_ms))
        mine = share(self._poller, self._keys, members, now_ms)
        if self.whole and not self.held:
            mine = self._keys
        if mine != self.mine:
            come, gone = len(mine - self.mine), len(self.mine - mine)
            log.info("asks %d of %d devices and end points: %d more, %d fewer", len(mine), len(self._keys), come, gone)
            self.mine = mine
            self._changed(mine)
            self._speak()
        self._arm(members, now_ms)

    def _arm(self, members: tuple[Member, ...], now_ms: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        turns, lost_s = turning_points(members, now_ms), self._group.next_loss_s()
        waits = [(turns[0] - now_ms) / 1_000] if turns else []
        if lost_s is not None:
            waits.append(lost_s - self._clock.monotonic())
        self._timer = self._clock.call_later(max(min(waits), SOON_S), self._look) if waits else None
