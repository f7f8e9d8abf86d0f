"""Time series: names, numbers, and bounds."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from noc.api import _seriesasked
from noc.model.samples import Samples
from tests.stores import put
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import NOW, House

HERE = {"device": "nbo-rtr-1", "site": "nairobi"}


@pytest.fixture
async def filled(house: House) -> House:
    for minute in range(60):
        at = NOW - timedelta(minutes=minute)
        rows = [({**HERE, "ifName": name}, {"in_bps": float(minute), "out_bps": 2.0}) for name in ("Gi0/0", "Gi0/1")]
        await put(house.store, [samples("interface", at, *rows), samples("ping", at, (HERE, {"loss_pct": 0.0}))])
    return house


Row = tuple[dict[str, str], dict[str, float]]


def samples(measurement: str, at: datetime, *rows: Row) -> Samples:
    tags, values = rows[0]
    return Samples(
        measurement,
        at,
        tuple(tags),
        tuple(values),
        tuple(tuple(row[0].values()) for row in rows),
        tuple(tuple(row[1].values()) for row in rows),
    )


INTERFACE = "/series?device=nbo-rtr-1&measurement=interface"


async def test_names_are_listed_page_by_page(filled: House) -> None:
    for limit in (1, 100):
        names = await whole(filled, "/series/names?device=nbo-rtr-1", limit)
        assert [(name["measurement"], name["tags"].get("ifName"), name["fields"]) for name in names] == [
            ("interface", "Gi0/0", ["in_bps", "out_bps"]),
            ("interface", "Gi0/1", ["in_bps", "out_bps"]),
            ("ping", None, ["loss_pct"]),
        ]
    assert await whole(filled, "/series/names?device=bds-rtr-1", 1) == []


async def test_numbers_as_they_were_stored(filled: House) -> None:
    answer = await get(filled, f"{INTERFACE}&field=in_bps&tag.ifName=Gi0/1&from=now-2m")
    assert (answer["start"], answer["end"], answer["step_s"]) == ("2026-03-01T11:58:00Z", "2026-03-01T12:00:00Z", None)
    (series,) = answer["items"]
    assert series["tags"] == {**HERE, "ifName": "Gi0/1"}
    assert (series["field"], series["values"]) == ("in_bps", [2.0, 1.0])
    assert series["times_ms"] == [1772366280000, 1772366340000]


async def test_numbers_in_steps(filled: House) -> None:
    query = f"{INTERFACE}&field=in_bps&field=out_bps&tag.ifName=Gi0/0&from=2026-03-01T11:30:00Z&step=10m"
    answer = await get(filled, f"{query}&aggregate=max")
    assert [(series["field"], series["values"]) for series in answer["items"]] == [
        ("in_bps", [30.0, 20.0, 10.0]),
        ("out_bps", [2.0, 2.0, 2.0]),
    ]
    assert answer["step_s"] == 600
    assert (await get(filled, query))["items"][0]["values"] == [25.5, 15.5, 5.5]


async def test_what_has_no_numbers_is_empty(filled: House) -> None:
    for query in (f"{INTERFACE}&field=in_pct", f"{INTERFACE}&field=in_bps&tag.ifName=none"):
        assert (await get(filled, query))["items"] == []


async def test_too_many_numbers_are_refused_with_a_step_that_fits(
    filled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_seriesasked, "POINTS_AT_MOST", 50)
    query = f"{INTERFACE}&field=in_bps&from=now-1h"
    assert "118 numbers are more than the 50 of one answer; raise step, to 5m or more" in await refused(
        filled, query, "/query/step"
    )
    assert "raise step, to 5m or more" in await refused(filled, f"{query}&step=1m", "/query/step")
    assert [len(series["values"]) for series in (await get(filled, f"{query}&step=5m"))["items"]] == [12, 12]
    assert len((await get(filled, f"{query}&step=2m&tag.ifName=Gi0/0"))["items"]) == 1


async def test_a_bound_holds_before_anything_is_read(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(_: object) -> tuple[()]:
        raise AssertionError("read")

    monkeypatch.setattr(filled.store, "read", read)
    query = f"{INTERFACE}&field=in_bps&from=2016-03-02T00:00:00Z&step=1s"
    assert "raise step, to" in await refused(filled, query, "/query/step")


async def test_what_a_chart_asks_is_read_without_listing_the_series(
    filled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def names(_: object) -> tuple[()]:
        raise AssertionError("listed")

    chart = f"{INTERFACE}&field=in_bps&field=out_bps&from=now-30d&step=2h&aggregate=mean&aggregate=min&aggregate=max"
    expected = await get(filled, chart)
    monkeypatch.setattr(filled.store, "names", names)
    assert await get(filled, chart) == expected
    assert len(expected["items"]) == 12


WRONG = [
    ("", "/query/device"),
    ("device=nbo-rtr-1", "/query/field"),
    ("device=nbo-rtr-1&field=x", "/query/measurement"),
    ("device=nbo-rtr-1&measurement=m&field=", "/query/field"),
    ("device=nbo-rtr-1&measurement=m" + "&field=x" * 21, "/query/field"),
    ("device=nbo-rtr-1&measurement=m&field=x&from=now", "/query/from"),
    ("device=nbo-rtr-1&measurement=m&field=x&from=now-1h&to=now-2h", "/query/from"),
    ("device=nbo-rtr-1&measurement=m&field=x&from=now-25h", "/query/step"),
    ("device=nbo-rtr-1&measurement=m&field=x&step=0s", "/query/step"),
    ("device=nbo-rtr-1&measurement=m&field=x&step=10ms", "/query/step"),
    ("device=nbo-rtr-1&measurement=m&field=x&step=5", "/query/step"),
    ("device=nbo-rtr-1&measurement=m&field=x&aggregate=sum", "/query/aggregate"),
    ("device=nbo-rtr-1&measurement=m&field=x&aggregate=max", "/query/step"),
    ("device=nbo-rtr-1&measurement=m&field=x&aggregate=p95&step=7m", "/query/step"),
    ("device=nbo-rtr-1&measurement=m&field=x&from=now-3650d&to=2027-12-01T00:00:00Z&step=1d", "/query/from"),
    ("device=nbo-rtr-1&measurement=interfaces&field=x", "/query/measurement"),
    ("device=nbo-rtr-1&measurement=interface&field=in_bsp", "/query/field"),
    ("device=nbo-rtr-1&measurement=interface&field=%F0%9F", "/query/field"),
    ("class=modem&measurement=interface&field=x", "/query/class"),
    ("device=nbo-rtr-1&measurement=interface&field=in_bps&format=xml", "/query/format"),
    ("device=nbo-rtr-1&measurement=interface&field=in_bps&format=csv&format=json", "/query/format"),
    ("device=nbo-rtr-1&measurement=m&field=x&tag.ifName=", "/query/tag.ifName"),
    ("device=nbo-rtr-1&measurement=m&field=x&tag.a=%0Ab", "/query/tag.a"),
    ("device=nbo-rtr-1&measurement=m&field=x&tag.a=%5C", "/query/tag.a"),
    ("device=nbo-rtr-1&measurement=m&field=x&tags.a=b", "/query/tags.a"),
]


async def test_what_is_wrong_is_named(house: House) -> None:
    for query, pointer in WRONG:
        assert await refused(house, f"/series?{query}", pointer), query


async def test_nobody_asks_for_another_device_by_a_tag(filled: House) -> None:
    query = INTERFACE.replace("nbo-rtr-1", "bds-rtr-1")
    assert "parameter `device`" in await refused(
        filled, f"{query}&field=in_bps&tag.device=nbo-rtr-1", "/query/tag.device"
    )
    assert "no device" in await refused(filled, "/series?device=none&measurement=m&field=x", "/query/device")
