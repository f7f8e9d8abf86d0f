"""Masks: what a recording must not tell, and that it still looks like the device."""

from __future__ import annotations

import re

import pytest

from noc.simulator.masking import PRIVATE, Masking
from noc.simulator.objects import Object
from noc.wire.ber_values import Oid, Tag

SECRET = b"s3cret-ro"


def text(dotted: str, value: bytes) -> Object:
    return Object(oid(dotted), Tag.OCTET_STRING, value)


def oid(dotted: str) -> Oid:
    return tuple(map(int, dotted.split(".")))


def masked(*objects: Object) -> list[Object]:
    return list(Masking(b"salt", (SECRET,)).masks(objects))


def test_names_places_and_contacts_are_private() -> None:
    system = [text(f"1.3.6.1.2.1.1.{number}.0", b"Nairobi, Jane Doe") for number in (4, 5, 6)]
    assert [row.value for row in masked(*system)] == [PRIVATE] * 3
    assert masked(text("1.3.6.1.2.1.1.5.0", b""))[0].value == b""


def test_a_serial_number_keeps_its_shape_and_is_the_same_everywhere() -> None:
    serial = "1.3.6.1.2.1.47.1.1.1.1.11"
    one, other, third = masked(
        text(f"{serial}.1", b"FCW2204L050"), text(f"{serial}.2", b"FCW2204L050"), text(f"{serial}.3", b"FCW2204L051")
    )
    assert isinstance(one.value, bytes)
    assert one.value == other.value != third.value
    assert one.value != b"FCW2204L050"
    assert one.value[:3].isalpha()
    assert one.value[3:7].isdigit()


def test_a_hardware_address_keeps_its_maker() -> None:
    (row,) = masked(text("1.3.6.1.2.1.2.2.1.6.1", bytes.fromhex("0024a4cc0001")))
    assert isinstance(row.value, bytes)
    assert row.value[:3].hex() == "0024a4"
    assert row.value.hex() != "0024a4cc0001"


def test_an_address_is_another_one_in_values_texts_and_indexes() -> None:
    peer = "1.3.6.1.2.1.15.3.1.7.10.1.2.3"
    address, state, words = masked(
        Object(oid(peer), Tag.IP_ADDRESS, "10.1.2.3"),
        Object(oid("1.3.6.1.2.1.15.3.1.2.10.1.2.3"), Tag.INTEGER, 6),
        text("1.3.6.1.4.1.9.1.2.0", b"peer 10.1.2.3 up, software 3.6.0.45"),
    )
    assert str(address.value).startswith(("198.18.", "198.19."))
    assert address.oid[-4:] == state.oid[-4:] == oid(str(address.value))
    assert words.value == f"peer {address.value} up, software 3.6.0.45".encode()


def test_masks_of_networks_and_loopback_stay() -> None:
    for kept in ("255.255.255.0", "0.0.0.0", "127.0.0.1", "224.0.0.5"):
        assert masked(Object(oid("1.3.6.1.2.1.4.20.1.3.1"), Tag.IP_ADDRESS, kept))[0].value == kept


def test_secrets_mail_addresses_and_telephones_vanish_from_texts() -> None:
    (row,) = masked(text("1.3.6.1.4.1.9.9.1.0", b"ro " + SECRET + b", call +39 0831 056 000, noc@example.org"))
    assert row.value == b"ro <private>, call <private>, <private>"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (b"snmp-server community nbo-7-ro RO", b"snmp-server community <private> RO"),
        (b"enable secret 5 $1$mERr$hx5rVt7rPN", b"enable secret 5 <private>"),
        (b"password=hunter2;user=root", b"password=<private>;user=root"),
        (b"Password is hunter2", b"Password is <private>"),
        (b"at 12:30:45 bypass mode, 3.6.0.45", b"at 12:30:45 bypass mode, 3.6.0.45"),
        (b"IF-MIB::ifDescr, ::1", b"IF-MIB::ifDescr, ::1"),
    ],
)
def test_what_stands_behind_the_word_password_vanishes(told: bytes, kept: bytes) -> None:
    assert masked(text("1.3.6.1.4.1.9.9.1.0", told))[0].value == kept


