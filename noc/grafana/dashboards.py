"""The dashboards: WAN, site, device, satellite, availability. Their names are those of docs/reference/series.md."""

from __future__ import annotations

from typing import Final

from noc.grafana.panels import Dashboard, Panel
from noc.grafana.queries import Query, Variable

_REGION: Final = Variable("region", "Region", "interface", "in_bps", "region")
_SITE: Final = Variable("site", "Site", "interface", "in_bps", "site", {"region": "region"})
_ONE_SITE: Final = Variable("site", "Site", "interface", "in_bps", "site", several=False)
_DEVICE: Final = Variable("device", "Device", "snmp", "uptime_s", "device", several=False)
_HERE: Final = {"region": "region", "site": "site"}
_AT_SITE: Final = {"site": "site"}
_OF_DEVICE: Final = {"device": "device"}
_PORT: Final = ("device", "ifName")
_BUSY: Final = ((70.0, "yellow"), (90.0, "red"))
_LOSS: Final = ((1.0, "yellow"), (5.0, "red"))


def _traffic(where: dict[str, str], by: tuple[str, ...]) -> tuple[Query, ...]:
    return tuple(Query("interface", f"{way}_bps", by, where=where, name=way) for way in ("in", "out"))


def _used(where: dict[str, str], by: tuple[str, ...]) -> tuple[Query, ...]:
    return tuple(Query("interface", f"{way}_pct", by, "max", where, name=way) for way in ("in", "out"))


def _wrong(where: dict[str, str], by: tuple[str, ...]) -> tuple[Query, ...]:
    fields = ("in_errors_ps", "out_errors_ps", "in_discards_ps", "out_discards_ps")
    return tuple(Query("interface", name, by, "max", where, name=name.removesuffix("_ps")) for name in fields)


def _reached(where: dict[str, str], by: tuple[str, ...]) -> tuple[Panel, ...]:
    return (
        Panel("Round trip", (Query("ping", "average_response_ms", by, where=where),), "ms", least=0),
        Panel(
            "Packets lost", (Query("ping", "percent_packet_loss", by, where=where),), "percent", limits=_LOSS, least=0
        ),
    )


WAN: Final = Dashboard(
    "noc-wan",
    "noc: WAN",
    (_REGION, _SITE),
    (
        Panel("Traffic of routers", _traffic(_HERE, _PORT), "bps", width=24),
        Panel("Use of lines, highest", _used(_HERE, _PORT), "percent", limits=_BUSY, least=0),
        Panel("Errors and discards", _wrong(_HERE, _PORT), "pps", least=0),
        *_reached(_HERE, ("site",)),
        Panel("Measured paths: round trip", (Query("noc_path", "rtt_ms", ("device", "tag"), where=_HERE),), "ms"),
        Panel("Measured paths: jitter", (Query("noc_path", "jitter_ms", ("device", "tag"), where=_HERE),), "ms"),
        Panel(
            "BGP peers: 6 is established",
            (Query("noc_bgp_peer", "state", ("device", "peer"), "last", _HERE),),
            "none",
            width=24,
        ),
    ),
)

YEAR: Final = Panel(
    "Use of lines in a year: highest of each day (roll-ups of an hour)",
    (
        Query("interface", "in_pct_max", _PORT, "max", _HERE, name="in", policy="rollup_1h", step="1d"),
        Query("interface", "out_pct_max", _PORT, "max", _HERE, name="out", policy="rollup_1h", step="1d"),
    ),
    "percent",
    width=24,
    limits=_BUSY,
    least=0,
    since="365d",
)
"""Of the WAN, where a server keeps roll-ups."""

SITE: Final = Dashboard(
    "noc-site",
    "noc: site",
    (_ONE_SITE,),
    (
        *_reached(_AT_SITE, ("device",)),
        Panel("Traffic", _traffic(_AT_SITE, _PORT), "bps"),
        Panel("Use of lines, highest", _used(_AT_SITE, _PORT), "percent", limits=_BUSY, least=0),
        Panel("Processors", (Query("noc_processor", "usage_pct", ("device", "name"), where=_AT_SITE),), "percent"),
        Panel(
            "Temperatures",
            (Query("noc_sensor", "value", ("device", "name"), where=_AT_SITE, only={"kind": "temperature"}),),
            "celsius",
        ),
        Panel(
            "Sensors: 0 ok, 1 warning, 2 critical, 3 unknown",
            (Query("noc_sensor", "status", ("device", "name"), "max", _AT_SITE),),
            "none",
            width=24,
        ),
    ),
)

