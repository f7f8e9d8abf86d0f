"""What InfluxDB's answers mean: about the lines, about the place, or not now."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.errors import StoreError
from noc.store.influx.access import access
from noc.store.influx.answers import MAX_REASON_CHARACTERS, Unstored, of_write, reason
from noc.store.influx.settings import Settings
from noc.wire.http import HttpAnswer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WAY = access(Settings(url="http://db:8086", dialect="v1", database="noc"), Path())


def error(status: int, text: str, **headers: str) -> HttpAnswer:
    return HttpAnswer(status, headers, json.dumps({"error": text}).encode())


@pytest.mark.parametrize("status", [200, 204])
def test_success(status: int) -> None:
    assert of_write(HttpAnswer(status), WAY, NOW) is None


@pytest.mark.parametrize(
    ("answer", "dropped"),
    [
        (error(400, "partial write: points beyond retention policy dropped=7"), 7),
        (error(400, 'partial write: field type conflict: input field "dropped=3" on measurement "m"'), None),
        (error(400, "unable to parse 'database required dropped=3': missing fields"), None),
        (error(400, "a sentence of a version to come"), None),
        (error(422, "failure writing points to database: partial write: max-series dropped=2"), 2),
        (error(413, "Request Entity Too Large"), None),
        (HttpAnswer(400, {}, b""), None),
    ],
)
def test_what_is_wrong_with_the_lines(answer: HttpAnswer, dropped: int | None) -> None:
    found = of_write(answer, WAY, NOW)
    assert isinstance(found, Unstored)
    assert found.dropped == dropped
    assert found.reason


@pytest.mark.parametrize(
    ("answer", "refused", "words"),
    [
        (error(400, "database is required"), True, "400, database is required"),
        (error(400, "invalid precision"), True, "check url, dialect"),
        (error(401, "authorization failed"), True, "it wants a log-in: give user and password"),
        (error(403, "no"), True, "GRANT ALL"),
        (error(404, 'database not found: "noc"'), True, 'CREATE DATABASE "noc"'),
        (HttpAnswer(404, {}, b"404 page not found"), True, "a server of v1 would know this path"),
        (error(405, "no"), True, "405"),
        (error(500, "retention policy not found: x"), True, "CREATE DATABASE"),
        (error(500, "timeout"), False, "500, timeout"),
        (error(502, "<html>"), False, "502"),
        (error(429, "slow down"), False, "429"),
        (error(408, "slow"), False, "408"),
        (HttpAnswer(301, {"location": "https://x/y"}), True, "leads on to https://x:"),
        (HttpAnswer(302), True, "leads on to the server"),
    ],
)
def test_what_is_not_about_the_lines_is_raised(answer: HttpAnswer, refused: bool, words: str) -> None:
    with pytest.raises(StoreError) as raised:
        of_write(answer, WAY, NOW)
    assert str(raised.value).startswith("InfluxDB http://db:8086: ")
    assert words in str(raised.value)
    assert raised.value.refused == refused


@given(st.binary(), st.integers(100, 599))
def test_no_body_breaks_the_judgement(body: bytes, status: int) -> None:
    answer = HttpAnswer(status, {}, body)
    if 200 <= status < 300:
        assert of_write(answer, WAY, NOW) is None
    elif status in (400, 413, 422) and not re.search(rb"database|bucket|org|precision", body.lower()):
        assert isinstance(of_write(answer, WAY, NOW), Unstored)
    elif status not in (400, 413, 422):
        with pytest.raises(StoreError, match=r"^InfluxDB http://db:8086: "):
            of_write(answer, WAY, NOW)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "a\\nb\\u0000"}', "a b"),
        (b'{"code": "invalid", "message": "m"}', "m"),
        (b'{"error": 3}', '{"error": 3}'),
        (b"[]", "[]"),
        (b"", "no reason given"),
        (b"\xff\x00", "\ufffd"),
        (b"a" * 50_000 + b"z" * 50_000, "a" * (MAX_REASON_CHARACTERS // 2) + "…" + "z" * (MAX_REASON_CHARACTERS // 2)),
        (b"[" * 100_000, "[" * (MAX_REASON_CHARACTERS // 2) + "…" + "[" * (MAX_REASON_CHARACTERS // 2)),
    ],
)
def test_the_reason_is_one_bounded_line(body: bytes, said: str) -> None:
    assert reason(HttpAnswer(400, {}, body), WAY) == said


def test_the_reason_may_stand_in_a_header() -> None:
    assert reason(HttpAnswer(400, {"x-influxdb-error": "here"}, b""), WAY) == "here"
