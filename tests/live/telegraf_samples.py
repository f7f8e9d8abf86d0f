"""Samples of a small network, made by noc's own pipeline from snapshots and pings: what the daemon writes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from noc.model.reading import PingAnswer, Reading
from noc.model.samples import Samples
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Sensor, Snapshot
from noc.pipeline.endpointseries import CERTIFICATE_FIELDS, HTTP_FIELDS
from noc.pipeline.normalise import samples
from noc.pipeline.probes import probe_samples
from noc.pipeline.serviceseries import SERVICE_FIELDS

DEVICES = ("nbo-rtr-1", "nbo-rtr-2", "gva-rtr-1")
MINUTE = timedelta(minutes=1)
IDENTITY = DeviceIdentity("", "1.3.6.1.4.1.9", "", "Thing", 0.0, "Maker", "os", "7", "M1", "S1", "router", "p")
PATH = {"index": 1, "tag": "hub", "delay_ms": None, "mos": None, "ok": True}
PEER = {"peer": "192.0.2.254", "vrf": None, "state": "established", "uptime_s": 60, "accepted_prefixes": 9}
PORTS = ("Gi0/0", "Gi0/1")


def network(begin: datetime, minutes: int) -> Iterator[Samples]:
    """Yield what a network gives, minute by minute."""
    for minute in range(minutes):
        at = begin + minute * MINUTE
        for number, name in enumerate(DEVICES):
            yield from device(number, name, at, minute)
        yield from ends(at)


def device(number: int, name: str, at: datetime, minute: int) -> Iterator[Samples]:
    """Yield a poll and a ping of one device."""
    site, region = name.partition("-")[0], "africa" if name.startswith("nbo") else "europe"
    context = {"device": name, "site": site, "region": region, "device_class": "router"}
    address = f"192.0.2.{number + 1}"
    ports = tuple(port(row, words, minute, number) for row, words in enumerate(PORTS, 1))
    snapshot = Snapshot(
        replace(IDENTITY, address=address, sys_name=name.upper(), uptime_s=1000.0 + 60 * minute),
        interfaces=ports,
        sensors=(Sensor("temperature", "1", "Inlet", 20 + math.sin(minute), None, "celsius", "1.3.1.1", "ok"),),
        records={
            "processors": ({"name": "CPU", "oid": "1.3.2", "usage_pct": 10.0 + minute % 5},),
            "memory": ({"name": "main", "oid": "1.3.3", "total_bytes": 4e9, "used_bytes": 2e9, "used_pct": 50.0},),
            "storage": ({"name": "/", "oid": "1.3.4", "total_bytes": 9e9, "used_bytes": 3e9, "used_pct": 33.3},),
            "bgp_peers": (
                {"peer": "192.0.2.254", "vrf": None, "state": "established", "uptime_s": 60, "accepted_prefixes": 9},
            ),
            "ip_sla": ({**PATH, "rtt_ms": 180.0, "loss_pct": 0.0, "jitter_ms": 2.5},),
        },
        satellite={
            "es_n0_db": 9.5,
            "es_n0_threshold_db": 6.4,
            "link_margin_db": 3.1,
            "rx_level_dbm": -45.0,
            "tx_power_dbm": 30.5,
            "rx_lock": True,
            "capacity_pct": 87.5,
        },
    )
    rates = {row.if_index: rates_of(minute, number) for row in ports}
    yield from samples(snapshot, at, context, rates)
    ping = Reading("icmp", address, "main", at, 0.2, ping=PingAnswer((0.180 + minute / 1e4, 0.181, None)))
    yield from probe_samples(ping, context)


def port(row: int, name: str, minute: int, number: int) -> Interface:
    """Return an interface whose counters grow by the minute."""
    grown = minute * (row + 1) * (number + 1)
    counters = Counters(75_000_000 * grown, 37_500_000 * grown, *(1000 * grown for _ in range(6)), *(grown,) * 4)
    return Interface(
        row, name, f"GigabitEthernet{name[2:]}", "uplink", 6, 10**9, 1500, None, "up", "up", 1.0, None, True, counters
    )


def rates_of(minute: int, number: int) -> dict[str, float]:
    """Return the rates of such an interface."""
    bps = 1e7 * (number + 1) * (1 + minute % 3)
    errors = {f"{way}_{what}_ps": 0.01 for way in ("in", "out") for what in ("errors", "discards")}
    return {"in_bps": bps, "out_bps": bps / 2, "in_pct": bps / 1e7, "out_pct": bps / 2e7, **errors}


def ends(at: datetime) -> Iterator[Samples]:
    """Yield the numbers of a service, of a web page and of its certificate."""
    for name, measurement, fields in (
        ("service/voice", "noc_service", SERVICE_FIELDS),
        ("endpoint/portal", "http_response", HTTP_FIELDS),
        ("endpoint/portal", "x509_cert", CERTIFICATE_FIELDS),
    ):
        yield Samples(measurement, at, ("device",), fields, ((name,),), (tuple(1.0 for _ in fields),))
