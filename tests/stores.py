"""What every store of time series must do. One suite: over those without a server, and by tests/live over real servers.

Use: a class `Test…(StoreSuite)` in a module that has a fixture `store` (started). Measurements and devices have names
of their own in each test, so that a server may keep the data of earlier ones.
"""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from noc.clock import SystemClock
from noc.model.samples import Samples
from noc.model.series import Aggregate, Refusal, Series, SeriesQuery
from noc.store._ports import Store

MS = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Fields = Mapping[str, float | None]


def ms(at: datetime) -> int:
    """Return milliseconds of the Unix epoch."""
    return (at - EPOCH) // MS


async def put(store: Store, batch: Sequence[Samples]) -> tuple[Refusal, ...]:
    """Write a batch as the spool hands it over; return what was refused."""
    return await store.write(store.encode(batch))


@dataclass(frozen=True)
class Place:
    """Where a test writes and reads: a measurement and a device that no other test has. begin: a full hour, UTC."""

    store: Store
    measurement: str
    device: str
    begin: datetime

    def samples(self, at: datetime, *rows: tuple[Mapping[str, str], Fields]) -> Samples:
        """Return rows of tags (beside `device`) and fields at one time."""
        tag_keys = tuple(sorted({key for tags, _ in rows for key in tags}))
        field_keys = tuple(sorted({key for _, fields in rows for key in fields}))
        return Samples(
            self.measurement,
            at,
            ("device", *tag_keys),
            field_keys,
            tuple((self.device, *(tags.get(key, "") for key in tag_keys)) for tags, _ in rows),
            tuple(tuple(fields.get(key) for key in field_keys) for _, fields in rows),
        )

    async def write(self, *batch: Samples) -> None:
        """Write and see that nothing was refused."""
        assert await put(self.store, batch) == ()

    async def put(self, at: datetime, **fields: float | None) -> None:
        """Write one row without further tags."""
        await self.write(self.samples(at, ({}, fields)))

    async def put_line(self, values: Sequence[float], step: timedelta = MINUTE, field: str = "value") -> None:
        """Write values one step apart, the first at `begin`, in one batch."""
        await self.write(
            *(self.samples(self.begin + number * step, ({}, {field: value})) for number, value in enumerate(values))
        )

    def query(self, *fields: str, **where: str) -> SeriesQuery:
        """Ask for fields (`value` by default) from a day before `begin` to two days after it."""
        return SeriesQuery(
            self.measurement,
            fields or ("value",),
            {"device": self.device, **where},
            self.begin - timedelta(days=1),
            self.begin + timedelta(days=2),
        )

    async def read(self, *fields: str, **where: str) -> tuple[Series, ...]:
        return (await self.store.read(self.query(*fields, **where))).series

    async def numbers(self, query: SeriesQuery | None = None) -> list[tuple[float, float]]:
        """Return (seconds after `begin`, value) of the one series that a query finds; empty for none."""
        found = (await self.store.read(query or self.query())).series
        assert len(found) <= 1
        return [
            ((at - ms(self.begin)) / 1000, value)
            for series in found
            for at, value in zip(series.times_ms, series.values, strict=True)
        ]


@pytest.fixture
def place(store: Store) -> Place:
    """A place of its own for a test, four days ago: past, and within every retention."""
    unique = uuid.uuid4().hex[:12]
    now = SystemClock().now()
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=4)
    return Place(store, f"m_{unique}", f"d-{unique}", begin)