def test_a_host_is_named_nowhere() -> None:
    name, descr, elsewhere = masked(
        text("1.3.6.1.2.1.1.5.0", b"nbo-rtr-1.example.org"),
        text("1.3.6.1.2.1.1.1.0", b"Linux vault7 6.1.0-21-amd64 #1 SMP x86_64"),
        text("1.3.6.1.4.1.9.9.1.0", b"standby of nbo-rtr-1, nbo-rtr-1.example.org"),
    )
    assert name.value == PRIVATE
    assert descr.value == b"Linux <private> 6.1.0-21-amd64 #1 SMP x86_64"
    assert elsewhere.value == b"standby of <private>, <private>"


def test_hardware_and_ipv6_addresses_in_texts_are_others() -> None:
    (row,) = masked(text("1.3.6.1.4.1.9.9.1.0", b"00:1c:7f:aa:bb:cc has 2a02:1234::17"))
    assert isinstance(row.value, bytes)
    found = re.fullmatch(rb"00:1c:7f:([0-9a-f:]{8}) has (2001:db8:[0-9a-f:]+)", row.value)
    assert found is not None
    assert found[1] != b"aa:bb:cc"


def test_the_address_table_tells_no_address_by_its_index_or_its_prefix() -> None:
    column, six = "1.3.6.1.2.1.4.34.1.3", "42.2.18.52.0.0.0.0.0.0.0.0.0.0.0.23"
    four, broadcast, long, prefix = masked(
        Object(oid(f"{column}.1.4.192.0.2.7"), Tag.INTEGER, 2),
        Object(oid(f"{column}.1.4.192.0.2.255"), Tag.INTEGER, 2),
        Object(oid(f"{column}.2.16.{six}"), Tag.INTEGER, 2),
        Object(oid("1.3.6.1.2.1.4.34.1.5.1.4.192.0.2.7"), Tag.OID, oid("1.3.6.1.2.1.4.32.1.5.2.1.4.192.0.2.7.24")),
    )
    assert four.oid[-4:-2] in ((198, 18), (198, 19))
    assert broadcast.oid[-4:-2] in ((198, 18), (198, 19))
    assert prefix.oid[-4:] == four.oid[-4:]
    assert isinstance(prefix.value, tuple)
    assert prefix.value[-5:-1] == four.oid[-4:]
    assert long.oid[-18:-12] == (2, 16, 32, 1, 13, 184)


def test_an_engine_a_neighbours_port_and_bare_addresses_keep_their_kind() -> None:
    engine, port, name, address = masked(
        text("1.3.6.1.6.3.10.2.1.1.0", bytes.fromhex("8000000903001c7faabbcc")),
        text("1.0.8802.1.1.2.1.4.1.1.7.0.1.1", bytes.fromhex("001c7faabbcc")),
        text("1.0.8802.1.1.2.1.4.1.1.7.0.2.1", b"Gi1/0/"),
        text("1.3.6.1.4.1.9.9.23.1.2.1.1.4.1.1", bytes([10, 1, 2, 3])),
    )
    assert [row.value[:3] for row in (engine, port) if isinstance(row.value, bytes)] == [b"\x80\0\0", b"\0\x1c\x7f"]
    assert b"\xaa\xbb\xcc" not in bytes(str(engine.value) + str(port.value), "latin1")
    assert name.value == b"Gi1/0/"
    assert isinstance(address.value, bytes)
    assert address.value[0] == 198


def test_serial_numbers_of_vendors_keep_their_shape() -> None:
    serial = "1.3.6.1.4.1.12356.100.1.1.1"
    (row,) = Masking(b"salt", (), (oid(serial),)).masks([text(f"{serial}.0", b"FGT60F0000000042")])
    assert isinstance(row.value, bytes)
    assert re.fullmatch(rb"[A-Z]{3}\d\d[A-Z]\d{10}", row.value)
    assert row.value != b"FGT60F0000000042"


def test_tables_of_users_routes_and_processes_are_left_out() -> None:
    masking = Masking(b"salt")
    kept = list(
        masking.masks(
            [
                text("1.3.6.1.6.3.18.1.1.1.2.1", b"public"),
                text("1.3.6.1.2.1.25.4.2.1.2.1", b"sshd"),
                Object(oid("1.3.6.1.2.1.4.24.4.1.1.1"), Tag.INTEGER, 1),
                text("1.3.6.1.2.1.2.2.1.2.1", b"eth0"),
            ]
        )
    )
    assert [row.value for row in kept] == [b"eth0"]
    assert (masking.left_out, masking.masked) == (3, 0)


def test_another_salt_gives_other_masks() -> None:
    row = text("1.3.6.1.2.1.47.1.1.1.1.11.1", b"FCW2204L050")
    assert next(Masking(b"one").masks([row])) != next(Masking(b"two").masks([row]))
