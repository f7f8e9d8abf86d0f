"""Panels and dashboards as Grafana keeps them: JSON of its schema 39 (Grafana 10.3 and later). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from noc.grafana.queries import Language, Query, Variable

Json = Mapping[str, object]
Unit = Literal["bps", "percent", "ms", "s", "dB", "dBm", "celsius", "pps", "short", "none"]

SCHEMA: Final = 39
SOURCE_UID: Final = "noc"
"""The data source that the dashboards read."""

WIDTH: Final = 24
_SOURCES: Final[Mapping[Language, str]] = {"influxql": "influxdb", "promql": "prometheus"}


@dataclass(frozen=True, slots=True)
class Panel:
    """Something that is shown. kind: `timeseries` lines, `stat` the last number of each, `text` words (Markdown).

    width, height: of 24 columns, of rows of 30 pixels. limits: (value, colour) from which on a colour holds.
    """

    title: str
    queries: tuple[Query, ...] = ()
    unit: Unit = "short"
    kind: Literal["timeseries", "stat", "text"] = "timeseries"
    width: int = 12
    height: int = 8
    limits: tuple[tuple[float, str], ...] = ()
    least: float | None = None
    greatest: float | None = None
    words: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of panels. id: of its file and its address."""

    id: str
    title: str
    variables: tuple[Variable, ...]
    panels: tuple[Panel, ...]
    since: str = "now-24h"

    def document(self, language: Language) -> Json:
        """Return what Grafana reads."""
        return {
            "uid": self.id,
            "title": self.title,
            "tags": ["noc"],
            "timezone": "utc",
            "schemaVersion": SCHEMA,
            "version": 1,
            "editable": True,
            "refresh": "1m",
            "graphTooltip": 1,
            "time": {"from": self.since, "to": "now"},
            "templating": {"list": [_variable(one, language) for one in self.variables]},
            "annotations": {"list": []},
            "links": [_links()],
            "panels": list(_placed(self.panels, language)),
        }


def _links() -> Json:
    return {"type": "dashboards", "title": "noc", "tags": ["noc"], "asDropdown": True, "keepTime": True}


def _source(language: Language) -> Json:
    return {"type": _SOURCES[language], "uid": SOURCE_UID}


def _variable(one: Variable, language: Language) -> Json:
    return {
        "name": one.name,
        "label": one.label,
        "type": "query",
        "datasource": _source(language),
        "query": one.text(language),
        "refresh": 2,
        "sort": 1,
        "multi": one.several,
        "includeAll": one.several,
        "allValue": ".*" if one.several else None,
        "current": {"selected": True, "text": "All", "value": "$__all"} if one.several else {},
        "options": [],
    }


def _placed(panels: Sequence[Panel], language: Language) -> list[Json]:
    """Return the panels, from left to right and down."""
    found: list[Json] = []
    x = y = highest = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > WIDTH:
            x, y, highest = 0, y + highest, 0
        place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
        found.append({"id": number, "gridPos": place, **_panel(panel, language)})
        x, highest = x + panel.width, max(highest, panel.height)
    return found


def _panel(panel: Panel, language: Language) -> Json:
    if panel.kind == "text":
        return {"type": "text", "title": panel.title, "options": {"mode": "markdown", "content": panel.words}}
    document: dict[str, object] = {
        "type": panel.kind,
        "title": panel.title,
        "datasource": _source(language),
        "targets": [_target(query, number, language) for number, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _OPTIONS[panel.kind],
    }
    if panel.since:
        document["timeFrom"] = panel.since
    return document


_OPTIONS: Final[Mapping[str, Json]] = {
    "timeseries": {
        "legend": {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "none",
        "textMode": "value_and_name",
    },
}


def _defaults(panel: Panel) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    steps += [{"color": colour, "value": value} for value, colour in panel.limits]
    defaults: dict[str, object] = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.least is not None:
        defaults["min"] = panel.least
    if panel.greatest is not None:
        defaults["max"] = panel.greatest
    if panel.kind == "timeseries":  # gaps are gaps: no line is drawn across
        lines: dict[str, object] = {"drawStyle": "line", "fillOpacity": 10, "spanNulls": False, "showPoints": "auto"}
        if panel.limits:
            lines["thresholdsStyle"] = {"mode": "dashed"}
        defaults["custom"] = lines
    return defaults


def _target(query: Query, number: int, language: Language) -> Json:
    target: dict[str, object] = {"refId": chr(ord("A") + number), "datasource": _source(language)}
    if language == "influxql":
        return target | {
            "rawQuery": True,
            "query": query.text(language),
            "alias": query.legend(language),
            "resultFormat": "time_series",
        }
    return target | {"expr": query.text(language), "legendFormat": query.legend(language), "range": True}
