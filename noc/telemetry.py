"""noc's own figures for Prometheus: `noc_…`, read from their owners when they are asked for.

No figure has a label per device: 20,303 devices would make 20,303 series of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

PREFIX: Final = "noc_"
LABEL_VALUES_AT_MOST: Final = 50
OTHERS: Final = "other"
"""The label value that takes what is beyond the bound."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")

Read = Callable[[], float]
ReadBy = Callable[[], Mapping[str, float]]
ReadByAll = Callable[[], Mapping[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class _Figure:
    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...]
    read: ReadByAll


class Telemetry(Collector):
    """A registry of our own. Names are without prefix, in base units: `poll_duration_seconds`, `spool_bytes`.

    The process and Python itself are told under the names that they have everywhere: `process_…`, `python_…`.
    """

    def __init__(self) -> None:
        self._figures: dict[str, _Figure] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def counter(self, name: str, help: str, read: Read) -> None:  # noqa: A002 Prometheus' own word
        """Tell a number that only grows. name: ends with `_total`. Raises ValueError for a bad or known name."""
        self._register("counter", name, help, (), lambda: {(): read()})

    def gauge(self, name: str, help: str, read: Read) -> None:  # noqa: A002
        """Tell a number that goes up and down. Raises ValueError for a bad or known name."""
        self._register("gauge", name, help, (), lambda: {(): read()})

    def counter_by(self, name: str, help: str, label: str, read: ReadBy) -> None:  # noqa: A002
        """As `counter`, one number for each value of a label; what is beyond 50 values is summed up as `other`."""
        self._register("counter", name, help, (label,), lambda: _keyed(read()))

    def counter_by_all(self, name: str, help: str, labels: tuple[str, ...], read: ReadByAll) -> None:  # noqa: A002
        """As `counter_by`, one number for each combination of values of several labels, at most 50 of these."""
        self._register("counter", name, help, labels, read)

    def gauge_by(self, name: str, help: str, label: str, read: ReadBy) -> None:  # noqa: A002
        """As `gauge`, one number for each value of a label; what is beyond 50 values is summed up as `other`."""
        self._register("gauge", name, help, (label,), lambda: _keyed(read()))

    def exposition(self) -> tuple[bytes, str]:
        """Return all figures in Prometheus' text format, and the format's content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Metric]:
        """Yield noc's own figures; called by the registry."""
        for name, figure in self._figures.items():
            family = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
            metric = family(f"{PREFIX}{name}", figure.help, labels=figure.labels or None)
            for values, number in _bounded(figure.read()).items():
                metric.add_metric(values, number)
            yield metric

    def _register(
        self, kind: Literal["counter", "gauge"], name: str, text: str, labels: tuple[str, ...], read: ReadByAll
    ) -> None:
        if not _NAME.match(name) or name.startswith(PREFIX) or not all(map(_NAME.match, labels)):
            raise ValueError(f"'{name}' can't be the name of a figure; write it without {PREFIX}, in small letters")
        if (kind == "counter") != name.endswith("_total"):
            raise ValueError(f"'{name}': a counter's name ends with _total, a gauge's doesn't")
        if name in self._figures:
            raise ValueError(f"the figure '{name}' is told already")
        self._figures[name] = _Figure(kind, text, labels, read)


def _keyed(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(value,): number for value, number in values.items()}


def _bounded(values: Mapping[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    if len(values) <= LABEL_VALUES_AT_MOST:
        return dict(values)
    kept = dict(list(values.items())[: LABEL_VALUES_AT_MOST - 1])
    others = (OTHERS,) * len(next(iter(values)))
    kept[others] = kept.get(others, 0.0) + sum(number for value, number in values.items() if value not in kept)
    return kept
