"""Raw values to values, whatever an agent sends."""

from __future__ import annotations

import json
import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.compiled import ValueType
from noc.model.reading import Raw
from noc.pipeline import values
from noc.pipeline.values import MAX_TEXT, convert

KINDS: tuple[ValueType, ...] = get_args(ValueType)
RAW = st.none() | st.binary() | st.text() | st.integers() | st.floats() | st.from_regex(rb"[-+<> ]*[0-9.eE:-]*")


@given(RAW, st.sampled_from(KINDS))
def test_whatever_is_sent_converting_it_does_not_raise_and_json_can_carry_it(raw: Raw, kind: ValueType) -> None:
    json.dumps(convert(raw, kind), allow_nan=False)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_sent_stays_none(kind: ValueType) -> None:
    assert convert(None, kind) is None


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        (b"Gi0/0\0", "string", "Gi0/0"),
        (b" two words\r\n", "string", "two words"),
        ("Zürich".encode(), "string", "Zürich"),
        ("Zürich".encode("latin-1"), "string", "Zürich"),
        (b"", "string", ""),
        (bytes.fromhex("001c7f0a0b0c"), "string", "00:1c:7f:0a:0b:0c"),  # as port identifier, LLDP
        (bytes.fromhex("aabbccddeef1"), "string", "aa:bb:cc:dd:ee:f1"),  # no control character in it
        (b"\xe9tage3", "string", "étage3"),
        (b"port 1", "string", "port 1"),
        (b"port\n1", "string", "port\n1"),
        (b"hall\0\0", "string", "hall"),
        (7, "string", "7"),
        (7, "integer", 7),
        (-7, "integer", -7),
        (b"7", "integer", 7),
        (b"7.0", "integer", 7),
        (b"7.5", "integer", None),
        (b"seven", "integer", None),
        (b"", "integer", None),
        (7.0, "integer", 7),
        (float("nan"), "integer", None),
        (b"18446744073709551615", "integer", 2**64 - 1),
        (4294967275, "signed32", -21),
        (2147483648, "signed32", -(2**31)),
        (2147483647, "signed32", 2147483647),
        (-21, "signed32", -21),
        (-21, "unsigned32", 4294967275),
        (2147483647, "unsigned32", 2147483647),
        (4294967275, "unsigned32", 4294967275),
        (b"x", "unsigned32", None),
        (b"-40", "number", -40),
        (b"12.5 dB", "number", 12.5),
        (b"<1.0E-9", "number", 1e-9),
        (b"> 30", "number", 30),
        (b"+3", "number", 3),
        (b".5", "number", 0.5),
        (b"5.", "number", 5.0),
        (b"NA", "number", None),
        (b"-", "number", None),
        (b"1e999", "number", None),
        (float("inf"), "number", None),
        (4294967295, "counter32", 4294967295),
        (4294967296, "counter32", None),
        (-1, "counter32", None),
        (2**64 - 1, "counter64", 2**64 - 1),
        (2**64, "counter64", None),
        (-1, "counter64", None),
        (12345, "timeticks", 123.45),
        (0, "timeticks", 0.0),
        (1, "truth", True),
        (2, "truth", False),
        (0, "truth", None),
        (3, "truth", None),
        (bytes.fromhex("001c7f0a0b0c"), "mac", "00:1c:7f:0a:0b:0c"),
        (b"0:1c:7f:a:b:c", "mac", "00:1c:7f:0a:0b:0c"),
        (b"00-1C-7F-0A-0B-0C", "mac", "00:1c:7f:0a:0b:0c"),
        (b"", "mac", None),
        (bytes(8), "mac", None),
        (b"none", "mac", None),
        ("10.0.0.1", "ip", "10.0.0.1"),
        (bytes([10, 0, 0, 1]), "ip", "10.0.0.1"),
        (bytes(15) + b"\1", "ip", "::1"),
        (b"10.0.0.1", "ip", "10.0.0.1"),
        (b"10.0.0", "ip", None),
        ("1.3.6.1.4.1.9", "oid", "1.3.6.1.4.1.9"),
        (b"\x01\xff", "hex", "01ff"),
        ("x", "hex", "x"),
        (1074225446, "hex", "40076126"),
        (50724909, "dotted", "3.6.0.45"),
        (2**32, "dotted", None),
        (-1, "dotted", None),
        (b"x", "dotted", None),
        (b"\x00\x01\x80\x00", "ntp", 1.5),
        (b"\xff\xff\xff\xff", "ntp", -0.000015),
        (b"\x00\x01", "ntp", None),
        (7, "ntp", None),
    ],
)
def test_a_value_is_read_as_its_type_says(raw: Raw, kind: ValueType, value: object) -> None:
    converted = convert(raw, kind)
    assert converted == value
    assert type(converted) is type(value)


@given(st.integers(-(2**63), 2**64))
def test_a_number_sent_as_text_is_as_exact_as_one_sent_as_a_number(number: int) -> None:
    assert convert(str(number).encode(), "integer") == convert(number, "integer") == number


@given(st.integers(0, 2**32 - 1))
def test_a_wrapped_gauge_and_its_number_differ_by_2_to_the_32(raw: int) -> None:
    value = convert(raw, "signed32")
    assert isinstance(value, int)
    assert -(2**31) <= value < 2**31
    assert (value - raw) % 2**32 == 0


@given(st.binary(min_size=6, max_size=6))
def test_every_mac_address_reads_the_same_from_bytes_and_from_its_text(octets: bytes) -> None:
    written = values.mac(octets)
    assert written == octets.hex(":")
    assert values.mac(written.encode()) == written


def test_a_flood_of_text_is_cut() -> None:
    assert len(values.text(b"x" * 100_000) or "") == MAX_TEXT


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_sent_as_text_is_read_back(number: float) -> None:
    assert convert(repr(number).encode(), "number") == number


@given(RAW)
def test_no_number_is_infinite(raw: Raw) -> None:
    number = values.number(raw)
    assert number is None or math.isfinite(number)
