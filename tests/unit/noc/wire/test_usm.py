"""Keys and digests against the numbers of the standards, encryption there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.wire.snmp import User
from noc.wire.usm import decrypt, encrypt, keys_of, mac, mac_octets

ENGINE = bytes.fromhex("000000000000000000000002")
PHRASE = "maplesyrup"


@pytest.mark.parametrize(
    ("auth", "key"),
    [
        ("MD5", "526f5eed9fcce26f8964c2930787d82b"),  # RFC 3414, appendix A.3.1
        ("SHA-1", "6695febc9288e36282235fc7151f128497b38f3f"),  # A.3.2
        ("SHA-224", "0bd8827c6e29f8065e08e09237f177e410f69b90e1782be682075674"),
        ("SHA-256", "8982e0e549e866db361a6b625d84cccc11162d453ee8ce3a6445c2d6776f0f8b"),
    ],
)
def test_keys_are_those_of_the_standards(auth: str, key: str) -> None:
    user = User("u", auth, PHRASE)  # type: ignore[arg-type]
    assert keys_of(user, ENGINE).auth.hex() == key


def test_long_keys_come_in_the_dialects_that_are_spoken() -> None:
    short = keys_of(User("u", "SHA-1", PHRASE, "AES-256", PHRASE), ENGINE)
    assert [len(key) for key in short.priv] == [32, 32]
    assert short.priv[0][:20] == short.priv[1][:20]
    assert short.priv[0] != short.priv[1]
    # draft-reeder-snmpv3-usm-3desede-00, section 2.1: of the localised key a further key is made.
    assert keys_of(User("u", "MD5", PHRASE, "AES-256", PHRASE), ENGINE).priv[1][:16].hex() == (
        "526f5eed9fcce26f8964c2930787d82b"
    )
    assert len(keys_of(User("u", "SHA-256", PHRASE, "AES-256", PHRASE), ENGINE).priv) == 1


def test_who_has_no_key_has_none() -> None:
    assert keys_of(User("u"), ENGINE) == keys_of(User("v"), b"other")
    assert keys_of(User("u", "SHA-1", PHRASE), ENGINE).priv == ()


@given(st.sampled_from(["DES", "AES-128", "AES-192", "AES-256"]), st.binary(min_size=1, max_size=200))
def test_what_is_encrypted_comes_back(priv: str, data: bytes) -> None:
    user = User("u", "SHA-512", PHRASE, priv, "another phrase")  # type: ignore[arg-type]
    (key,) = keys_of(user, ENGINE).priv
    salt = bytes(range(8))
    hidden = encrypt(priv, key, salt, 3, 77, data)  # type: ignore[arg-type]
    assert hidden != data
    assert decrypt(priv, key, salt, 3, 77, hidden)[: len(data)] == data  # type: ignore[arg-type]
    assert decrypt(priv, key, bytes(8), 3, 77, hidden)[: len(data)] != data or len(data) < 3  # type: ignore[arg-type]


@pytest.mark.parametrize(("salt", "data"), [(b"short", bytes(8)), (bytes(8), bytes(7)), (bytes(8), b"")])
def test_a_salt_and_a_length_that_can_not_be_are_refused(salt: bytes, data: bytes) -> None:
    with pytest.raises(ValueError, match=r"salt|blocks"):
        decrypt("DES", bytes(16), salt, 0, 0, data)


def test_a_digest_has_the_length_of_its_protocol() -> None:
    lengths = {"MD5": 12, "SHA-1": 12, "SHA-224": 16, "SHA-256": 24, "SHA-384": 32, "SHA-512": 48}
    for auth, length in lengths.items():
        assert len(mac(auth, b"key", b"message")) == mac_octets(auth) == length  # type: ignore[arg-type]
