"""The language of conditions: what it means, and where it says that something is wrong."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rules.language.compile import compiled
from alerts.rules.language.parse import parse
from alerts.rules.language.scene import Key, Question, Scene
from alerts.rules.language.shown import shown
from alerts.rules.language.tokens import ExpressionError
from tests.examples import at_least

MINUTE = 60_000


def truth(when: str, **tables: list[dict[str, float | str | None]]) -> bool | None:
    """Return what a condition says of an entity with these tables."""
    program = compiled(when, None, {})
    rows = {
        name: [tuple(row.get(column) for column in program.columns[name]) for row in table]
        for name, table in tables.items()
        if name in program.columns
    }
    scene = Scene("d", tables=rows)
    if program.rows_of:
        scene.row = rows[program.rows_of][0]
    return program.when(scene)


@pytest.mark.parametrize(
    ("when", "row", "wanted"),
    [
        ("interface.in_pct >= 80 percent", {"in_pct": 80.0}, True),
        ("interface.in_pct > 80 %", {"in_pct": 80.0}, False),
        ("interface.in_pct > 80 %", {"in_pct": None}, None),
        ("interface.in_bps > 2 Mbps", {"in_bps": 2_000_001.0}, True),
        ("interface.ifHighSpeed < 1 Gbps", {"ifHighSpeed": 999.0}, True),
        ("interface.in_bps / interface.out_bps > 3", {"in_bps": 10.0, "out_bps": 3.0}, True),
        ("interface.in_bps / interface.out_bps > 3", {"in_bps": 10.0, "out_bps": 0.0}, None),
        ("interface.in_errors_ps > 60 packets/min", {"in_errors_ps": 1.5}, True),
        ('interface.ifName like "Gi*" and interface.in_pct > 0', {"ifName": "Gi0/1", "in_pct": 1.0}, True),
        ('interface.ifName == "Gi0/2" or interface.in_pct > 0 %', {"ifName": "Gi0/1", "in_pct": 1.0}, True),
        ("not interface.in_pct > 80 %", {"in_pct": 90.0}, False),
        ("not not interface.in_pct > 80 %", {"in_pct": 90.0}, True),
        ("abs(interface.in_pct - interface.out_pct) >= 5 %", {"in_pct": 10.0, "out_pct": 15.0}, True),
        ("interface.in_pct - 10 % * 2 > -11 %", {"in_pct": 10.0}, True),
        ("interface.in_pct > 80 % and interface.out_pct > 80 %", {"in_pct": 10.0, "out_pct": None}, False),
        ("interface.in_pct > 80 % or interface.out_pct > 80 %", {"in_pct": 90.0, "out_pct": None}, True),
        ("interface.in_pct > 80 % or interface.out_pct > 80 %", {"in_pct": 10.0, "out_pct": None}, None),
    ],
)
def test_conditions_of_a_row(when: str, row: dict[str, float | str | None], wanted: bool | None) -> None:
    assert truth(when, interface=[row]) is wanted


PEERS = [{"state": 6.0, "vrf": ""}, {"state": 1.0, "vrf": ""}, {"state": None, "vrf": "x"}, {"state": 2.0, "vrf": "x"}]


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("count(noc_bgp_peer where state < 6) >= 2", True),
        ("count(noc_bgp_peer where state < 6) >= 3", False),
        ("count(noc_bgp_peer where state < 6) / count(noc_bgp_peer) >= 0.5", True),
        ('count(noc_bgp_peer where vrf == "x" and state < 6) == 1', True),
        ("min(noc_bgp_peer.state) == 1", True),
        ("max(noc_bgp_peer.state) - min(noc_bgp_peer.state) == 5", True),
        ("mean(noc_bgp_peer.state) == 3", True),
        ("sum(noc_bgp_peer.state where state < 6) == 3", True),
        ("max(noc_bgp_peer.state where state > 6) > 0", None),
        ("max(noc_processor.usage_pct) > 3 %", None),
        ("count(noc_processor) > 3", None),
    ],
)
def test_numbers_of_many_rows(when: str, wanted: bool | None) -> None:
    assert truth(when, noc_bgp_peer=PEERS) is wanted


@pytest.mark.parametrize(
    ("when", "at", "message"),
    [
        ("interface.in_pct > 80", 0, "percent is compared with a plain number: write the unit behind the number"),
        ("interface.in_pct > 80 seconds", 0, "percent is compared with time"),
        ("interface.in_pct > 80 pct", 22, "unknown unit 'pct' (did you mean"),
        ("interface.in_pct = 80 %", 17, "'=' means nothing here: equal is written =="),
        ("interface.in_pct > 80 % && 1 > 0", 24, "'&' means nothing here: write and, or, not"),
        ("interface.inpct > 80 %", 0, "'interface' has no field 'inpct' (did you mean 'in_pct'?)"),
        ("interfaces.in_pct > 80 %", 0, "there is no measurement 'interfaces' (did you mean 'interface'?)"),
        ("in_pct > 80 %", 0, "of which measurement is 'in_pct'?"),
        ("(interface.in_pct > 80 %", 24, "')' is wanted, not the end"),
        ("interface.in_pct > 80 % 3", 24, "the expression should end"),
        ("interface.in_pct", 0, "a condition is wanted"),
        ("80 % < interface.in_pct < 90 %", 24, "comparisons are not chained"),
        ("noc_bgp_peer.state < 6 and interface.in_pct > 3 %", 27, "max(interface.in_pct)"),
        ("average(noc_processor.usage_pct) > 3 %", 0, "there is no function 'average'"),
        ("count(interface.in_pct) > 3", 0, "count() takes rows"),
        ("max(interface) > 3", 0, "max() takes a field"),
        ("max(interface.in_pct where max(interface.in_pct) > 3 %) > 3 %", 27, "inside of max() means nothing"),
        ("change(interface.in_pct, 10) > 3 %", 25, "a time is wanted here"),
        ("change(interface.in_pct, 30 d) > 3 %", 25, "at most a day"),
        ("change(interface.in_pct) > 3 %", 0, "change() takes 2 things"),
        ("rate(interface.in_pct, 1 h) > 3 %", 0, "percent/time is compared with percent"),
        ("absent(interface.ifName, 1 h)", 7, "is a tag"),
        ("forecast(interface.in_pct, 7 %) > 3 %", 0, "takes a field and a time"),
        ("until(interface.in_pct, 7 d) > 3 d", 0, "a limit in percent"),
        ("deviation(interface.in_pct) > 3 %", 0, "a plain number is compared with percent"),
        ("interface.in_pct + interface.in_bps > 3 %", 0, "can't be added"),
        ("interface.in_pct * interface.in_bps > 3 %", 0, "can't be multiplied by"),
        ('interface.ifName > "x"', 0, "texts are compared by"),
        ("interface.ifName == 3", 0, "a number is compared with a number"),
        ('"x', 0, "the text is not closed"),
        ("1 < 2", 0, "no field of any measurement"),
        ("(" * 40 + "interface.in_pct > 80 %" + ")" * 40, 30, "nested deeper"),
        ("interface.in_pct > 80 %" + " " * 1000, 1000, "longer than"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(when: str, at: int, message: str) -> None:
    with pytest.raises(ExpressionError) as wrong:
        compiled(when, None, {})
    assert message in str(wrong.value)
    assert wrong.value.at == at


def test_a_sensor_has_the_unit_of_its_kind() -> None:
    compiled("noc_sensor.value > 40 C", None, {"kind": "temperature"})
    compiled('max(noc_sensor.value where kind == "charge") < 40 %', None, {})
    with pytest.raises(ExpressionError, match="celsius is compared with percent"):
        compiled("noc_sensor.value > 40 %", None, {"kind": "temperature"})


def test_change_and_rate_look_a_window_back() -> None:
    program = compiled("change(noc_poll.unread_s, 10 min) > 5 min", None, {})
    rate = compiled("rate(noc_poll.unread_s, 10 min) > 0.4", None, {})
    assert program.keeps
    scenes, found, rates = (Scene("d"), Scene("d")), [], []
    for minute, value in [(0, 0.0), (5, 0.0), (10, 301.0), (15, 301.0), (20, 301.0), (50, 900.0), (55, 900.0)]:
        for scene in scenes:
            scene.now_ms = minute * MINUTE
            scene.tables = {"noc_poll": [(value,)]}
        found.append(program.when(scenes[0]))
        rates.append(rate.when(scenes[1]))
    assert found == [None, None, True, True, False, None, None]  # a gap longer than twice the window is no change
    assert rates == [None, None, True, True, False, None, None]


def test_absence_is_known_of_what_was_told_before() -> None:
    program = compiled("absent(noc_satellite.es_n0_db, 15 min)", None, {})
    scene = Scene("d", now_ms=20 * MINUTE)
    assert program.when(scene) is None
    scene.seen["noc_satellite", "es_n0_db"] = 6 * MINUTE
    assert program.when(scene) is False
    scene.now_ms = 21 * MINUTE
    assert program.when(scene) is True


class _Known:
    """Two things that the store says: of peers' prefixes 100 with a spread of 4, and 2 more a second."""

    def baseline(self, question: Question, entity: str, key: Key, at_ms: int) -> tuple[float, float] | None:
        return (100.0, 4.0) if (question[1], entity, key, at_ms) == ("unread_s", "d", (), 0) else None

    def slope(self, question: Question, entity: str, key: Key) -> float | None:
        return 2.0 if (question[1], entity, key) == ("unread_s", "d", ()) else None


