"""Which charts a device has, from the names of its series. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.inventory.entities import Circuit
from noc.model.series import SeriesName

CHARTS_AT_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing. source: address of its numbers, without a time. fields: those to draw, with the word for each.

    title: a text of the catalogues, empty where the device has a name for it: subject. subject: what it is of.
    """

    title: str
    source: str
    unit: str
    fields: tuple[tuple[str, str], ...]
    subject: str = ""


def functions(spoken: Language) -> dict[str, Callable[[Chart], str]]:
    """Return what templates call to say charts in a language."""
    return {
        "chart_title": lambda chart: title(chart, spoken),
        "chart_fields": lambda chart: ",".join(f"{field}={spoken.say(word)}" for field, word in chart.fields),
    }


def title(chart: Chart, spoken: Language) -> str:
    """Return what a chart shows: `Gi0/0: Traffic`."""
    return ": ".join(part for part in (chart.subject, chart.title and spoken.say(chart.title)) if part)


@dataclass(frozen=True, slots=True)
class _Kind:
    title: str
    measurement: str
    fields: tuple[tuple[str, str], ...]
    unit: str


_OF_DEVICE: Final = (
    _Kind(say("Round-trip time"), "ping", (
        ("average_response_ms", say("mean")), ("maximum_response_ms", say("longest")),
    ), "ms"),
    _Kind(say("Packets lost"), "ping", (("percent_packet_loss", say("lost")),), "%"),
    _Kind(say("Jitter"), "ping", (("jitter_ms", say("jitter")),), "ms"),
    _Kind(say("Time to connect"), "net_response", (("response_time", say("until accepted")),), "s"),
    _Kind(say("Signal to noise"), "noc_satellite", (
        ("es_n0_db", "Es/N0"), ("es_n0_threshold_db", say("Es/N0 needed")), ("eb_n0_db", "Eb/N0"), ("snr_db", "SNR"),
    ), "dB"),
    _Kind(say("Link margin"), "noc_satellite", (("link_margin_db", say("margin")),), "dB"),
    _Kind(say("Processors"), "noc_processor", (("usage_pct", say("busy")),), "%"),
    _Kind(say("Memory"), "noc_memory", (("used_pct", say("used")),), "%"),
    _Kind(say("Storage"), "noc_storage", (("used_pct", say("used")),), "%"),
    _Kind(say("Paths: round-trip time"), "noc_path", (("rtt_ms", say("round trip")),), "ms"),
    _Kind(say("Paths: packets lost"), "noc_path", (("loss_pct", say("lost")),), "%"),
)  # fmt: skip
_OF_TERMINAL: Final = tuple(kind for kind in _OF_DEVICE if kind.measurement == "noc_satellite")
_OF_PROBE: Final = (
    _Kind(say("Round-trip time"), "noc_path", (("rtt_ms", say("round trip")), ("delay_ms", say("one way"))), "ms"),
    _Kind(say("Jitter"), "noc_path", (("jitter_ms", say("jitter")),), "ms"),
    _Kind(say("Packets lost"), "noc_path", (("loss_pct", say("lost")),), "%"),
)
_OF_INTERFACE: Final = (
    _Kind(say("Traffic"), "interface", (("in_bps", say("in")), ("out_bps", say("out"))), "bit/s"),
    _Kind(say("Errors and discards"), "interface", (
        ("in_errors_ps", say("errors in")), ("out_errors_ps", say("errors out")),
        ("in_discards_ps", say("discards in")), ("out_discards_ps", say("discards out")),
    ), "packet/s"),
)  # fmt: skip


def called(measurement: str, field: str) -> tuple[str, str] | None:
    """Return the title and the word of a number that some chart draws; None of another."""
    for kind in (*_OF_DEVICE, *_OF_PROBE, *_OF_INTERFACE):
        word = dict(kind.fields).get(field)
        if kind.measurement == measurement and word is not None:
            return kind.title, word
    return None


def charts_of(
    device: str, names: Iterable[SeriesName], interface: str | None, sensor: str | None, sensor_unit: str = ""
) -> list[Chart]:
    """Return the charts of a device: those of one interface and one sensor first, where they are asked for.

    interface: its ifName (or ifDescr where it has none), empty where none is known. sensor: the OID of one.
    sensor_unit: as people write it.
    """
    known: dict[str, set[str]] = {}
    sensors: dict[str, str] = {}
    for name in names:
        known.setdefault(name.measurement, set()).update(name.fields)
        if name.measurement == "noc_sensor":
            sensors[name.tags.get("oid", "")] = name.tags.get("name", "")
    found = []
    if interface:
        found += _kinds(_OF_INTERFACE, known, device, {"ifName": interface}, interface)
    if sensor is not None and sensor in sensors:
        source = _source(device, "noc_sensor", ("value",), {"oid": sensor})
        found.append(Chart("", source, sensor_unit, (("value", say("value")),), sensors[sensor] or sensor))
    found += _kinds(_OF_DEVICE, known, device, {}, "")
    return found[:CHARTS_AT_MOST]


def charts_of_circuit(
    circuit: Circuit, names: Mapping[str, Iterable[SeriesName]], terminals: Iterable[str]
) -> list[Chart]:
    """Return the charts of a circuit: its traffic, what its probe measures, its satellite terminals.

    names: the series of devices, by id. terminals: ids of devices.
    """
    found = []
    end = next((one for one in (circuit.a, circuit.z) if one is not None), None)
    if end is not None and end.device in names:
        where = {"ifName": end.interface}
        found += _kinds(_OF_INTERFACE, _known(names[end.device]), end.device, where, f"{end.device} {end.interface}")
    probe = circuit.probe
    if probe is not None and probe.device in names:
        tags = [one.tags for one in names[probe.device] if one.measurement == "noc_path"]
        tag = next((tag for tag in ("tag", "index") if any(one.get(tag) == probe.name for one in tags)), None)
        if tag is not None:
            found += _kinds(_OF_PROBE, _known(names[probe.device]), probe.device, {tag: probe.name}, probe.name)
    for device in terminals:
        found += _kinds(_OF_TERMINAL, _known(names.get(device, ())), device, {}, device)
    return found[:CHARTS_AT_MOST]


def _known(names: Iterable[SeriesName]) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    for name in names:
        known.setdefault(name.measurement, set()).update(name.fields)
    return known


def _kinds(
    kinds: Iterable[_Kind], known: Mapping[str, set[str]], device: str, where: Mapping[str, str], subject: str
) -> list[Chart]:
    found = []
    for kind in kinds:
        fields = tuple((field, word) for field, word in kind.fields if field in known.get(kind.measurement, ()))
        if fields:
            source = _source(device, kind.measurement, [field for field, _ in fields], where)
            found.append(Chart(kind.title, source, kind.unit, fields, subject))
    return found


def _source(device: str, measurement: str, fields: Iterable[str], where: Mapping[str, str]) -> str:
    query = [("device", device), ("measurement", measurement), *(("field", field) for field in fields)]
    query += [(f"tag.{tag}", value) for tag, value in where.items()]
    return f"/api/v1/series?{urlencode(query)}"
