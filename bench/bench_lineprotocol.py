"""Line protocol: CPU of formatting and of gzip for each value, on samples like those of a poll by SNMP.

500 devices: 20 interfaces of 28 numbers, 10 sensors, `snmp` and `ping`; each polled three times, as the daemon sees
them: new texts each time. Prints µs of CPU a value, medians of 5 rounds, and bytes a value.
Usage: python bench/bench_lineprotocol.py
"""

from __future__ import annotations

import random
import statistics
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from noc.model.samples import Samples
from noc.wire.lineprotocol import lines

AT = datetime(2026, 11, 21, tzinfo=UTC)
CONTEXT = ("agent_host", "hostname", "device", "site", "region", "device_class")
INTERFACE = tuple(f"ifHC{way}{what}" for way in ("In", "Out") for what in ("Octets", "UcastPkts", "MulticastPkts"))
RATES = ("in_bps", "out_bps", "in_pct", "out_pct", "in_ucast_pps", "out_ucast_pps", "in_errors_ps", "out_errors_ps")
STATUS = ("ifAdminStatus", "ifOperStatus", "ifHighSpeed", "ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards")
BROADCAST = ("ifHCInBroadcastPkts", "ifHCOutBroadcastPkts", "in_discards_ps", "out_discards_ps")
PING = ("packets_transmitted", "packets_received", "percent_packet_loss", "average_response_ms", "jitter_ms")
FIELDS = INTERFACE + RATES + STATUS + BROADCAST


def polls(devices: int) -> Iterator[Samples]:
    """Yield what a poll of each device brings."""
    chance = random.Random(1)  # noqa: S311 - the same numbers each time
    for number in range(devices):
        name = f"nbo-rtr-{number}"
        context = (f"192.0.2.{number % 250}", name, f"device/{name}", "nairobi", "africa", "router")
        at = AT + timedelta(milliseconds=number)
        ports = tuple((*context, str(port), f"Gi0/{port}", f"GigabitEthernet0/{port}") for port in range(20))
        yield Samples("interface", at, (*CONTEXT, "ifIndex", "ifName", "ifDescr"), FIELDS, ports, _table(chance, 20))
        sensors = tuple((*context, "temperature", str(index), f"Sensor {index}") for index in range(10))
        keys = (*CONTEXT, "kind", "index", "name")
        readings = tuple((round(chance.uniform(20, 60), 1), 0.0) for _ in sensors)
        yield Samples("noc_sensor", at, keys, ("value", "status"), sensors, readings)
        uptime = float(chance.randrange(10**9))
        yield Samples("snmp", at, CONTEXT, ("uptime", "uptime_s"), (context,), ((uptime, uptime / 100),))
        rtt = (1.0, 1.0, 0.0, chance.uniform(1, 300), chance.uniform(0, 5))
        yield Samples("ping", at, CONTEXT, PING, (context,), (rtt,))


def _table(chance: random.Random, rows: int) -> tuple[tuple[float | None, ...], ...]:
    counters = len(INTERFACE)
    return tuple(
        tuple(float(chance.randrange(2**40)) for _ in range(counters))
        + tuple(chance.uniform(0, 1e9) for _ in RATES)
        + (1.0, 1.0, 1000.0, 0.0, 0.0, 0.0, None)
        + (float(chance.randrange(2**20)), None, 0.0, 0.0)
        for _ in range(rows)
    )


def main() -> None:
    formatting, packing = [], []
    values = size = packed = count = 0
    for _ in range(5):
        batch = [samples for _ in range(3) for samples in polls(500)]
        values = sum(number is not None for samples in batch for row in samples.values for number in row)
        began = time.process_time()
        text = [line for samples in batch for line in lines(samples)]
        body = "\n".join(text).encode()
        formatted = time.process_time()
        packer = zlib.compressobj(1, wbits=31)
        packed = len(packer.compress(body) + packer.flush())
        formatting.append((formatted - began) / values * 1e6)
        packing.append((time.process_time() - formatted) / values * 1e6)
        size, count = len(body), len(text)
    print(f"lines, values             {count:>10,} {values:>10,}")
    print(f"formatting                {statistics.median(formatting):>10.3f} µs CPU a value")
    print(f"gzip, level 1             {statistics.median(packing):>10.3f} µs CPU a value")
    print(f"bytes a value             {size / values:>10.1f} plain, {packed / values:.1f} packed")


if __name__ == "__main__":
    main()
