"""What a plan carries beside for a poller that calls people by itself while it is cut off (docs/adr/0026).

Rules of one's own, people, schedules, policies, the notifiers that it may use with their secrets, and what root causes
are told by. Incidents have other numbers there, so that what leads to pages of this noc, or takes answers, stays here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, TypeAdapter

from alerts.policies import AlertSettings, CatchAll, Step
from noc import plugins
from noc.app.pollersettings import PollerGroup
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.inventory.values import Periods
from noc.model.errors import UsageError
from noc.settings.schema import format_duration
from noc.settings.secrets import SecretRef, SecretReference
from noc.settings.written import mapping
from noc.settings.yamltext import SECRET_KEY, Data

NOTIFIERS: Final = "alerts.notifiers"
FILE_AT_MOST: Final = 1_000_000
"""Octets of one file that a notifier or a schedule names."""

_STAY_HERE: Final = frozenset(
    {"heartbeat", "expect_heartbeats", "sources", "base_url", "ack_links", "diagnostics", "notifiers"}
)
_ANSWERS: Final = frozenset({"reply_to"})
_REFERENCE: Final = TypeAdapter[SecretRef](SecretReference, config={"arbitrary_types_allowed": True})

Files = dict[str, bytes]


def allowed(group: PollerGroup, names: Iterable[str]) -> tuple[str, ...]:
    """Return the notifiers that a poller of a group may use, of those that there are."""
    wanted = group.autonomy_notifiers
    return tuple(name for name in names if wanted is None or name in wanted)


def group_written(group: PollerGroup) -> dict[str, Data]:
    """Return what the plan says of the group's autonomy."""
    found: dict[str, Data] = {"autonomy": True, "autonomy_after": format_duration(group.autonomy_after)}
    return found if group.autonomy_policy is None else {**found, "autonomy_policy": group.autonomy_policy}


def alerts_written(alerts: Mapping[str, Data], group: PollerGroup, folder: Path, files: Files) -> dict[str, Data]:
    """Return `alerts:` of a plan; secrets and files become files of the plan, which are added to it.

    alerts: as it is written. folder: of noc.yaml. Raises SecretError, and UsageError where a file can't go along.
    """
    written = mapping(alerts, "notifiers")
    names = allowed(group, written)
    found: dict[str, Data] = {key: value for key, value in alerts.items() if key not in _STAY_HERE}
    found["ack_links"] = None
    found["notifiers"] = {name: _notifier(name, written[name], folder, files) for name in names}
    if group.autonomy_policy is not None:
        found["default_policy"] = group.autonomy_policy
    policies = mapping(alerts, "policies")
    found["policies"] = {name: _policy(policy, names) for name, policy in policies.items()}
    for key in ("catch_all", "major_incidents"):
        if isinstance(found.get(key), dict):
            found[key] = _step(found[key], names)
    schedules = mapping(alerts, "schedules")
    if schedules:
        found["schedules"] = {name: _schedule(one, folder, files) for name, one in schedules.items()}
    return found


