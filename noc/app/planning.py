"""Plans of pollers: what a group polls, as the folder of settings that a centre for these devices alone would have.

How devices are watched is resolved here, so that a plan needs no layers; secrets are resolved too, as a poller has none
of the centre's files. What a poller doesn't need isn't told: no rules, no people, no words about the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from noc.app.autonomyfiles import with_rooms
from noc.app.check import CheckResult
from noc.app.enrolling import enrolled_in
from noc.app.linebudgets import Line, beside_links, lines
from noc.app.paths import state_folder
from noc.app.planendpoints import Written, endpoint_files
from noc.app.pollersettings import PollerGroup, devices_of, endpoints_of
from noc.app.settings import RootSettings
from noc.bus.plans import SETTINGS
from noc.inventory.credentials import CredentialSet
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.inventory.layers import Watch
from noc.model.errors import InputError, UsageError
from noc.settings.schema import format_duration
from noc.settings.secrets import SecretRef
from noc.settings.yamltext import SECRET_KEY

INVENTORY: Final = "inventory/plan.yaml"
KNOWN_HOSTS: Final = "known_hosts"
OWN_AT_MOST: Final = 4_000_000
"""Octets of one's own profiles, or rules for events, that go with a plan."""


def plan_files(
    checked: CheckResult, poller: str, group: str, over: Mapping[str, Line] | None = None
) -> dict[str, bytes]:
    """Return the files of a poller's plan, by path; equal for equal settings. over: what `lines_of` found, if known.

    Raises InputError where the settings can't be used, SecretError, and UsageError where there is no such group or
    files of one's own can't be read.
    """
    settings, inventory = checked.settings, checked.inventory
    if settings is None or inventory is None:
        raise InputError(checked.findings)
    known = settings.pollers.groups.get(group)
    if known is None:
        raise UsageError(
            f"poller '{poller}': there is no group '{group}' in pollers.groups; write it, or remove {poller}"
        )
    devices = [inventory.devices[name] for name in sorted(devices_of(known, inventory))]
    files: dict[str, bytes] = {}
    root = _root(settings, poller, group, known, devices)
    used = sorted({device.watch.credentials for device in devices if device.watch.credentials is not None})
    sets = [(name, settings.credentials[name]) for name in used if name in settings.credentials]
    root["credentials"] = {name: _credentials(entry, checked.folder, files) for name, entry in sets}
    if settings.ssh.known_hosts is not None:
        files[KNOWN_HOSTS] = _read(checked.folder / settings.ssh.known_hosts)
        root["ssh"] = {**_mapping(root["ssh"]), "known_hosts": KNOWN_HOSTS}
    for key, own in (("profiles", settings.profiles), ("events", settings.events)):
        if own is not None:
            files |= _folder(key, checked.folder / own)
            root[key] = key
    endpoints = [inventory.endpoints[name] for name in endpoints_of(known, inventory)]
    asked = endpoint_files(endpoints, checked.folder, files)
    bounded = beside_links(inventory, lines_of(checked) if over is None else over, group)
    files[INVENTORY] = _text(_inventory(bounded, devices, known, asked))
    files[SETTINGS] = _text(root)
    return files | with_rooms(checked, group, files, INVENTORY) if known.autonomy else files


def lines_of(checked: CheckResult) -> dict[str, Line]:
    """Return the circuits with a budget that links of pollers cross, by id; none where the settings can't be used."""
    settings, inventory = checked.settings, checked.inventory
    if settings is None or inventory is None:
        return {}
    pollers = enrolled_in(state_folder(checked.folder, settings))
    return {one.circuit.id: one for one in lines(settings.pollers, inventory, pollers, settings.polling.poller)}


def _root(
    settings: RootSettings, poller: str, group: str, known: PollerGroup, devices: Iterable[Device]
) -> dict[str, Written]:
    there = {device.entity for device in devices}
    shares: dict[str, Written] = {"scope": list(known.scope)}
    if known.budget is not None:
        shares["budget"] = known.budget
    lost_after = format_duration(settings.pollers.lost_after)
    pollers: dict[str, Written] = {"groups": {group: shares}, "lost_after": lost_after}
    if settings.pollers.broker is not None:
        pollers["broker"] = {"host": str(settings.pollers.broker.host)}
    return {
        "state_dir": "state",
        "polling": {
            "poller": poller,
            "vantage": known.vantage,
            "max_concurrent": settings.polling.max_concurrent,
            "uplink": [entity for entity in known.uplink if entity in there],
        },
        "pollers": pollers,
        "ssh": {"host_keys": settings.ssh.host_keys, "max_sessions": settings.ssh.max_sessions},
    }


