"""Reading VictoriaMetrics: whole steps by PromQL, everything else from its numbers as they were stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar

import numpy as np
from pydantic import ValidationError

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.instants import from_ms, length_ms, to_ms
from noc.model.series import (
    BILLED,
    Aggregate,
    Latest,
    LatestQuery,
    Ranked,
    Series,
    SeriesAnswer,
    SeriesName,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)
from noc.store._answers import few_enough, ranked, series_of, top_by_reading, whole_range
from noc.store._rows import asked_of_place, ceil_ms
from noc.store._steps import Rollup, Steps, from_rollup, steps_of
from noc.store.influx import promql
from noc.store.influx.fields import fields_of, ordered
from noc.store.influx.promql import Function, Selector
from noc.store.influx.server import Server
from noc.wire.lineprotocol import kept_measurement

POINTS_AT_MOST: Final = 10_000
"""Steps of one answer; VictoriaMetrics gives 30,000. Longer ranges are read as they were stored."""

EVER: Final = timedelta(days=3650)
"""How far back series are looked for; from 1970 until tomorrow, VictoriaMetrics 1.79 finds none."""

SETTLED: Final = timedelta(seconds=60)
"""The newest numbers are told by `export` alone: VictoriaMetrics makes up the last half minute of a range."""

_FUNCTIONS: Final[Mapping[Aggregate, Function]] = {
    "mean": "avg",
    "min": "min",
    "max": "max",
    "last": "last",
    "count": "count",
}
_BILLED_MS: Final = length_ms(BILLED)
_DAY: Final = timedelta(days=1)

T = TypeVar("T")
Tags = tuple[tuple[str, str], ...]
Pairs = list[tuple[int, float]]


class VictoriaReader:
    """Reads all that is there."""

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises StoreError, TooManySeriesError, UsageError."""
        steps = steps_of(query)
        if steps is None or "rate" in query.aggregates:
            return SeriesAnswer(ordered(query, await self._stored(query, steps)), "raw", query.step)
        found: list[Series] = []
        for aggregate in query.aggregates:
            numbers = await self._in_steps(query, steps, aggregate)
            few_enough(len(numbers), query.at_most)
            for (tags, field), pairs in numbers.items():
                times_ms, values = zip(*pairs, strict=True)
                found.append(Series(query.measurement, dict(tags), field, times_ms, values, aggregate))
        return SeriesAnswer(ordered(query, found), "raw", query.step)

    async def _stored(self, query: SeriesQuery, steps: Steps | None) -> list[Series]:
        found: list[Series] = []
        for (tags, field), pairs in (await self._export(query)).items():
            times_ms, values = zip(*pairs, strict=True)
            times, numbers = np.array(times_ms, np.int64), np.array(values, np.float64)
            found += series_of(query, steps, dict(tags), field, times, numbers)
        return found

    async def _in_steps(self, query: SeriesQuery, steps: Steps, aggregate: Aggregate) -> dict[tuple[Tags, str], Pairs]:
        """Return a number for each step: those within the range by PromQL, the edges from stored numbers."""
        if aggregate == "p95":
            means = await self._in_steps(query, Steps(steps.start, _BILLED_MS), "mean")
            return {key: _percentile(pairs, steps) for key, pairs in means.items()}
        start_ms, stop_ms = ceil_ms(query.start), ceil_ms(query.stop)
        if start_ms >= stop_ms:
            return {}
        if steps.length is None:
            return await self._instant(query, aggregate, stop_ms - start_ms, stop_ms, start_ms)
        first = -(-start_ms // steps.length) * steps.length
        settled_ms = min(stop_ms, to_ms(self._clock.now() - SETTLED))
        last = settled_ms // steps.length * steps.length
        if last <= first or (last - first) // steps.length > POINTS_AT_MOST:
            return await self._edge(query, steps, aggregate, start_ms, stop_ms)
        parts = await asyncio.gather(
            self._edge(query, steps, aggregate, start_ms, first),
            self._range(query, aggregate, steps.length, first, last),
            self._edge(query, steps, aggregate, last, stop_ms),
        )
        whole: dict[tuple[Tags, str], Pairs] = {}
        for part in parts:
            for key, pairs in part.items():
                whole.setdefault(key, []).extend(pairs)
        return whole

    async def _edge(
        self, query: SeriesQuery, steps: Steps, aggregate: Aggregate, start_ms: int, stop_ms: int
    ) -> dict[tuple[Tags, str], Pairs]:
        if start_ms >= stop_ms:
            return {}
        part = replace(query, start=from_ms(start_ms), stop=from_ms(stop_ms), aggregates=(aggregate,))
        return {
            (tuple(one.tags.items()), one.field): list(zip(one.times_ms, one.values, strict=True))
            for one in await self._stored(part, steps)
        }

    async def _instant(
        self, query: SeriesQuery, aggregate: Aggregate, window_ms: int, stop_ms: int, at_ms: int
    ) -> dict[tuple[Tags, str], Pairs]:
        chosen, fields = self._chosen(query)
        if chosen is None:
            return {}
        expression = promql.over_time(_FUNCTIONS[aggregate], chosen, window_ms)
        # A window is open at its beginning and closed at its end; ours is the other way round.
        params = {"query": expression, "time": _seconds(stop_ms - 1)}
        answer = await self._ask("/api/v1/query", params, promql.Answer.model_validate_json)
        return {
            (tuple(promql.tags_of(one.metric).items()), fields[one.metric.get(promql.NAME, "")]): [
                (at_ms, float(one.value[1]))
            ]
            for one in answer.data.result
            if one.value is not None and chosen.takes(one.metric) and one.metric.get(promql.NAME, "") in fields
        }

    async def _range(
        self, query: SeriesQuery, aggregate: Aggregate, step_ms: int, first: int, last: int
    ) -> dict[tuple[Tags, str], Pairs]:
        chosen, fields = self._chosen(query)
        if chosen is None:
            return {}
        params = {
            "query": promql.over_time(_FUNCTIONS[aggregate], chosen, step_ms),
            "start": _seconds(first + step_ms - 1),
            "end": _seconds(last - 1),
            "step": f"{step_ms}ms",
        }
        answer = await self._ask("/api/v1/query_range", params, promql.Answer.model_validate_json)
        return {
            (tuple(promql.tags_of(one.metric).items()), fields[one.metric.get(promql.NAME, "")]): [
                (round(at * 1000) - step_ms + 1, float(value)) for at, value in one.values
            ]
            for one in answer.data.result
            if one.values and chosen.takes(one.metric) and one.metric.get(promql.NAME, "") in fields
        }

    async def _export(self, query: SeriesQuery) -> dict[tuple[Tags, str], Pairs]:
        """Return numbers as they were stored; of two of the same time the later one, where it kept both."""
        chosen, fields = self._chosen(query)
        start_ms, stop_ms = ceil_ms(query.start), ceil_ms(query.stop)
        if chosen is None or start_ms >= stop_ms:
            return {}
        params = {"match[]": chosen.text, "start": _seconds(start_ms), "end": _seconds(stop_ms - 1)}
        lines = await self._ask("/api/v1/export", params, _exported)
        found: dict[tuple[Tags, str], dict[int, float]] = {}
        for one in lines:
            field = fields.get(one.metric.get(promql.NAME, ""))
            if field is not None and chosen.takes(one.metric):
                numbers = found.setdefault((tuple(promql.tags_of(one.metric).items()), field), {})
                pairs = zip(one.timestamps, one.values, strict=True)
                numbers.update((at, value) for at, value in pairs if value is not None)
        few_enough(len(found), query.at_most)
        return {key: sorted(numbers.items()) for key, numbers in found.items() if numbers}

    def _chosen(self, query: SeriesQuery) -> tuple[Selector | None, dict[str, str]]:
        """Return the selector for a query, and the field that each of its metrics is."""
        fields = {promql.metric_name(query.measurement, name): name for name in fields_of(query)}
        return (promql.selector(query.where, fields) if fields else None), fields

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags."""
        asked_of_place(where)
        now = self._clock.now()
        listed = await self._listed(where, to_ms(now - EVER), to_ms(now + _DAY))
        found = promql.names_of(listed)
        return tuple(sorted(found, key=lambda name: (name.measurement, sorted(name.tags.items()))))

    async def _listed(self, where: Mapping[str, str], start_ms: int, stop_ms: int) -> list[dict[str, str]]:
        chosen = promql.selector(where)
        if chosen is None:
            return []
        params = {"match[]": chosen.text, "start": _seconds(start_ms), "end": _seconds(stop_ms)}
        answer = await self._ask("/api/v1/series", params, promql.Listed.model_validate_json)
        return [metric for metric in answer.data if chosen.takes(metric)]

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises StoreError, UsageError."""
        if query.aggregate not in _FUNCTIONS:
            return await top_by_reading(self, query)
        asked = whole_range(query)
        start_ms, stop_ms = ceil_ms(query.start), ceil_ms(query.stop)
        if start_ms >= stop_ms:
            return TopAnswer((), 0)
        found = await self._instant(asked, query.aggregate, stop_ms - start_ms, stop_ms, start_ms)
        return ranked((Ranked(dict(tags), pairs[0][1]) for (tags, _), pairs in found.items()), query)

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers. Raises StoreError, TooManySeriesError, UsageError."""
        asked_of_place(query.where)
        chosen = promql.selector(query.where)
        start_ms, stop_ms = ceil_ms(query.since), ceil_ms(query.until)
        if chosen is None or start_ms >= stop_ms:
            return ()
        functions: Sequence[Function] = ("last", "tlast")
        last, times = await asyncio.gather(
            *(self._vector(promql.over_time(name, chosen, stop_ms - start_ms), stop_ms - 1) for name in functions)
        )
        wanted = frozenset(map(kept_measurement, query.measurements))
        found = []
        for metric, value in last.items():
            tags = dict(metric)
            measurement, field = promql.measurement_of(tags.get(promql.NAME, ""))
            if metric in times and chosen.takes(tags) and (not wanted or measurement in wanted):
                found.append(Latest(measurement, promql.tags_of(tags), field, round(times[metric] * 1000), value))
        few_enough(len(found), query.at_most)
        return tuple(sorted(found, key=lambda one: (one.measurement, sorted(one.tags.items()), one.field)))

    async def _vector(self, expression: str, at_ms: int) -> dict[Tags, float]:
        params = {"query": expression, "time": _seconds(at_ms)}
        answer = await self._ask("/api/v1/query", params, promql.Answer.model_validate_json)
        return {
            tuple(sorted(one.metric.items())): float(one.value[1])
            for one in answer.data.result
            if one.value is not None
        }

    async def _ask(self, path: str, params: Mapping[str, str], parse: Callable[[bytes], T]) -> T:
        answer = await self._server.get(path, {**self._server.access.raw.query_params, **params})
        try:
            return await self._server.parsed(answer.body, parse)
        except ValidationError:
            raise StoreError(f"{self._server.name}: what {path} answers is not of VictoriaMetrics: check url") from None


def _exported(body: bytes) -> list[promql.Exported]:
    return [promql.Exported.model_validate_json(line) for line in body.split(b"\n") if line.strip()]


def _percentile(means: Pairs, steps: Steps) -> Pairs:
    times, values = (np.array(part) for part in zip(*means, strict=True))
    begins, numbers = from_rollup(Rollup(BILLED, times.astype(np.int64), {"mean": values}), steps, "p95")
    return list(zip(begins.tolist(), numbers.tolist(), strict=True))


def _seconds(at_ms: int) -> str:
    return f"{at_ms // 1000}.{at_ms % 1000:03}"
