"""Parts that several models have: processors, chassis, sensors, neighbours; and rows of scalars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from noc.simulator.curves import rain, seed_of, wave
from noc.simulator.models.system import serial
from noc.simulator.moment import Moment
from noc.simulator.objects import Object, Worked
from noc.wire.ber import Oid, Tag, Value

CHASSIS: Final = 3

_ENTITY: Final[Oid] = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_SENSOR: Final[Oid] = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1)
_DEVICE: Final[Oid] = (1, 3, 6, 1, 2, 1, 25, 3, 2, 1)
_PROCESSOR: Final[Oid] = (1, 3, 6, 1, 2, 1, 25, 3, 3, 1)
_HR_PROCESSOR: Final[Oid] = (1, 3, 6, 1, 2, 1, 25, 3, 1, 3)
_STORAGE: Final[Oid] = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1)
_LLDP: Final[Oid] = (1, 0, 8802, 1, 1, 2, 1)
_CPU: Final = 101
_TEMPERATURE: Final = 102
_MEMORY: Final = 103
_STRONGEST_DB: Final = 30.0
_KIB: Final = 1024


def scalars(root: Oid, tag: Tag, values: Mapping[int, Value | Worked]) -> Iterator[Object]:
    """Yield scalars below a root, by their last number."""
    for number, value in values.items():
        yield Object((*root, number, 0), tag, value)


def cpu_pct(now: Moment) -> int:
    """Return how busy the processor is, in whole percent."""
    usual = now.share(_CPU, 6, 26) * now.load(_CPU)
    return round(min(100.0, max(0.0, now.metric("cpu_pct", usual))))


def memory_pct(now: Moment) -> float:
    """Return how much of the memory is in use."""
    usual = now.share(_MEMORY, 30, 60) + 4 * wave(now.time_ms, now.machine.seed, 21_600_000)
    return min(100.0, max(0.0, now.metric("memory_pct", usual)))


def temperature_c(now: Moment) -> int:
    """Return the temperature inside: that of the place, and the load."""
    low, high = (20, 25) if now.machine.place.site_class == "hub" else (28, 38)  # a data centre is cooled
    usual = now.share(_TEMPERATURE, low, high) + 3 * (now.load(_TEMPERATURE) - 1)
    return round(min(150.0, max(0.0, now.metric("temperature_c", usual))))


def signal_db(now: Moment, low_db: float = 9.0, high_db: float = 12.5) -> float:
    """Return the signal of a satellite terminal in dB: its usual level, between two, less weather and faults."""
    machine = now.machine
    usual = now.share(104, low_db, high_db) - rain(now.time_ms, seed_of(machine.seed, 104), machine.place.longitude)
    return min(_STRONGEST_DB, max(0.0, now.metric("es_n0_db", now.metric("snr_db", usual))))


def processors(count: int = 1, name: str = "Processor") -> Iterator[Object]:
    """Yield hrDeviceTable and hrProcessorTable (HOST-RESOURCES-MIB, RFC 2790)."""
    for index in range(1, count + 1):
        yield Object((*_DEVICE, 2, index), Tag.OID, _HR_PROCESSOR)
        yield Object((*_DEVICE, 3, index), Tag.OCTET_STRING, f"{name} {index}".encode())
        yield Object((*_PROCESSOR, 2, index), Tag.INTEGER, cpu_pct)


def storage(disks: Sequence[tuple[str, int]], memory_mib: int) -> Iterator[Object]:
    """Yield hrStorageTable: memory, and disks by name and size in GiB, in units of 1 MiB and 64 KiB."""
    rows = [("Physical memory", 2, _KIB * _KIB, memory_mib)]
    rows += [(name, 4, 64 * _KIB, size * 16 * _KIB) for name, size in disks]
    for index, (name, kind, unit, size) in enumerate(rows, start=1):
        yield Object((*_STORAGE, 1, index), Tag.INTEGER, index)
        yield Object((*_STORAGE, 2, index), Tag.OID, (1, 3, 6, 1, 2, 1, 25, 2, 1, kind))
        yield Object((*_STORAGE, 3, index), Tag.OCTET_STRING, name.encode())
        yield Object((*_STORAGE, 4, index), Tag.INTEGER, unit)
        yield Object((*_STORAGE, 5, index), Tag.INTEGER, size)
        yield Object((*_STORAGE, 6, index), Tag.INTEGER, _used(index, kind, size))


def _used(index: int, kind: int, size: int) -> Worked:
    if kind == 2:
        return lambda now: int(size * memory_pct(now) / 100)
    return lambda now: int(size * now.share(200 + index, 0.2, 0.85))


def chassis(model: str, name: str = "Chassis", software: str = "") -> Iterator[Object]:
    """Yield the one row of entPhysicalTable that says what the device is (ENTITY-MIB, RFC 6933)."""
    texts: dict[int, bytes | Worked] = {
        2: f"{model} chassis".encode(),
        7: name.encode(),
        10: software.encode(),
        11: serial,
        13: model.encode(),
    }
    yield Object((*_ENTITY, 4, 1), Tag.INTEGER, 0)
    yield Object((*_ENTITY, 5, 1), Tag.INTEGER, CHASSIS)
    for column, text in texts.items():
        yield Object((*_ENTITY, column, 1), Tag.OCTET_STRING, text)


def sensor(index: int, name: str, kind: int, value: Worked) -> Iterator[Object]:
    """Yield a sensor of ENTITY-SENSOR-MIB (RFC 3433). kind: EntitySensorDataType; value: in its unit."""
    yield Object((*_ENTITY, 2, index), Tag.OCTET_STRING, name.encode())
    yield Object((*_ENTITY, 4, index), Tag.INTEGER, 1)
    yield Object((*_ENTITY, 5, index), Tag.INTEGER, 8)
    yield Object((*_ENTITY, 7, index), Tag.OCTET_STRING, name.encode())
    yield Object((*_SENSOR, 1, index), Tag.INTEGER, kind)
    yield Object((*_SENSOR, 2, index), Tag.INTEGER, 9)  # units
    yield Object((*_SENSOR, 3, index), Tag.INTEGER, 0)
    yield Object((*_SENSOR, 4, index), Tag.INTEGER, value)
    yield Object((*_SENSOR, 5, index), Tag.INTEGER, 1)


def neighbour(port: str) -> Iterator[Object]:
    """Yield LLDP with the first device that this one hangs on, at port 1 (IEEE 802.1AB-2005)."""
    yield Object((*_LLDP, 3, 7, 1, 3, 1), Tag.OCTET_STRING, port.encode())
    yield Object((*_LLDP, 3, 7, 1, 4, 1), Tag.OCTET_STRING, port.encode())
    yield Object((*_LLDP, 4, 1, 1, 6, 0, 1, 1), Tag.INTEGER, 5)
    yield Object((*_LLDP, 4, 1, 1, 7, 0, 1, 1), Tag.OCTET_STRING, b"Gi0/1")
    yield Object((*_LLDP, 4, 1, 1, 8, 0, 1, 1), Tag.OCTET_STRING, b"GigabitEthernet0/1")
    yield Object((*_LLDP, 4, 1, 1, 9, 0, 1, 1), Tag.OCTET_STRING, _peer)


def _peer(now: Moment) -> bytes:
    return (now.machine.peers or ("",))[0].encode()
