"""Masks: what a recording must not tell, and that it still looks like the device."""

from __future__ import annotations

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
