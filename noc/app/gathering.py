"""Gathering: asks what a plan names, on its rhythms, and brings Readings home; what comes of them is others' work.

The scheduler knows nothing of devices and the collectors nothing of rhythms; here they meet. Byte budgets, rows that
are known, and commands that are due are kept here too, as they tell what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from collectors._ports import Collector, Doors, Target
from noc import plugins
from noc.app.asking import Asking
from noc.clock import Timer
from noc.inventory.credentials import CredentialSet, SnmpCredentials
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.cli import Catalogue
from noc.model.check import Check
from noc.model.instants import to_s
from noc.model.reading import Known, Reading
from noc.pipeline.known import KnownAgents
from noc.pipeline.slow import SlowObjects
from noc.scheduling.budgets import Budgets
from noc.scheduling.plan import checks
from noc.scheduling.scheduler import Scheduler
from noc.settings.secrets import SecretRef
from noc.wire.snmp import Community, User
from noc.wire.ssh import SshLogin

STOP_PATIENCE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is polled: devices by entity, how to log in to each credential set, what can be asked by SSH.

    elsewhere: what remote pollers ask: ids of devices, and endpoint/ID. beside_links: the inventory with the byte
    budgets that links of pollers leave for polls; None: they leave all.
    """

    inventory: Inventory
    snmp: Mapping[str, Community | User]
    ssh: Mapping[str, SshLogin] = field(default_factory=dict)
    cli: Catalogue = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    beside_links: Inventory | None = None

    @property
    def budgeted(self) -> Inventory:
        """Return the inventory by whose byte budgets polls go."""
        return self.inventory if self.beside_links is None else self.beside_links

    def checks(self) -> Iterator[Check]:
        """Yield the checks of all devices; a set of credentials without an snmp part polls nothing."""
        for check in checks(self.inventory):
            if check.kind not in ("snmp", "addresses") or self.target(check).snmp is not None:
                yield check

    def here(self) -> Iterator[Check]:
        """Yield the checks that no remote poller runs."""
        return (check for check in self.checks() if not self.is_far(check.entity))

    def is_far(self, entity: str) -> bool:
        """Return whether remote pollers ask a device."""
        return entity.removeprefix("device/") in self.elsewhere

    def target(self, check: Check) -> Target:
        """Return the question that a check asks, with what it takes to log in."""
        device = self.inventory.devices[check.entity.removeprefix("device/")]
        name = device.watch.credentials or ""
        return Target(check, device, self.snmp.get(name), self.ssh.get(name))

    def context(self, entity: str) -> dict[str, str]:
        """Return the tags of a device's series."""
        device = self.inventory.devices.get(entity.removeprefix("device/"))
        if device is None:
            return {}
        region = self.inventory.sites[device.site].region
        return {"device": device.id, "site": device.site, "region": region, "device_class": device.device_class}


def resolved(credentials: Mapping[str, CredentialSet], folder: Path) -> dict[str, Community | User]:
    """Return how to log in with each credential set that has an snmp part. Raises SecretError."""
    return {name: _snmp(entry.snmp, folder) for name, entry in credentials.items() if entry.snmp is not None}


def _snmp(settings: SnmpCredentials, folder: Path) -> Community | User:
    def secret(ref: SecretRef | None) -> str | None:
        return None if ref is None else ref.resolve(folder).reveal()

    if settings.version == "3":
        keys = secret(settings.auth_key), secret(settings.priv_key)
        return User(settings.user or "", settings.auth, keys[0], settings.priv, keys[1])
    return Community(secret(settings.community) or "", settings.version)


