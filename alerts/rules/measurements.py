"""What a rule may look at: measurements, their tags and fields, and the units of these.

The same names as docs/reference/series.md, which the tests hold to what is written; a contract test holds this to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Rhythm = Literal["interval", "poll_interval"]
"""How often a measurement comes: with each liveness probe, or with each poll."""

Whose = Literal["device", "endpoint", "service", "network", "region", "site", "circuit", "poller"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement.

    fields: name to unit, None where it has none. tags: beside those that all have. key: the tags that tell one series
    of a device from another for good; ifIndex, say, may change when the device restarts. of: whose numbers they are.
    words: what the numbers of a field mean, from 0.
    """

    fields: Mapping[str, str | None]
    tags: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    rhythm: Rhythm = "poll_interval"
    of: tuple[Whose, ...] = ("device",)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _counters(width: str) -> dict[str, str | None]:
    names = ("UcastPkts", "MulticastPkts", "BroadcastPkts")
    return {
        **{f"{width}{way}Octets": "octets" for way in ("In", "Out")},
        **{f"{width}{way}{name}": "packets" for name in names for way in ("In", "Out")},
    }


_SPACE: Final = Measurement(
    {"total_bytes": "bytes", "used_bytes": "bytes", "used_pct": "percent"}, ("name", "oid"), ("name", "oid")
)

_OF_ENDPOINTS: Final = {
    name: Measurement(fields, tags, (), "interval", ("endpoint",))
    for name, fields, tags in (
        (
            "http_response",
            {
                "response_time": "seconds",
                "first_byte_s": "seconds",
                "http_response_code": None,
                "content_length": "octets",
                "redirects": None,
                "result_code": None,
                "certificate_days": "days",
            },
            ("server", "method"),
        ),
        (
            "dns_query",
            {
                "query_time_ms": "milliseconds",
                "rcode_value": None,
                "result_code": None,
                "soa_serial": None,
                "authenticated": None,
                "signed": None,
                "answers": None,
            },
            ("server", "domain", "record_type"),
        ),
        (
            "x509_cert",
            {
                "expiry": "seconds",
                "age": "seconds",
                "startdate": "seconds",
                "enddate": "seconds",
                "verification_code": None,
                "days_left": "days",
                "handshake_s": "seconds",
            },
            ("source",),
        ),
        (
            "ntpq",
            {
                "offset": "milliseconds",
                "delay": "milliseconds",
                "stratum": None,
                "leap": None,
                "rootdisp": "milliseconds",
                "offset_size": "milliseconds",
            },
            ("remote", "refid"),
        ),
        (
            "noc_smtp",
            {"response_time": "seconds", "code": None, "starttls": None, "result_code": None},
            ("server",),
        ),
    )
}
"""Of end points, one series each: a server may name another reference from one minute to the next."""

