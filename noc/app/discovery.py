"""Sweeps the network by the settings and writes down what is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Final

from noc.app.check import CheckResult
from noc.app.gathering import resolved
from noc.app.polling import BUDGETS
from noc.app.settings import RootSettings
from noc.app.statefile import STATE_FILE
from noc.app.statefolder import make_usable
from noc.app.sweepcost import AROUND, Line, costs, lines_of, networks_of
from noc.app.swept import Spending, spent_by_sweeps
from noc.clock import Clock
from noc.discovery.book import entries
from noc.discovery.finder import Finder
from noc.discovery.ground import Ground
from noc.discovery.identify import LogIn, identify_counted, only_identity
from noc.discovery.pace import Pace, paced
from noc.discovery.probe import Manner, Prober
from noc.discovery.ranges import Addresses, targets
from noc.discovery.sweep import Asked, Progress, Sweep, Tally
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.compiled import Profile
from noc.inventory.values import Network
from noc.model.discovery import Found, SweepRecord
from noc.model.errors import InputError, UsageError
from noc.model.finding import did_you_mean
from noc.model.instants import to_ms, to_s
from noc.scheduling.budgets import Budgets
from noc.service import running
from noc.state import checkpoint, drifts, proposals
from noc.state.database import Database
from noc.wire.icmp import Pinger
from noc.wire.snmp import Agent, Community, User

SITE_NETWORKS: Final[Mapping[int, int]] = {4: 20, 6: 116}
"""By version of IP: a network that a device of a site is connected to is swept from this length of its prefix on."""

FOLLOW_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to sweep. follow: neighbours, so many steps far. resume: the sweep that was broken off, and nothing else.

    pinged_too: what answers nothing but ICMP is proposed too. over_budget: also behind lines with a byte budget.
    """

    targets: tuple[str, ...] = ()
    from_site: str | None = None
    exclude: tuple[Network, ...] = ()
    follow: int = 0
    force: bool = False
    resume: bool = False
    pinged_too: bool = False
    over_budget: bool = False


@dataclass(slots=True)
class Result:
    """What a sweep brought. fresh: new proposals; again: proposals that were seen again; known: devices that the
    inventory has. position, total: addresses that are done, of how many. targets: that were swept.
    """

    targets: tuple[str, ...] = ()
    total: int = 0
    tally: Tally = field(default_factory=Tally)
    fresh: int = 0
    again: int = 0
    known: int = 0
    position: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """What discovery works with. profiles: cut down to who a device is. log_ins: by the name of the set."""

    settings: RootSettings
    inventory: Inventory
    profiles: Mapping[str, Profile]
    log_ins: Mapping[str, Community | User]
    clock: Clock

    def log_in(self, device: Device) -> LogIn | None:
        """Return how to log in to a device of the inventory; None where it is not asked by SNMP."""
        watch = device.watch
        if watch.credentials is None or watch.credentials not in self.log_ins:
            return None
        timeout_s = watch.timeout.total_seconds()
        how = self.log_ins[watch.credentials]
        return LogIn(watch.credentials, Agent(str(device.address), how, device.snmp_port, timeout_s, watch.retries))

    @property
    def pace(self) -> Pace:
        """Return how fast is asked."""
        return Pace(self.settings.discovery.per_second, self.settings.discovery.max_concurrent)


def house_of(checked: CheckResult, clock: Clock) -> House:
    """Return what discovery works with. Raises InputError where the settings have an error, and SecretError."""
    if checked.settings is None or checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    log_ins = resolved(checked.settings.credentials, checked.folder)
    return House(checked.settings, checked.inventory, only_identity(checked.profiles), log_ins, clock)


def state_of(checked: CheckResult) -> Database:
    """Return the state database, not started; its folder is made if need be. Raises InputError."""
    return Database(make_usable(checked) / STATE_FILE)


