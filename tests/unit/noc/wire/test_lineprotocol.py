"""Line protocol: what a device calls itself can't end a line, forge a field or change a number."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.wire.lineprotocol import kept, kept_measurement, lines, values_in

AT = datetime(2026, 3, 1, 12, 0, 0, 5_000, tzinfo=UTC)


@dataclass(frozen=True)
class Point:
    measurement: str
    tags: dict[str, str]
    fields: dict[str, float]
    milliseconds: int


def split(text: str, separator: str) -> list[str]:
    """Split at a separator that no backslash escapes."""
    return re.split(rf"(?<!\\){re.escape(separator)}", text)


def plain(text: str) -> str:
    return re.sub(r"\\([,= ])", r"\1", text)


def parse(line: str) -> Point:
    """Read a line by the rules of InfluxDB: written anew from its reference, not from the code under test."""
    head, fields, stamp = split(line, " ")
    measurement, *tags = split(head, ",")
    pairs = [split(tag, "=") for tag in tags]
    assert all(len(pair) == 2 and all(pair) for pair in pairs), line
    assert "" not in split(fields, ",")
    numbers = [split(field, "=") for field in split(fields, ",")]
    return Point(
        plain(measurement),
        {plain(key): plain(value) for key, value in pairs},
        {plain(key): float(value) for key, value in numbers},
        int(stamp),
    )


def point(tags: dict[str, str], fields: dict[str, float | None], measurement: str = "m") -> list[str]:
    one = Samples(measurement, AT, tuple(tags), tuple(fields), (tuple(tags.values()),), (tuple(fields.values()),))
    return list(lines(one))


def surviving(text: str) -> str:
    """Return what survives of a text: all but control characters, halves of surrogate pairs and backslashes."""
    return "".join(" " if is_control(char) else char for char in text).replace("\\", "/")


def is_control(char: str) -> bool:
    code = ord(char)
    return code < 32 or 127 <= code < 160 or code in (0x2028, 0x2029) or 0xD800 <= code < 0xE000


HOSTILE = st.text() | st.text(alphabet="\\,= \"'\n\r\t\0\x85\u2028ab") | st.text(alphabet=st.characters())


def test_a_row_becomes_a_line() -> None:
    assert point({"host": "core 1", "name": "a=b,c"}, {"value": 6.5, "count": 3.0}) == [
        r"m,host=core\ 1,name=a\=b\,c value=6.5,count=3.0 1772366400005"
    ]


@given(st.dictionaries(st.sampled_from("abcd"), HOSTILE), HOSTILE)
def test_hostile_text_survives_as_one_line(tags: dict[str, str], name: str) -> None:
    written = point({**tags, "name": name}, {"value": 1.0})
    assert len(written) == 1
    assert len(written[0].splitlines()) == 1
    read = parse(written[0])
    expected = {key: surviving(value) for key, value in {**tags, "name": name}.items() if surviving(value).strip(" ")}
    assert read == Point("m", expected, {"value": 1.0}, 1772366400005)
    assert written[0].encode()  # no half surrogate pairs


@given(st.text(min_size=1).filter(lambda text: surviving(text).strip(" ")))
def test_hostile_names_of_tags_and_fields_survive(name: str) -> None:
    read = parse(point({name: "x"}, {name: 1.0})[0])
    assert read.tags == {surviving(name): "x"}
    assert read.fields == {surviving(name): 1.0}


@given(st.text(alphabet="\\,= \n\tab", min_size=1).filter(lambda text: surviving(text).strip(" ")))
def test_hostile_measurements_survive(name: str) -> None:
    line = point({"a": "x"}, {"value": 1.0}, name)[0]
    assert parse(line).measurement == surviving(name)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_back_as_they_were(value: float) -> None:
    read = parse(point({}, {"value": value})[0]).fields["value"]
    assert math.copysign(1, read) == math.copysign(1, value)
    assert read == value


@pytest.mark.parametrize("value", [2**53, 12, 0])
def test_a_whole_number_is_written_as_a_float_too_so_that_a_field_has_one_type(value: int) -> None:
    written = point({}, {"value": value})[0]
    assert re.fullmatch(rf"m value={value}(\.0)? \d+", written)
    assert "i" not in written


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_left_out(value: float | None) -> None:
    assert point({}, {"value": value, "other": 1.0}) == ["m other=1.0 1772366400005"]
    assert point({}, {"value": value}) == []


@pytest.mark.parametrize("value", ["", " ", "\0", "\n\t", "\x85", "\u2028"])
def test_a_tag_without_a_value_is_left_out_as_the_protocol_demands(value: str) -> None:
    assert point({"a": value, "b": "x"}, {"v": 1.0}) == ["m,b=x v=1.0 1772366400005"]


def test_one_line_for_each_row_in_their_order() -> None:
    table = Samples("m", AT, ("n",), ("v",), (("1",), ("2",), ("3",)), ((1.0,), (None,), (3.0,)))
    assert list(lines(table)) == ["m,n=1 v=1.0 1772366400005", "m,n=3 v=3.0 1772366400005"]


@given(st.datetimes(datetime(1970, 1, 1), datetime(2262, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_time_is_in_whole_milliseconds(at: datetime) -> None:
    written = next(lines(Samples("m", at, (), ("v",), ((),), ((1.0,),))))
    stamp = parse(written).milliseconds
    assert (
        timedelta(0)
        <= at - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(milliseconds=stamp)
        < timedelta(milliseconds=1)
    )


def test_rows_that_do_not_fit_their_keys_are_an_error_not_a_wrong_line() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        list(lines(Samples("m", AT, ("a", "b"), ("v",), (("x",),), ((1.0,),))))


@given(HOSTILE)
def test_what_is_kept_of_a_text_is_told_so_that_queries_find_it(text: str) -> None:
    assert kept(text) == surviving(text)


def test_no_measurement_turns_its_line_into_a_comment() -> None:
    assert point({"a": "x"}, {"v": 1.0}, "#m") == ["_m,a=x v=1.0 1772366400005"]
    assert kept_measurement("#m") == "_m"
    assert kept_measurement("m#") == "m#"


@given(
    st.dictionaries(st.text(min_size=1).filter(lambda text: surviving(text).strip(" ")), st.floats(), min_size=1),
    HOSTILE,
)
def test_the_numbers_of_a_line_are_counted(fields: dict[str, float], name: str) -> None:
    sent = sum(math.isfinite(value) for value in fields.values())
    assert [values_in(line) for line in point({"name": name}, dict(fields), name or "m")] == ([sent] if sent else [])
