"""Scripts may ask often, but not without end: each token has its own measure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.access.people import Acting
from noc.access.scripts import Scripts, Wanted
from noc.clock import ManualClock
from noc.http import pace
from noc.http.pace import Pace
from tests.unit.noc.http.house import FREE_PORT, House, build, plain_routes


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house in which a token may ask three times a minute."""
    settings = FREE_PORT.model_copy(update={"requests_per_minute": 3})
    made = await build(tmp_path, settings, plain_routes)
    yield made
    await made.stack.aclose()


async def test_as_many_at_once_as_in_a_minute_then_one_each_so_often() -> None:
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    asked = Pace(clock, 60)
    assert [asked.take("a") for _ in range(60)] == [0.0] * 60
    assert asked.take("a") == pytest.approx(1.0)
    assert asked.take("b") == 0.0
    await clock.advance(1)
    assert asked.take("a") == 0.0
    assert asked.take("a") > 0
    await clock.advance(3_600)
    assert sum(asked.take("a") == 0.0 for _ in range(100)) == 60


def test_who_was_not_here_for_long_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "KNOWN_AT_MOST", 5)
    asked = Pace(ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), 1)
    for number in range(50):
        asked.take(str(number))
    assert len(asked._due_s) == 5
    assert all(Pace(ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), None).take("a") == 0.0 for _ in range(1_000))


async def test_a_token_that_asks_too_often_waits_and_others_do_not(house: House) -> None:
    scripts = Scripts(house.database, house.clock)
    secrets = [(await scripts.add(Wanted(name, "viewer"), Acting("root")))[1] for name in ("grafana", "other")]
    first, second = ({"Authorization": f"Bearer {secret}"} for secret in secrets)
    for _ in range(3):
        async with house.http.get(house.url, headers=first) as response:
            assert response.status == 200
    problem = await house.asks("/api/v1/fail", headers=first, bearer=False, status=429)
    assert (
        problem["detail"]
        == "more than 3 requests a minute with the token 'grafana'; http: requests_per_minute: says so"
    )
    async with house.http.get(f"{house.url}/api/v1/fail", headers=first) as response:
        assert response.headers["Retry-After"] == "20"
    async with house.http.get(house.url, headers=second) as response:
        assert response.status == 200
    await house.clock.advance(20)
    async with house.http.get(house.url, headers=first) as response:
        assert response.status == 200
