"""What a panel shows, and the query for it: in InfluxQL, or in PromQL for VictoriaMetrics. Pure.

`$timeFilter`, `$__interval` and the variables are Grafana's; it fills them in, and escapes what a variable holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["influxql", "promql"]
Function = Literal["mean", "min", "max", "last", "count"]

_PROM: Final[Mapping[Function, str]] = {
    "mean": "avg_over_time",
    "min": "min_over_time",
    "max": "max_over_time",
    "last": "last_over_time",
    "count": "count_over_time",
}
_MERGED: Final[Mapping[Function, str]] = {"mean": "avg", "min": "min", "max": "max", "last": "max", "count": "sum"}
"""How series that differ in other tags become one."""


@dataclass(frozen=True, slots=True)
class Query:
    """Numbers of one field over time, a line for each set of `by`.

    where: tags that a variable of the dashboard chooses (`{"site": "site"}`), only: tags with one value. minus: the
    number is taken from this (100 less the loss). times: it is multiplied by this. policy: of InfluxQL, another place
    than that of raw numbers.
    """

    measurement: str
    field: str
    by: tuple[str, ...]
    function: Function = "mean"
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)
    only: Mapping[str, str] = dataclasses.field(default_factory=dict)
    minus: float | None = None
    times: float | None = None
    name: str = ""
    policy: str = ""
    step: str = "$__interval"

    def text(self, language: Language) -> str:
        """Return the query."""
        return self._influxql() if language == "influxql" else self._promql()

    def legend(self, language: Language) -> str:
        """Return the name of a line, made of its tags by Grafana."""
        tags = [f"$tag_{tag}" if language == "influxql" else f"{{{{{tag}}}}}" for tag in self.by]
        return " ".join([*tags, self.name] if self.name else tags)

    def _influxql(self) -> str:
        number = f'{self.function}("{self.field}")'
        if self.minus is not None:
            number = f"{self.minus:g} - {number}"
        if self.times is not None:
            number = f"{number} * {self.times:g}"
        conditions = [f'"{tag}" =~ /^${name}$/' for tag, name in self.where.items()]
        conditions += [f"\"{tag}\" = '{value}'" for tag, value in self.only.items()]
        source = f'"{self.policy}"."{self.measurement}"' if self.policy else f'"{self.measurement}"'
        groups = ", ".join([f"time({self.step})", *(f'"{tag}"' for tag in self.by)])
        wanted = " AND ".join([*conditions, "$timeFilter"])
        return f"SELECT {number} FROM {source} WHERE {wanted} GROUP BY {groups} fill(null)"  # noqa: S608 - no input

    def _promql(self) -> str:
        labels = [f'{tag}=~"${name}"' for tag, name in self.where.items()]
        labels += [f'{tag}="{value}"' for tag, value in self.only.items()]
        chosen = f"{self.measurement}_{self.field}{{{','.join(labels)}}}"
        number = f"{_MERGED[self.function]}({_PROM[self.function]}({chosen}[{self.step}])) by ({','.join(self.by)})"
        if self.minus is not None:
            number = f"{self.minus:g} - {number}"
        return number if self.times is None else f"{number} * {self.times:g}"


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top of a dashboard: the values of a tag. where: as of a Query; several: more than one at once."""

    name: str
    label: str
    measurement: str
    field: str
    tag: str
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)
    several: bool = True

    def text(self, language: Language) -> str:
        """Return the query for its values."""
        if language == "influxql":
            conditions = " AND ".join(f'"{tag}" =~ /^${name}$/' for tag, name in self.where.items())
            where = f" WHERE {conditions}" if conditions else ""
            return f'SHOW TAG VALUES FROM "{self.measurement}" WITH KEY = "{self.tag}"{where}'
        labels = ",".join(f'{tag}=~"${name}"' for tag, name in self.where.items())
        return f"label_values({self.measurement}_{self.field}{{{labels}}}, {self.tag})"
