"""What rules compare numbers with: learned from a store, in the background, and forgotten in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.compiled import Rules
from alerts.rules.learning import baseline, slope
from alerts.rules.load import load_rules
from noc.app.learning import Learning, Wanted, wanted_by
from noc.clock import ManualClock
from noc.inventory.shipped import shipped
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.store.memory import MemoryStore

NOW = datetime(2026, 3, 30, 9, 20, tzinfo=UTC)
NOW_MS = to_ms(NOW)
SESSIONS = ("noc_sensor", "value")
HEAD = "kind: expression\nsummary: x\nseverity: minor\nfor: 0s\n"


def rules_of(folder: Path, text: str) -> Rules:
    (folder / "x.yaml").write_text(HEAD + text)
    rules, findings = load_rules([folder])
    assert [str(one) for one in findings] == []
    return Rules(rules.values())


async def store_of(times: list[datetime], value: Callable[[int], float]) -> MemoryStore:
    store = MemoryStore(100_000)
    for n, at in enumerate(times):
        table = Samples(
            measurement="noc_sensor",
            time=at,
            tag_keys=("device", "device_class", "kind", "index", "name", "oid"),
            field_keys=("value",),
            tags=(
                ("fw", "firewall", "count", "0", "sessions", "1.2"),
                ("sw", "switch", "count", "0", "sessions", "1.2"),
            ),
            values=((value(n),), (7.0,)),
        )
        await store.write(store.encode([table]))
    return store


async def test_the_same_hour_of_the_last_weeks(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "classes: [firewall]\ntags: {kind: count}\nwhen: deviation(noc_sensor.value) > 9\n")
    assert wanted_by(rules) == {Wanted("baseline", SESSIONS, (("device_class", "firewall"), ("kind", "count")))}
    begins = [NOW.replace(minute=0) - timedelta(weeks=week) for week in (1, 2, 3, 4)]
    times = sorted(begin + timedelta(minutes=5 * n) for begin in begins for n in range(-12, 24))
    store = await store_of(times, lambda n: 1_000.0 + n % 3)
    learning = Learning(store, lambda: rules, ManualClock(NOW))
    assert learning.baseline(SESSIONS, "fw", ("1.2",), NOW_MS) is None
    await learning.learn()
    assert learning.baseline(SESSIONS, "fw", ("1.2",), NOW_MS) == (1_001.0, pytest.approx(1.4826))
    assert learning.baseline(SESSIONS, "fw", ("1.2",), NOW_MS + 3_600_000) is not None  # the next hour is ready
    assert learning.baseline(SESSIONS, "fw", ("1.2",), NOW_MS + 7_200_000) is None
    assert learning.baseline(SESSIONS, "sw", ("1.2",), NOW_MS) is None  # no rule asks
    assert learning.series == 2


async def test_one_week_is_too_little(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "when: deviation(noc_sensor.value) > 9\n")
    store = await store_of([NOW - timedelta(weeks=1, minutes=n) for n in range(15, 0, -5)], lambda _: 1.0)
    learning = Learning(store, lambda: rules, ManualClock(NOW))
    await learning.learn()
    assert learning.series == 0


async def test_how_it_grows_and_what_nobody_asks_any_more(tmp_path: Path) -> None:
    rules = [rules_of(tmp_path, "when: until(noc_sensor.value, 100) < 7 d\n")]
    times = [NOW - timedelta(days=14) + timedelta(hours=12 * n) for n in range(28)]
    learning = Learning(await store_of(times, lambda n: 50.0 + n), lambda: rules[0], ManualClock(NOW))
    await learning.learn()
    assert learning.slope(SESSIONS, "fw", ("1.2",)) == pytest.approx(2 / 86_400)
    assert learning.slope(SESSIONS, "sw", ("1.2",)) == 0.0
    rules[0] = Rules()
    await learning.learn()
    assert learning.series == 0


def test_shipped_rules_ask_for_few_classes_only() -> None:
    asked = wanted_by(Rules(load_rules([shipped("rules")])[0].values()))
    assert {one.what for one in asked} == {"baseline", "slope"}
    assert all("device_class" in dict(one.where) for one in asked)


numbers = st.floats(-1e6, 1e6)


@given(st.lists(numbers, min_size=1, max_size=40))
def test_a_baseline_lies_among_its_numbers(values: list[float]) -> None:
    middle, spread = baseline(values)
    assert min(values) <= middle <= max(values)
    assert spread >= 0


def test_one_odd_number_changes_nothing() -> None:
    assert baseline([10.0] * 9 + [1e9]) == (10.0, 0.0)
    days = [86_400.0 * n for n in range(10)]
    assert slope(days, [float(n) for n in range(9)] + [1e9]) == pytest.approx(1 / 86_400)
    assert slope(days[:5], [1.0] * 5) is None
    assert slope([float(n) for n in range(10)], [1.0] * 10) is None
