"""What is kept from gufo-snmp, and that it panics at nothing else: a panic prints a backtrace for each datagram."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.wire.ber import SEQUENCE, BerError, Message, Pdu, PduType, Tag, VarBind, Version, decode, encode, enter
from noc.wire.ber_values import encode_element
from noc.wire.snmp.frame import OCTETS_AT_MOST, check_varbinds, community_of

ROOT = Path(__file__).parents[4]
NAME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
VALUES = (
    VarBind(NAME, Tag.TIME_TICKS, 12_345),
    VarBind(NAME, Tag.OCTET_STRING, b"x" * 150),
    VarBind(NAME, Tag.COUNTER64, 2**63),
    VarBind(NAME, Tag.NO_SUCH_OBJECT),
    VarBind((*NAME, *[2**31] * 30), Tag.OID, NAME),
)


def response(*varbinds: VarBind, community: bytes = b"public", size: PduType = PduType.RESPONSE) -> bytes:
    return encode(Message(Version.V2C, community, Pdu(size, 7, 0, 0, varbinds)))


def test_a_response_tells_its_community():
    assert community_of(response(*VALUES)) == b"public"
    assert community_of(response(community=b"")) == b""
    assert community_of(response(*VALUES * 8, community=b"x" * 200)) == b"x" * 200


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "missing"),
        (b"\xff" * 40, "begins with 0xff"),
        (b"\x30\x80" + response()[2:], "indefinite"),
        (response() + b"\x00", "1 bytes after the message"),
        (response(*VALUES)[:-3], "are left"),
        (response(size=PduType.GET), "PDU begins with 0xa0"),
        (response(VarBind(NAME, Tag.OCTET_STRING, b"x" * OCTETS_AT_MOST)), "where 4080 can be read"),
        (response(VarBind(NAME, Tag.INTEGER, 1)).replace(b"\x02\x01\x01", b"\x02\x84\x01"), "are left|cut off"),
    ],
)
def test_what_is_no_response_is_refused_with_the_reason(data: bytes, why: str):
    with pytest.raises(BerError, match=why):
        community_of(data)


def test_long_lengths_of_short_things_are_let_through():
    plain, long = b"\x30\x08\x06\x03\x2b\x06\x01\x02\x01\x07", b"\x30\x82\x00\x09\x06\x03\x2b\x06\x01\x02\x81\x01\x07"
    body = b"\x02\x01\x07\x02\x01\x00\x02\x01\x00" + encode_element(0x30, plain + long)
    data = encode_element(0x30, b"\x02\x01\x01\x04\x00" + encode_element(0xA2, body))
    assert community_of(data) == b""
    assert len(decode(data).pdu.varbinds) == 2


def test_exceptions_are_no_answers_to_getnext():
    data = response(VarBind(NAME, Tag.NO_SUCH_OBJECT))
    assert community_of(data) == b"public"
    with pytest.raises(BerError, match="no type of a value"):
        community_of(data, exceptions=False)
    assert community_of(response(VarBind(NAME, Tag.END_OF_MIB_VIEW)), exceptions=False) == b"public"


@given(st.lists(st.sampled_from(VALUES), max_size=30), st.binary(max_size=300))
def test_all_that_our_own_codec_writes_is_let_through(varbinds: list[VarBind], community: bytes):
    data = response(*varbinds, community=community)
    if len(data) <= OCTETS_AT_MOST:
        assert community_of(data) == community


@given(st.lists(st.sampled_from(VALUES), max_size=5), st.data())
def test_damage_raises_nothing_else(varbinds: list[VarBind], draw: st.DataObject):
    data = bytearray(response(*varbinds))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    with suppress(BerError):
        community_of(bytes(data))


def test_gufo_panics_at_nothing_that_is_let_through():
    command = [sys.executable, "-m", "tests.agents.damaged"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    read, refused, failed = map(int, done.stdout.split())
    assert min(read, refused, failed) > 100
    assert "panicked" not in done.stderr


def step_by_step(data: bytes, exceptions: bool) -> bool:
    """Return whether varbinds fit, by looking at one after the other."""
    at, refused = 0, () if exceptions else (Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE)
    try:
        while at < len(data):
            at, end = enter(data, at, len(data), SEQUENCE, "varbind")
            _, at = enter(data, at, end, Tag.OID, "name")
            if at == end or data[at] & 0x1F == 0x1F or data[at] in refused:
                return False
            enter(data, at, end, data[at], "value")
            at = end
    except BerError:
        return False
    return True


NAMES = st.binary(max_size=30)
TYPES = st.sampled_from([*Tag]).map(int) | st.integers(0, 255)
SHORT = st.tuples(NAMES, TYPES, st.binary(max_size=30)).map(
    lambda parts: encode_element(SEQUENCE, encode_element(Tag.OID, parts[0]) + encode_element(*parts[1:]))
)


@given(st.lists(SHORT, max_size=12).map(b"".join), st.booleans(), st.data())
def test_runs_of_usual_varbinds_are_judged_as_each_of_them_is(varbinds: bytes, exceptions: bool, data: st.DataObject):
    damaged = bytearray(varbinds)
    for _ in range(data.draw(st.integers(0, 2)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    del damaged[data.draw(st.integers(len(damaged) * 3 // 4, len(damaged))) :]
    try:
        check_varbinds(bytes(damaged), 0, len(damaged), exceptions=exceptions)
        fits = True
    except BerError:
        fits = False
    assert fits is step_by_step(bytes(damaged), exceptions)
