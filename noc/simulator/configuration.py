"""Writes a world as a configuration that `noc check` accepts: noc.yaml, an inventory folder, a file with the community.

Devices are a table (20,303 of them load in seconds), the rest is YAML that people can read.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from noc.settings.schema import format_duration
from noc.settings.yamltext import SECRET_KEY, Data
from noc.simulator.ages import USEFUL_YEARS, age_of
from noc.simulator.counts import BEHIND_SATELLITE
from noc.simulator.models import WAN_INTERFACE
from noc.simulator.walls import tag_of
from noc.simulator.world import VANTAGE, SimDevice, World

COMMUNITY: Final = "public"
CREDENTIALS: Final = "simulated"

ROOMS: Final = 2
"""Rooms of a data centre."""

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
_NOT_PLAIN: Final = frozenset({"null", "true", "false"})


@dataclass(frozen=True, slots=True)
class Pace:
    """How often noc looks at the world."""

    interval: timedelta
    poll_interval: timedelta


@dataclass(frozen=True, slots=True)
class SshAccess:
    """How to log in by SSH. port: TCP port of all devices. sites: the classes of those whose routers may be asked."""

    user: str
    password: str
    port: int
    sites: tuple[str, ...]


def pace(devices: int) -> Pace:
    """Return a pace that shows a failure within a minute where the world is small enough for one processor core."""
    interval = max(15, -(-devices // 350))
    return Pace(timedelta(seconds=interval), timedelta(seconds=max(120, interval * 5)))


def write_configuration(
    world: World,
    folder: Path,
    port: int,
    extra: Mapping[str, Data] | None = None,
    rhythm: Pace | None = None,
    community: str = COMMUNITY,
    ssh: SshAccess | None = None,
    today: date | None = None,
) -> Path:
    """Write the configuration into a folder and return the path of noc.yaml.

    port: UDP port of all agents. extra: more of noc.yaml (`alerts`, `http`, …); its words count more than ours.
    rhythm: default `pace`. ssh: how to log in where devices have a command line. today: as of which day devices are
    old; None: their ages are not told. Files of an earlier world are replaced.
    """
    inventory = folder / "inventory"
    inventory.mkdir(parents=True, exist_ok=True)
    secret = folder / "community"
    secret.touch(mode=0o600)
    secret.write_text(f"{community}\n")
    if ssh is not None:
        password = folder / "ssh-password"
        password.touch(mode=0o600)
        password.write_text(f"{ssh.password}\n")
    parts: dict[str, dict[str, Data]] = {
        "regions": dict(_regions(world)),
        "sites": dict(_sites(world)),
        "circuits": dict(_circuits(world)),
        "services": dict(_services(world)),
    }
    for name, things in parts.items():
        (inventory / f"{name}.yaml").write_text(yaml_text({name: dict(things)}))
    with (inventory / "devices.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(_devices(world, port, ssh, today))
    settings = _merged(_settings(world, rhythm or pace(len(world.devices)), ssh), extra or {})
    path = folder / "noc.yaml"
    path.write_text("# Written by the simulator: a world that does not exist.\n" + yaml_text(settings))
    return path


def _settings(world: World, rhythm: Pace, ssh: SshAccess | None) -> dict[str, Data]:
    patience: dict[str, Data] = {"timeout": "2s", "retries": 2}  # a satellite's answer takes 0.65 s and may get lost
    found = {place.site_class for place in world.places} & BEHIND_SATELLITE
    sites: dict[str, Data] = dict.fromkeys(sorted(found), patience)
    credentials: dict[str, Data] = {"snmp": {"version": "2c", "community": {SECRET_KEY: "file:community"}}}
    if ssh is not None:
        password: Data = {SECRET_KEY: "file:ssh-password"}
        credentials["ssh"] = {"user": ssh.user, "port": ssh.port, "password": password}
    return {
        "state_dir": "state",
        "inventory": "inventory",
        "credentials": {CREDENTIALS: credentials},
        "defaults": {
            "credentials": CREDENTIALS,
            "liveness": "snmp",
            "interval": format_duration(rhythm.interval),
            "poll_interval": format_duration(rhythm.poll_interval),
            "timeout": "1s",
            "retries": 2,
        },
        "classes": {"sites": sites, "devices": {name: {"useful_life": years} for name, years in USEFUL_YEARS.items()}},
        "polling": {"poller": VANTAGE},
    }


def _regions(world: World) -> Iterator[tuple[str, Data]]:
    for region in world.regions:
        data: dict[str, Data] = {"name": region.name, "time_zone": region.time_zone}
        if region.centre in world.place:
            data["technology_centre"] = region.centre
        yield region.id, {**data, "contacts": [f"noc-{region.centre}@example.org"]}


def _sites(world: World) -> Iterator[tuple[str, Data]]:
    for place in world.places:
        yield (
            place.id,
            {
                "name": place.name,
                "region": place.region,
                "class": place.site_class,
                "country": place.country,
                "latitude": place.latitude,
                "longitude": place.longitude,
                "time_zone": place.time_zone,
                "edge_devices": [device.id for device in world.edges[place.id]],
            },
        )


def _circuits(world: World) -> Iterator[tuple[str, Data]]:
    for place in world.places:
        if place.id == VANTAGE:
            continue
        router = world.edges[place.id][0]
        satellite = router.number in world.over_satellite
        yield (
            f"{place.id}-{'sat' if satellite else 'mpls'}",
            {
                "name": f"{place.name}, {'satellite' if satellite else 'One UN'}",
                "kind": "satellite" if satellite else "mpls",
                "site": place.id,
                "provider": "Example Satellite" if satellite else "Example Carrier",
                "capacity": str(world.capacity_bps(place)),
                "a": {"device": router.id, "interface": WAN_INTERFACE},
            },
        )


def _services(world: World) -> Iterator[tuple[str, Data]]:
    hubs: list[Data] = [f"site/{site}" for site in ("brindisi", "valencia") if site in world.place]
    for key, name in (("erp", "Enterprise resource planning"), ("mail", "Mail"), ("service-desk", "Service desk")):
        yield key, {"name": name, "availability_target": 99.8, "formula": {"any_of": hubs}}


def _devices(world: World, port: int, ssh: SshAccess | None, today: date | None) -> Iterator[tuple[str, ...]]:
    more = () if ssh is None else ("ssh.platform", "ssh.checks", "ssh.every", "backup.every")
    dated = () if today is None else ("installed", "end_of_support")
    yield ("id", "site", "address", "class", "snmp_port", "upstream", "tags", "room", *more, *dated)
    for device in world.devices:
        kind = world.place[device.site].site_class
        tags = tag_of(world, device)
        room = f"hall-{device.number % ROOMS + 1}" if kind == "hub" else ""
        row = (device.id, device.site, str(device.address), device.device_class, str(port))
        asked = ssh is not None and kind in ssh.sites and device.device_class == "router"
        words = ("cisco-ios", "version inventory ntp", "2m", "15m") if asked else ("",) * len(more)
        yield (*row, " ".join(device.upstream), tags, room, *(words if more else ()), *_dates(device, today))


def _dates(device: SimDevice, today: date | None) -> tuple[str, ...]:
    if today is None:
        return ()
    age = age_of(device.number, device.device_class, today)
    return tuple("" if day is None else day.isoformat() for day in (age.installed, age.end_of_support))


def _merged(ours: Mapping[str, Data], theirs: Mapping[str, Data]) -> dict[str, Data]:
    found = dict(ours)
    for key, value in theirs.items():
        mine = found.get(key)
        if isinstance(mine, dict) and isinstance(value, dict) and SECRET_KEY not in {*mine, *value}:
            found[key] = _merged(mine, value)
        else:
            found[key] = value
    return found


def yaml_text(data: Mapping[str, Data]) -> str:
    """Return data as YAML that `noc.settings.yamltext` reads back as it was; secret references keep their tag."""
    return "".join(f"{line}\n" for line in _lines(data))


def _lines(data: Mapping[str, Data]) -> Iterator[str]:
    for key, value in data.items():
        flow = _flow(value)
        if isinstance(value, dict) and SECRET_KEY not in value and value and len(flow) > 100:
            yield f"{_scalar(key)}:"
            yield from _indented(_lines(value))
        elif isinstance(value, list) and value and len(flow) > 100:
            yield f"{_scalar(key)}:"
            yield from _indented(f"- {_flow(item)}" for item in value)
        else:
            yield f"{_scalar(key)}: {flow}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _flow(value: Data) -> str:
    if isinstance(value, dict):
        if SECRET_KEY in value:
            return f"{SECRET_KEY} {value[SECRET_KEY]}"
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: str | float | bool | None) -> str:
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _NOT_PLAIN:
        return value
    # JSON is YAML; a dollar sign before a brace would be taken for a variable.
    return json.dumps(value, ensure_ascii=False).replace("${", "$${")