class Gathering:
    """Asks the checks of a plan. taken: is given each Reading, whole, with its check. due: whether a copy of a device's
    configuration is; changed: is told that one has changed, and tells in how many seconds a copy is due, None: of none.
    far: asks remote pollers for a check of theirs, by its key, and returns whether it could.
    """

    def __init__(
        self,
        plan: Plan,
        doors: Doors,
        max_concurrent: int,
        taken: Callable[[Check, Reading], None],
        due: Callable[[Target, datetime], bool] = lambda *_: False,
        changed: Callable[[str], float | None] = lambda _: None,
    ) -> None:
        self.plan = plan
        self._doors = doors
        self._clock = doors.clock
        self._taken = taken
        self._changed = changed
        self._collectors: dict[str, Collector] = {}
        self._known = KnownAgents()
        self._slow = SlowObjects(doors.profiles)
        self._soon: dict[str, Timer] = {}
        self.far: Callable[[str], bool] = lambda _: False
        self.asking = Asking(doors.profiles, lambda: self.plan.cli, self._known.profile, due)
        self.budgets = Budgets(plan.budgeted, lambda: to_s(doors.clock.now()))
        self.scheduler = Scheduler(doors.clock, self._collect, self._take, max_concurrent, self._admit)

    def start(self, spent: Iterable[Sequence[object]]) -> None:
        """Begin. spent: of byte budgets, before a restart."""
        self.budgets.take_up(spent)
        self.budgets.watch(self.plan.here())
        self.scheduler.replace(self.plan.here())
        self.scheduler.start()

    def wind_down(self) -> None:
        """Ask nothing new; checks that are under way have a moment from now on."""
        for timer in self._soon.values():
            timer.cancel()
        self.scheduler.wind_down()

    async def stop(self) -> None:
        """Let running checks end for a moment."""
        self.wind_down()
        await self.scheduler.stop(STOP_PATIENCE_S)

    def replace(self, plan: Plan) -> None:
        """Go on with another plan: what stays keeps its rhythm and its memory."""
        for name, device in self.plan.inventory.devices.items():
            fresh = plan.inventory.devices.get(name)
            if fresh is None or asked_of(fresh) != asked_of(device):
                self._known.forget(device.entity)
                self._slow.forget(device.entity)
                self.asking.forget(device.entity)
        self.plan = plan
        self.budgets.replace(plan.budgeted)
        self.budgets.watch(plan.here())
        self.scheduler.replace(plan.here())

    @property
    def soon(self) -> int:
        """Return how many looks are planned beside the rhythm."""
        return len(self._soon)

    def look(self, entity: str) -> None:
        """Poll a device now, beside its rhythm."""
        self.run(f"{entity}:snmp")

    def look_soon(self, device: Device) -> None:
        """Poll a device again after the time of a liveness probe: a part of it may be down, and that is to be sure."""
        watch = device.watch
        if watch.interval < watch.poll_interval:
            self._later(device.entity, watch.interval.total_seconds(), lambda: self.look(device.entity))

    def run(self, key: str) -> bool:
        """Run a check now, beside its rhythm, here or far away; False: there is no such check."""
        return self.far(key) if self.plan.is_far(key.rpartition(":")[0]) else self.scheduler.expedite(key)

    def expedite(self, key: str) -> bool:
        """Run a check now, beside its rhythm, because a device told of something; False: there is no such check.

        Of `backup` it means that its configuration has changed, so that a copy is due: now, or when the last one is a
        minute old.
        """
        entity, _, kind = key.rpartition(":")
        if kind == "backup":
            wait_s = self._changed(entity)
            if wait_s is None:
                return False
            if wait_s > 0:
                self._later(key, wait_s, lambda: self.run(key))
                return True
        return self.run(key)

    def _later(self, key: str, wait_s: float, run: Callable[[], object]) -> None:
        if key in self._soon:
            return

        def fire() -> None:
            del self._soon[key]
            run()

        self._soon[key] = self._clock.call_later(wait_s, fire)

    def _admit(self, check: Check) -> bool:
        """Return whether the byte budgets of the device's line leave room for a check."""
        known = self._known_of(check) if check.kind == "snmp" else None
        grant = self.budgets.admit(check, known=known is not None, due=known is not None and not known.valid)
        return grant is not None

    def _known_of(self, check: Check) -> Known | None:
        device = self.plan.inventory.devices.get(check.entity.removeprefix("device/"))
        if device is None:
            return None
        watch = device.watch
        return self._known.of(check.entity, self._clock.now(), watch.rediscover, watch.poll_interval)

    async def _collect(self, check: Check) -> Reading:
        """Ask; what it took is settled with the budgets, whatever comes of it."""
        reading: Reading | None = None
        try:
            reading = await self._ask(check)
        finally:
            self.budgets.settle(check, reading)
        return reading

    async def _ask(self, check: Check) -> Reading:
        collector = self._collectors.get(check.kind)
        if collector is None:
            built: Collector = plugins.load("collectors", check.kind).build(self._doors)
            collector = self._collectors[check.kind] = built
        target = replace(self.plan.target(check), grant=self.budgets.granted(check))
        if check.kind == "snmp":
            known, interval = self._known_of(check), target.device.watch.poll_interval
            target = replace(target, known=self._slow.narrowed(check.entity, known, self._clock.now(), interval))
        elif check.kind in ("ssh", "backup"):
            target = self.asking.target(target, self._clock.now())
        return await collector.collect(target)

    def _take(self, check: Check, reading: Reading) -> None:
        device = self.plan.inventory.devices.get(check.entity.removeprefix("device/"))
        if device is not None and reading.address == str(device.address):  # not so after a reload meanwhile
            reading = self._slow.completed(check.entity, reading)
            self._known.take(check.entity, reading)
            self.asking.take(check, reading)
        self._taken(check, reading)


def asked_of(device: Device) -> tuple[object, ...]:
    """Return what tells which agent is asked, and for what."""
    return device.address, device.snmp_port, device.watch.credentials, device.watch.profile
