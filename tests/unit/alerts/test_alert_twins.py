"""Alerting that is killed, beside its twin that is not: the same incidents, the same calls, and none of them lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.notifiers._ports import Message, NotifyError
from tests.unit.alerts.twins import QUICK, Fate, Mood, World, fates, lived


async def faults_of(tmp_path: Path, seed: int, count: int) -> None:
    """Kill the world of a seed so many times, each time in another life, and compare with the twin."""
    whole = Fate()
    twin = await lived(World(tmp_path / f"{seed}-twin", whole), seed)
    assert twin.told
    assert set(twin.told.values()) == {1}, "without a fault nobody is told anything twice"
    for life, fate in enumerate(fates(seed, whole, count)):
        died = await lived(World(tmp_path / f"{seed}-{life}", fate), seed)
        said = f"seed {seed}, killed {fate.where} {fate.at}"
        assert died.incidents == twin.incidents, said
        assert died.told.keys() == twin.told.keys(), said
        assert max(died.told.values()) <= 2, f"{said}: one that was on its way is told once more at most"
        assert sum(died.told.values()) - len(died.told) <= QUICK.concurrent, said


async def test_who_is_killed_calls_the_same_people(tmp_path: Path) -> None:
    await faults_of(tmp_path, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
async def test_who_is_killed_anywhere_calls_the_same_people(tmp_path: Path, seed: int) -> None:
    await faults_of(tmp_path, seed, 25)


class Busy(Mood):
    """A mail server that refuses half of what it is given at first."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[str] = set()

    async def before(self, message: Message) -> None:
        if message.key not in self.refused and message.key[-1] in "02468ace":
            self.refused.add(message.key)
            raise NotifyError("451 try again later")


async def test_a_mail_server_that_fails_for_a_while_delays_and_loses_nothing(tmp_path: Path) -> None:
    busy = Busy()
    twin = await lived(World(tmp_path / "twin", Fate()), 3)
    failed = await lived(World(tmp_path / "failed", Fate(), busy), 3)
    assert busy.refused
    assert (failed.incidents, failed.told) == (twin.incidents, twin.told)