def _credentials(entry: CredentialSet, folder: Path, files: dict[str, bytes]) -> Written:
    """Return a set of credentials whose secrets are files of the plan, which are added to it. Raises SecretError."""
    found: dict[str, Written] = {}
    for part, said in (("snmp", entry.snmp), ("ssh", entry.ssh)):
        if said is None:
            continue
        values: dict[str, Written] = {}
        for name in sorted(type(said).model_fields):
            value = getattr(said, name)
            if isinstance(value, SecretRef):
                path = f"secrets/{sum(one.startswith('secrets/') for one in files)}"
                files[path] = value.resolve(folder).reveal().encode()
                values[name] = {SECRET_KEY: f"file:{path}"}
            elif value is not None:
                values[name] = value
        found[part] = values
    return found


def _inventory(
    inventory: Inventory, devices: Iterable[Device], known: PollerGroup, endpoints: Mapping[str, Written]
) -> dict[str, Written]:
    polled = {device.id: device for device in devices}
    named = {entity.partition("/")[2] for entity in known.scope if entity.startswith("site/")}
    named |= {inventory.endpoints[name].site for name in endpoints}
    sites = [inventory.sites[name] for name in sorted({device.site for device in polled.values()} | named)]
    regions = {site.region for site in sites}
    regions |= {entity.partition("/")[2] for entity in known.scope if entity.startswith("region/")}
    circuits = [one for site in sites for one in inventory.circuits_of(site.id) if one.bytes_an_hour is not None]
    return {
        "regions": {name: {"name": inventory.regions[name].name} for name in sorted(regions)},
        "sites": {site.id: _site(site, inventory, polled) for site in sites},
        "devices": {name: _device(device) for name, device in polled.items()},
        "circuits": {one.id: _circuit(one, inventory, polled) for one in circuits if _ends(one, inventory, polled)},
        **({"endpoints": dict(endpoints)} if endpoints else {}),
    }


def _site(site: Site, inventory: Inventory, polled: Mapping[str, Device]) -> Written:
    found: dict[str, Written] = {"name": site.name, "region": site.region, "class": site.site_class}
    of_it = [device.id for device in inventory.devices_of(site.id) if device.id in polled]
    edges: list[Written] = [*([name for name in of_it if name in site.edge_devices] or of_it[:1])]
    found["edge_devices"] = edges
    if site.budget is not None:
        found["budget"] = f"{site.budget}B/h"
    return found


def _ends(circuit: Circuit, inventory: Inventory, polled: Mapping[str, Device]) -> list[str]:
    """Return the devices that can stand for the end of a circuit: only its budget matters to a poller."""
    return [device.id for device in inventory.devices_of(circuit.site) if device.id in polled]


def _circuit(circuit: Circuit, inventory: Inventory, polled: Mapping[str, Device]) -> Written:
    device = _ends(circuit, inventory, polled)[0]
    return {
        "kind": circuit.kind,
        "site": circuit.site,
        "budget": f"{circuit.bytes_an_hour}B/h",
        "probe": {"device": device, "name": "-"},
    }


def _device(device: Device) -> Written:
    return {
        "name": device.name,
        "site": device.site,
        "address": str(device.address),
        "class": device.device_class,
        "snmp_port": device.snmp_port,
        **dict(_watch(device.watch)),
    }


def _watch(watch: Watch) -> Iterator[tuple[str, Written]]:
    for name in ("interval", "poll_interval", "timeout", "stale_after", "skew", "rediscover"):
        yield name, format_duration(getattr(watch, name))
    for name in ("retries", "confirm_down", "confirm_up", "max_parts", "profile"):
        yield name, getattr(watch, name)
    yield "liveness", str(watch.liveness)
    yield "watch_interfaces", list(watch.watch_interfaces)
    if watch.credentials is not None:
        yield "credentials", watch.credentials
    if watch.port_addresses is not None:
        yield "port_addresses", format_duration(watch.port_addresses) if watch.port_addresses else "never"
    for key, said in (("ssh", watch.ssh), ("backup", watch.backup)):
        if said is not None:
            yield key, said.model_dump(mode="json", exclude_none=True)


def _folder(key: str, folder: Path) -> dict[str, bytes]:
    """Return the files of a folder of one's own, by their paths in the plan. Raises UsageError."""
    found = {
        f"{key}/{path.relative_to(folder).as_posix()}": _read(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    size = sum(map(len, found.values()))
    if size > OWN_AT_MOST:
        raise UsageError(
            f"{folder}: {size:,} octets are too much for plans of pollers, {OWN_AT_MOST:,} at most are sent"
        )
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: can't be read for the plans of pollers: {reason}") from error


def _mapping(written: Written) -> dict[str, Written]:
    return written if isinstance(written, dict) else {}


def _text(written: Written) -> bytes:
    # JSON is YAML; a `${` that is meant as it stands is written `$${`.
    return json.dumps(written, ensure_ascii=True, indent=1).replace("${", "$${").encode()