async def sweep(
    checked: CheckResult,
    wanted: Wanted,
    clock: Clock,
    told: Callable[[Progress], None],
    result: Result,
    warn: Callable[[str], None] = lambda _: None,
) -> None:
    """Sweep, and write down proposals as they are found. told: how far it is. result: is filled in on the way.

    warn: is told what the sweep takes of lines with a byte budget, before it begins.

    Raises UsageError, InputError, StateError, PingerError. When it is cancelled, what was found by then is kept.
    """
    house, database = house_of(checked, clock), state_of(checked)
    pings = house.settings.discovery.ping == "first"
    pinger = Pinger(wanted=pings)
    async with running([database, pinger]):
        lines = lines_of(house.inventory)
        spending = Spending(lines, clock)
        record, addresses = await _record(house, database, wanted, spending, warn)
        excluded = tuple(map(ip_network, record.excluded))
        if not wanted.over_budget:  # nor are neighbours there asked
            excluded += tuple(network for line in lines for network in line.networks)
        ground = await _ground(house, database)
        finder = _finder(house, ground, pinger, excluded, pinged_too=wanted.pinged_too)
        result.targets, result.total, began_ms = record.targets, record.total, to_ms(clock.now())

        async def ask(address: str) -> Asked:
            asked = await finder.ask(address)
            spending.take(address, asked.octets)
            return asked

        async def keep(found: Sequence[Found], position: int) -> None:
            await _keep(database, found, ground, wanted, result, clock, began_ms)
            async with database.write() as connection:
                await proposals.go_on(connection, record.id, position)
                await spending.write(connection)
            result.position = position

        sweeping = Sweep(ask, house.pace, clock, keep, told)
        result.tally = sweeping.tally
        at_most = house.settings.discovery.max_addresses
        await sweeping.run(addresses, record.position, min(wanted.follow, FOLLOW_AT_MOST), at_most)
        async with database.write() as connection:
            await proposals.go_on(connection, record.id, sweeping.position, to_ms(clock.now()))
        result.finished = True


async def _keep(
    database: Database,
    found: Sequence[Found],
    ground: Ground,
    wanted: Wanted,
    result: Result,
    clock: Clock,
    began_ms: int,
) -> None:
    now_ms = to_ms(clock.now())
    async with database.write() as connection:
        before = await proposals.everything(connection)
        made = entries(found, before, ground, wanted.from_site)
        await proposals.add(connection, made.fresh, now_ms)
        await proposals.seen_again(connection, made.changed, now_ms)
    result.fresh += len(made.fresh)
    result.again = sum(one.first_ms < began_ms for one in made.changed)
    result.known = len(made.known)


async def _ground(house: House, database: Database) -> Ground:
    async with database.read() as connection:
        return Ground(house.inventory, await drifts.baselines(connection))


def _finder(house: House, ground: Ground, pinger: Pinger, excluded: tuple[Network, ...], *, pinged_too: bool) -> Finder:
    settings = house.settings.discovery
    order = settings.credentials or tuple(house.log_ins)
    manner = Manner(
        timeout_s=settings.timeout.total_seconds(),
        snmp_port=settings.snmp_port,
        ssh_port=settings.ssh_port,
        wrong_log_ins=settings.max_wrong_log_ins,
        ping=settings.ping == "first",
    )
    prober = Prober(pinger, [(name, house.log_ins[name]) for name in order], manner)

    def known(address: str) -> LogIn | None:
        device = ground.at(address)
        return None if device is None else house.log_in(device)

    return Finder(prober, house.profiles, house.clock, known, excluded, pinged_too=pinged_too)


