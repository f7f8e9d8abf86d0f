"""The BER codec: round trips, the odd encodings of real devices, and hostile bytes."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from noc.wire import ber
from noc.wire.ber import BerError, Message, Oid, Pdu, PduType, Tag, TrapV1, Value, VarBind, Version, decode, encode
from tests.examples import at_least

UP_TIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)

# --- what can be said -----------------------------------------------------------------------------------------------

subidentifiers = st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 300), st.sampled_from([127, 128, 16383, 16384]))
roots = st.one_of(st.tuples(st.integers(0, 1), st.integers(0, 39)), st.tuples(st.just(2), st.integers(0, 2**32 - 1)))
oids = st.builds(lambda root, rest: (*root, *rest), roots, st.lists(subidentifiers, max_size=16))
addresses = st.builds(lambda parts: ".".join(map(str, parts)), st.tuples(*[st.integers(0, 255)] * 4))
integers = st.integers(-(2**31), 2**31 - 1)
unsigned = st.integers(0, 2**32 - 1)
VALUES: dict[Tag, st.SearchStrategy[Value]] = {
    Tag.INTEGER: integers,
    Tag.OCTET_STRING: st.binary(max_size=150),
    Tag.NULL: st.none(),
    Tag.OID: oids,
    Tag.IP_ADDRESS: addresses,
    Tag.COUNTER32: unsigned,
    Tag.GAUGE32: unsigned,
    Tag.TIME_TICKS: unsigned,
    Tag.OPAQUE: st.binary(max_size=20),
    Tag.COUNTER64: st.integers(0, 2**64 - 1),
    Tag.NO_SUCH_OBJECT: st.none(),
    Tag.NO_SUCH_INSTANCE: st.none(),
    Tag.END_OF_MIB_VIEW: st.none(),
}
varbinds = st.sampled_from(list(Tag)).flatmap(lambda tag: st.builds(VarBind, oids, st.just(tag), VALUES[tag]))
lists = st.lists(varbinds, max_size=4).map(tuple)
pdus = st.builds(
    Pdu, st.sampled_from([kind for kind in PduType if kind is not PduType.TRAP_V1]), integers, integers, integers, lists
)
traps = st.builds(TrapV1, oids, addresses, integers, integers, unsigned, lists)
messages = st.builds(Message, st.sampled_from(Version), st.binary(max_size=40), st.one_of(pdus, traps))


def response(*varbinds: VarBind) -> Message:
    return Message(Version.V2C, b"public", Pdu(PduType.RESPONSE, 1, 0, 0, varbinds))


def around(value: bytes) -> bytes:
    """A response whose only varbind has these bytes as its value, tag and all."""
    name = ber.encode_varbind(UP_TIME, Tag.NULL, None)[2:-2]
    return ber.encode_pdu(Version.V2C, b"public", PduType.RESPONSE, 1, 0, 0, [element(0x30, name + value)])


def element(tag: int, content: bytes) -> bytes:
    """Tag, length in the longest form that is accepted, content."""
    return bytes((tag, 0x84)) + len(content).to_bytes(4, "big") + content


def value_of(data: bytes) -> tuple[Tag, Value]:
    pdu = decode(data).pdu
    assert len(pdu.varbinds) == 1
    return pdu.varbinds[0].tag, pdu.varbinds[0].value


# --- round trips ----------------------------------------------------------------------------------------------------


@given(messages)
def test_what_is_encoded_comes_back(message: Message):
    assert decode(encode(message)) == message


def test_tags_and_types_come_back_as_members():
    back = decode(encode(response(VarBind(UP_TIME, Tag.TIME_TICKS, 1))))
    assert isinstance(back.version, Version)
    assert isinstance(back.pdu, Pdu)
    assert isinstance(back.pdu.type, PduType)
    assert isinstance(back.pdu.varbinds[0].tag, Tag)


@given(messages, st.binary(min_size=1, max_size=20))
def test_bytes_after_the_message_are_ignored(message: Message, padding: bytes):
    assert decode(encode(message) + padding) == message


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message(Version.V2C, b"public", Pdu(PduType.GET, 0x1234, 0, 0, (VarBind(UP_TIME),))),
            "302702010104067075626c6963a01a02021234020100020100300e300c06082b060102010103000500",
            id="a get of sysUpTime.0",
        ),
        pytest.param(
            Message(Version.V1, b"", Pdu(PduType.GET_NEXT, -1, 0, 0, ())),
            "3012020100" + "0400" + "a10b" + "0201ff" + "020100" + "020100" + "3000",
            id="an empty community, a negative request-id, no varbinds",
        ),
        pytest.param(
            Message(Version.V1, b"c", TrapV1((1, 3, 6, 1, 4, 1, 9), "192.0.2.7", 2, 0, 4_000_000_000, ())),
            "3025020100040163a41d06062b06010401094004c0000207020102020100430500ee6b28003000",
            id="a linkDown trap of v1",
        ),
    ],
)
def test_the_bytes_are_those_of_the_standard(message: Message, expected: str):
    assert encode(message).hex() == expected
    assert decode(bytes.fromhex(expected)) == message


@pytest.mark.parametrize(
    ("tag", "value", "content"),
    [
        (Tag.INTEGER, 127, "7f"),
        (Tag.INTEGER, 128, "0080"),
        (Tag.INTEGER, -128, "80"),
        (Tag.INTEGER, -129, "ff7f"),
        (Tag.INTEGER, -(2**31), "80000000"),
        (Tag.COUNTER32, 2**32 - 1, "00ffffffff"),
        (Tag.COUNTER64, 2**64 - 1, "00ffffffffffffffff"),
        (Tag.OID, (2, 999, 3), "883703"),
        (Tag.OID, (2, 2**32 - 1), "90808080" + "4f"),
        (Tag.OID, (1, 3, 6, 1, 16384, 2**32 - 1), "2b0601818000" + "8fffffff7f"),
        (Tag.OID, (0, 0), "00"),
    ],
)
def test_values_have_the_shortest_encoding(tag: Tag, value: Value, content: str):
    encoded = ber.encode_varbind(UP_TIME, tag, value)
    assert (
        encoded.hex() == f"30{len(content) // 2 + 12:02x}06082b06010201010300{tag:02x}{len(content) // 2:02x}{content}"
    )
    assert value_of(encode(response(VarBind(UP_TIME, tag, value)))) == (tag, value)


# --- odd, but sent by real devices ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ("0205" + "0000000007", (Tag.INTEGER, 7)),
        ("0208" + "ff" * 8, (Tag.INTEGER, -1)),
        ("4109" + "00" * 5 + "ffffffff", (Tag.COUNTER32, 2**32 - 1)),
        ("4104ffffffff", (Tag.COUNTER32, 2**32 - 1)),
        ("420480000000", (Tag.GAUGE32, 2**31)),
        ("4301ff", (Tag.TIME_TICKS, 2**32 - 1)),
        ("460900ffffffffffffffff", (Tag.COUNTER64, 2**64 - 1)),
        ("4608ffffffffffffffff", (Tag.COUNTER64, 2**64 - 1)),
        ("460a" + "00" * 9 + "05", (Tag.COUNTER64, 5)),
        ("0600", (Tag.OID, (0, 0))),
        ("048400000003616263", (Tag.OCTET_STRING, b"abc")),
        ("0481036162ff", (Tag.OCTET_STRING, b"ab\xff")),
        ("058100", (Tag.NULL, None)),
        ("8000", (Tag.NO_SUCH_OBJECT, None)),
        ("44079f7804428c0000", (Tag.OPAQUE, bytes.fromhex("9f7804428c0000"))),
    ],
)
def test_odd_encodings_are_understood(odd: str, expected: tuple[Tag, Value]):
    assert value_of(around(bytes.fromhex(odd))) == expected


@given(messages)
def test_long_form_lengths_mean_the_same(message: Message):
    plain = encode(message)
    assert decode(element(0x30, plain[plain.index(b"\x02\x01") :])) == message


# --- faults: one exception, and the offset where it shows -------------------------------------------------------------

GOOD = encode(Message(Version.V2C, b"public", Pdu(PduType.GET, 1, 0, 0, (VarBind(UP_TIME),))))


@pytest.mark.parametrize(
    ("data", "offset", "words"),
    [
        pytest.param(b"", 0, "message is missing", id="nothing"),
        pytest.param(b"\x30", 1, "length is missing", id="a tag alone"),
        pytest.param(b"GET / HTTP/1.1", 0, "begins with 0x47 instead of 0x30", id="another protocol"),
        pytest.param(GOOD[:-1], 1, "38 bytes of content where 37 are left", id="cut off"),
        pytest.param(b"\x30\x80" + GOOD[2:] + b"\0\0", 1, "indefinite", id="indefinite length"),
        pytest.param(b"\x30\x85\0\0\0\0\x26" + GOOD[2:], 1, "length of 5 bytes", id="a length of 5 bytes"),
        pytest.param(b"\x30\xff" + GOOD[2:], 1, "length of 127 bytes", id="a reserved length"),
        pytest.param(b"\x30\x84\xff\xff\xff\xff" + GOOD[2:], 1, "4294967295 bytes of content", id="4 GiB announced"),
        pytest.param(b"\x30\x82\x01", 3, "length is cut off", id="half a length"),
        pytest.param(GOOD[:4] + b"\x03" + GOOD[5:], 4, "SNMPv3", id="version 3"),
        pytest.param(GOOD[:4] + b"\x07" + GOOD[5:], 4, "no known version", id="version 7"),
        pytest.param(GOOD[:5] + b"\x24" + GOOD[6:], 5, "0x24 instead of 0x04", id="a constructed string"),
        pytest.param(GOOD[:13] + b"\xa9" + GOOD[14:], 13, "0xa9 is no type of a PDU", id="an unknown PDU"),
        pytest.param(b"\x30\x05\x02\x01\x01\x04\x00", 7, "PDU is missing", id="no PDU"),
        pytest.param(GOOD[:14] + b"\x18" + GOOD[15:], 39, "1 bytes after the PDU", id="a PDU that is too short"),
    ],
)
def test_faults_name_the_byte(data: bytes, offset: int, words: str):
    with pytest.raises(BerError) as caught:
        decode(data)
    assert words in caught.value.reason
    assert caught.value.offset == offset
    assert str(caught.value) == f"byte {offset}: {caught.value.reason}"


@pytest.mark.parametrize(
    ("value", "offset", "words"),
    [
        pytest.param(b"\x05", 1, "length is missing", id="a value without a length"),
        pytest.param(b"", 0, "value of a varbind is missing", id="no value"),
        pytest.param(b"\x05\x00\x05\x00", 2, "2 bytes after the value", id="two values"),
        pytest.param(b"\x45\x01\x00", 0, "0x45 is no type of a value", id="an unknown type"),
        pytest.param(b"\x02\x00", 2, "an empty number", id="an integer without content"),
        pytest.param(b"\x02\x05\x00\xff\xff\xff\xff", 2, "outside 32 bits", id="an integer too large"),
        pytest.param(b"\x41\x05\x01\0\0\0\0", 2, "outside 32 bits", id="a Counter32 too large"),
        pytest.param(b"\x46\x09\x01" + b"\0" * 8, 2, "outside 64 bits", id="a Counter64 too large"),
        pytest.param(b"\x46\x09\xff" + b"\0" * 8, 2, "outside 64 bits", id="a Counter64 too negative"),
        pytest.param(b"\x40\x03\x0a\0\0", 2, "IpAddress of 3 bytes", id="an address of 3 bytes"),
        pytest.param(b"\x05\x01\x00", 2, "1 bytes in a value that has none", id="a NULL with content"),
        pytest.param(b"\x06\x02\x2b\x86", 4, "cut off", id="an OID that ends inside a number"),
        pytest.param(b"\x06\x03\x2b\x80\x01", 3, "padding", id="a padded sub-identifier"),
        pytest.param(b"\x06\x06\x2b\x90\x80\x80\x80\x00", 7, "above 2^32", id="a sub-identifier of 33 bits"),
        pytest.param(b"\x06\x40\x2b" + b"\xff" * 63, 7, "above 2^32", id="a sub-identifier without end"),
        pytest.param(element(6, b"\x2b" + b"\1" * 127), 133, "more than 128", id="129 sub-identifiers"),
    ],
)
def test_faults_in_a_value_name_the_byte(value: bytes, offset: int, words: str):
    data = around(value)
    with pytest.raises(BerError) as caught:
        decode(data)
    assert words in caught.value.reason
    assert caught.value.offset == len(data) - len(value) + offset


def test_128_subidentifiers_are_not_too_many():
    oid = (1, 3, *[1] * 126)
    assert value_of(encode(response(VarBind(UP_TIME, Tag.OID, oid)))) == (Tag.OID, oid)


def test_a_message_larger_than_a_datagram_is_refused():
    with pytest.raises(BerError, match="65535 is the most"):
        decode(GOOD + bytes(70_000))


@at_least(20)
@given(messages, st.data())
def test_no_message_is_read_from_a_part_of_itself(message: Message, data: st.DataObject):
    whole = encode(message)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(BerError) as caught:
        decode(whole[:cut])
    assert 0 <= caught.value.offset <= cut


@at_least(40)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: GOOD[:15] + tail)))
@example(b"\x30\x84\x7f\xff\xff\xff")
def test_random_bytes_give_a_message_or_a_fault(data: bytes):
    only_ber_error(data)


@at_least(30)
@given(messages, st.data())
def test_damaged_messages_give_a_message_or_a_fault(message: Message, data: st.DataObject):
    damaged = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(damaged) - 1, 0)))
        match data.draw(st.sampled_from(["set", "cut", "insert", "move"])):
            case "set":
                damaged[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
            case "cut":
                del damaged[at : at + data.draw(st.integers(1, 9))]
            case "insert":
                damaged[at:at] = data.draw(st.binary(min_size=1, max_size=9))
            case "move":
                damaged[at:at] = damaged[data.draw(st.integers(0, len(damaged))) :][:20]
    only_ber_error(bytes(damaged))


def only_ber_error(data: bytes) -> None:
    message, fault = outcome(data)
    if message is not None:
        assert decode(encode(message)) == message
    if fault is not None:
        assert 0 <= fault.offset <= len(data)
        assert fault.reason.isprintable()
        assert len(fault.reason) < 200


def outcome(data: bytes) -> tuple[Message | None, BerError | None]:
    try:
        return decode(data), None
    except BerError as fault:
        return None, fault


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x06\x82\xff\x00" + b"\x2b" + b"\xff" * 0xFEFF, id="one sub-identifier of 64 kB"),
        pytest.param(b"\x02\x82\xff\x00" + b"\x7f" * 0xFF00, id="one integer of 64 kB"),
        pytest.param(b"\x04\x82\xff\x00" + b"\x30\x82" * 0x7F80, id="sequences within sequences"),
    ],
)
def test_a_large_hostile_value_costs_little(content: bytes):
    data = around(content)
    started = time.process_time()
    only_ber_error(data)
    assert time.process_time() - started < 0.5  # half a millisecond here; quadratic work would take seconds


# --- encoding refuses what the types don't hold -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (Tag.INTEGER, 2**31),
        (Tag.INTEGER, b"1"),
        (Tag.COUNTER32, -1),
        (Tag.GAUGE32, 2**32),
        (Tag.COUNTER64, 2**64),
        (Tag.OCTET_STRING, "text"),
        (Tag.NULL, 0),
        (Tag.IP_ADDRESS, "10.0.0"),
        (Tag.IP_ADDRESS, "10.0.0.256"),
        (Tag.IP_ADDRESS, b"\x0a\0\0\x01"),
        (Tag.OID, (1,)),
        (Tag.OID, (1, 40)),
        (Tag.OID, (3, 1)),
        (Tag.OID, (1, 3, -1)),
        (Tag.OID, (1, 3, 2**32)),
        (Tag.OID, (1, 3, *[1] * 127)),
        (Tag.OID, "1.3.6"),
    ],
)
def test_values_outside_their_type_are_not_encoded(tag: Tag, value: Value):
    with pytest.raises(ValueError, match="is no"):
        ber.encode_varbind(UP_TIME, tag, value)


def test_a_message_that_no_datagram_holds_is_not_encoded():
    with pytest.raises(ValueError, match="65535 is the most"):
        encode(response(VarBind(UP_TIME, Tag.OCTET_STRING, bytes(65_600))))


def test_names_of_every_length_are_encoded_alike():
    for count in range(2, 129):
        oid: Oid = (1, 3, *[300] * (count - 2))
        for size in (0, 1, 90, 100, 110, 130, 300):
            varbind = VarBind(oid, Tag.OCTET_STRING, bytes(size))
            assert decode(encode(response(varbind))).pdu.varbinds == (varbind,)
