"""HTTP as a client, what needs no socket: origins, Retry-After, certificates' files. The rest: tests/live."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.errors import UsageError
from noc.wire.http import MAX_RETRY_AFTER_S, HttpAnswer, HttpClient, HttpRequest, Tls, origin, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://db:8086/api?token=x", "http://db:8086"),
        ("https://user:secret@db.example/path", "https://db.example"),
        ("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80"),
        ("/relative", "the server"),
        ("", "the server"),
        ("http://[broken", "the server"),
        ("http://db:99999/", "the server"),
    ],
)
def test_only_scheme_host_and_port_of_a_url_are_shown(url: str, shown: str) -> None:
    assert origin(url) == shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("9" * 400, MAX_RETRY_AFTER_S),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 13:01:30 +0100", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", MAX_RETRY_AFTER_S),
        ("1.5", None),
        ("-3", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after_s(HttpAnswer(503, {"retry-after": text}), NOW) == seconds


def test_no_retry_after() -> None:
    assert retry_after_s(HttpAnswer(503), NOW) is None


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} \d\d:\d\d:\d\d( [-+]?\w{0,5})?"))
def test_no_header_breaks_retry_after(text: str) -> None:
    seconds = retry_after_s(HttpAnswer(503, {"retry-after": text}), NOW)
    assert seconds is None or 0.0 <= seconds <= MAX_RETRY_AFTER_S


def test_certificates_are_looked_at_unless_told_otherwise() -> None:
    usual = Tls().context()
    assert Tls().context() is usual  # to read the system's certificates takes time
    assert (usual.verify_mode, usual.check_hostname) == (ssl.CERT_REQUIRED, True)
    trusting = Tls(verify=False).context()
    assert (trusting.verify_mode, trusting.check_hostname) == (ssl.CERT_NONE, False)
    nameless = Tls(names=False).context()
    assert (nameless.verify_mode, nameless.check_hostname) == (ssl.CERT_REQUIRED, False)


def test_a_file_of_certificates_that_is_not_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ca\.pem: no such file or directory; name the file"):
        Tls(tmp_path / "ca.pem").context()
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=r"ca\.pem: holds no certificate in PEM"):
        Tls(tmp_path / "ca.pem").context()


def test_what_is_no_utf_8_is_still_text() -> None:
    assert HttpAnswer(200, {}, b"a\xff").text() == "a\ufffd"


async def test_nothing_is_asked_before_the_start() -> None:
    with pytest.raises(RuntimeError, match="before start"):
        await HttpClient(Tls().context(), 1.0).ask(HttpRequest("GET", "http://192.0.2.1/"))
