"""A month of one router, as the daemon writes it: pings each minute, polls each five minutes, 48 interfaces.

    for batch in Month(device, region).hour(begin): ...     # hour by hour, the oldest first

Numbers are made up by a seed, so that every run has the same; one poll in a hundred is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from noc.inventory.entities import Device
from noc.model.samples import Samples
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot

PORTS: Final = 48
PING_FIELDS: Final = ("average_response_ms", "maximum_response_ms", "percent_packet_loss", "jitter_ms")
COUNTERS: Final = (
    "ifHCInOctets", "ifHCOutOctets", "ifHCInUcastPkts", "ifHCOutUcastPkts", "ifHCInMulticastPkts",
    "ifHCOutMulticastPkts", "ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards",
)  # fmt: skip
RATES: Final = (
    "in_bps", "out_bps", "in_pct", "out_pct", "in_ucast_pps", "out_ucast_pps",
    "in_errors_ps", "out_errors_ps", "in_discards_ps", "out_discards_ps",
)  # fmt: skip
STATES: Final = ("ifAdminStatus", "ifOperStatus", "ifHighSpeed")
TAGS: Final = ("device", "site", "region", "device_class")
_NO_COUNTERS: Final = Counters(*[None] * 12)


class Month:
    """What a device says, hour by hour."""

    def __init__(self, device: Device, region: str, seed: int = 1) -> None:
        self._chance = np.random.default_rng(seed)
        self._tags = (device.id, device.site, region, device.device_class)
        self._counters = np.zeros((PORTS, len(COUNTERS)))
        self._level = self._chance.lognormal(16, 1.5, (PORTS, 1))

    def hour(self, begin: datetime) -> Iterator[list[Samples]]:
        """Yield what one hour brings, a batch for each minute."""
        for minute in range(60):
            at = begin + timedelta(minutes=minute, seconds=7)
            batch = [self._ping(at)]
            if minute % 5 == 2 and self._chance.random() > 0.01:
                batch += [self._ports(at), *self._rest(at)]
            yield batch

    def _ping(self, at: datetime) -> Samples:
        base = 48 + 9 * float(np.sin(at.timestamp() / 13_750)) + float(self._chance.exponential(3))
        row = (round(base, 3), round(base * 1.4, 3), 20.0 * (self._chance.random() < 0.01), 1.25)
        return Samples("ping", at, (*TAGS, "url"), PING_FIELDS, ((*self._tags, "10.4.1.1"),), (row,))

    def _ports(self, at: datetime) -> Samples:
        self._level *= np.exp(self._chance.normal(0, 0.05, (PORTS, 1)))
        np.clip(self._level, 1e3, 9e8, out=self._level)
        share = np.array([[1.0, 0.4, 1e-7, 4e-8, 1e-4, 5e-5]])
        rates = np.rint(self._level * share * self._chance.lognormal(0, 0.2, (PORTS, 6)))
        rare = np.round(self._chance.random((PORTS, 4)) ** 40, 2)
        grown = np.rint(np.concatenate([rates[:, :2] * 37.5, rates[:, [4, 5, 4, 5]] * 300, rare * 300], axis=1))
        self._counters += grown
        states = np.tile([1.0, 1.0, 1000.0], (PORTS, 1))
        values = np.concatenate([states, self._counters, rates, rare], axis=1).tolist()
        tags = tuple((*self._tags, str(port + 1), port_name(port)) for port in range(PORTS))
        rows = tuple(tuple(row) for row in values)
        return Samples("interface", at, (*TAGS, "ifIndex", "ifName"), (*STATES, *COUNTERS, *RATES), tags, rows)

    def _rest(self, at: datetime) -> Iterator[Samples]:
        yield self._each(at, "noc_processor", ("usage_pct",), 4, 1.0)
        yield self._each(at, "noc_memory", ("used_pct",), 2, 1.0)
        yield self._each(at, "noc_storage", ("used_pct",), 3, 1.0)
        yield self._each(at, "noc_path", ("rtt_ms", "loss_pct"), 4, 0.5)
        yield self._each(at, "noc_sensor", ("value",), 24, 0.8)

    def _each(self, at: datetime, measurement: str, fields: Sequence[str], rows: int, scale: float) -> Samples:
        numbers = np.round(30 + scale * self._chance.normal(0, 8, (rows, len(fields))), 1).tolist()
        tags = tuple((*self._tags, f"{measurement[4:]} {row}", f"1.3.6.1.{row}") for row in range(rows))
        return Samples(
            measurement, at, (*TAGS, "name", "oid"), tuple(fields), tags, tuple(tuple(one) for one in numbers)
        )


def port_name(number: int) -> str:
    """Return how a port calls itself."""
    return f"GigabitEthernet1/0/{number + 1}"


def snapshot_of(device: Device) -> Snapshot:
    """Return the device as the last poll found it."""
    identity = DeviceIdentity(
        str(device.address), "1.3.6.1.4.1.9.1.1", device.name, "IOS Software", 8_640_000.0, "Cisco", "IOS-XE",
        "17.9.4a", "C9300-48P", "FGL2514L0AB", "router", "cisco-iosxe",
    )  # fmt: skip
    ports = tuple(
        Interface(number + 1, port_name(number), port_name(number), f"Floor {number}", 6, 1_000_000_000, 1500, None,
                  "up", "up", None, None, wide=True, counters=_NO_COUNTERS)
        for number in range(PORTS)
    )  # fmt: skip
    return Snapshot(identity, ports, ())
