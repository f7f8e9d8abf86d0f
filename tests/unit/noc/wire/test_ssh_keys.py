"""Private keys as text: those of OpenSSH, with and without a passphrase; damage is told without showing the key."""

from __future__ import annotations

import contextlib
import io

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from noc.model.reading import FailureKind
from noc.settings.secrets import Secret
from noc.wire.errors import WireError
from noc.wire.ssh.keys import private_key
from noc.wire.ssh.request import SshLogin

PASSPHRASE = "correct horse"


def openssh(passphrase: str = "") -> str:
    private = serialization.PrivateFormat.OpenSSH
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:  # one round: what makes guessing dear is no matter here
        encryption = private.encryption_builder().kdf_rounds(1).build(passphrase.encode())
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return key.private_bytes(serialization.Encoding.PEM, private, encryption).decode()


def pem(key: paramiko.PKey, passphrase: str | None = None) -> str:
    file = io.StringIO()
    key.write_private_key(file, passphrase)
    return file.getvalue()


RSA, ECDSA = paramiko.RSAKey.generate(1024), paramiko.ECDSAKey.generate()
PLAIN = {"ssh-ed25519": openssh(), "ssh-rsa": pem(RSA), "ecdsa-sha2-nistp256": pem(ECDSA)}
LOCKED = {
    "ssh-ed25519": openssh(PASSPHRASE),
    "ssh-rsa": pem(RSA, PASSPHRASE),
    "ecdsa-sha2-nistp256": pem(ECDSA, PASSPHRASE),
}


def login(key: str, passphrase: str | None = None) -> SshLogin:
    return SshLogin("noc", private_key=Secret(key), passphrase=Secret(passphrase) if passphrase else None)


def refusal(key: str, passphrase: str | None = None) -> str:
    with pytest.raises(WireError) as raised:
        private_key("192.0.2.1", login(key, passphrase))
    assert raised.value.kind is FailureKind.AUTH
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    message = str(raised.value)
    assert message.startswith("192.0.2.1: the private key of user 'noc' ")
    assert [line for line in key.splitlines() if line and line in message] == []
    return message


def test_a_log_in_by_password_has_no_key() -> None:
    assert private_key("192.0.2.1", SshLogin("noc", password=Secret("p"))) is None


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_key_is_read_by_its_kind(kind: str, ending: str) -> None:
    # The line end of a secret's file is not part of the secret.
    text = PLAIN[kind].strip().replace("\n", ending or "\n")
    read = private_key("192.0.2.1", login(text))
    assert read is not None
    assert read.get_name() == kind
    assert read.can_sign()


@pytest.mark.parametrize("kind", LOCKED)
def test_a_passphrase_opens_its_key_and_no_other_does(kind: str) -> None:
    read = private_key("192.0.2.1", login(LOCKED[kind], PASSPHRASE))
    assert read is not None
    assert read.get_name() == kind
    assert refusal(LOCKED[kind]).endswith("is encrypted; give its `passphrase`")
    assert refusal(LOCKED[kind], "wrong").endswith("can't be read: it is damaged, or `passphrase` is not its own")


@pytest.mark.parametrize(
    "text",
    ["", "secret", "ssh-ed25519 AAAA a public key", PLAIN["ssh-rsa"].replace("RSA ", ""), PLAIN["ssh-rsa"][:200]],
)
def test_what_is_no_private_key_of_a_known_kind_is_told(text: str) -> None:
    assert "is not in OpenSSH's format, or of a kind that noc doesn't know (Ed25519, ECDSA, RSA)" in refusal(text)


@given(st.sampled_from(sorted(PLAIN.values())), st.data())
def test_damage_is_told_and_nothing_else_happens(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.sampled_from("Az09+/=-\n ")) + text[at + data.draw(st.integers(0, 40)) :]
    with contextlib.suppress(WireError):
        assert private_key("192.0.2.1", login(damaged)) is not None
