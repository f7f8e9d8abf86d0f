"""An event lets noc look: the checks of what it speaks of run at once, but not again and again in a storm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from noc.clock import Clock
from noc.inventory.events.compiled import Meaning
from noc.inventory.events.text import Look
from noc.inventory.inventory import Inventory
from noc.model.event import Event, EventClass
from noc.scheduling.plan import LIVENESS_KINDS

PAUSE_S: Final = 5.0
"""Between two looks at one device that events ask for."""

BY_CLASS: Final[Mapping[EventClass, tuple[Look, ...]]] = {
    "link": ("liveness", "snmp"),
    "routing": ("snmp",),
    "environment": ("snmp",),
    "power": ("snmp",),
    "satellite": ("snmp",),
    "configuration": ("backup",),
    "authentication": (),
    "other": (),
}
"""What an event of a class lets noc look at, unless the rule for it says otherwise."""


class Looks:
    """Expedites checks, per device at most every few seconds; what is asked meanwhile is done once, after the pause.

    expedite: runs a check by its key; what isn't scheduled is left alone. asked: looks since the start.
    """

    def __init__(self, expedite: Callable[[str], bool], inventory: Callable[[], Inventory], clock: Clock) -> None:
        self._expedite = expedite
        self._inventory = inventory
        self._clock = clock
        self._waiting: dict[str, set[Look]] = {}
        self.asked = 0

    def take(self, event: Event, meaning: Meaning) -> None:
        """Look at the device of an event, now or after the pause."""
        looks = BY_CLASS[meaning.event_class] if meaning.look is None else meaning.look
        if not looks or event.device is None:
            return
        waiting = self._waiting.get(event.device)
        if waiting is not None:
            waiting.update(looks)
            return
        self._look(event.device, looks)

    def _look(self, device: str, looks: tuple[Look, ...]) -> None:
        self._waiting[device] = set()
        for look in looks:
            key = self._key(device, look)
            if key is not None:
                self.asked += self._expedite(key)
        self._clock.call_later(PAUSE_S, lambda: self._after_pause(device))

    def _after_pause(self, device: str) -> None:
        asked = self._waiting.pop(device, set())
        if asked:
            self._look(device, tuple(sorted(asked)))

    def _key(self, device: str, look: Look) -> str | None:
        if look != "liveness":
            return f"{device}:{look}"
        found = self._inventory().devices.get(device.removeprefix("device/"))
        return None if found is None else f"{device}:{LIVENESS_KINDS[found.watch.liveness.check]}"
