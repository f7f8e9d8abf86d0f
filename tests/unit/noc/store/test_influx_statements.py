"""InfluxQL: whatever a name holds, a statement keeps its shape, and what is answered is read with care."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.instants import to_ms
from noc.store.influx.influxql import (
    Column,
    Found,
    Function,
    Row,
    Source,
    carries,
    columns_of,
    fields_of,
    identifier,
    joined,
    keys_of,
    literal,
    numbers_held,
    select,
    select_all,
    select_count,
    select_last,
    select_last_rows,
    select_top,
)
from noc.wire.lineprotocol import kept

AT = datetime(2026, 3, 1, 12, 0, 0, 5_000, tzinfo=UTC)
HOSTILE = st.text() | st.text(alphabet="\\'\",;= /*-.\n\r\t\0ab$é") | st.text(alphabet=st.characters())
VISIBLE = HOSTILE.filter(lambda text: kept(text).strip(" ") and kept(text) != "time")
SOURCE = Source("interface", {"device": "d"}, to_ms(AT), to_ms(AT) + 3_600_000)


def scan(statement: str) -> list[str]:
    """Split a statement into words, quoted texts and signs by the rules of InfluxQL's scanner.

    From its grammar: a quote ends at the same quote; a backslash takes n, backslash or a quote with it; a line end or
    a NUL inside quotes is an error.
    """
    tokens: list[str] = []
    position = 0
    while position < len(statement):
        char = statement[position]
        if char in "'\"":
            text, position = _quoted(statement, position)
            tokens.append(char + text)
        elif char.isalnum() or char in "_:*.":
            end = position
            while end < len(statement) and (statement[end].isalnum() or statement[end] in "_:*."):
                end += 1
            tokens.append(statement[position:end])
            position = end
        else:
            assert char in " ,()=<>/", f"{char!r} outside of quotes"
            if char != " ":
                tokens.append(char)
            position += 1
    return tokens


def _quoted(statement: str, begin: int) -> tuple[str, int]:
    text, position = "", begin + 1
    while statement[position] != statement[begin]:
        assert statement[position] not in "\n\r\0"
        if statement[position] == "\\":
            position += 1
            assert statement[position] in "n\\'\""
        text += statement[position]
        position += 1
    return text, position + 1


@given(HOSTILE)
def test_no_text_ends_its_quotes(text: str) -> None:
    assert scan(identifier(text)) == [f'"{kept(text)}']
    assert scan(literal(text)) == [f"'{kept(text)}"]


@given(VISIBLE, VISIBLE, st.dictionaries(VISIBLE, VISIBLE, min_size=1, max_size=3))
def test_no_name_changes_the_shape_of_a_statement(measurement: str, field: str, where: dict[str, str]) -> None:
    statement = select(replace(SOURCE, measurement=measurement, where=where), [Column(field)])
    assert statement is not None
    conditions = []
    for key, value in where.items():
        conditions += [f'"{kept(key)}', "::tag", "=", f"'{kept(value)}", "AND"]
    name = kept(measurement)
    assert scan(statement) == [
        *("SELECT", f'"{kept(field)}', "::field", "FROM", f'"{"_" + name[1:] if name.startswith("#") else name}'),
        *("WHERE", *conditions, "time", ">", "=", "'2026-03-01T12:00:00.005000Z", "AND"),
        *("time", "<", "'2026-03-01T13:00:00.005000Z", "GROUP", "BY", "*"),
    ]


@pytest.mark.parametrize("function", get_args(Function))
def test_a_step_groups_by_time(function: Function) -> None:
    statement = select(SOURCE, [Column("in_bps", function), Column("out_bps", function)], 300_000)
    assert statement is not None
    columns = [f'{function}("{name}"::field)' for name in ("in_bps", "out_bps")]
    assert statement.removeprefix("SELECT ").partition(" FROM ")[0] == ", ".join(columns)
    assert statement.endswith("GROUP BY time(300000ms), * fill(none)")


@given(VISIBLE, VISIBLE, VISIBLE)
def test_a_list_of_the_highest_is_a_statement_around_that_of_numbers(measurement: str, field: str, tag: str) -> None:
    source = replace(SOURCE, measurement=measurement, where={"device": tag})
    column = Column(field, "max")
    for outer, statement in (
        (("bottom", "(", '"noc_number', ",", "21", ")", ",", "*"), select_top(source, column, 21, "lowest")),
        (("count", "(", '"noc_number', ")"), select_count(source, column)),
    ):
        inner = select(source, [column])
        assert statement is not None
        assert inner is not None
        wanted, rest = scan(inner)[:5], scan(inner)[5:]
        assert wanted == ["SELECT", "max", "(", f'"{kept(field)}', "::field"]
        assert rest[:2] == [")", "FROM"]
        named = [*wanted, ")", "AS", '"noc_number', *rest[1:]]
        assert scan(statement) == ["SELECT", *outer, "FROM", "(", *named, ")"]


def test_where_nothing_can_be_nothing_is_asked() -> None:
    assert select_top(replace(SOURCE, where={"n": "\n"}), Column("in_bps", "mean"), 2, "highest") is None
    assert select(SOURCE, []) is None
    assert select(replace(SOURCE, stop_ms=SOURCE.start_ms), [Column("in_bps")]) is None
    assert select(replace(SOURCE, where={"device": "d", "n": "\n"}), [Column("in_bps")]) is None
    assert carries({"device": "d", "time": "x"}) is None


def test_the_whole_fleet_is_asked_without_a_condition() -> None:
    statement = select(replace(SOURCE, where={}), [Column("in_bps")])
    assert statement is not None
    assert "WHERE time >= '2026-03-01T12:00:00.005000Z' AND time < " in statement


def test_the_last_values_of_all_measurements() -> None:
    condition = carries({"device": "d'1"})
    assert condition == "\"device\"::tag = 'd\\'1'"
    before, _, after = select_last(condition, None).partition(condition)
    assert (before, after) == ("SELECT last(*) FROM /.*/ WHERE ", " GROUP BY *")
    period = SOURCE.start_ms, SOURCE.stop_ms
    assert " AND time >= '2026-03-01T12:00:00.005000Z' AND time < " in select_last(condition, period)
    assert 'FROM "a b", "c" WHERE' in select_last_rows(condition, period, ["a b", "c"])


def test_devices_are_named_by_literals() -> None:
    statement = select_all(["a", "b' OR ''='"], SOURCE.start_ms, SOURCE.stop_ms)
    assert "(\"device\"::tag = 'a' OR \"device\"::tag = 'b\\' OR \\'\\'=\\'') AND time >=" in statement


def row(values: list[list[object]], columns: tuple[str, ...] = ("time", "a", "b"), **tags: str | None) -> Row:
    return Row(name="m", tags={"device": "d", **tags}, columns=list(columns), values=values)


COLUMNS = [Column("a"), Column("b")]
OF_M = replace(SOURCE, measurement="m")


def test_rows_become_a_series_for_each_column_without_its_gaps() -> None:
    rows = [row([[1, 1.5, None], [2, None, 7], [3, True, "x"]], n="", gone=None)]
    assert list(columns_of(rows, OF_M, COLUMNS)) == [
        Found({"device": "d"}, 0, (1,), (1.5,)),
        Found({"device": "d"}, 1, (2,), (7.0,)),
    ]
    assert list(columns_of([row([])], OF_M, COLUMNS)) == []


@pytest.mark.parametrize(
    "wrong", [row([[1, 2.0]]), row([[1, 2.0, 3.0], [1]]), row([[1, 2.0]], ("time", "a")), row([[1, 2, 3]], ())]
)
def test_rows_that_do_not_fit_are_an_error(wrong: Row) -> None:
    with pytest.raises(ValueError, match=r"columns|argument|unpack"):
        list(columns_of([wrong], OF_M, COLUMNS))


def test_rows_of_another_measurement_are_an_error() -> None:
    with pytest.raises(ValueError, match="of 'm'"):
        list(columns_of([row([[1, 1.0, 2.0]])], replace(OF_M, measurement="other"), COLUMNS))


def test_names_are_those_of_fields_with_a_number() -> None:
    columns = ("time", "last_b", "last_last_a", "last_text", "last_none")
    found = numbers_held([row([[0, 1.0, 2, "x", None]], columns, ifName="ge0", site="")])
    assert list(found) == [(("m", (("device", "d"), ("ifName", "ge0"))), {"b", "last_a"})]
    assert [held for _, held in numbers_held([row([[0, "x"]], ("time", "last_text"))])] == [set()]


def test_keys_of_the_index_are_read_as_they_were_written() -> None:
    keys = [["m,device=d,ifName=Gi0/1"], [r"a\ b\,c,device=d,if\=\,x=it's\ \=\,1"], ["alone"]]
    assert list(keys_of([row(keys, ("key",))])) == [
        ("m", (("device", "d"), ("ifName", "Gi0/1"))),
        ("a b,c", (("device", "d"), ("if=,x", "it's =,1"))),
        ("alone", ()),
    ]


def test_fields_are_those_of_numbers() -> None:
    kinds = [["a", "float"], ["b", "integer"], ["c", "string"], ["d", "boolean"], ["e", "unsigned"]]
    assert list(fields_of([row(kinds, ("fieldKey", "fieldType"))])) == [("m", {"a", "b", "e"})]


def test_parts_are_joined_and_what_is_cut_off_stays_partial() -> None:
    parts = [row([[n, 1.0, 2.0]], n=name) for n, name in enumerate("aabbc")]
    for part in (parts[0], parts[2], parts[4]):
        part.partial = True
    found = joined(parts)
    assert [(part.tags["n"], [values[0] for values in part.values], part.partial) for part in found] == [
        ("a", [0, 1], False),
        ("b", [2, 3], False),
        ("c", [4], True),
    ]
