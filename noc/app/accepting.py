"""Takes proposals into the inventory: writes the file, runs `noc check` on the result, and withdraws what is wrong."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from noc.app.check import CheckResult, check
from noc.app.settings import layers_of, validated
from noc.clock import Clock
from noc.discovery.guess import device_class, device_id
from noc.discovery.inventoryfile import FILE, Properties, read_or_none, with_devices, write_whole
from noc.inventory.layers import DEVICE_CLASSES, resolve
from noc.inventory.values import id_like, is_id
from noc.model.discovery import Baseline, Found, Proposal, ProposalState
from noc.model.errors import ConflictError, InputError, UsageError
from noc.model.finding import did_you_mean
from noc.model.instants import to_ms
from noc.state import drifts, proposals
from noc.state.database import Database


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of a device that is accepted; None: as it was guessed."""

    site: str | None = None
    device_class: str | None = None
    name: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A proposal that is in the inventory now. properties: as they are written."""

    proposal: Proposal
    device: str
    properties: Properties


async def open_proposals(database: Database, numbers: Sequence[int]) -> list[Proposal]:
    """Return proposals by number. Raises UsageError where one isn't there, ConflictError where it is accepted."""
    async with database.read() as connection:
        there = await proposals.get(connection, numbers)
    for number in numbers:
        if number not in there:
            raise UsageError(
                f"there is no proposal {number}; `noc discover list --state all` shows those that there are"
            )
        if there[number].state == "accepted":
            raise ConflictError(f"proposal {number} was accepted already, as device '{there[number].device}'")
    return [there[number] for number in dict.fromkeys(numbers)]


async def ignore(database: Database, numbers: Sequence[int], who: str, clock: Clock) -> list[Proposal]:
    """Propose these devices no more. Raises as `open_proposals`."""
    found = await open_proposals(database, numbers)
    await _decide(database, [(one, "ignored", None) for one in found], who, clock)
    return found


async def propose_again(database: Database, numbers: Sequence[int], who: str, clock: Clock) -> list[Proposal]:
    """Take back that these devices are ignored. Raises as `open_proposals`; ConflictError where one isn't."""
    found = await open_proposals(database, numbers)
    for one in found:
        if one.state != "ignored":
            raise ConflictError(f"proposal {one.id} isn't ignored")
    await _decide(database, [(one, "new", None) for one in found], who, clock)
    return found


async def accept(
    database: Database,
    config: Path,
    environment: Mapping[str, str],
    numbers: Sequence[int],
    choice: Choice,
    who: str,
    clock: Clock,
) -> list[Accepted]:
    """Write devices into the inventory, and that they are accepted.

    Raises UsageError where a choice is wrong or nothing says at which site a device stands; InputError where
    `noc check` finds an error: before, then nothing was done; or because of the devices, then it is taken back.
    """
    found = await open_proposals(database, numbers)
    if len(found) > 1 and (choice.name or choice.id):
        raise UsageError("--name and --id are of one device; accept the others by themselves")
    checked = check(config, environment)
    if checked.settings is None or checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    folder = checked.folder / checked.settings.inventory
    with _alone(folder):
        accepted = _accepted(found, choice, checked)
        path = folder / FILE
        before = read_or_none(path)
        after = with_devices(before, {one.device: one.properties for one in accepted}, str(path))
        write_whole(path, after)
        result = check(config, environment)
        if not result.ok:
            write_whole(path, before)
            raise InputError(finding for finding in result.findings if finding.level == "error")
    await _decide(database, [(one.proposal, "accepted", one.device) for one in accepted], who, clock)
    return accepted


def _accepted(found: Sequence[Proposal], choice: Choice, checked: CheckResult) -> list[Accepted]:
    inventory = checked.inventory
    if inventory is None:
        raise InputError(checked.findings)
    taken = set(inventory.devices)
    at = {str(device.address): device.id for device in inventory.devices.values()}
    accepted: list[Accepted] = []
    for proposal in found:
        one = _one(proposal, choice, checked, taken)
        address = str(one.properties["address"])
        if address in at:
            raise ConflictError(f"proposal {proposal.id}: {address} is the address of device '{at[address]}' already")
        at[address] = one.device
        taken.add(one.device)
        accepted.append(one)
    return accepted


def _one(proposal: Proposal, choice: Choice, checked: CheckResult, taken: set[str]) -> Accepted:
    found, inventory = proposal.found, checked.inventory
    if inventory is None:
        raise InputError(checked.findings)
    site = choice.site or found.site
    if site is None:
        raise UsageError(f"proposal {proposal.id} ({found.address}): nothing tells where it stands; give --site")
    if site not in inventory.sites:
        raise UsageError(f"there is no site '{site}' in the inventory{did_you_mean(site, inventory.sites)}")
    kind = choice.device_class or device_class(found)
    if kind not in DEVICE_CLASSES:
        known = f"it is one of {', '.join(DEVICE_CLASSES)}"
        raise UsageError(f"--class: '{kind}' is no class of devices{did_you_mean(kind, DEVICE_CLASSES)}; {known}")
    key = _id(choice, found, taken)
    name = choice.name or found.sys_name or key
    properties: dict[str, str | int] = {} if name == key else {"name": name[:200]}
    properties |= {"site": site, "address": found.address, "class": kind}
    if found.snmp_port != 161:  # the port of SNMP
        properties["snmp_port"] = found.snmp_port
    if found.credentials is not None and found.credentials != _credentials(checked, kind, site):
        properties["credentials"] = found.credentials
    return Accepted(proposal, key, properties)


def _id(choice: Choice, found: Found, taken: set[str]) -> str:
    if choice.id is not None:
        if not is_id(choice.id):
            near = id_like(choice.id)
            hint = f" (did you mean '{near}'?)" if near else ""
            raise UsageError(f"--id: '{choice.id}' is not made of lower-case letters, digits, '.', '_' and '-'{hint}")
        if choice.id in taken:
            raise ConflictError(f"--id: device '{choice.id}' is in the inventory already")
        return choice.id
    if choice.name is not None and id_like(choice.name):
        return device_id(Found(found.address, sys_name=choice.name), taken)
    return device_id(found, taken)


def _credentials(checked: CheckResult, kind: str, site: str) -> str | None:
    """Return the credentials that a device of this class at that site has without naming any."""
    if checked.merged is None or checked.inventory is None:
        return None
    place = checked.inventory.sites[site]
    layers = layers_of(validated(checked.merged), checked.merged).below(kind, place.site_class)
    return resolve([*(layer.text for layer in layers), place.defaults]).credentials


async def _decide(
    database: Database, decided: Sequence[tuple[Proposal, ProposalState, str | None]], who: str, clock: Clock
) -> None:
    now_ms = to_ms(clock.now())
    async with database.write() as connection:
        for proposal, state, device in decided:
            await proposals.decide(connection, proposal.id, state, who, now_ms, device)
        said = [_baseline(one.found, device, now_ms) for one, _, device in decided if device is not None]
        await drifts.take_as_right(connection, said)


def _baseline(found: Found, device: str, now_ms: int) -> Baseline:
    return Baseline(
        device=device,
        at_ms=now_ms,
        sys_name=found.sys_name,
        serial=found.serial,
        model=found.model,
        profile=found.profile,
        device_class=found.device_class,
        engine_id=found.engine_id,
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others who accept devices waiting. Raises UsageError where the folder can't be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{folder}: can't be opened: {(error.strerror or str(error)).lower()}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