DEVICE: Final = Dashboard(
    "noc-device",
    "noc: device",
    (_DEVICE,),
    (
        Panel("Running for", (Query("snmp", "uptime_s", ("device",), "last", _OF_DEVICE),), "s", "stat", 6, 4),
        Panel(
            "Packets lost",
            (Query("ping", "percent_packet_loss", ("device",), "last", _OF_DEVICE),),
            *("percent", "stat", 6, 4, _LOSS),
        ),
        Panel(
            "Processor", (Query("noc_processor", "usage_pct", ("name",), "last", _OF_DEVICE),), "percent", "stat", 6, 4
        ),
        Panel("Memory", (Query("noc_memory", "used_pct", ("name",), "last", _OF_DEVICE),), "percent", "stat", 6, 4),
        Panel("Traffic", _traffic(_OF_DEVICE, ("ifName",)), "bps"),
        Panel("Use of lines, highest", _used(_OF_DEVICE, ("ifName",)), "percent", limits=_BUSY, least=0),
        Panel("Errors and discards", _wrong(_OF_DEVICE, ("ifName",)), "pps", least=0),
        Panel(
            "Interfaces: 1 up, 2 down", (Query("interface", "ifOperStatus", ("ifName",), "last", _OF_DEVICE),), "none"
        ),
        Panel("Processors", (Query("noc_processor", "usage_pct", ("name",), where=_OF_DEVICE),), "percent", least=0),
        Panel("Memory", (Query("noc_memory", "used_pct", ("name",), where=_OF_DEVICE),), "percent", least=0),
        Panel("Storage", (Query("noc_storage", "used_pct", ("name",), where=_OF_DEVICE),), "percent", least=0),
        Panel("Sensors", (Query("noc_sensor", "value", ("kind", "name"), where=_OF_DEVICE),)),
        *_reached(_OF_DEVICE, ("device",)),
    ),
)

SATELLITE: Final = Dashboard(
    "noc-satellite",
    "noc: satellite",
    (Variable("site", "Site", "noc_satellite", "es_n0_db", "site"),),
    (
        Panel(
            "Es/N0, and what the MODCOD needs",
            (
                Query("noc_satellite", "es_n0_db", ("device",), where=_AT_SITE, name="Es/N0"),
                Query("noc_satellite", "es_n0_threshold_db", ("device",), where=_AT_SITE, name="needed"),
            ),
            "dB",
        ),
        Panel("Margin", (Query("noc_satellite", "link_margin_db", ("device",), "min", _AT_SITE),), "dB"),
        Panel("Level received", (Query("noc_satellite", "rx_level_dbm", ("device",), where=_AT_SITE),), "dBm"),
        Panel("Power sent", (Query("noc_satellite", "tx_power_dbm", ("device",), where=_AT_SITE),), "dBm"),
        Panel("Locked: 1, lost: 0", (Query("noc_satellite", "rx_lock", ("device",), "min", _AT_SITE),), "none"),
        Panel(
            "Capacity of the best", (Query("noc_satellite", "capacity_pct", ("device",), "min", _AT_SITE),), "percent"
        ),
        *_reached(_AT_SITE, ("site",)),
    ),
)

AVAILABILITY: Final = Dashboard(
    "noc-availability",
    "noc: availability",
    (_REGION, _SITE),
    (
        Panel(
            "What this is",
            kind="text",
            width=24,
            height=3,
            words="Shares of packets that came back, and of time that services were up, as they were measured. The "
            "figures that count, with floor, ceiling and coverage, come from noc's ledger: `noc report availability`.",
        ),
        Panel(
            "Packets that came back, by region",
            (Query("ping", "percent_packet_loss", ("region",), where=_HERE, minus=100),),
            "percent",
            greatest=100,
        ),
        Panel(
            "Packets that came back, by site",
            (Query("ping", "percent_packet_loss", ("site",), where=_HERE, minus=100),),
            "percent",
            greatest=100,
        ),
        Panel("Services up", (Query("noc_service", "up", ("device",), times=100),), "percent", greatest=100),
        Panel("End points: seconds to answer", (Query("http_response", "response_time", ("device",)),), "s", least=0),
        Panel(
            "Certificates: days left", (Query("x509_cert", "days_left", ("device",), "last"),), "none", "stat", width=24
        ),
    ),
    "now-30d",
)

ALL: Final = (WAN, SITE, DEVICE, SATELLITE, AVAILABILITY)