@pytest.mark.parametrize(
    ("when", "value", "wanted"),
    [
        ("deviation(noc_poll.unread_s) >= 4", 120.0, True),  # the spread is 5 % of the median at least
        ("deviation(noc_poll.unread_s) >= 4", 119.0, False),
        ("noc_poll.unread_s > baseline(noc_poll.unread_s) + 3 * spread(noc_poll.unread_s)", 116.0, True),
        ("forecast(noc_poll.unread_s, 1 min) >= 240 s", 120.0, True),
        ("until(noc_poll.unread_s, 3 min) <= 30 s", 120.0, True),
        ("until(noc_poll.unread_s, 3 min) <= 30 s", 119.0, False),
        ("until(noc_poll.unread_s, 0) <= 30 s", 119.0, False),  # it goes the other way
        ("deviation(noc_poll.result_code) >= 4", 120.0, None),
        ("deviation(noc_poll.unread_s) >= 4", None, None),
    ],
)
def test_what_the_store_has_learned(when: str, value: float | None, wanted: bool | None) -> None:
    program = compiled(when, None, {})
    assert program.learns
    scene = Scene("d", _Known(), tables={"noc_poll": [(value, value)]})
    assert program.when(scene) is wanted


numbers = st.floats(0, 1000).map(lambda value: f"{round(value, 3):f}".rstrip("0").rstrip("."))
fields = st.sampled_from(["interface.in_pct", "interface.out_pct"])
sums = st.recursive(
    fields | numbers.map(lambda text: f"{text} percent"),
    lambda inner: st.tuples(inner, st.sampled_from("+-"), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=5,
)
comparisons = st.tuples(sums, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), sums).map(" ".join)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})")
        | inner.map(lambda text: f"not ({text})")
    ),
    max_leaves=6,
)


