"""Days that are over are rolled up, and answer for times whose numbers are gone; classes have lengths of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.model.samples import Samples
from noc.model.series import WHOLE, Aggregate, SeriesAnswer, SeriesQuery
from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded import query as queries
from noc.store.embedded.engine import Engine
from tests.unit.noc.store.embedded.rows import MEGABYTE, write

BEGIN = datetime(2026, 10, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POLLS = 3 * 144


def sample(number: int, device: str = "d", device_class: str = "router") -> Samples:
    """Return a poll, ten minutes after the one before; `even` is missing in odd ones, `third` is a fraction."""
    values = (float(number), None if number % 2 else 1.0, number / 3)
    tags = ((device, "s", device_class, "Gi0/1"),)
    keys = ("device", "site", "device_class", "ifName")
    return Samples("interface", BEGIN + 10 * number * MINUTE, keys, ("bps", "even", "third"), tags, (values,))


def filled(folder: Path, retention: Retention, devices: dict[str, str]) -> Engine:
    """Return an open store with three days of polls, as it is a day later."""
    engine = Engine(folder, retention, 64 * MEGABYTE)
    engine.open()
    for number in range(POLLS):
        at = floor_ms(BEGIN + 10 * number * MINUTE)
        write(engine, [sample(number, device, name) for device, name in devices.items()], at)
        if number % 20 == 0:
            later(engine, at)
    later(engine, floor_ms(BEGIN + 4 * DAY))
    return engine


def later(engine: Engine, now_ms: int) -> None:
    while engine.tick(now_ms) is not None:
        pass


def ask(
    engine: Engine, now: datetime, step: timedelta, *aggregates: Aggregate, field: str = "bps", device: str = "d"
) -> SeriesAnswer:
    query = SeriesQuery(
        "interface", (field,), {"device": device}, BEGIN, BEGIN + 3 * DAY, step, aggregates or ("mean",)
    )
    return queries.read(query, engine.source, now)


def by_begin(answer: SeriesAnswer) -> dict[datetime, float]:
    (one,) = answer.series
    return {datetime.fromtimestamp(at / 1000, UTC): value for at, value in zip(one.times_ms, one.values, strict=True)}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return filled(tmp_path_factory.mktemp("rolled"), Retention(), {"d": "router"})


@pytest.mark.parametrize(
    ("aggregate", "first"), [("mean", 2.5), ("min", 0.0), ("max", 5.0), ("last", 5.0), ("count", 6.0)]
)
def test_hours_are_worked_out_from_five_minutes(engine: Engine, aggregate: Aggregate, first: float) -> None:
    now = BEGIN + 4 * DAY
    answer = ask(engine, now, HOUR, aggregate)
    assert (answer.resolution, answer.step) == ("5m", HOUR)
    found = by_begin(answer)
    assert len(found) == 72
    grows = 0.0 if aggregate == "count" else 6.0
    assert found == {BEGIN + n * HOUR: first + grows * n for n in range(72)}


def test_steps_of_minutes_are_worked_out_from_five(engine: Engine) -> None:
    answer = ask(engine, BEGIN + 4 * DAY, 20 * MINUTE)
    assert answer.resolution == "5m"
    assert by_begin(answer) == {BEGIN + 20 * n * MINUTE: 2 * n + 0.5 for n in range(216)}


def test_fractions_and_gaps_are_as_they_were(engine: Engine) -> None:
    thirds = by_begin(ask(engine, BEGIN + 4 * DAY, HOUR, field="third"))
    assert list(thirds.values()) == pytest.approx([(6 * n + 2.5) / 3 for n in range(72)], rel=1e-12)
    counts = by_begin(ask(engine, BEGIN + 4 * DAY, HOUR, "count", field="even"))
    assert set(counts.values()) == {3.0}


def test_one_number_of_all_is_that_of_all(engine: Engine) -> None:
    assert by_begin(ask(engine, BEGIN + 4 * DAY, WHOLE)) == {BEGIN: (POLLS - 1) / 2}
    assert by_begin(ask(engine, BEGIN + 4 * DAY, WHOLE, "count")) == {BEGIN: float(POLLS)}


def test_late_numbers_are_in_roll_ups_before_and_after_they_are_cut(tmp_path: Path) -> None:
    engine = filled(tmp_path, Retention(), {"d": "router"})
    now = BEGIN + 4 * DAY + HOUR
    late = Samples(
        "interface",
        BEGIN + 5 * MINUTE,
        ("device", "site", "device_class", "ifName"),
        ("bps",),
        (("d", "s", "router", "Gi0/1"),),
        ((1000.0,),),
    )
    write(engine, [late], floor_ms(now))
    assert by_begin(ask(engine, now, HOUR, "max"))[BEGIN] == 1000.0
    for hours in (3, 10, 20):  # cut, merged again, rolled up again
        later(engine, floor_ms(now + hours * HOUR))
        answer = ask(engine, now, HOUR, "max", "count")
        assert answer.resolution == "5m"
        assert [one.values[0] for one in answer.series] == [1000.0, 7.0]
        assert [one.values[1] for one in answer.series] == [11.0, 6.0]
    assert engine.shelves.is_rolled(floor_ms(BEGIN) // 86_400_000, "1h")
    engine.close()


def test_when_numbers_are_gone_roll_ups_answer(tmp_path: Path) -> None:
    engine = filled(tmp_path, Retention(), {"d": "router"})
    for days, resolution in ((35, "5m"), (100, "1h"), (700, "1h")):
        now = BEGIN + days * DAY
        later(engine, floor_ms(now))
        answer = ask(engine, now, 20 * MINUTE)
        assert answer.resolution == resolution
        assert sum(by_begin(ask(engine, now, HOUR, "count")).values()) == POLLS
        assert not engine.shelves.raw.all()
    assert [name.fields for name in _names(engine)] == [("bps", "even", "third")]
    later(engine, floor_ms(BEGIN + 800 * DAY))
    assert not list(tmp_path.rglob("*.db"))
    engine.close()


def _names(engine: Engine) -> list[object]:
    return list(queries.reading.names({"device": "d"}, engine.source))


def test_a_class_is_kept_as_long_as_it_says(tmp_path: Path) -> None:
    retention = Retention.model_validate_json(
        '{"raw": "20d", "five_minutes": "40d", "classes": {"switch": {"raw": "5d", "five_minutes": "10d"}}}'
    )
    engine = filled(tmp_path, retention, {"d": "router", "e": "switch"})
    assert sum(by_begin(ask(engine, BEGIN + 4 * DAY, HOUR, "count", device="e")).values()) == POLLS
    for day in (9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19):
        for hour in range(0, 24, 4):
            later(engine, floor_ms(BEGIN + day * DAY + hour * HOUR))
    raw, five = engine.shelves.raw, engine.shelves.five
    assert len(raw.all()) == len(five.all()) == 3
    for shelf in (raw, five):
        files = [shelf.current(number) for number in shelf.all()]
        assert [file.classes() for file in files if file is not None] == [{"router"}] * 3
    now = BEGIN + 19 * DAY
    assert sum(by_begin(ask(engine, now, HOUR, "count")).values()) == POLLS
    assert sum(by_begin(ask(engine, now, HOUR, "count", device="e")).values()) == POLLS  # of hours
    engine.close()
