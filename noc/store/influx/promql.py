"""PromQL of VictoriaMetrics: statements that no name can break out of, and what is answered to them. Pure.

It makes of `interface,device=d in_bps=1` the metric `interface_in_bps{device="d"}`. Where the measurement ends can't be
seen in that name: `names_of` knows the measurements of docs/reference/series.md, and splits others at their first `_`.
https://docs.victoriametrics.com/victoriametrics/integrations/influxdb
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

from noc.model.series import SeriesName
from noc.wire.lineprotocol import kept, kept_measurement

MEASUREMENTS: Final = (
    "dns_query",
    "http_response",
    "interface",
    "net_response",
    "noc_backup",
    "noc_bgp_peer",
    "noc_canary",
    "noc_isis_adjacency",
    "noc_liveness",
    "noc_memory",
    "noc_objective",
    "noc_ospf_neighbor",
    "noc_path",
    "noc_poll",
    "noc_poller",
    "noc_processor",
    "noc_qos_class",
    "noc_refusal",
    "noc_satellite",
    "noc_sensor",
    "noc_service",
    "noc_smtp",
    "noc_ssh",
    "noc_storage",
    "ntpq",
    "ping",
    "snmp",
    "x509_cert",
)
"""Those of docs/reference/series.md, and what `noc store check` writes."""

NAME: Final = "__name__"
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOTHING: Final = '""'
_SPECIAL: Final = re.compile(r"([\\.+*?()|\[\]{}^$])")

Function = Literal["avg", "min", "max", "last", "count", "tlast"]
"""What makes one number of those in a step; tlast: the time of the last of them, in seconds."""


class Vector(BaseModel):
    """A series of an answer: `value` of an instant, `values` of a range; each is a time in seconds and a number."""

    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class Data(BaseModel):
    """What was found."""

    result: list[Vector] = []


class Answer(BaseModel):
    """What /api/v1/query and /api/v1/query_range answer."""

    status: Literal["success", "error"]
    data: Data = Data()
    error: str = ""


class Listed(BaseModel):
    """What /api/v1/series answers."""

    status: Literal["success", "error"]
    data: list[dict[str, str]] = []
    error: str = ""


class Exported(BaseModel):
    """A line of /api/v1/export. timestamps: milliseconds; what is no number is null."""

    metric: dict[str, str]
    values: list[float | None]
    timestamps: list[int]


@dataclass(frozen=True, slots=True)
class Selector:
    """Series by their tags. text: of PromQL; others: tags that PromQL has no words for, to be looked at afterwards."""

    text: str
    others: Mapping[str, str]

    def takes(self, metric: Mapping[str, str]) -> bool:
        """Return whether a series that was found carries the other tags."""
        return all(metric.get(key) == value for key, value in self.others.items())


def literal(text: str) -> str:
    """Return a quoted string."""
    return json.dumps(kept(text), ensure_ascii=False)


def metric_name(measurement: str, field: str) -> str:
    """Return what VictoriaMetrics calls a field of a measurement."""
    return f"{kept_measurement(measurement)}_{kept(field)}"


def selector(where: Mapping[str, str], metrics: Iterable[str] = ()) -> Selector | None:
    """Return the selector of series with these tags; None where nothing can carry them. metrics: none means all."""
    if any(not kept(part).strip(" ") for pair in where.items() for part in pair) or NAME in where:
        return None
    names = [_SPECIAL.sub(r"\\\1", name) for name in metrics]
    parts = [f"{NAME}=~{json.dumps('|'.join(names), ensure_ascii=False)}"] if names else []
    others = {}
    for key, value in where.items():
        if _PLAIN_KEY.fullmatch(key):
            parts.append(f"{key}={literal(value)}")
        else:
            others[kept(key)] = kept(value)
    return Selector(f"{{{','.join(parts or [f'{NAME}!=' + _NOTHING])}}}", others)


def over_time(function: Function, chosen: Selector, window_ms: int) -> str:
    """Return the expression for one number of each series: of what it has in the window before the moment."""
    return f"{function}_over_time({chosen.text}[{window_ms}ms]) keep_metric_names"


def tags_of(metric: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a series, sorted."""
    return {key: value for key, value in sorted(metric.items()) if key != NAME and value}


def measurement_of(metric: str) -> tuple[str, str]:
    """Return measurement and field of a metric's name."""
    known = max((name for name in MEASUREMENTS if metric.startswith(f"{name}_")), key=len, default=None)
    name = known or metric.partition("_")[0]
    return name, metric[len(name) + 1 :]


def names_of(listed: Iterable[Mapping[str, str]]) -> Iterator[SeriesName]:
    """Yield the series that /api/v1/series lists, with their fields sorted."""
    fields: dict[tuple[str, tuple[tuple[str, str], ...]], set[str]] = {}
    for metric in listed:
        measurement, field = measurement_of(metric.get(NAME, ""))
        fields.setdefault((measurement, tuple(tags_of(metric).items())), set()).add(field)
    for (measurement, tags), found in fields.items():
        yield SeriesName(measurement, dict(tags), tuple(sorted(found)))
