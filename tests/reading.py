"""What every store of time series must answer when it is read: aggregates, fleets, the highest, the last.

One suite, used like that of tests/stores.py. Numbers are checked against a brute force written down here, which knows
nothing of numpy, steps or roll-ups.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from noc.model.errors import TooManySeriesError, UsageError
from noc.model.series import WHOLE, Aggregate, LatestQuery, TopQuery
from tests.stores import MINUTE, SECOND, Place, ms

HOUR = timedelta(hours=1)
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)
FIVE_MINUTES_MS = 300_000

Line = Mapping[int, float]
"""Milliseconds of the epoch: number."""


def by_definition(line: Line, start: int, stop: int, step: int | None, aggregate: Aggregate) -> dict[int, float]:
    """Return what noc/model/series.py says of one series, number by number. step: None for the whole range."""
    inside = [(at, line[at]) for at in sorted(line) if start <= at < stop]

    def begin(at: int) -> int:
        return start if step is None else at - at % step

    if aggregate == "rate":
        grown: dict[int, list[tuple[float, float]]] = {}
        for (before, low), (at, high) in itertools.pairwise(inside):
            if high >= low:
                grown.setdefault(begin(at), []).append((high - low, (at - before) / 1000))
        return {at: sum(up for up, _ in all_) / sum(s for _, s in all_) for at, all_ in grown.items()}
    if aggregate == "p95":
        billed: dict[int, list[float]] = {}
        for at, value in inside:
            billed.setdefault(at - at % FIVE_MINUTES_MS, []).append(value)
        means: dict[int, list[float]] = {}
        for at, values in billed.items():
            means.setdefault(begin(at), []).append(sum(values) / len(values))
        return {at: sorted(found)[math.ceil(len(found) * 95 / 100) - 1] for at, found in means.items()}
    steps: dict[int, list[float]] = {}
    for at, value in inside:
        steps.setdefault(begin(at), []).append(value)
    return {at: _one(values, aggregate) for at, values in steps.items()}


def _one(values: Sequence[float], aggregate: Aggregate) -> float:
    if aggregate == "mean":
        return sum(values) / len(values)
    if aggregate == "count":
        return float(len(values))
    return {"min": min(values), "max": max(values), "last": values[-1]}[aggregate]


async def write_line(place: Place, line: Line) -> None:
    """Write a line of one series, `value`."""
    at_zero = ms(place.begin)
    await place.write(
        *(
            place.samples(place.begin + timedelta(milliseconds=at - at_zero), ({}, {"value": value}))
            for at, value in line.items()
        )
    )


class ReadingSuite:
    """Read. Subclass it beside a fixture `store`, and import the fixture `place` of tests/stores.py."""

    @pytest.mark.parametrize("step", [None, 5 * MINUTE, 20 * MINUTE, HOUR], ids=str)
    async def test_it_says_what_the_definition_says(self, place: Place, step: timedelta | None) -> None:
        chance = random.Random(str(step))  # noqa: S311 - the same numbers each time
        at, counter, line = ms(place.begin), 0.0, {}
        for _ in range(400):
            at += chance.choice([1000, 20_000, 60_000, 60_000, 3_600_000 if chance.random() < 0.05 else 61_000])
            counter = 0.0 if chance.random() < 0.03 else counter + chance.randrange(1000)
            line[at] = counter
        await write_line(place, line)
        start, stop = place.begin + 7 * MINUTE, place.begin + timedelta(hours=6, minutes=2)
        query = replace(place.query(), start=start, stop=stop, step=step or WHOLE, aggregates=AGGREGATES)
        answer = await place.store.read(query)
        assert [one.aggregate for one in answer.series] == list(AGGREGATES)
        length = None if step is None else step // timedelta(milliseconds=1)
        for one in answer.series:
            assert one.aggregate is not None
            expected = by_definition(line, ms(start), ms(stop), length, one.aggregate)
            found = dict(zip(one.times_ms, one.values, strict=True))
            assert found == pytest.approx(expected, rel=1e-9), one.aggregate
            assert list(one.times_ms) == sorted(one.times_ms)

    async def test_the_answer_says_what_it_was_made_of(self, place: Place) -> None:
        await place.put_line([1.0, 2.0])
        answer = await place.store.read(place.query())
        assert (answer.resolution, answer.step) == ("raw", None)
        assert answer.series[0].aggregate is None
        answer = await place.store.read(replace(place.query(), step=MINUTE))
        assert (answer.resolution, answer.step) == ("raw", MINUTE)
        assert answer.series[0].aggregate == "mean"

    async def test_gaps_are_gaps(self, place: Place) -> None:
        for minute in (0, 1, 30, 31):
            await place.put(place.begin + minute * MINUTE, value=1.0)
        answer = await place.store.read(replace(place.query(), step=5 * MINUTE, aggregates=("mean", "count")))
        zero = ms(place.begin)
        assert [one.times_ms for one in answer.series] == [(zero, zero + 1_800_000)] * 2
        assert [one.values for one in answer.series] == [(1.0, 1.0), (2.0, 2.0)]

    async def test_the_95th_percentile_of_a_day_is_that_of_its_means(self, place: Place) -> None:
        # 20 means of five minutes: one is put aside. A spike of one minute becomes part of its mean.
        await place.put_line([float(minute // 5) for minute in range(100)])
        query = replace(place.query(), step=WHOLE, aggregates=("p95",))
        (one,) = (await place.store.read(query)).series
        assert (one.times_ms, one.values) == ((ms(query.start),), (18.0,))

    async def test_p95_wants_whole_means(self, place: Place) -> None:
        with pytest.raises(UsageError, match="5-minute means"):
            await place.store.read(replace(place.query(), step=7 * MINUTE, aggregates=("p95",)))

    async def test_a_rate_leaves_out_a_restart(self, place: Place) -> None:
        await place.put_line([100.0, 160.0, 5.0, 65.0])
        query = replace(place.query(), step=WHOLE, aggregates=("rate",))
        assert [one.values for one in (await place.store.read(query)).series] == [(1.0,)]

    async def test_a_site_is_read_without_naming_its_devices(self, place: Place) -> None:
        site = f"s-{place.device}"
        for number, of in ((1, site), (2, site), (3, f"{site}x")):
            one = replace(place, device=f"{place.device}-{number}")
            await one.write(one.samples(one.begin, ({"site": of}, {"value": float(number)})))
        query = replace(place.query(), where={"site": site})
        found = (await place.store.read(query)).series
        assert [(one.tags["device"], one.values) for one in found] == [
            (f"{place.device}-1", (1.0,)),
            (f"{place.device}-2", (2.0,)),
        ]
        everything = (await place.store.read(replace(query, where={}))).series
        assert [one.values for one in everything] == [(1.0,), (2.0,), (3.0,)]
        names = await place.store.names({"site": site})
        assert [name.tags["device"] for name in names] == [f"{place.device}-1", f"{place.device}-2"]

    async def test_more_series_than_allowed_are_refused(self, place: Place) -> None:
        await place.write(place.samples(place.begin, *(({"n": name}, {"value": 1.0}) for name in "abc")))
        assert len((await place.store.read(replace(place.query(), at_most=3))).series) == 3
        with pytest.raises(TooManySeriesError, match="more than 2 series"):
            await place.store.read(replace(place.query(), at_most=2))

    def _top(self, place: Place, **changes: object) -> TopQuery:
        query = TopQuery(place.measurement, "value", {}, place.begin, place.begin + 15 * MINUTE)
        return replace(query, **changes)  # type: ignore[arg-type]  # the fields of a TopQuery

    async def test_the_highest_of_a_fleet(self, place: Place) -> None:
        for number in range(9):
            one = replace(place, device=f"{place.device}-{number}")
            values = [float(number * 7 % 9), float(number * 7 % 9) + 2, None]
            for minute, value in enumerate(values):
                region = {"region": "east" if number % 2 else "west"}
                await one.write(one.samples(one.begin + minute * MINUTE, (region, {"value": value, "other": 99.0})))
        await place.put(place.begin + 15 * MINUTE, value=1000.0)  # behind the range

        async def numbers(**changes: object) -> list[float]:
            return [one.value for one in (await place.store.top(self._top(place, **changes))).items]

        answer = await place.store.top(self._top(place, count=3))
        assert [(one.tags["device"][-1], one.value) for one in answer.items] == [("5", 9.0), ("1", 8.0), ("6", 7.0)]
        assert (answer.compared, answer.resolution) == (9, "raw")
        assert await numbers(count=2, aggregate="max") == [10.0, 9.0]
        assert await numbers(count=2, order="lowest") == [1.0, 2.0]
        assert await numbers(where={"region": "west"}) == [7.0, 6.0, 3.0, 2.0, 1.0]
        assert await numbers(field="none") == []

    async def test_equal_numbers_stand_in_the_order_of_their_tags(self, place: Place) -> None:
        await place.write(place.samples(place.begin, *(({"n": name}, {"value": 1.0}) for name in "cadb")))
        for order in ("highest", "lowest"):
            answer = await place.store.top(self._top(place, count=3, order=order))
            assert [one.tags["n"] for one in answer.items] == ["a", "b", "c"]

    async def test_a_list_of_none_is_refused(self, place: Place) -> None:
        with pytest.raises(UsageError, match="one or more"):
            await place.store.top(self._top(place, count=0))

    async def test_the_last_numbers_of_a_site(self, place: Place) -> None:
        site = f"s-{place.device}"
        other = replace(place, measurement=f"{place.measurement}x")
        one, two = (replace(place, device=f"{place.device}-{name}") for name in "12")
        for minute in range(3):
            at = place.begin + minute * MINUTE
            await one.write(one.samples(at, ({"site": site, "n": "a"}, {"value": minute, "more": 7.0 - minute})))
        at = place.begin + 3 * MINUTE
        await one.write(one.samples(at, ({"site": site, "n": "a"}, {"value": None, "more": 9.0})))
        await two.write(two.samples(place.begin + 30 * SECOND, ({"site": site}, {"value": 5.0})))
        await replace(other, device=two.device).write(
            replace(other, device=two.device).samples(place.begin, ({"site": site}, {"third": 1.0}))
        )
        query = LatestQuery({"site": site}, place.begin, place.begin + HOUR)
        found = await place.store.latest(query)
        zero = ms(place.begin)
        expected = [
            (place.measurement, one.device, "more", 180_000, 9.0),
            (place.measurement, one.device, "value", 120_000, 2.0),
            (place.measurement, two.device, "value", 30_000, 5.0),
            (other.measurement, two.device, "third", 0, 1.0),
        ]
        assert [
            (last.measurement, last.tags["device"], last.field, last.time_ms - zero, last.value) for last in found
        ] == expected
        narrowed = await place.store.latest(replace(query, measurements=(other.measurement,)))
        assert list(narrowed) == list(found[3:])
        assert await place.store.latest(replace(query, since=place.begin + 4 * MINUTE)) == ()
        assert len(await place.store.latest(replace(query, until=place.begin + MINUTE))) == 4
        with pytest.raises(TooManySeriesError):
            await place.store.latest(replace(query, at_most=3))

    async def test_last_numbers_are_of_a_device_or_a_site(self, place: Place) -> None:
        with pytest.raises(UsageError, match="a device or a site"):
            await place.store.latest(LatestQuery({"region": "x"}, place.begin, place.begin + HOUR))
        with pytest.raises(UsageError, match="a device or a site"):
            await place.store.names({"ifName": "a"})
