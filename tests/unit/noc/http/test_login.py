"""Tokens, sessions and failures without a server: bounds and times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.clock import ManualClock
from noc.http.login import (
    ADDRESSES_AT_MOST,
    FAILURES_A_MINUTE,
    TOKENS_AT_MOST,
    Failures,
    Tokens,
    clean_name,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, tzinfo=UTC))


def test_a_token_is_redeemed_once_and_borne_often(clock: ManualClock) -> None:
    tokens = Tokens(clock)
    token = tokens.issue()
    assert len(token) >= 43  # 256 bits
    assert [tokens.redeem(token), tokens.redeem(token), tokens.redeem(token + "x")] == ["ok", "used", "wrong"]
    assert tokens.bears(token)
    assert not tokens.bears(token[:-1])


async def test_a_token_lives_a_day_whatever_the_wall_clock_says(clock: ManualClock) -> None:
    tokens = Tokens(clock)
    token = tokens.issue()
    clock.step(-48 * 3600)
    await clock.advance(24 * 3600 - 1)
    assert tokens.bears(token)
    await clock.advance(1)
    assert not tokens.bears(token)
    assert tokens.redeem(token) == "wrong"


def test_the_oldest_of_too_many_tokens_ends(clock: ManualClock) -> None:
    tokens = Tokens(clock)
    issued = [tokens.issue() for _ in range(TOKENS_AT_MOST + 1)]
    assert [tokens.bears(token) for token in issued] == [False] + [True] * TOKENS_AT_MOST


@pytest.mark.parametrize(
    ("text", "name"),
    [("", "operator"), ("\x1b[31mred", "[31mred"), ("a" * 99, "a" * 60), ("  a \r\n b ", "a b"), ("李 雷", "李 雷")],
)
def test_names_fit_on_a_line(text: str, name: str) -> None:
    assert clean_name(text) == name


async def test_an_address_waits_until_its_oldest_try_is_a_minute_old(clock: ManualClock) -> None:
    failures = Failures(clock)
    for _ in range(FAILURES_A_MINUTE):
        assert failures.wait_s("192.0.2.1") == 0
        failures.count("192.0.2.1")
        await clock.advance(1)
    assert failures.wait_s("192.0.2.1") == 60 - FAILURES_A_MINUTE
    assert failures.wait_s("192.0.2.2") == 0
    await clock.advance(50)
    assert failures.wait_s("192.0.2.1") == 0


def test_addresses_of_one_ipv6_network_are_one_who_tries(clock: ManualClock) -> None:
    failures = Failures(clock)
    for number in range(FAILURES_A_MINUTE):
        failures.count(f"2001:db8::{number:x}")
    assert failures.wait_s("2001:db8::ffff") > 0
    assert failures.wait_s("2001:db8:0:1::1") == 0


def test_no_more_addresses_are_remembered_than_fit(clock: ManualClock) -> None:
    failures = Failures(clock)
    for number in range(ADDRESSES_AT_MOST * 2):
        failures.count(f"host-{number}")
    assert len(failures._tries) == ADDRESSES_AT_MOST
