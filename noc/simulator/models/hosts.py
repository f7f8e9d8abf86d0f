"""Servers and storage with net-snmp on Linux; and devices of no known make, which answer what any agent may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from noc.simulator.curves import wave
from noc.simulator.models.interfaces import LOOPBACK, Port, interfaces
from noc.simulator.models.system import EXAMPLE, system
from noc.simulator.models.tables import (
    chassis,
    cpu_pct,
    memory_pct,
    neighbour,
    processors,
    scalars,
    sensor,
    storage,
    temperature_c,
)
from noc.simulator.moment import Moment
from noc.simulator.objects import Object
from noc.wire.ber import Oid, Tag

SERVER_DISKS: Final = (("/", 40), ("/var", 200), ("/srv", 800))
STORAGE_DISKS: Final = (("/", 20), ("/volume1", 8_000), ("/volume2", 16_000))

GENERIC: Final = {
    "firewall": "Example firewall, release 9.1",
    "digital-terminal": "Example multichannel digital terminal, release 4.0",
    "radio": "Example HF radio gateway, release 2.3",
    "video": "Example video-conference terminal, release 7.2",
    "pabx": "Example telephone exchange, release 11.0",
    "earth-station": "Example earth station controller, release 3.4",
    "microwave": "Example microwave radio, release 5.1",
    "tape-library": "Example tape library, release 6.0",
    "other": "Example environmental unit, release 1.2",
}
"""Classes of devices of no known make, with what they call themselves."""

_UCD: Final[Oid] = (1, 3, 6, 1, 4, 1, 2021)
_NET_SNMP_LINUX: Final[Oid] = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
_MEMORY_MIB: Final = 16_384
_CELSIUS: Final = 8
_WATTS: Final = 6


def linux(disks: Sequence[tuple[str, int]]) -> Iterator[Object]:
    """Yield the objects of a server."""
    yield from system(_descr, _NET_SNMP_LINUX, services=72)
    loop = Port("lo", "loopback", kind=LOOPBACK, speed_bps=10_000_000)
    yield from interfaces([loop, Port("eth0", "access"), Port("eth1", "spare")])
    yield from processors(4, "GenuineIntel: Xeon, core")
    yield from storage(disks, _MEMORY_MIB)
    kib = _MEMORY_MIB * 1024
    yield from scalars(
        (*_UCD, 4),
        Tag.INTEGER,
        {
            3: 2_097_148,
            4: 2_000_000,
            5: kib,
            6: lambda now: int(kib * (0.75 - 0.75 * memory_pct(now) / 100)),
            14: kib // 50,
            15: lambda now: int(kib * (0.23 - 0.23 * memory_pct(now) / 100)),
        },
    )
    for index, minutes in enumerate((1, 5, 15), start=1):
        yield Object((*_UCD, 10, 1, 2, index), Tag.OCTET_STRING, f"Load-{minutes}".encode())
        yield Object((*_UCD, 10, 1, 3, index), Tag.OCTET_STRING, lambda now: f"{cpu_pct(now) / 25:.2f}".encode())


def _descr(now: Moment) -> bytes:
    name = now.machine.device.id
    return f"Linux {name} 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64".encode()


def generic(device_class: str) -> Iterator[Object]:
    """Yield the objects of a device of no known make: a few interfaces, a processor, its temperature."""
    number = 1 + list(GENERIC).index(device_class)
    title = GENERIC[device_class]
    yield from system(title.encode(), (*EXAMPLE, number), services=72)
    count = 4 if device_class == "firewall" else 1
    yield from interfaces([Port(f"eth{index}", "access") for index in range(count)])
    yield from processors()
    yield from chassis(title.split(",")[0])
    yield from sensor(2, "Inside", _CELSIUS, temperature_c)
    if device_class in ("earth-station", "microwave", "radio"):
        yield from sensor(3, "Transmitter", _WATTS, _transmitted_w)
    yield from neighbour("eth0")


def _transmitted_w(now: Moment) -> int:
    return round(now.share(106, 40, 200) + 3 * wave(now.time_ms, now.machine.seed, 3_600_000))