@at_least(150)
@given(conditions, st.floats(0, 100), st.floats(0, 100))
def test_it_means_what_python_means(text: str, one: float, other: float) -> None:
    """Numbers are written with few digits, so that both read them alike."""
    python = text.replace("interface.in_pct", "one").replace("interface.out_pct", "other").replace(" percent", "")
    wanted = eval(python, {"one": one, "other": other})  # noqa: S307 of our own making, in a test
    if "one" in python or "other" in python:
        assert truth(text, interface=[{"in_pct": one, "out_pct": other}]) is wanted


@at_least(150)
@given(conditions)
def test_what_is_shown_reads_as_the_same(text: str) -> None:
    again = shown(parse(text))
    assert shown(parse(again)) == again


def place_of_error(text: str) -> int:
    """Return where an expression is wrong; 0 where it is right."""
    try:
        compiled(text, None, {})
    except ExpressionError as error:
        return error.at
    return 0


@at_least(300)
@given(st.text(alphabet="abcin_pt.()<>=!+-*/%'\" 0123456789where,&", max_size=60))
def test_whatever_is_written_is_an_expression_or_an_error_with_its_place(text: str) -> None:
    assert 0 <= place_of_error(text) <= len(text)


def test_what_never_comes_to_a_limit_is_far_away() -> None:
    program = compiled("until(noc_poll.unread_s, 3 min) > 9999 d", None, {})
    assert program.headline is not None
    scene = Scene("d", _Known(), tables={"noc_poll": [(500.0,)]})
    assert program.headline.value(scene) == math.inf
