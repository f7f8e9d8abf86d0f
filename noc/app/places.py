"""Several places: what it takes to call something down that is looked at from more than one, and what it hangs on."""

from __future__ import annotations

from collections.abc import Callable

from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DownWhen
from noc.model.transition import Status
from noc.pipeline.policy import probe_policy


class Places:
    """Answers what noc.pipeline.views asks. status: of a device. several: whether an entity is looked at from several
    places.
    """

    def __init__(
        self,
        inventory: Callable[[], Inventory],
        status: Callable[[str], Status],
        several: Callable[[str], bool],
    ) -> None:
        self._inventory = inventory
        self._status = status
        self._several = several

    def down_when(self, entity: str) -> tuple[DownWhen, int] | None:
        """Return what it takes, and for how many milliseconds a look speaks; None: one place alone looks at it."""
        known = self._known(entity)
        if known is None or not self._several(entity):
            return None
        return known.watch.down_when, probe_policy(known.watch).stale_after

    def hangs_on_what_is_up(self, entity: str) -> bool:
        """Return whether something that an entity hangs on is seen up; an end point hangs on its site."""
        known = self._known(entity)
        upstream = (f"site/{known.site}",) if isinstance(known, Endpoint) else () if known is None else known.upstream
        return any(self._status(hop) == "up" for one in upstream for hop in _hops(one, self._inventory()))

    def _known(self, entity: str) -> Device | Endpoint | None:
        kind, _, name = entity.partition("/")
        inventory = self._inventory()
        return inventory.devices.get(name) if kind == "device" else inventory.endpoints.get(name)


def _hops(upstream: str, inventory: Inventory) -> tuple[str, ...]:
    """Return the devices that an upstream stands for."""
    site = inventory.sites.get(upstream.removeprefix("site/")) if upstream.startswith("site/") else None
    return (upstream,) if site is None else tuple(f"device/{name}" for name in site.edge_devices)
