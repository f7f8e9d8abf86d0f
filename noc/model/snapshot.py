"""A Snapshot: one device as it was read at one moment, in names and units that people use.

The shape is the answer of `noc poll --json` (docs/reference/poll.md). What the agent doesn't give is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from noc.model.reading import PartFailure

Scalar = None | str | int | float | bool

SensorStatus = Literal["ok", "warning", "critical", "unknown"]

SENSOR_UNITS: Final[Mapping[str, str | None]] = {
    "temperature": "celsius",
    "voltage": "volts",
    "current": "amperes",
    "power": "watts",
    "fan_speed": "rpm",
    "humidity": "percent",
    "frequency": "hertz",
    "optical_power": "dbm",
    "signal": "dbm",
    "tv_signal": "dbuv",
    "snr": "db",
    "es_n0": "db",
    "ber": None,
    "bitrate": "bits_per_second",
    "delay": "seconds",
    "loss": "percent",
    "load": "percent",
    "charge": "percent",
    "runtime": "seconds",
    "energy": "watt_hours",
    "power_factor": None,
    "state": None,
    "percent": "percent",
    "count": None,
}
"""The kinds of sensors, each with the unit that its values are in after scaling."""

RECORD_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "processors": ("name", "usage_pct", "oid"),
    "memory": ("name", "total_bytes", "used_bytes", "used_pct", "oid"),
    "storage": ("name", "kind", "total_bytes", "used_bytes", "used_pct", "oid"),
    "bgp_peers": (
        "peer",
        "remote_as",
        "state",
        "admin_status",
        "uptime_s",
        "vrf",
        "accepted_prefixes",
        "last_error",
    ),
    "ospf_neighbors": ("neighbor", "router_id", "state", "vrf"),
    "isis_adjacencies": ("neighbor", "system_id", "level", "interface", "state", "admin_status"),
    "mpls_vrfs": ("name", "oper_status", "active_interfaces", "interfaces"),
    "mpls_ldp_sessions": ("peer", "state"),
    "mpls_te_tunnels": ("name", "oper_status", "admin_status"),
    "vpn_tunnels": (
        "name",
        "peer",
        "oper_status",
        "admin_status",
        "in_octets",
        "out_octets",
        "uptime_s",
        "configured",
    ),
    "vrf_interfaces": ("vrf", "interface", "if_index"),
    "qos_classes": (
        "interface",
        "direction",
        "policy",
        "class",
        "packets",
        "bytes",
        "rate_bps",
        "sent_bytes",
        "sent_bps",
        "drop_packets",
        "drop_bytes",
        "drop_bps",
    ),
    "ip_sla": ("index", "tag", "rtt_ms", "loss_pct", "jitter_ms", "delay_ms", "mos", "ok"),
    "neighbors": ("protocol", "local_port", "remote_name", "remote_port"),
    "gateway_groups": ("protocol", "group", "interface", "address", "state"),
}
"""The lists of a snapshot beside interfaces and sensors, with the fields that each row has.

`vrf` is the routing instance, by its name or else its number; None of the default one, and where none is told.
"""

RECORD_MAIN_FIELD: Final[Mapping[str, str]] = {
    "processors": "usage_pct",
    "memory": "used_bytes",
    "storage": "used_bytes",
}
"""The field whose object gives a record its `oid`."""

SATELLITE_FIELDS: Final = (
    "es_n0_db",
    "eb_n0_db",
    "snr_db",
    "link_margin_db",
    "es_n0_threshold_db",
    "bits_per_symbol",
    "rx_level_dbm",
    "tx_power_dbm",
    "rx_lock",
    "tx_on",
    "standard",
    "modcod",
    "ber",
    "temperature_c",
    "buc_alarm",
    "lnb_alarm",
    "state",
)


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Who the device says it is."""

    address: str
    sys_object_id: str | None
    sys_name: str | None
    sys_descr: str | None
    uptime_s: float | None
    vendor: str | None
    os: str | None
    version: str | None
    model: str | None
    serial: str | None
    device_class: str | None
    profile: str


@dataclass(frozen=True, slots=True)
class Counters:
    """Counters of an interface as read; 64 bits wide where the agent has them (`wide`), else 32."""

    in_octets: int | None
    out_octets: int | None
    in_ucast_pkts: int | None
    out_ucast_pkts: int | None
    in_multicast_pkts: int | None
    out_multicast_pkts: int | None
    in_broadcast_pkts: int | None
    out_broadcast_pkts: int | None
    in_errors: int | None
    out_errors: int | None
    in_discards: int | None
    out_discards: int | None


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface. Status words are those of IF-MIB (RFC 2863): up, down, testing, unknown, dormant, …"""

    if_index: int
    name: str | None
    descr: str | None
    alias: str | None
    if_type: int | None
    speed_bps: int | None
    mtu: int | None
    mac: str | None
    admin_status: str | None
    oper_status: str | None
    last_change_s: float | None
    discontinuity_s: float | None
    wide: bool
    counters: Counters


@dataclass(frozen=True, slots=True)
class Sensor:
    """One measured value or state. `value` is in `unit` after scaling; `text` is the name of a state."""

    kind: str
    index: str
    name: str
    value: float | int | None
    text: str | None
    unit: str | None
    oid: str
    status: SensorStatus
    limit_high: float | None = None
    limit_low: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One device at one moment. records: rows by list name, each with all fields of RECORD_FIELDS.

    ages_s: MIB objects that were read earlier, at a rhythm of their own, with the seconds since then.
    """

    device: DeviceIdentity
    interfaces: tuple[Interface, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    records: Mapping[str, tuple[Mapping[str, Scalar], ...]] = field(default_factory=dict)
    satellite: Mapping[str, Scalar] = field(default_factory=dict)
    errors: tuple[PartFailure, ...] = ()
    duration_ms: float = 0.0
    ages_s: Mapping[str, float] = field(default_factory=dict)
