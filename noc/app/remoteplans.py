"""Plans and orders, from the centre to its pollers: each is told when it goes by another one than it should."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from noc import __version__
from noc.app.check import CheckResult
from noc.app.linebudgets import Line
from noc.app.planning import lines_of, plan_files
from noc.app.remotepollers import Heard, Registry
from noc.bus.messages import Order
from noc.bus.messages import written as said
from noc.bus.plans import MEMBERS, PlanText, digest, written
from noc.bus.topics import Word
from noc.clock import Clock
from noc.model.errors import NocError
from noc.model.instants import to_ms

log = logging.getLogger(__name__)

AGAIN_AFTER_MS: Final = 90_000
"""A plan that isn't gone by is sent again after so long: over a thin line it is a while on its way."""

LOOKS_AT_MOST: Final = 500
"""Checks that a poller is asked for at once; beyond it they come at their own time."""

LOOK_AFTER_S: Final = 0.1

Say = Callable[[str, Word, bytes], None]


@dataclass(slots=True)
class _Plan:
    digest: str
    octets: bytes
    sent_ms: int | None = None


class Plans:
    """Keeps the plan of each poller, sealed. say: to whom, on which topic, what."""

    def __init__(self, checked: CheckResult, registry: Registry, clock: Clock, say: Say) -> None:
        self._checked = checked
        self._registry = registry
        self._clock = clock
        self._say = say
        self._plans: dict[str, _Plan] = {}
        self._unmade: set[str] = set()
        """Pollers whose plan isn't that of the settings of now."""
        self._looks: dict[str, dict[str, None]] = {}
        self.sent = 0

    def outdated(self) -> None:
        """Say that there are other settings: until they are made anew no plan is that of now."""
        self._unmade.update(self._plans)

    async def make(self, checked: CheckResult | None = None) -> None:
        """Make all plans anew and send those that are others to who is there. checked: the settings of now."""
        self._checked = checked or self._checked
        over = await asyncio.to_thread(lines_of, self._checked)
        for known in list(self._registry):
            await self._make(known, over)
        for name in [name for name in self._plans if self._registry.of(name) is None]:
            del self._plans[name]

    async def _make(self, known: Heard, over: Mapping[str, Line]) -> None:
        name, group, key = known.row.name, known.row.group, known.enrolled.sealing_key
        made_ms = to_ms(self._clock.now())
        try:
            files = await asyncio.to_thread(plan_files, self._checked, name, group, over)
            files[MEMBERS] = "".join(
                sorted(f"{one.row.name}\n" for one in self._registry if one.row.group == group)
            ).encode()
            fresh = digest(files)
            plan = self._plans.get(name)
            octets = await asyncio.to_thread(written, PlanText(name, made_ms, __version__, files), key)
        except NocError as error:
            log.error("poller/%s: its plan can't be made, it goes on by the last one: %s", name, error)
            self._unmade.add(name)
            return
        self._unmade.discard(name)
        if plan is None or plan.digest != fresh:
            self._plans[name] = _Plan(fresh, octets)
            self.check(known)
        else:
            plan.octets = octets  # its key may be another

    def is_gone_by(self, name: str) -> bool:
        """Return whether a poller says that it goes by the newest plan there is."""
        plan, known = self._plans.get(name), self._registry.of(name)
        if plan is None or known is None or name in self._unmade:
            return False
        return known.serves and known.row.plan == plan.digest

    def check(self, known: Heard) -> None:
        """Send a poller its plan, if it goes by another one."""
        plan, now_ms = self._plans.get(known.row.name), to_ms(self._clock.now())
        if plan is None or not known.is_there or known.row.quarantine or known.row.plan == plan.digest:
            return
        if plan.sent_ms is None or now_ms - plan.sent_ms >= AGAIN_AFTER_MS:
            plan.sent_ms = now_ms
            self.sent += 1
            self._say(known.row.name, "plan", plan.octets)

    def anew(self, name: str) -> None:
        """Say that a poller is another process now: what was sent before went to nobody."""
        plan = self._plans.get(name)
        if plan is not None:
            plan.sent_ms = None

    def order(self, known: Heard) -> None:
        """Tell a poller what people ordered."""
        order = Order(drain=known.row.drain, quarantine=known.row.quarantine)
        self._say(known.row.name, "orders", said(order))

    def look(self, poller: str, key: str) -> bool:
        """Have a poller run a check now; False: it is asked for too many already."""
        waiting = self._looks.get(poller)
        if waiting is None:
            waiting = self._looks[poller] = {}
            self._clock.call_later(LOOK_AFTER_S, lambda: self._send_looks(poller))
        if len(waiting) >= LOOKS_AT_MOST:
            return False
        waiting[key] = None
        return True

    def _send_looks(self, poller: str) -> None:
        keys = tuple(self._looks.pop(poller, ()))
        if keys:
            self._say(poller, "orders", said(Order(look=keys)))
