"""Panels of two dashboards that people have published for what Telegraf reads by SNMP, and the queries Grafana makes.

A panel is what its author chose in Grafana's query builder: a measurement, columns, conditions, groups. Telegraf lets
everybody name measurements and the tag of sysName as they like; `OURS` has the names of Telegraf's own example
(plugins/inputs/snmp, "interface"), which noc writes, in place of the authors'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Chain = tuple[str, ...]
"""A column: its field, and what is done with it, one after the other."""


@dataclass(frozen=True)
class Panel:
    """where: tag and regular expression. every: an interval, or empty for one number. unread: fields that noc doesn't
    read, of which the columns stay empty."""

    dashboard: str
    title: str
    measurement: str
    columns: tuple[Chain, ...]
    by: tuple[str, ...]
    where: Mapping[str, str]
    every: str = "1m"
    unread: tuple[str, ...] = ("ifInUnknownProtos",)

    def query(self, period: str) -> str:
        """Return the query as Grafana sends it. period: a condition."""
        wanted = ", ".join(map(_column, self.columns))
        conditions = " AND ".join([*(f'"{_ours(tag)}" =~ /{text}/' for tag, text in self.where.items()), period])
        groups = [f"time({self.every})"] * bool(self.every) + [f'"{_ours(tag)}"' for tag in self.by]
        filling = " fill(null)" * bool(self.every)
        source = f'FROM "{_ours(self.measurement)}" WHERE {conditions}'
        return f"SELECT {wanted} {source} GROUP BY {', '.join(groups)}{filling}"


OURS: Final = {"IF": "interface", "ifXTable": "interface", "ifTable": "interface", "source": "hostname"}


def _ours(name: str) -> str:
    return OURS.get(name, name)


def _column(chain: Chain) -> str:
    field, function, *more = chain
    text = f'{function}("{field}")'
    for part in more:
        kind, _, value = part.partition(" ")
        if kind.endswith("derivative"):
            text = f"{kind}({text}, {value})"
        elif kind == "math":
            text = f"{text} {value}"
        else:
            text = f'{text} AS "{value}"'
    return text


# https://github.com/WaterByWind/grafana-dashboards, UBNT-EdgeRouter/ubnt-edgerouter-dashboard.json of commit 9388be55,
# "EdgeRouter Dashboard", the row "Interface"; read by the telegraf-inputs.conf beside it.
_EDGE: Final = "WaterByWind, EdgeRouter Dashboard"
_HOST: Final = {"agent_host": "^192.0.2.1$", "ifName": "^(Gi0\\/0|Gi0\\/1)$"}
_RATE: Final = ("last", "non_negative_derivative 1s")

# https://github.com/NWMichl/NXOS_SNMP_Grafana, IFAliasQuery_Dashboard.json of commit 52d519d7, "IFAlias Query": it
# is https://grafana.com/grafana/dashboards/12488, too; read by the nxos_snmp_telegraf.j2 beside it.
_NXOS: Final = "NWMichl, IFAlias Query"
_SWITCH: Final = {"source": "NBO-RTR-1"}

PANELS: Final = (
    Panel(
        _EDGE,
        "Interface Traffic",
        "ifXTable",
        (("ifHCInOctets", *_RATE, "math *8", "alias In"), ("ifHCOutOctets", *_RATE, "math *8", "alias Out")),
        ("ifName",),
        _HOST,
    ),
    Panel(
        _EDGE,
        "Interface Traffic Distribution",
        "ifXTable",
        (
            ("ifHCInBroadcastPkts", *_RATE, "alias Bcast:In"),
            ("ifHCOutBroadcastPkts", *_RATE, "alias Bcast:Out"),
            ("ifHCInMulticastPkts", *_RATE, "alias Mcast:In"),
            ("ifHCOutMulticastPkts", *_RATE, "alias Mcast:Out"),
            ("ifHCInUcastPkts", *_RATE, "alias Ucast:In"),
            ("ifHCOutUcastPkts", *_RATE, "alias Ucast:Out"),
        ),
        ("ifName",),
        _HOST,
    ),
    Panel(
        _EDGE,
        "Interface Drops/Errors",
        "ifTable",
        (
            ("ifInDiscards", *_RATE, "alias Drop:In"),
            ("ifOutDiscards", *_RATE, "alias Drop:Out"),
            ("ifInErrors", *_RATE, "alias Error:In"),
            ("ifOutErrors", *_RATE, "alias Error:Out"),
            ("ifInUnknownProtos", *_RATE, "alias Unkwn:In"),
        ),
        ("ifName",),
        _HOST,
    ),
    Panel(
        _NXOS,
        "Interfaces Status + Error Counters (absolut)",
        "IF",
        (
            ("ifAdminStatus", "last", "alias AdminStatus"),
            ("ifOperStatus", "last", "alias OperStatus"),
            ("ifHighSpeed", "last", "alias Speed"),
            ("ifInErrors", "last", "alias E_IN"),
            ("ifOutErrors", "last", "alias E_Out"),
            ("ifInDiscards", "last", "alias D_In"),
            ("ifOutDiscards", "last", "alias D_Out"),
            ("ifInUnknownProtos", "last", "alias UProto"),
        ),
        ("ifName", "ifAlias", "agent_host", "ifOperStatusCause", "source"),
        _SWITCH,
        every="",
    ),
    Panel(
        _NXOS,
        "Interface OperStatus Metric",
        "IF",
        (("ifOperStatus", "mean"),),
        ("agent_host", "ifName", "ifAlias"),
        _SWITCH,
    ),
    Panel(
        _NXOS,
        "Interface Traffic",
        "IF",
        (
            ("ifHCInOctets", "mean", "derivative 1s", "math *8", "alias IN"),
            ("ifHCOutOctets", "mean", "derivative 1s", "math *8", "alias Out"),
        ),
        ("ifName", "source", "ifAlias"),
        _SWITCH,
    ),
    Panel(
        _NXOS,
        "Interface Error",
        "IF",
        (
            ("ifInErrors", "mean", "derivative 1m", "alias IN_ERR"),
            ("ifOutErrors", "mean", "derivative 1m", "alias Out_ERR"),
            ("ifInDiscards", "mean", "derivative 1m", "alias IN_DIS"),
            ("ifOutDiscards", "mean", "derivative 1m", "alias Out_DIS"),
            ("ifInUnknownProtos", "mean", "derivative 1m", "alias UnProto"),
        ),
        ("ifName", "source", "ifAlias"),
        _SWITCH,
    ),
)