class StoreSuite:
    """Write, read, name. Subclass it beside a fixture `store`, and import the fixture `place`."""

    async def test_what_was_written_is_read(self, place: Place) -> None:
        await place.write(place.samples(place.begin, ({"ifName": "ge0"}, {"value": 1.5})))
        (series,) = await place.read()
        assert series == Series(
            place.measurement, {"device": place.device, "ifName": "ge0"}, "value", (ms(place.begin),), (1.5,)
        )
        assert type(series.times_ms[0]) is int
        assert type(series.values[0]) is float

    async def test_nothing_is_found_where_nothing_was_written(self, place: Place) -> None:
        assert await place.read() == ()
        assert await place.store.names({"device": place.device}) == ()

    async def test_an_empty_batch_is_no_fault(self, place: Place) -> None:
        assert await put(place.store, []) == ()
        await place.write(Samples(place.measurement, place.begin, ("device",), ("value",), (), ()))
        assert await place.read() == ()

    async def test_series_are_sorted_by_tags_then_field(self, place: Place) -> None:
        fields = {"out": 1.0, "in": 2.0}
        await place.write(place.samples(place.begin, *(({"ifName": name}, fields) for name in ("c", "a", "b"))))
        found = await place.read("out", "in")
        assert [(series.tags["ifName"], series.field) for series in found] == [
            (name, field) for name in "abc" for field in ("in", "out")
        ]

    async def test_a_missing_value_is_a_gap(self, place: Place) -> None:
        await place.put(place.begin, value=1.0, other=1.0)
        await place.put(place.begin + MINUTE, value=None, other=2.0)
        await place.put(place.begin + 2 * MINUTE, value=3.0, other=None)
        assert await place.numbers() == [(0, 1.0), (120, 3.0)]
        assert await place.numbers(place.query("other")) == [(0, 1.0), (60, 2.0)]

    async def test_a_series_without_a_number_is_left_out(self, place: Place) -> None:
        await place.write(place.samples(place.begin, ({"n": "a"}, {"value": None}), ({"n": "b"}, {"value": 2.0})))
        assert [series.tags["n"] for series in await place.read("value", "never")] == ["b"]

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    async def test_what_is_no_number_is_never_stored(self, place: Place, bad: float) -> None:
        await put(place.store, [place.samples(place.begin, ({}, {"value": bad, "other": 7.0}))])
        assert await place.numbers() == []
        assert await place.numbers(place.query("other")) == [(0, 7.0)]

    @pytest.mark.parametrize("value", [2.0**53, 2.0**53 - 1, 1e300, -1e-300, 0.1, 1 / 3, 12.34, 5e-324, -273.15])
    async def test_numbers_are_exact(self, place: Place, value: float) -> None:
        values = [value, 0.0, value, -value]
        await place.put_line(values)
        assert [number for _, number in await place.numbers()] == values

    async def test_counters_are_exact(self, place: Place) -> None:
        values = [float(2**53 - 200 + 3 * number) for number in range(60)] + [0.0, 17.0]
        await place.put_line(values)
        assert [number for _, number in await place.numbers()] == values

    async def test_milliseconds_are_kept(self, place: Place) -> None:
        await place.put_line([1.0, 2.0, 3.0], step=MS)
        assert await place.numbers() == [(0, 1.0), (0.001, 2.0), (0.002, 3.0)]

    async def test_the_same_samples_again_change_nothing(self, place: Place) -> None:
        samples = [place.samples(place.begin + n * MINUTE, ({}, {"value": float(n)})) for n in range(5)]
        await place.write(*samples)
        once = await place.read()
        await place.write(*samples)
        await place.write(samples[2], samples[2])
        assert await place.read() == once
        assert len(once[0].values) == 5

    async def test_the_last_number_of_a_time_stays(self, place: Place) -> None:
        await place.put(place.begin, value=1.0, other=5.0)
        await place.put(place.begin, value=2.0)
        await place.put(place.begin, value=None, other=None, third=1.0)
        assert await place.numbers() == [(0, 2.0)]
        assert await place.numbers(place.query("other")) == [(0, 5.0)]

    async def test_late_samples_find_their_place(self, place: Place) -> None:
        for number in (7, 2, 9, 0, 4):
            await place.put(place.begin + number * MINUTE, value=float(number))
        assert await place.numbers() == [(60 * number, float(number)) for number in (0, 2, 4, 7, 9)]

    async def test_the_range_is_half_open(self, place: Place) -> None:
        await place.put_line([0.0, 1.0, 2.0, 3.0])
        query = replace(place.query(), start=place.begin + MINUTE, stop=place.begin + 3 * MINUTE)
        assert await place.numbers(query) == [(60, 1.0), (120, 2.0)]
        assert await place.numbers(replace(query, stop=query.start)) == []

    async def test_a_series_goes_on_over_midnight(self, place: Place) -> None:
        values = [float(number) for number in range(40)]
        await place.put_line(values, step=timedelta(hours=1))
        assert await place.numbers() == [(3600 * number, number) for number in values]
        start = place.begin + timedelta(hours=20)
        query = replace(place.query(), start=start, stop=start + timedelta(hours=10))
        assert [number for _, number in await place.numbers(query)] == values[20:30]

    async def test_further_tags_narrow(self, place: Place) -> None:
        await place.write(
            place.samples(
                place.begin,
                *(({"ifName": name, "site": "x"}, {"value": float(number)}) for number, name in enumerate("abc")),
            )
        )
        assert [series.values for series in await place.read(ifName="b")] == [(1.0,)]
        assert len(await place.read(site="x")) == 3
        assert await place.read(site="x", ifName="z") == ()
        assert await place.read(nothing="b") == ()

    async def test_another_device_is_not_found(self, place: Place) -> None:
        await place.put_line([1.0])
        other = replace(place, device=f"{place.device}-2")
        await other.put_line([2.0])
        assert await place.numbers() == [(0, 1.0)]
        assert await other.numbers() == [(0, 2.0)]

    async def test_another_measurement_is_not_found(self, place: Place) -> None:
        await place.put_line([1.0])
        other = replace(place, measurement=f"{place.measurement}_2")
        assert await other.read() == ()

    async def test_series_come_and_go(self, place: Place) -> None:
        await place.write(place.samples(place.begin, ({"n": "a"}, {"value": 1.0}), ({"n": "b"}, {"value": 2.0})))
        await place.write(place.samples(place.begin + MINUTE, ({"n": "b"}, {"value": 3.0, "more": 4.0})))
        await place.write(place.samples(place.begin + 2 * MINUTE, ({"n": "c"}, {"value": 5.0, "more": 6.0})))
        found = await place.read("value", "more")
        assert [(series.tags["n"], series.field, series.values) for series in found] == [
            ("a", "value", (1.0,)),
            ("b", "more", (4.0,)),
            ("b", "value", (2.0, 3.0)),
            ("c", "more", (6.0,)),
            ("c", "value", (5.0,)),
        ]

    async def test_a_tag_without_a_value_is_no_tag(self, place: Place) -> None:
        await place.write(place.samples(place.begin, ({"ifDescr": "", "ifName": "a"}, {"value": 1.0})))
        (series,) = await place.read()
        assert series.tags == {"device": place.device, "ifName": "a"}

    async def test_what_devices_call_themselves_breaks_nothing(self, place: Place) -> None:
        names = ["a b", "a,b=c", 'quo"te', "日本", "'; DROP SERIES", "line\nend", "back\\slash", "tail\\", "\ud800x"]
        await place.write(
            place.samples(place.begin, *(({"n": name}, {"value": float(n)}) for n, name in enumerate(names)))
        )
        found = {series.values[0]: series.tags["n"] for series in await place.read()}
        # As docs/reference/series.md says: control characters become blanks, backslashes slashes.
        shown = ["a b", "a,b=c", 'quo"te', "日本", "'; DROP SERIES", "line end", "back/slash", "tail/", " x"]
        assert found == {float(number): name for number, name in enumerate(shown)}
        for number, name in enumerate(shown[:7]):
            assert [series.values for series in await place.read(n=name)] == [(float(number),)]

    @pytest.mark.parametrize(
        ("aggregate", "expected"),
        [
            ("mean", [(0, 2.0), (300, 5.0), (900, 9.0)]),
            ("min", [(0, 1.0), (300, 4.0), (900, 9.0)]),
            ("max", [(0, 3.0), (300, 6.0), (900, 9.0)]),
            ("last", [(0, 2.0), (300, 6.0), (900, 9.0)]),
        ],
    )
    async def test_a_step_makes_one_number(
        self, place: Place, aggregate: Aggregate, expected: list[tuple[float, float]]
    ) -> None:
        for second, value in ((10, 1.0), (20, 3.0), (299, 2.0), (300, 4.0), (400, 5.0), (599, 6.0), (1100, 9.0)):
            await place.put(place.begin + second * SECOND, value=value)
        query = replace(place.query(), step=5 * MINUTE, aggregates=(aggregate,))
        assert await place.numbers(query) == expected

    async def test_steps_begin_at_multiples_since_the_epoch(self, place: Place) -> None:
        await place.put_line([1.0, 2.0, 3.0, 4.0])
        step = 7 * MINUTE
        query = replace(place.query(), step=step, aggregates=("last",))
        (series,) = (await place.store.read(query)).series
        assert [at % (7 * 60_000) for at in series.times_ms] == [0] * len(series.times_ms)
        at_last = ms(place.begin + 3 * MINUTE)
        assert series.times_ms[-1] == at_last - at_last % (7 * 60_000)
        assert series.values[-1] == 4.0

    async def test_a_step_takes_only_what_is_in_the_range(self, place: Place) -> None:
        await place.put_line([1.0, 2.0, 3.0, 4.0])
        start, stop = place.begin + MINUTE, place.begin + 3 * MINUTE
        query = replace(place.query(), start=start, stop=stop, step=timedelta(hours=1))
        assert await place.numbers(query) == [(0, 2.5)]

    async def test_names_tell_series_and_fields(self, place: Place) -> None:
        await place.write(
            place.samples(place.begin, ({"ifName": "b"}, {"out": 1.0, "in": 2.0}), ({"ifName": "a"}, {"out": 1.0}))
        )
        other = replace(place, measurement=f"{place.measurement}_2")
        await other.put(place.begin, value=1.0)
        found = await place.store.names({"device": place.device})
        assert [(name.measurement, dict(name.tags)) for name in found] == [
            (place.measurement, {"device": place.device, "ifName": "a"}),
            (place.measurement, {"device": place.device, "ifName": "b"}),
            (other.measurement, {"device": place.device}),
        ]
        assert found[1].fields == ("in", "out")
        assert found[2].fields == ("value",)
        narrowed = await place.store.names({"device": place.device, "ifName": "b"})
        assert narrowed == (found[1],)

    async def test_many_series_in_one_batch(self, place: Place) -> None:
        rows = [({"n": f"{number:04}"}, {"value": number / 8, "other": -1.0}) for number in range(1500)]
        await place.write(place.samples(place.begin, *rows), place.samples(place.begin + MINUTE, *rows))
        found = await place.read()
        assert [series.values for series in found] == [(number / 8,) * 2 for number in range(1500)]

    async def test_writes_at_the_same_time_are_all_kept(self, place: Place) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(place.put(place.begin + number * SECOND, value=float(number)))
        assert await place.numbers() == [(number, float(number)) for number in range(20)]