async def _record(
    house: House, database: Database, wanted: Wanted, spending: Spending, warn: Callable[[str], None]
) -> tuple[SweepRecord, Addresses]:
    """Return the sweep to be made, written down, and its addresses.

    Raises UsageError, also where it takes something of a line with a budget, and that is not wanted.
    """
    settings, lines = house.settings.discovery, spending.lines
    if wanted.resume:
        async with database.read() as connection:
            left = await proposals.unfinished(connection)
        if left is None:
            raise UsageError("--resume: no sweep was broken off; name the networks to sweep")
        excluded = tuple(map(ip_network, left.excluded))
        addresses = targets(left.targets, excluded, settings.max_addresses, force=True)
        await _reckon(house, database, wanted, lines, addresses, warn)
        return left, addresses
    excluded = (*settings.exclude, *wanted.exclude)
    texts = wanted.targets
    if wanted.from_site is not None:
        texts = (*texts, *await _of_site(house, wanted, spending))
    addresses = targets(texts, excluded, settings.max_addresses, force=wanted.force)
    await _reckon(house, database, wanted, lines, addresses, warn)
    now_ms = to_ms(house.clock.now())
    record = SweepRecord(0, texts, tuple(map(str, excluded)), addresses.count, 0, now_ms)
    async with database.write() as connection:
        return replace(record, id=await proposals.begin_sweep(connection, record)), addresses


async def _reckon(
    house: House,
    database: Database,
    wanted: Wanted,
    lines: Sequence[Line],
    addresses: Addresses,
    warn: Callable[[str], None],
) -> None:
    """Tell what a sweep takes of lines with a budget. Raises UsageError where that is not wanted."""
    found = list(costs(lines, addresses, house.settings.discovery))
    if not found:
        return
    async with database.read() as connection:
        saved, swept = await checkpoint.load(connection, BUDGETS), await spent_by_sweeps(connection)
    budgets = Budgets(house.inventory, lambda: to_s(house.clock.now()))
    budgets.take_up(saved[1] if saved is not None else ())
    budgets.beside(swept)
    now = {one: budgets.now(one.line.holder) for one in found}
    told = [one.told(0 if standing is None else standing.spent_bytes) for one, standing in now.items()]
    if not wanted.over_budget:
        way = "--exclude leaves networks out; --over-budget asks all the same, and the daemon less for an hour"
        raise UsageError(f"{'; '.join(told)}. {way}")
    for line in told:
        warn(f"{line}; the daemon counts it, and asks less for an hour")


async def _of_site(house: House, wanted: Wanted, spending: Spending) -> tuple[str, ...]:
    """Return the networks of a site: those that are written, else those that its devices are connected to, else what
    is around these.

    Behind a line with a budget its devices are asked nothing, unless that is wanted.
    """
    name = wanted.from_site or ""
    site = house.inventory.sites.get(name)
    if site is None:
        raise UsageError(f"--from-site: there is no site '{name}'{did_you_mean(name, house.inventory.sites)}")
    if site.subnets:
        return tuple(map(str, site.subnets))
    own = networks_of(house.inventory, site.id)
    if not wanted.over_budget and any(network in line.networks for line in spending.lines for network in own):
        return tuple(map(str, own))
    found: set[Network] = set()
    log_ins = [log_in for device in house.inventory.devices_of(name) if (log_in := house.log_in(device)) is not None]

    async def ask(index: int) -> None:
        who, octets = await identify_counted(log_ins[index], house.profiles, house.clock)
        spending.take(log_ins[index].agent.address, octets)
        if isinstance(who, Found):
            found.update(map(ip_network, who.networks))

    async def begun(_: int) -> None:
        pass

    await paced(len(log_ins), ask, house.pace, house.clock, begun)
    devices = house.inventory.devices_of(name)
    others = [device.address for device in house.inventory.devices.values() if device.site != name]
    near = [
        network
        for network in found
        if network.prefixlen >= SITE_NETWORKS[network.version] and not any(other in network for other in others)
    ]
    if not near:
        near = [ip_network((device.address, AROUND[device.address.version]), strict=False) for device in devices]
    if not near:
        reason = "it has no `subnets:`, and no device whose surroundings could be swept"
        raise UsageError(f"--from-site {site.id}: {reason}; write `subnets:` for it, or name networks")
    return tuple(sorted(set(map(str, near))))
