"""The BER codec on packets that other people recorded: real agents, and packets made to break decoders."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from noc.wire.ber import BerError, Message, Pdu, PduType, TrapV1, VarBind, Version, decode, encode
from tests.surroundings import Recordings

ETHERNET, IPV4, UDP = 14, 0x0800, 17


@pytest.fixture(scope="module")
def folder(recordings: Recordings) -> Path:
    folder = recordings.root and recordings.root / "traps" / "pcap"
    if folder is None or not folder.is_dir():
        pytest.skip(f"recorded packets: NOC_RECORDINGS names no folder with traps/pcap (it is {recordings.root})")
    return folder


def datagrams(path: Path) -> Iterator[bytes]:
    """Yield what is in the UDP datagrams of a capture (pcap, Ethernet, IPv4)."""
    data = path.read_bytes()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at < len(data):
        (captured,) = struct.unpack_from(f"{order}I", data, at + 8)
        packet = data[at + 16 + ETHERNET : at + 16 + captured]
        (kind,) = struct.unpack_from(">H", data, at + 16 + 12)
        assert (kind, packet[9]) == (IPV4, UDP)
        udp = packet[(packet[0] & 0x0F) * 4 :]
        yield udp[8 : int.from_bytes(udp[4:6], "big")]
        at += 16 + captured


def outcomes(path: Path) -> list[Message | BerError]:
    found: list[Message | BerError] = []
    for data in datagrams(path):
        try:
            found.append(decode(data))
        except BerError as error:
            found.append(error)
    return found


def test_a_walk_of_a_linux_host_is_read_and_written_byte_for_byte(folder: Path):
    packets = list(datagrams(folder / "zeek_snmpwalk-short.pcap"))
    messages = [decode(data) for data in packets]
    assert [encode(message) for message in messages] == packets
    answers = [
        message.pdu for message in messages if isinstance(message.pdu, Pdu) and message.pdu.type == PduType.RESPONSE
    ]
    assert len(answers) * 2 == len(messages) > 200
    names = [answer.varbinds[0].oid for answer in answers]
    assert names == sorted(names)
    values = {answer.varbinds[0].oid: answer.varbinds[0].value for answer in answers}
    assert values[1, 3, 6, 1, 2, 1, 1, 2, 0] == (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
    assert values[1, 3, 6, 1, 2, 1, 1, 6, 0] == b"Sitting on the Dock of the Bay"
    assert values[1, 3, 6, 1, 2, 1, 4, 21, 1, 7, 0, 0, 0, 0] == "138.68.0.1"


def test_traps_of_v1_are_read(folder: Path):
    for name in ("zeek_snmpv1_trap.pcap", "suricata-verify_snmpv1-trap.pcap"):
        read = [outcome for outcome in outcomes(folder / name) if isinstance(outcome, Message)]
        assert read
        for message in read:
            assert message.version is Version.V1
            assert message.community == b"public"
            assert isinstance(message.pdu, TrapV1)
            assert message.pdu.enterprise[:6] == (1, 3, 6, 1, 4, 1)
            assert decode(encode(message)) == message


def test_a_getbulk_is_read(folder: Path):
    request, response = outcomes(folder / "zeek_snmpv2_get_bulk.pcap")
    assert isinstance(request, Message)
    assert isinstance(request.pdu, Pdu)
    assert isinstance(response, Message)
    assert isinstance(response.pdu, Pdu)
    assert request.pdu.type is PduType.GET_BULK
    assert request.pdu.varbinds == (VarBind((1, 3, 6, 1, 2, 1, 1, 5, 0)),)
    assert response.pdu.request_id == request.pdu.request_id


@pytest.mark.parametrize(
    ("name", "words", "count"),
    [
        ("zeek_snmp-oid-subidentifier-too-long.pcap", "sub-identifier", 1),
        ("suricata-verify_snmpv1-trap.pcap", "0xbf is no type of a PDU", 6),
        ("zeek_snmp-crash-62790.pcap", "SNMPv3", 3),
        ("suricata-verify_snmpv3-encrypted.pcap", "SNMPv3", 8),
        ("zeek_snmpv3_get_next.pcap", "SNMPv3", 4),
    ],
)
def test_what_can_not_be_read_says_why(folder: Path, name: str, words: str, count: int):
    faults = [outcome for outcome in outcomes(folder / name) if isinstance(outcome, BerError)]
    assert len(faults) == count
    assert all(words in fault.reason for fault in faults)


def test_damage_to_a_real_packet_gives_a_message_or_a_fault(folder: Path):
    tried = 0
    for path in sorted(folder.glob("*.pcap")):
        for data in list(datagrams(path))[:12]:
            for at in range(len(data)):
                for byte in (0x00, 0x30, 0x7F, 0x80, 0x84, 0xFF, data[at] ^ 1):
                    tried += 1
                    try:
                        decode(data[:at] + bytes([byte]) + data[at + 1 :])
                    except BerError as error:
                        assert 0 <= error.offset <= len(data)  # noqa: PT017
    assert tried > 10_000
