"""What was told by SSH, beside what SNMP tells. Pure, with a memory of the newest of each device.

SNMP comes first: of a list, or of the environment's sensors, what SSH tells counts only where SNMP tells none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Final

from noc.inventory.profiles.cli import COUNT, ROWS, Catalogue, CliCommand
from noc.model.reading import CliRow, Reading, Row, SnmpAnswer
from noc.model.snapshot import DeviceIdentity, Scalar, Sensor, Snapshot
from noc.pipeline.packed import packed, unpacked
from noc.pipeline.sensors import sensors
from noc.pipeline.snapshot import snapshot

SOURCE: Final = "ssh:"
"""What stands before the `oid` of a sensor that was read by SSH."""

PROFILE: Final = "ssh"
"""The profile of a device that only SSH has told of."""

_KEPT_RHYTHMS: Final = 3
_MEASURED: Final = frozenset({"temperature", "voltage", "current", "power", "fan_speed"})
_NAMES: Final = tuple(one.name for one in fields(DeviceIdentity))


@dataclass(frozen=True, slots=True)
class _Told:
    at: datetime
    every: timedelta
    is_environment: bool
    view: Snapshot


@dataclass(slots=True)
class _Device:
    """snmp: the last poll, packed."""

    snmp: bytes | None = None
    told: dict[str, _Told] = field(default_factory=dict)


class CliViews:
    """Puts together what SNMP and SSH tell of each device. catalogue: what can be asked, as it is now.

    by_ssh: whether a device is asked by SSH too; of others nothing is kept.
    """

    def __init__(self, catalogue: Callable[[], Catalogue], by_ssh: Callable[[str], bool] = lambda _: True) -> None:
        self._catalogue = catalogue
        self._by_ssh = by_ssh
        self._devices: dict[str, _Device] = {}

    def take_snmp(self, entity: str, taken: Snapshot, at: datetime) -> Snapshot:
        """Take a poll by SNMP; return all that is known of the device."""
        if not self._by_ssh(entity):
            self.forget(entity)
            return taken
        device = self._devices.setdefault(entity, _Device())
        device.snmp = packed(taken)
        return self._whole(device, taken, at) if device.told else taken

    def take_ssh(self, entity: str, reading: Reading) -> tuple[Snapshot, Snapshot] | None:
        """Take answers by SSH; return what is new in them beside SNMP, and all that is known. None: there are none."""
        device = self._devices.setdefault(entity, _Device())
        new: list[_Told] = []
        for answer in reading.ssh or ():
            known = self._catalogue().get(answer.platform)
            commands = () if known is None else known.commands
            how = next((one for one in commands if one.command.text == answer.command), None)
            if how is None or answer.rows is None:
                continue
            view = _read(how, answer.rows, reading)
            told = _Told(reading.started_at, how.every, "environment" in how.checks, view)
            device.told[answer.command] = told
            new.append(told)
        if not new:
            return None
        snmp = None if device.snmp is None else unpacked(device.snmp)
        beside = [_beside(snmp, told) for told in new]
        return _joined(_of(snmp, reading), beside, lone=True), self._whole(device, snmp, reading.started_at)

    def forget(self, entity: str) -> None:
        """Drop a device that is no longer watched."""
        self._devices.pop(entity, None)

    def _whole(self, device: _Device, snmp: Snapshot | None, at: datetime) -> Snapshot:
        for command, told in list(device.told.items()):
            if at - told.at > _KEPT_RHYTHMS * max(told.every, timedelta(hours=1)):
                del device.told[command]
        beside = [_beside(snmp, told) for told in device.told.values()]
        start = snmp
        if start is None:
            start = next((told.view for told in device.told.values()), None) or Snapshot(_nobody(""))
            start = replace(start, sensors=(), records={})
        return _joined(start, beside, lone=False)


def _read(how: CliCommand, rows: tuple[CliRow, ...], reading: Reading) -> Snapshot:
    """Return what the rows of a command mean."""
    plain: list[Row] = [{name: _cell(value) for name, value in row.items()} for row in rows]
    answer = SnmpAnswer(
        PROFILE,
        {**(plain[0] if plain else {}), COUNT: len(plain)},
        {ROWS: {(number,): row for number, row in enumerate(plain)}},
    )
    profile = replace(how.reads, name=PROFILE)
    view = snapshot(replace(reading, snmp=answer, ssh=None, parts=()), profile)
    return replace(view, sensors=tuple(_named(sensors(profile, answer), how.command.text)))


def _cell(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _named(found: Iterable[Sensor], command: str) -> Iterable[Sensor]:
    """Yield sensors by the names that the device gives: rows have no number that stays."""
    seen: dict[tuple[str, str], int] = {}
    for sensor in found:
        key = (sensor.kind, sensor.name)
        seen[key] = seen.get(key, 0) + 1
        name = sensor.name if seen[key] == 1 else f"{sensor.name} #{seen[key]}"
        yield replace(sensor, name=name, index=name, oid=f"{SOURCE}{command}:{sensor.kind}:{name}")


def _beside(snmp: Snapshot | None, told: _Told) -> Snapshot:
    """Return what a command tells and SNMP doesn't."""
    if snmp is None:
        return told.view
    records = {name: rows for name, rows in told.view.records.items() if not snmp.records.get(name)}
    measured = any(sensor.kind in _MEASURED for sensor in snmp.sensors)
    sensors = () if told.is_environment and measured else told.view.sensors
    return replace(told.view, records=records, sensors=sensors)


def _joined(start: Snapshot, parts: Iterable[Snapshot], *, lone: bool) -> Snapshot:
    """Return a snapshot with what the parts add. lone: of the parts alone, and of the start who the device is."""
    identity, sensors = start.device, {} if lone else {sensor.oid: sensor for sensor in start.sensors}
    records: dict[str, tuple[Mapping[str, Scalar], ...]] = {} if lone else dict(start.records)
    for part in parts:
        identity = _filled(identity, part.device)
        sensors |= {sensor.oid: sensor for sensor in part.sensors}
        for name, rows in part.records.items():
            known = records.get(name, ())
            records[name] = (*known, *(row for row in rows if row not in known))
    whole = Snapshot(identity, duration_ms=start.duration_ms) if lone else replace(start, device=identity)
    return replace(whole, sensors=tuple(sensors.values()), records=records)


def _filled(identity: DeviceIdentity, other: DeviceIdentity) -> DeviceIdentity:
    missing = {name: value for name in _NAMES if not getattr(identity, name) and (value := getattr(other, name))}
    return replace(identity, **missing)


def _of(snmp: Snapshot | None, reading: Reading) -> Snapshot:
    return snmp or Snapshot(_nobody(reading.address))


def _nobody(address: str) -> DeviceIdentity:
    nothing = dict.fromkeys(_NAMES)
    return DeviceIdentity(**{**nothing, "address": address, "profile": PROFILE})  # type: ignore[arg-type]