def paths_of(settings: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys of a notifier's settings that name files."""
    return tuple(name for name, field in settings.model_fields.items() if "Path" in str(field.annotation))


def carried(path: Path, name: str, files: Files) -> str:
    """Add a file to a plan and return its path there. Raises UsageError where it can't go along."""
    try:
        octets = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{name}: {path}: {reason}; a poller that calls people needs it") from error
    if len(octets) > FILE_AT_MOST:
        raise UsageError(f"{name}: {path} has {len(octets):,} octets, {FILE_AT_MOST:,} at most go to a poller")
    there = next((one for one, known in files.items() if one.startswith("alerts/") and known == octets), None)
    if there is None:
        there = f"alerts/{sum(one.startswith('alerts/') for one in files)}"
        files[there] = octets
    return there


def _notifier(name: str, written: Data, folder: Path, files: Files) -> Data:
    if not isinstance(written, dict):
        return written
    kind = written.get("kind", name)
    known = plugins.names(NOTIFIERS)
    of_files = paths_of(plugins.load(NOTIFIERS, kind).Settings) if isinstance(kind, str) and kind in known else ()
    found: dict[str, Data] = {}
    for key, value in written.items():
        if key in of_files and isinstance(value, str):
            found[key] = carried(folder / value, f"alerts.notifiers.{name}.{key}", files)
        elif key not in _ANSWERS:
            found[key] = _hidden(value, folder, files)
    return found


def _hidden(value: Data, folder: Path, files: Files) -> Data:
    """Return data whose secrets are files of the plan. Raises SecretError."""
    if isinstance(value, dict) and SECRET_KEY in value:
        secret = _REFERENCE.validate_python(value).resolve(folder).reveal()
        path = f"secrets/{sum(one.startswith('secrets/') for one in files)}"
        files[path] = secret.encode()
        return {SECRET_KEY: f"file:{path}"}
    if isinstance(value, dict):
        return {key: _hidden(one, folder, files) for key, one in value.items()}
    return [_hidden(one, folder, files) for one in value] if isinstance(value, list) else value


def _policy(written: Data, names: tuple[str, ...]) -> Data:
    if not isinstance(written, dict) or not isinstance(written.get("steps"), list):
        return written
    steps = written["steps"]
    return {**written, "steps": [_step(one, names) for one in steps] if isinstance(steps, list) else steps}


def _step(written: Data, names: tuple[str, ...]) -> Data:
    """Return a step by those of its notifiers that are there; where none is, by what reaches each person."""
    if not isinstance(written, dict) or not isinstance(written.get("by"), list):
        return written
    by = written["by"]
    left = [one for one in by if one in names] if isinstance(by, list) else []
    rest = {key: value for key, value in written.items() if key != "by"}
    return {**rest, "by": [*left]} if left else rest


def _schedule(written: Data, folder: Path, files: Files) -> Data:
    if not isinstance(written, dict) or not isinstance(written.get("layers"), list):
        return written
    layers: list[Data] = []
    for layer in written["layers"] if isinstance(written["layers"], list) else []:
        calendar = layer.get("calendar") if isinstance(layer, dict) else None
        if isinstance(layer, dict) and isinstance(calendar, str):
            layer = {**layer, "calendar": carried(folder / calendar, "alerts.schedules", files)}
        layers.append(layer)
    return {**written, "layers": layers}


# --- the inventory ----------------------------------------------------------------------------------------------------


def site_written(site: Site) -> dict[str, Data]:
    """Return what is told of a site beside: how much it counts, and what it shares with others."""
    told = (("weight", site.weight), ("people", site.people), ("country", site.country))
    found: dict[str, Data] = {key: value for key, value in told if value is not None}
    if site.latitude is not None and site.longitude is not None:
        found |= {"latitude": site.latitude, "longitude": site.longitude}
    if site.time_zone is not None:
        found["time_zone"] = str(site.time_zone)
    return {**found, **_common(site.shares, site.in_service)}


def device_written(device: Device, polled: Mapping[str, Device]) -> dict[str, Data]:
    """Return what is told of a device beside: what it hangs on of what is polled there, and what rules go by."""
    sites = {f"site/{one.site}" for one in polled.values()}
    upstream = [one for one in device.upstream if one in sites or one.removeprefix("device/") in polled]
    found: dict[str, Data] = {"upstream": [*upstream], "tags": [*device.tags]}
    told = (("room", device.room), ("installed", device.installed), ("end_of_support", device.end_of_support))
    found |= {key: str(value) for key, value in told if value is not None}
    return {**found, **_common(device.shares, device.in_service)}


def circuits_written(inventory: Inventory, sites: Iterable[str], polled: Mapping[str, Device]) -> dict[str, Data]:
    """Return the circuits of sites that have an end, or a probe, at what is polled there, by their ids."""
    found: dict[str, Data] = {}
    for site in sites:
        for circuit in inventory.circuits_of(site):
            ends = dict(_ends(circuit, polled))
            if ends:
                found[circuit.id] = {**_circuit(circuit), **ends}
    return found


def _circuit(circuit: Circuit) -> dict[str, Data]:
    found: dict[str, Data] = {"name": circuit.name, "kind": circuit.kind, "site": circuit.site}
    for key in ("provider", "provider_reference"):
        value = getattr(circuit, key)
        if value is not None:
            found[key] = value
    if circuit.capacity is not None:
        found["capacity"] = circuit.capacity
    if circuit.bytes_an_hour is not None:
        found["budget"] = f"{circuit.bytes_an_hour}B/h"
    return {**found, **_common(circuit.shares, circuit.in_service)}


def _ends(circuit: Circuit, polled: Mapping[str, Device]) -> Iterator[tuple[str, Data]]:
    for key, end in (("a", circuit.a), ("z", circuit.z)):
        if end is not None and end.device in polled:
            yield key, {"device": end.device, "interface": end.interface}
    probe = circuit.probe
    if probe is not None and probe.device in polled:
        yield "probe", {"device": probe.device, "name": probe.name}


def _common(shares: tuple[tuple[str, str], ...], in_service: Periods) -> dict[str, Data]:
    found: dict[str, Data] = {"shares": dict(shares)} if shares else {}
    if in_service:
        periods: list[Data] = []
        for one in in_service:
            ends = (("from", one.start), ("to", one.end))
            periods.append({key: at.isoformat().replace("+00:00", "Z") for key, at in ends if at is not None})
        found["in_service"] = periods
    return found


# --- who is reached ---------------------------------------------------------------------------------------------------


def reached(settings: AlertSettings, policy: str, names: Iterable[str]) -> bool:
    """Return whether a policy calls anybody who can be told by some notifiers, at whatever time."""
    kept = set(names)
    found = settings.policies.get(policy)
    steps = () if found is None else found.steps
    for step in steps:
        by = None if step.by is None else kept.intersection(step.by)
        for person in _called(settings, step.notify):
            if any(settings.reaches(person, one) for one in by or kept.intersection(settings.channels_of(person))):
                return True
    return False


def reaches_all(settings: AlertSettings, policy: str, names: Iterable[str]) -> bool:
    """Return whether everybody whom a policy calls, and who can be told at all, can be told by some notifiers."""
    kept, found = set(names), settings.policy(policy)
    steps: list[Step | CatchAll] = [] if found is None else [*found[1].steps]
    if settings.catch_all is not None:
        steps.append(settings.catch_all)
    for step in steps:
        for person in _called(settings, step.notify):
            ways = settings.channels_of(person) if step.by is None else step.by
            here = {one for one in ways if settings.reaches(person, one)}
            if here and not here & kept:
                return False
    return True


def _called(settings: AlertSettings, notify: Iterable[str]) -> Iterator[str]:
    for name in notify:
        kind, slash, key = name.partition("/")
        if not slash or kind == "person":
            yield key if slash else name
        elif kind == "team":
            yield from settings.teams.get(key, ())
        else:
            desks = settings.desks.values() if key not in settings.desks else [settings.desks[key]]
            wanted = [key] if kind == "schedule" else [desk.schedule for desk in desks]
            for schedule in (settings.schedules[one] for one in wanted if one in settings.schedules):
                for layer in schedule.layers:
                    yield from (person for turn in layer.people for person in turn)
                    yield from (person for shift in layer.shifts for person in shift.people)
