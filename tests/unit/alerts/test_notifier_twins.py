"""Notifiers that hang, answer late or never, beside a twin whose notifiers work: the same incidents, the same calls.

The process is killed in the same lives, too: at its transactions, or when a message was taken.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.notifiers._ports import Message
from tests.unit.alerts.twins import QUICK, Fate, Mood, Outcome, World, fates, lived


class Hanging(Mood):
    """Takes a half of the messages in the second attempt: the first one hangs until it is cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.known: Counter[str] = Counter()

    async def before(self, message: Message) -> None:
        self.known[message.key] += 1
        if self.known[message.key] == 1 and zlib.crc32(message.key.encode()) % 2:
            await self.hang()


class Late(Mood):
    """Takes each message, and answers the first attempt when it has been cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.known: set[str] = set()

    async def after(self, message: Message) -> None:
        if message.key not in self.known:
            self.known.add(message.key)
            await self.hang()


class Never(Mood):
    """Takes nothing and gives no answer."""

    async def before(self, message: Message) -> None:
        await self.hang()


MOODS: dict[str, Callable[[], Mood]] = {"hangs": Hanging, "late": Late, "never": Never}


def by_person(outcome: Outcome) -> Counter[tuple[object, ...]]:
    """Return how often each was told what, by whichever notifier."""
    found: Counter[tuple[object, ...]] = Counter()
    for (*about, _, before), times in outcome.told.items():
        found[*about, before] += times
    return found


async def compare(tmp_path: Path, seed: int, mood: str, count: int) -> None:
    """Live through the world of a seed with such a notifier, and be killed so often in it; compare with a twin."""
    twin = await lived(World(tmp_path / f"{seed}-twin", Fate()), seed)
    wanted = by_person(twin)
    assert set(wanted.values()) == {1}
    whole = Fate()
    await compare_life(tmp_path / "whole", seed, mood, whole, twin)
    for life, fate in enumerate(fates(seed, whole, count)):
        await compare_life(tmp_path / str(life), seed, mood, fate, twin)


async def compare_life(folder: Path, seed: int, mood: str, fate: Fate, twin: Outcome) -> None:
    """Live once, and compare."""
    found = await lived(World(folder, fate, MOODS[mood](), phones=mood == "never"), seed)
    told, wanted = by_person(found), by_person(twin)
    said = f"seed {seed}, a notifier that {mood}, killed {fate.where} {fate.at}"
    assert found.incidents == twin.incidents, said
    assert told.keys() == wanted.keys(), said
    # One that was on its way is told once more: when the answer came too late, and when the process died.
    assert max(found.told.values()) <= 1 + (mood == "late") + (fate.at > 0), said
    assert mood == "late" or sum(told.values()) - len(told) <= QUICK.concurrent * (fate.at > 0), said


@pytest.mark.parametrize("mood", MOODS)
async def test_who_has_a_bad_notifier_is_told_the_same(tmp_path: Path, mood: str) -> None:
    await compare(tmp_path, 1, mood, 0)


@pytest.mark.slow
@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(20))
async def test_who_has_a_bad_notifier_and_is_killed_is_told_the_same(tmp_path: Path, seed: int, mood: str) -> None:
    await compare(tmp_path, seed, mood, 5)
