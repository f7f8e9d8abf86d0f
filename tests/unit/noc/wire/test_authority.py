"""An authority signs for a server; OpenSSL takes the certificate by its names, and no other."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.wire.authority import Pair, authority, hosts_of, server_certificate

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CA = authority("noc broker", NOW)


def shaken(server: Pair, trusted: bytes, name: str, folder: Path) -> None:
    """Shake hands in memory. Raises ssl.SSLError."""
    (folder / "pem").write_bytes(server.certificate + server.key)
    here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    here.load_cert_chain(folder / "pem")
    there = ssl.create_default_context(cadata=trusted.decode())
    there.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [here.wrap_bio(up, down, server_side=True), there.wrap_bio(down, up, server_hostname=name)]
    for _ in range(6):
        for end in reversed(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


def test_a_client_that_trusts_the_authority_takes_the_server_by_each_of_its_names(tmp_path: Path) -> None:
    hosts = ("mqtt.noc.example.org", "192.0.2.7", "2001:db8::7")
    now = datetime.now(UTC)
    ca = authority("noc broker", now)
    server = server_certificate(ca, hosts, now, 825)
    assert hosts_of(server.certificate) == hosts
    for name in hosts:
        shaken(server, ca.certificate, name, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shaken(server, ca.certificate, "other.example.org", tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(server, authority("noc broker", now).certificate, hosts[0], tmp_path)


def test_one_that_is_over_is_refused(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=40)
    ca = authority("noc broker", long_ago)
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        shaken(server_certificate(ca, ["a"], long_ago, 30), ca.certificate, "a", tmp_path)


def test_who_has_not_the_right_key_can_not_sign() -> None:
    with pytest.raises(ValueError, match="not that of the certificate"):
        server_certificate(Pair(CA.certificate, authority("x", NOW).key), ["a"], NOW, 1)
    for certificate, key in ((b"no", CA.key), (CA.certificate, b"no")):
        with pytest.raises(ValueError, match="PEM"):
            server_certificate(Pair(certificate, key), ["a"], NOW, 1)
    assert hosts_of(CA.certificate) == ()


def test_a_key_is_not_shown() -> None:
    assert "PRIVATE" not in repr(CA)
