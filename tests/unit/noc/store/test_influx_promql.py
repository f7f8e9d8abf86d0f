"""PromQL: whatever a name holds, a selector keeps its shape; names of metrics are taken apart again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.store.influx.promql import (
    MEASUREMENTS,
    measurement_of,
    metric_name,
    names_of,
    over_time,
    selector,
    tags_of,
)
from noc.wire.lineprotocol import kept

HOSTILE = st.text() | st.text(alphabet="\\'\",;={}[]()|~!. \n\t\0ab$é")
VISIBLE = HOSTILE.filter(lambda text: bool(kept(text).strip(" ")))
SERIES = Path(__file__).parents[4] / "docs/reference/series.md"


@given(VISIBLE, VISIBLE)
def test_no_text_ends_its_quotes(key: str, value: str) -> None:
    chosen = selector({"device": value, f"k {key}": value})
    assert chosen is not None
    quoted = chosen.text.removeprefix("{device=").removesuffix("}")
    assert json.loads(quoted) == kept(value)
    assert chosen.others == {kept(f"k {key}"): kept(value)}
    assert chosen.takes({kept(f"k {key}"): kept(value)})
    assert not chosen.takes({kept(f"k {key}"): f"{kept(value)}x"})


@given(VISIBLE)
def test_a_metric_matches_itself_alone(field: str) -> None:
    name = metric_name("interface", field)
    chosen = selector({}, [name])
    assert chosen is not None
    pattern = re.compile(json.loads(chosen.text.removeprefix("{__name__=~").removesuffix("}")))
    assert pattern.fullmatch(name)
    assert not pattern.fullmatch(f"{name}x")


@pytest.mark.parametrize("where", [{"n": ""}, {"n": " \n"}, {"__name__": "x"}])
def test_what_nothing_can_carry_is_not_asked(where: dict[str, str]) -> None:
    assert selector(where) is None


def test_an_expression_for_a_window() -> None:
    chosen = selector({"device": "d"}, ["ping_jitter_ms"])
    assert chosen is not None
    assert over_time("avg", chosen, 300_000) == (
        'avg_over_time({__name__=~"ping_jitter_ms",device="d"}[300000ms]) keep_metric_names'
    )
    assert selector({}) is not None


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("interface_in_bps", ("interface", "in_bps")),
        ("noc_sensor_value", ("noc_sensor", "value")),
        ("snmp_uptime_s", ("snmp", "uptime_s")),
        ("noc_ssh_session_s", ("noc_ssh", "session_s")),
        ("cpu_usage_idle", ("cpu", "usage_idle")),
        ("plain", ("plain", "")),
    ],
)
def test_a_name_is_taken_apart(metric: str, expected: tuple[str, str]) -> None:
    assert measurement_of(metric) == expected


def test_the_measurements_are_those_of_the_reference() -> None:
    written = re.findall(r"^### ([a-z0-9_]+)$", SERIES.read_text(), re.MULTILINE)
    assert sorted({*written, "noc_canary", "noc_liveness"}) == sorted(MEASUREMENTS)


def test_fields_of_one_series_stand_together() -> None:
    listed = [{"__name__": f"ping_{name}", "device": "d", "url": "x"} for name in ("jitter_ms", "average_response_ms")]
    (name,) = names_of(listed)
    assert (name.measurement, name.tags, name.fields) == (
        "ping",
        {"device": "d", "url": "x"},
        ("average_response_ms", "jitter_ms"),
    )
    assert tags_of({"__name__": "x", "b": "2", "a": "1", "c": ""}) == {"a": "1", "b": "2"}
