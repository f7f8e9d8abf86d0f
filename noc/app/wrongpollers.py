"""What `noc check` finds wrong with `pollers:`, beside its form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from noc.app.brokerfiles import ACCESS, PASSWORDS, read_accounts
from noc.app.enrolling import FOLDER
from noc.app.includes import Merged
from noc.app.pollersettings import PollerGroup, PollersSettings, devices_of
from noc.app.wrongautonomy import wrong_autonomy
from noc.bus.identity import Enrolled, read
from noc.bus.packing import PackingError
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError, UsageError
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import format_duration, validate_data
from noc.settings.written import mapping
from noc.wire.http import Tls

KEY: Final = "pollers"
PRESENCE_EVERY: Final = timedelta(seconds=10)
"""How often a poller says that it is there, where that is often: three times in `lost_after`."""

_SCOPES: Final = ("region", "site", "device")
NAMED: Final = 5
"""Pollers that a finding names; of more it says how many."""


def wrong_pollers(
    merged: Merged, inventory: Inventory | None, folder: Path, state_dir: Path, centre: str
) -> Iterator[Finding]:
    """Yield what is wrong.

    folder: of noc.yaml. centre: the name of this poller. inventory: None, where it can't be used.
    """
    written = mapping(merged.data, KEY)
    if not written:
        return
    try:
        settings = validate_data(PollersSettings, written, merged, (KEY,))
    except InputError:
        return  # the model says so
    yield from _broker(settings, merged, folder)
    least = 3 * PRESENCE_EVERY  # two may be lost on the way
    if settings.lost_after < least:
        rhythm, wanted = format_duration(PRESENCE_EVERY), format_duration(least)
        message = f"{KEY}.lost_after: a poller speaks every {rhythm} at most; give it {wanted} or more"
        yield merged.place(KEY, "lost_after").finding(message)
    for name, group in settings.groups.items():
        if name == centre:
            message = f"{KEY}.groups: '{name}' is the name of this centre (polling.poller); call the group otherwise"
            yield merged.key_place(KEY, "groups", name).finding(message)
        yield from wrong_autonomy(name, group, settings.lost_after, merged, folder)
        if inventory is not None:
            yield from _scope(name, group, merged, inventory)
            yield from _uplink(name, group, merged, inventory)
    yield from _orphans(settings, merged, state_dir)


def _broker(settings: PollersSettings, merged: Merged, folder: Path) -> Iterator[Finding]:
    broker = settings.broker
    if broker is None:
        if settings.groups:
            message = f"{KEY}.broker is missing: over what do these groups speak? `noc broker config` writes one"
            yield merged.key_place(KEY, "groups").finding(message)
        if settings.state_out:
            yield merged.place(KEY, "state_out").finding(
                f"{KEY}.state_out: there is no broker to publish on ({KEY}.broker)"
            )
        return
    if (broker.username is None) != (broker.password is None):
        yield merged.place(KEY, "broker").finding(f"{KEY}.broker: username and password are given together, or neither")
    if broker.ca_file is not None and not broker.tls:
        yield merged.place(KEY, "broker", "ca_file").finding(f"{KEY}.broker.ca_file is for connections with tls: true")
    if broker.password is not None and not broker.tls and not _is_loopback(broker.host):
        message = f"{KEY}.broker: the password, and all that is said, can be read on the way: tls: true"
        yield replace(merged.place(KEY, "broker", "password").finding(message), level="warning")
    if broker.tls and broker.ca_file is not None:
        try:
            Tls(folder / broker.ca_file).context()
        except UsageError as error:
            yield merged.place(KEY, "broker", "ca_file").finding(f"{KEY}.broker.ca_file: {error}")
    if settings.broker_files is not None:
        files = folder / settings.broker_files
        with suppress(OSError):  # another's folder: whoever may look into it enrols
            if not all((files / name).exists() for name in (PASSWORDS, ACCESS)):
                message = f"{KEY}.broker_files: {files} is no folder that `noc broker config` wrote"
                yield merged.place(KEY, "broker_files").finding(message)
            else:
                yield from _rights(files, merged)


def _rights(files: Path, merged: Merged) -> Iterator[Finding]:
    """Yield pollers that may not say at the broker what pollers say by now: Mosquitto drops it without a word."""
    try:
        lacking = read_accounts(files).lacking()
    except UsageError:  # another's folder: whoever may read it enrols, and hears of it
        return
    if lacking:
        named = ", ".join(lacking[:NAMED]) + (f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else "")
        message = (
            f"{KEY}.broker_files: {files / ACCESS} lacks topics of {named}: `noc broker config {files}` adds them; "
            "copy acl to the broker, and have it read that (kill -HUP)"
        )
        yield replace(merged.place(KEY, "broker_files").finding(message), level="warning")


def _scope(name: str, group: PollerGroup, merged: Merged, inventory: Inventory) -> Iterator[Finding]:
    known = {f"region/{one}" for one in inventory.regions}
    known |= {one.entity for one in inventory.sites.values()} | {one.entity for one in inventory.devices.values()}
    wrong = False
    for index, entity in enumerate(group.scope):
        if entity in known:
            continue
        wrong = True
        said = f"there is no entity '{entity}'{did_you_mean(entity, known)}"
        if entity.partition("/")[0] not in _SCOPES:
            said = f"'{entity}' is no region, site or device: write region/NAME, site/NAME or device/NAME"
        yield merged.place(KEY, "groups", name, "scope", index).finding(f"{KEY}.groups.{name}.scope: {said}")
    if not wrong and not devices_of(group, inventory):
        message = f"{KEY}.groups.{name}: no device is in its scope"
        yield replace(merged.place(KEY, "groups", name, "scope").finding(message), level="warning")


def _uplink(name: str, group: PollerGroup, merged: Merged, inventory: Inventory) -> Iterator[Finding]:
    known = {one.entity for one in inventory.devices.values()} | {one.entity for one in inventory.circuits.values()}
    known |= {one.entity for one in inventory.sites.values()}
    for index, entity in enumerate(group.uplink):
        if entity not in known:
            message = f"{KEY}.groups.{name}.uplink: there is no entity '{entity}'{did_you_mean(entity, known)}"
            yield merged.place(KEY, "groups", name, "uplink", index).finding(f"{message}; write device/NAME")


def _orphans(settings: PollersSettings, merged: Merged, state_dir: Path) -> Iterator[Finding]:
    """Yield pollers that are enrolled in groups that there are not."""
    with suppress(OSError):  # whoever may not read it is not told
        for path in sorted((state_dir / FOLDER).glob("*.json")):
            try:
                known = read(path.read_bytes(), Enrolled)
            except PackingError as error:
                yield replace(merged.place(KEY).finding(f"{path}: {error}"), level="warning")
                continue
            if known.group not in settings.groups:
                message = (
                    f"{KEY}.groups: poller '{known.poller}' is enrolled in '{known.group}', which is not there"
                    f"{did_you_mean(known.group, settings.groups)}; it polls nothing"
                )
                yield replace(merged.key_place(KEY, "groups").finding(message), level="warning")


def _is_loopback(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"
