"""Which charts a device has, from the names of its series. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from noc.model.series import SeriesName

CHARTS_AT_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. source: address of its numbers, without a time. fields: `in_bps=in,out_bps=out`."""

    title: str
    source: str
    unit: str
    fields: str


@dataclass(frozen=True, slots=True)
class _Kind:
    title: str
    measurement: str
    fields: tuple[tuple[str, str], ...]
    unit: str


_OF_DEVICE: Final = (
    _Kind("Round-trip time", "ping", (("average_response_ms", "mean"), ("maximum_response_ms", "longest")), "ms"),
    _Kind("Packets lost", "ping", (("percent_packet_loss", "lost"),), "%"),
    _Kind("Jitter", "ping", (("jitter_ms", "jitter"),), "ms"),
    _Kind("Time to connect", "net_response", (("response_time", "until accepted"),), "s"),
    _Kind("Signal to noise", "noc_satellite", (
        ("es_n0_db", "Es/N0"), ("es_n0_threshold_db", "Es/N0 needed"), ("eb_n0_db", "Eb/N0"), ("snr_db", "SNR"),
    ), "dB"),
    _Kind("Link margin", "noc_satellite", (("link_margin_db", "margin"),), "dB"),
    _Kind("Processors", "noc_processor", (("usage_pct", "busy"),), "%"),
    _Kind("Memory", "noc_memory", (("used_pct", "used"),), "%"),
    _Kind("Storage", "noc_storage", (("used_pct", "used"),), "%"),
    _Kind("Paths: round-trip time", "noc_path", (("rtt_ms", "round trip"),), "ms"),
    _Kind("Paths: packets lost", "noc_path", (("loss_pct", "lost"),), "%"),
)  # fmt: skip
_OF_INTERFACE: Final = (
    _Kind("Traffic", "interface", (("in_bps", "in"), ("out_bps", "out")), "bit/s"),
    _Kind("Errors and discards", "interface", (
        ("in_errors_ps", "errors in"), ("out_errors_ps", "errors out"),
        ("in_discards_ps", "discards in"), ("out_discards_ps", "discards out"),
    ), "packet/s"),
)  # fmt: skip


def charts_of(
    device: str, names: Iterable[SeriesName], interface: str | None, sensor: str | None, sensor_unit: str = ""
) -> list[Chart]:
    """Return the charts of a device: those of one interface and one sensor first, where they are asked for.

    interface: its ifName (or ifDescr where it has none). sensor: the OID of one. sensor_unit: as people write it.
    """
    known: dict[str, set[str]] = {}
    sensors: dict[str, str] = {}
    for name in names:
        known.setdefault(name.measurement, set()).update(name.fields)
        if name.measurement == "noc_sensor":
            sensors[name.tags.get("oid", "")] = name.tags.get("name", "")
    found = []
    if interface is not None:
        found += _kinds(_OF_INTERFACE, known, device, {"ifName": interface}, f"{interface}: ")
    if sensor is not None and sensor in sensors:
        source = _source(device, "noc_sensor", ("value",), {"oid": sensor})
        found.append(Chart(sensors[sensor] or sensor, source, sensor_unit, "value=value"))
    found += _kinds(_OF_DEVICE, known, device, {}, "")
    return found[:CHARTS_AT_MOST]


def _kinds(
    kinds: Iterable[_Kind], known: Mapping[str, set[str]], device: str, where: Mapping[str, str], before: str
) -> list[Chart]:
    found = []
    for kind in kinds:
        fields = [(field, word) for field, word in kind.fields if field in known.get(kind.measurement, ())]
        if fields:
            source = _source(device, kind.measurement, [field for field, _ in fields], where)
            written = ",".join(f"{field}={word}" for field, word in fields)
            found.append(Chart(before + kind.title, source, kind.unit, written))
    return found


def _source(device: str, measurement: str, fields: Iterable[str], where: Mapping[str, str]) -> str:
    query = [("device", device), ("measurement", measurement), *(("field", field) for field in fields)]
    query += [(f"tag.{tag}", value) for tag, value in where.items()]
    return f"/api/v1/series?{urlencode(query)}"
