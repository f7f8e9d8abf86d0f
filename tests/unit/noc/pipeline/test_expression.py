"""Expressions over an agent's answer: what they give, and that no answer makes them raise."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.compiled import (
    Arithmetic,
    Condition,
    Expression,
    Find,
    First,
    IndexPart,
    IndexValue,
    Lookup,
    Modified,
    Object,
    Profile,
    Table,
    Text,
    Total,
    Value,
)
from noc.model.reading import Index, Raw, SnmpAnswer
from noc.model.snapshot import Scalar
from noc.pipeline.expression import Scope, evaluate, holds, oid_of, row_index, rows

HEAT = Object("heat", "1.3.1", "integer")
LABEL = Object("label", "1.3.2", "string")
NAME = Object("name", "1.3.3.1.1", "string", "things")
LOAD = Object("load", "1.3.3.1.2", "number", "things")
PART = Object("part", "1.3.3.1.3", "integer", "things")
OTHER = Object("other", "1.3.4.1.1", "string", "others")
PORTS = Object("ports", "1.3.4.1.2", "integer", "others")
THINGS = Table("things", "1.3.3.1", (IndexPart("thing", "integer"),), (NAME,), (NAME, LOAD, PART))
OTHERS = Table("others", "1.3.4.1", (IndexPart("address", "ip"), IndexPart("port", "integer")), (OTHER,), (OTHER,))
PROFILE = Profile("p", "P", (), {}, (HEAT, LABEL), (THINGS, OTHERS))
ANSWER = SnmpAnswer(
    "p",
    {"heat": 65, "label": b"v1.2 of 2020"},
    {
        "things": {(2,): {"name": b"two", "load": b"12.5 %"}, (1,): {"name": b"", "load": 5, "part": 2}},
        "others": {
            (10, 0, 0, 1, 179): {"other": b"peer", "ports": 7},
            (10, 0, 0, 1, 646): {"ports": 2},
            (10, 0, 0, 2, 179): {"other": b"mute"},
            (11, 0, 0, 1, 179): {"ports": 40},
        },
    },
)
SCALAR = Scope(PROFILE, ANSWER)
ONE, TWO = Scope(PROFILE, ANSWER, "things", (1,)), Scope(PROFILE, ANSWER, "things", (2,))
PEER = Scope(PROFILE, ANSWER, "others", (10, 0, 0, 1, 179))
MISSING = Value(Object("missing", "1.3.9", "integer"))


@pytest.mark.parametrize(
    ("expression", "scope", "value"),
    [
        (Value(HEAT), SCALAR, 65),
        (Value(HEAT), ONE, 65),  # scalars are seen from every row
        (Value(NAME), TWO, "two"),
        (Value(PART), TWO, None),
        (Value(OTHER), TWO, None),
        (MISSING, SCALAR, None),
        (IndexValue(0), TWO, 2),
        (IndexValue(None), PEER, "10.0.0.1.179"),
        (IndexValue(0), PEER, "10.0.0.1"),
        (IndexValue(1), PEER, 179),
        (IndexValue(2), PEER, None),
        (IndexValue(0), SCALAR, None),
        (Text(("Fan ", IndexValue(0), " of ", Value(HEAT))), TWO, "Fan 2 of 65"),
        (Text(("HSRP ", MISSING)), SCALAR, "HSRP"),
        (First((Value(NAME), Text(("thing ", IndexValue(0))))), TWO, "two"),
        (First((Value(NAME), Text(("thing ", IndexValue(0))))), ONE, "thing 1"),
        (First((MISSING, MISSING)), SCALAR, None),
        (First((Text(("0",)), Value(HEAT))), SCALAR, "0"),
        (Arithmetic("sum", (Value(LOAD), Value(HEAT))), TWO, 77.5),
        (Arithmetic("sum", (Value(LOAD), MISSING)), TWO, None),
        (Total(PORTS, Text(("10.0.0",))), TWO, 9),  # of the rows under it, those that have a number
        (Total(PORTS, Text(("10.0.0.2",))), TWO, None),
        (Total(PORTS, Text(("10.0",))), SCALAR, 9),
        (Total(PORTS, Text(("all",))), TWO, None),
        (Total(PORTS, MISSING), TWO, None),
        (Total(HEAT, Text(("10",))), TWO, None),
        (Arithmetic("quotient", (Value(HEAT), Value(HEAT))), SCALAR, 1),
        (Arithmetic("sum", (Value(NAME), Value(HEAT))), TWO, None),
        (Lookup(NAME, Value(PART)), ONE, "two"),
        (Lookup(NAME, Value(PART)), TWO, None),
        (Lookup(OTHER, Text(("10.0.0.1.179",))), SCALAR, "peer"),
        (Lookup(NAME, Text(("no index",))), SCALAR, None),
        (Lookup(HEAT, Text(("1",))), SCALAR, None),
        (Find(NAME, (Condition(Value(LOAD), frozenset({"12.5"}), negated=False),)), SCALAR, "two"),
        (Find(NAME, ()), SCALAR, "two"),  # the first row that has something
        (Find(NAME, (Condition(Value(LOAD), frozenset({"7"}), negated=False),)), SCALAR, None),
    ],
)
def test_an_expression_gives_what_the_answer_holds(expression: Expression, scope: Scope, value: Scalar) -> None:
    assert evaluate(expression, scope) == value


@pytest.mark.parametrize(
    ("step", "value"),
    [
        (Modified(Value(HEAT), scale=0.1), 6.5),
        (Modified(Value(HEAT), scale=0.001, decibels=True), -11.87),
        (Modified(Value(HEAT), scale=-1, decibels=True), None),
        (Modified(Value(HEAT), scale=-0.1, offset=1.0), -5.5),
        (Modified(Value(HEAT), offset=-32), 33),
        (Modified(Value(HEAT), skip=frozenset({"65"})), None),
        (Modified(Value(HEAT), skip=frozenset({"0"}), scale=2), 130),
        (Modified(Value(HEAT), mapping={"65": "hot"}), "hot"),
        (Modified(Value(HEAT), mapping={"65": False}), False),
        (Modified(Value(HEAT), mapping={"1": "cold"}), None),
        (Modified(Value(HEAT), mapping={"1": "cold"}, otherwise="warm"), "warm"),
        (Modified(Value(HEAT), mapping={}, otherwise=False), False),
        (Modified(Value(HEAT), mapping={"65": "n/a"}, skip=frozenset({"n/a"})), None),
        (Modified(Value(LABEL), re.compile(r"v(\S+)")), "1.2"),
        (Modified(Value(LABEL), re.compile(r"v(\S+)"), scale=10), 12),
        (Modified(Value(LABEL), re.compile(r"w(\S+)")), None),
        (Modified(Value(LABEL), replace=((re.compile("of"), "in"), (re.compile(r"^v(\d)"), r"\1!"))), "1!.2 in 2020"),
        (Modified(Value(HEAT), replace=((re.compile("6"), ""),), mapping={"5": "five"}), "five"),
        (Modified(MISSING, replace=((re.compile("^"), "x"),)), None),
        (Modified(Value(LABEL), re.compile(r"v|(w)")), None),
        (Modified(Value(LABEL), re.compile(r"w(\S+)"), mapping={}, otherwise="x"), None),
        (Modified(Value(LABEL), scale=2), None),
        (Modified(Value(HEAT), scale=2, where=(Condition(Value(LABEL), frozenset({"v2"}), True),)), 130),
        (Modified(Value(HEAT), where=(Condition(Value(HEAT), frozenset({"65"}), False),)), 65),
        (Modified(Value(HEAT), where=(Condition(Value(HEAT), frozenset({"66"}), False),)), None),
        (Modified(MISSING, mapping={"": "empty"}, otherwise="x"), None),
    ],
)
def test_steps_are_done_in_their_order_pattern_map_skip_scale(step: Modified, value: Scalar) -> None:
    given_value = evaluate(step, SCALAR)
    assert given_value == value
    assert type(given_value) is type(value)


@pytest.mark.parametrize(
    ("among", "negated", "met"),
    [({"2"}, False, True), ({"1"}, False, False), ({"1"}, True, True), ({"2", "3"}, True, False)],
)
def test_a_condition_compares_as_text(among: set[str], negated: bool, met: bool) -> None:
    assert holds([Condition(Value(PART), frozenset(among), negated)], ONE) is met


def test_a_value_that_is_missing_is_the_empty_text_to_a_condition() -> None:
    assert holds([Condition(MISSING, frozenset({""}), negated=False)], ONE)
    assert not holds([Condition(MISSING, frozenset({"", "0"}), negated=True)], ONE)


def test_all_conditions_must_hold() -> None:
    met, unmet = (Condition(Value(PART), frozenset({number}), negated=False) for number in ("2", "3"))
    assert holds([met, met], ONE)
    assert not holds([met, unmet], ONE)
    assert holds([], ONE)


def test_rows_come_in_the_order_of_their_indexes() -> None:
    assert [scope.index for scope in rows(PROFILE, ANSWER, "things")] == [(1,), (2,)]
    assert list(rows(PROFILE, ANSWER, "nothing")) == []


def test_an_oid_is_the_one_that_was_read() -> None:
    assert oid_of(HEAT, SCALAR) == "1.3.1.0"
    assert oid_of(LOAD, TWO) == "1.3.3.1.2.2"
    assert row_index(PEER) == "10.0.0.1.179"


RAWS = st.none() | st.binary(max_size=20) | st.text(max_size=20) | st.integers() | st.floats()
INDEXES = st.lists(st.integers(0, 2**32 - 1), max_size=8).map(tuple)
OBJECTS = st.sampled_from([HEAT, LABEL, NAME, LOAD, PART, OTHER])
ANSWERS = st.builds(
    SnmpAnswer,
    profile=st.just("p"),
    scalars=st.dictionaries(st.sampled_from(["heat", "label"]), RAWS),
    tables=st.dictionaries(
        st.sampled_from(["things", "others"]),
        st.dictionaries(INDEXES, st.dictionaries(st.sampled_from(["name", "load", "part", "other"]), RAWS), max_size=4),
    ),
)


def deeper(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    conditions = st.lists(
        st.builds(Condition, inner, st.frozensets(st.sampled_from(["", "1", "true"])), st.booleans()), max_size=2
    ).map(tuple)
    return st.one_of(
        st.builds(Text, st.lists(st.text(max_size=3) | inner, max_size=3).map(tuple)),
        st.builds(First, several),
        st.builds(Arithmetic, st.sampled_from(["sum", "difference", "product", "quotient"]), several),
        st.builds(Lookup, OBJECTS, inner),
        st.builds(Find, OBJECTS, conditions),
        st.builds(Total, OBJECTS, inner),
        st.builds(
            Modified,
            inner,
            st.none() | st.sampled_from([re.compile(r"(\d+)"), re.compile("(x)?")]),
            st.sampled_from([(), ((re.compile("[12]"), "x"),)]),
            st.none() | st.just({"1": "one", "2": 2}),
            st.none() | st.just("else"),
            st.frozensets(st.sampled_from(["0", "-1"])),
            st.none() | st.floats(allow_nan=False),
            st.none() | st.floats(allow_nan=False),
            conditions,
        ),
    )


EXPRESSIONS = st.recursive(
    st.builds(Value, OBJECTS) | st.builds(IndexValue, st.none() | st.integers(0, 3)), deeper, max_leaves=8
)


@given(EXPRESSIONS, ANSWERS, st.sampled_from([None, "things", "others", "nothing"]), INDEXES)
def test_no_answer_makes_an_expression_raise(
    expression: Expression, answer: SnmpAnswer, table: str | None, index: Index
) -> None:
    value = evaluate(expression, Scope(PROFILE, answer, table, index))
    assert value is None or isinstance(value, str | int | float)


@given(st.dictionaries(INDEXES, st.dictionaries(st.sampled_from(["name", "part"]), RAWS), max_size=5))
def test_a_lookup_by_the_row_at_hand_finds_that_row(table: Mapping[Index, Mapping[str, Raw]]) -> None:
    answer = SnmpAnswer("p", {}, {"things": table})
    for scope in rows(PROFILE, answer, "things"):
        if scope.index:
            assert evaluate(Lookup(NAME, IndexValue(None)), scope) == evaluate(Value(NAME), scope)


def test_a_bare_scalar_has_no_0_behind_its_oid() -> None:
    assert oid_of(HEAT, SCALAR) == "1.3.1.0"
    assert oid_of(Object("heat", "1.3.1", "integer", bare=True), SCALAR) == "1.3.1"
