"""Recordings: what stands in a line, what is left out, and that what is written is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.errors import InputError
from noc.simulator.objects import Object
from noc.simulator.recording import parse, written
from noc.wire.ber_values import Tag

OIDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20).map(lambda rest: (1, 3, *rest))
OBJECTS = st.one_of(
    st.tuples(OIDS, st.just(Tag.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(OIDS, st.sampled_from([Tag.COUNTER32, Tag.GAUGE32, Tag.TIME_TICKS]), st.integers(0, 2**32 - 1)),
    st.tuples(OIDS, st.just(Tag.COUNTER64), st.integers(0, 2**64 - 1)),
    st.tuples(OIDS, st.sampled_from([Tag.OCTET_STRING, Tag.OPAQUE]), st.binary(max_size=40)),
    st.tuples(OIDS, st.just(Tag.OID), OIDS),
    st.tuples(OIDS, st.just(Tag.IP_ADDRESS), st.ip_addresses(v=4).map(str)),
    st.tuples(OIDS, st.just(Tag.NULL), st.none()),
).map(lambda parts: Object(*parts))


@given(st.lists(OBJECTS, min_size=1, max_size=20, unique_by=lambda row: row.oid))
def test_what_is_written_is_read_again(objects: list[Object]) -> None:
    text = "\n".join(written(objects)).encode()
    assert parse(text, "r", "r.snmprec").objects == tuple(sorted(objects, key=lambda row: row.oid))


@given(st.binary(max_size=200))
def test_rubbish_is_a_finding_or_an_error_and_nothing_else(text: bytes) -> None:
    read = parse(b"1.3.6|2|1\n" + text, "r", "r.snmprec")
    lines = [line for line in text.split(b"\n") if line.rstrip(b"\r") and not line.startswith(b"#")]
    assert len(read.objects) + len(read.findings) <= 1 + len(lines)
    assert list(written(read.objects))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"1.3.6.1", "not of the form"),
        (b"1.3.6.x|2|1", "is no OID"),
        (b"1.3.6.1|2|one", "is no number"),
        (b"1.3.6.1|2|4294967296", "outside the range"),
        (b"1.3.6.1|4x|58AC78XXYYZZ", "not hexadecimal"),
        (b"1.3.6.1|99|1", "unknown tag"),
        (b"1.3.6.1|64|10.0.0", "is no IPv4 address"),
    ],
)
def test_a_line_that_is_no_object_is_told_with_its_number(line: bytes, words: str) -> None:
    read = parse(b"1.3.6.1.2|2|1\r\n" + line + b"\n", "r", "r.snmprec")
    assert len(read.objects) == 1
    (finding,) = read.findings
    assert (finding.file, finding.line) == ("r.snmprec", 2)
    assert words in finding.message


def test_of_an_object_that_stands_twice_the_first_counts_and_order_does_not_matter() -> None:
    read = parse(b"1.3.9|2|1\n1.3.1|2|2\n1.3.9|2|3\n", "r", "r")
    assert [(row.oid, row.value) for row in read.objects] == [((1, 3, 1), 2), ((1, 3, 9), 1)]


def test_a_file_without_objects_is_refused() -> None:
    with pytest.raises(InputError, match="no object in it"):
        parse(b"# nothing\n", "r", "r.snmprec")