MEASUREMENTS: Final[Mapping[str, Measurement]] = {
    "snmp": Measurement({"uptime": "hundredths_of_a_second", "uptime_s": "seconds"}),
    "interface": Measurement(
        {
            "ifAdminStatus": None,
            "ifOperStatus": None,
            "ifHighSpeed": "megabits_per_second",
            **_counters("ifHC"),
            **_counters("if"),
            "ifInErrors": "packets",
            "ifOutErrors": "packets",
            "ifInDiscards": "packets",
            "ifOutDiscards": "packets",
            "in_bps": "bits_per_second",
            "out_bps": "bits_per_second",
            "in_pct": "percent",
            "out_pct": "percent",
            "in_ucast_pps": "packets_per_second",
            "out_ucast_pps": "packets_per_second",
            "in_errors_ps": "packets_per_second",
            "out_errors_ps": "packets_per_second",
            "in_discards_ps": "packets_per_second",
            "out_discards_ps": "packets_per_second",
        },
        ("ifIndex", "ifName", "ifDescr"),
        ("ifName",),
    ),
    # The unit of a sensor's value is that of its kind: noc.model.snapshot.SENSOR_UNITS.
    "noc_sensor": Measurement(
        {"value": None, "status": None},
        ("kind", "index", "name", "oid"),
        ("oid",),
        words={"status": ("ok", "warning", "critical", "unknown")},
    ),
    "noc_processor": Measurement({"usage_pct": "percent"}, ("name", "oid"), ("name", "oid")),
    "noc_memory": _SPACE,
    "noc_storage": _SPACE,
    "noc_bgp_peer": Measurement(
        {"state": None, "uptime_s": "seconds", "accepted_prefixes": None}, ("peer", "vrf"), ("peer", "vrf")
    ),
    "noc_ospf_neighbor": Measurement(
        {"state": None}, ("neighbor", "router_id", "vrf"), ("neighbor", "router_id", "vrf")
    ),
    "noc_qos_class": Measurement(
        {
            "packets": "packets",
            "bytes": "bytes",
            "rate_bps": "bits_per_second",
            "sent_bytes": "bytes",
            "sent_bps": "bits_per_second",
            "drop_packets": "packets",
            "drop_bytes": "bytes",
            "drop_bps": "bits_per_second",
        },
        ("interface", "direction", "policy", "class"),
        ("interface", "direction", "policy", "class"),
    ),
    "noc_isis_adjacency": Measurement(
        {"state": None}, ("neighbor", "system_id", "interface"), ("neighbor", "system_id", "interface")
    ),
    "noc_path": Measurement(
        {
            "rtt_ms": "milliseconds",
            "loss_pct": "percent",
            "jitter_ms": "milliseconds",
            "delay_ms": "milliseconds",
            "mos": None,
            "ok": None,
        },
        ("index", "tag"),
        ("index", "tag"),
    ),
    "noc_satellite": Measurement(
        {
            "es_n0_db": "db",
            "eb_n0_db": "db",
            "snr_db": "db",
            "link_margin_db": "db",
            "es_n0_threshold_db": "db",
            "bits_per_symbol": None,
            "rx_level_dbm": "dbm",
            "tx_power_dbm": "dbm",
            "ber": None,
            "temperature_c": "celsius",
            "rx_lock": None,
            "tx_on": None,
            "buc_alarm": None,
            "lnb_alarm": None,
            "lock_losses": None,
            "capacity_pct": "percent",
        }
    ),
    "ping": Measurement(
        {
            "packets_transmitted": "packets",
            "packets_received": "packets",
            "percent_packet_loss": "percent",
            "minimum_response_ms": "milliseconds",
            "average_response_ms": "milliseconds",
            "maximum_response_ms": "milliseconds",
            "standard_deviation_ms": "milliseconds",
            "jitter_ms": "milliseconds",
        },
        ("url", "vantage"),
        ("vantage",),
        rhythm="interval",
    ),
    "net_response": Measurement(
        {"response_time": "seconds", "result_code": None},
        ("server", "protocol", "vantage"),
        ("vantage",),
        rhythm="interval",
        of=("device", "endpoint"),
    ),
    **_OF_ENDPOINTS,
    "noc_service": Measurement(
        {"up": None, "degraded": None, "away": None, "inputs": None, "inputs_down": None},
        ("place", "from"),
        rhythm="interval",
        of=("service",),
    ),
    "noc_objective": Measurement(
        {
            "target_pct": "percent",
            "availability_pct": "percent",
            "floor_pct": "percent",
            "ceiling_pct": "percent",
            "budget_left_s": "seconds",
            "budget_left_pct": "percent",
            "burn_1h": None,
            "burn_6h": None,
            "burn_3d": None,
            "forecast_low_pct": "percent",
            "forecast_high_pct": "percent",
        },
        rhythm="interval",
        of=("network", "region", "site", "circuit", "device", "service"),
    ),
    "noc_ssh": Measurement(
        {"session_s": "seconds", "result_code": None, "host_key_changed": None},
        ("server", "check", "known_key", "shown_key"),
    ),
    "noc_poll": Measurement({"unread_s": "seconds", "result_code": None}, ("server", "check")),
    "noc_backup": Measurement({"age_s": "seconds", "age_rhythms": None, "ok": None}, ("server",)),
    "noc_refusal": Measurement({"refused_per_minute": None}),
    "noc_poller": Measurement(
        {
            "clock_ahead_ms": "milliseconds",
            "clock_off_ms": "milliseconds",
            "clock_error_ms": "milliseconds",
            "frames_waiting": None,
        },
        rhythm="interval",
        of=("poller",),
    ),
}


FOR_RULES: Final[Mapping[str, Measurement]] = {
    "noc_engine": Measurement({"twins": None}),
    "noc_neighbor": Measurement(
        {"known": None, "infrastructure": None},
        ("protocol", "local_port", "remote_name"),
        ("local_port", "remote_name"),
    ),
    "noc_port_address": Measurement({"new": None}, ("local_port", "address"), ("local_port", "address")),
    "noc_self": Measurement(
        {
            "overdue_s": "seconds",
            "ledger_failing": None,
            "ledger_shed": None,
            "events_failing": None,
            "events_shed": None,
            "disk_used_pct": "percent",
            "learning_failing": None,
        },
        rhythm="interval",
        of=("poller",),
    ),
}
"""What rules may look at and no store keeps. The text of docs/reference/rules.md."""

ASKED: Final[Mapping[str, Measurement]] = {**MEASUREMENTS, **FOR_RULES}
"""All that rules may look at."""
