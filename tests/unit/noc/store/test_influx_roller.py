"""Roll-ups for a server: what a body says of hours, what rows become, what is kept over a restart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from noc.model.samples import Samples
from noc.store.influx.influxql import Row
from noc.store.influx.roller import EVERYONE, noted, rolled
from noc.wire.bodies import encode_lines

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT_MS = 1_795_262_400_000
HOUR_MS = 3_600_000


def test_a_body_tells_devices_and_hours() -> None:
    names = ("a", "b,c=d e", 'x,device="y')
    batch = [
        Samples(
            "m,device=no",
            AT + minutes * timedelta(minutes=1),
            ("n", "device"),
            ("v",),
            ((",device=z", name),),
            ((1.0,),),
        )
        for name in names
        for minutes in (0, 59, 60)
    ]
    assert noted(encode_lines(batch), AT_MS + HOUR_MS) == {
        *((name, AT_MS) for name in names),
        (EVERYONE, AT_MS + HOUR_MS),
    }
    assert noted(encode_lines(batch), AT_MS) == {(EVERYONE, AT_MS), (EVERYONE, AT_MS + HOUR_MS)}
    assert noted(encode_lines(batch), 2 * AT_MS) == {(name, AT_MS + hour) for name in names for hour in (0, HOUR_MS)}
    assert noted(encode_lines([Samples("m", AT, ("site",), ("v",), (("x",),), ((1.0,),))]), 2 * AT_MS) == set()


def test_rows_become_steps_with_five_numbers_a_field() -> None:
    values: list[list[object]] = [
        [AT_MS, 1, None, "text"],
        [AT_MS + 60_000, 3.0, None, None],
        [AT_MS + 300_000, 5.0, 7.0, None],
    ]
    row = Row(name="m", tags={"device": "d", "n": ""}, columns=["time", "a", "b", "t"], values=values)
    first, second = rolled([row], "5m")
    assert (first.time, first.tag_keys, first.tags) == (AT, ("device",), (("d",),))
    lines = encode_lines([first, second])
    assert noted(lines, 2 * AT_MS) == {("d", AT_MS)}
    found = [
        {key: value for key, value in zip(one.field_keys, one.values[0], strict=True) if value == value}
        for one in (first, second)
    ]
    assert found[0] == {"a_min": 1.0, "a_max": 3.0, "a_mean": 2.0, "a_last": 3.0, "a_count": 2.0}
    assert found[1] == {
        "a_min": 5.0,
        "a_max": 5.0,
        "a_mean": 5.0,
        "a_last": 5.0,
        "a_count": 1.0,
        "b_min": 7.0,
        "b_max": 7.0,
        "b_mean": 7.0,
        "b_last": 7.0,
        "b_count": 1.0,
    }
    (hour,) = rolled([row], "1h")
    assert dict(zip(hour.field_keys, hour.values[0], strict=True))["a_mean"] == 3.0
    assert rolled([Row(name="m", columns=["time", "t"], values=[[AT_MS, "x"]])], "5m") == []
