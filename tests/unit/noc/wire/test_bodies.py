"""Bodies of all forms: what goes in comes out, and lines are what InfluxDB is sent."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.wire import columns
from noc.wire.bodies import COLUMNS, LINES, decode, encode_lines, packed
from noc.wire.columns import BodyError
from noc.wire.lineparser import Precision, point_of, samples_of
from noc.wire.lineprotocol import kept, kept_measurement

TIME = datetime(2026, 11, 21, 12, 0, 0, 5_000, tzinfo=UTC)
HOSTILE = st.text(alphabet="\\,= \"'\n#\tabé日", min_size=1).filter(lambda text: kept(text).strip(" "))


def cells(batch: list[Samples]) -> Iterator[tuple[str, datetime, frozenset[tuple[str, str]], str, float]]:
    for entry in batch:
        for tags, values in zip(entry.tags, entry.values, strict=True):
            named = frozenset((kept(key), kept(tag)) for key, tag in zip(entry.tag_keys, tags, strict=True) if tag)
            for key, value in zip(entry.field_keys, values, strict=True):
                if value is not None:
                    yield kept_measurement(entry.measurement), entry.time, named, kept(key), value


@given(HOSTILE, HOSTILE, HOSTILE, st.lists(st.tuples(HOSTILE, st.floats(allow_nan=False, allow_infinity=False))))
def test_lines_come_out_as_they_went_in(name: str, key: str, field: str, rows: list[tuple[str, float]]) -> None:
    samples = Samples(
        name, TIME, (key,), (field, "gap"), tuple((tag,) for tag, _ in rows), tuple((value, None) for _, value in rows)
    )
    found = decode(LINES, encode_lines([samples, samples]))
    assert list(cells(found)) == 2 * list(cells([samples]))
    assert len(found) <= 1  # neighbours are rows of one table


def test_rows_of_other_keys_are_other_tables() -> None:
    samples = Samples("m", TIME, ("t",), ("a", "b"), (("x",), ("",), ("y",)), ((1.0, None), (2.0, 3.0), (None, None)))
    first, second = decode(LINES, encode_lines([samples]))
    assert (first.tag_keys, first.field_keys, first.tags, first.values) == (("t",), ("a",), (("x",),), ((1.0,),))
    assert (second.tag_keys, second.field_keys, second.tags, second.values) == ((), ("a", "b"), ((),), ((2.0, 3.0),))


@pytest.mark.parametrize("form", [COLUMNS, LINES, "of-tomorrow"])
@given(st.binary(max_size=100))
def test_garbage_is_one_kind_of_error(form: str, data: bytes) -> None:
    with pytest.raises(BodyError):
        decode(form, data)


def test_what_was_cut_off_is_an_error() -> None:
    samples = Samples("m", TIME, (), ("a",), ((),), ((1.0,),))
    for form, body in ((COLUMNS, columns.encode([samples])), (LINES, encode_lines([samples]))):
        with pytest.raises(BodyError):
            decode(form, body[:-1])
    with pytest.raises(BodyError, match="more than one"):
        decode(LINES, 2 * encode_lines([samples]))


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1))
def test_a_body_is_gzip_of_the_lines(lines: list[str]) -> None:
    assert zlib.decompress(packed(lines), wbits=31).decode() == "\n".join(lines)


@pytest.mark.parametrize(
    ("precision", "stamp"), [("ns", 1763726400005000000), ("us", 1763726400005000), ("ms", 1763726400005)]
)
def test_what_others_write(precision: Precision, stamp: int) -> None:
    line = f'cpu\\ x,host=a\\,b,c=d\\=e usage=1.5,n=3i,u=4u,ok=t,no=FALSE,text="a, b=\\"c d",last=-1e3  {stamp}'
    point = point_of(line, precision)
    assert point.measurement == "cpu x"
    assert point.time == datetime(2025, 11, 21, 12, 0, 0, 5_000, tzinfo=UTC)
    assert point.tags == (("host", "a,b"), ("c", "d=e"))
    assert point.fields == (("usage", 1.5), ("n", 3.0), ("u", 4.0), ("ok", 1.0), ("no", 0.0), ("last", -1000.0))
    assert samples_of(["", "# a comment", 'm text="x" 1']) == []


@pytest.mark.parametrize(
    "line",
    ["m", "m,t v=1 1", "m v 1", "m v=1", "m v=x 1", "m v=1, 1", "m v=1 1 1", "m,=x v=1 1", 'm v="x 1', "m v=i 1"],
)
def test_what_is_no_line_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=r"not line protocol|no field|no time|could not convert|invalid literal"):
        point_of(line)


def test_a_time_that_no_calendar_holds_is_told() -> None:
    with pytest.raises(ValueError, match="no time: 99999999999999 s"):
        point_of("m v=1 99999999999999", "s")
