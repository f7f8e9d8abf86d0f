"""A rehearsal that a page asks for runs in a process of its own, on the settings as they are written."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from noc.app import rehearsing
from noc.app.rehearsing import AT_ONCE, Rehearsing
from noc.clock import SystemClock
from noc.http.rehearsals import Rehearsal
from noc.model.errors import ConflictError
from tests.rehearsed import SCENARIO, configured

EVENTS = "  - {at: 0m, fail: site/nairobi}\n  - {at: 30m, restore: site/nairobi}\n"
BY = "achieng"
LONG_S = 60.0


@pytest.fixture
def rehearse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearsing:
    monkeypatch.setenv("COMMUNITY", "public")
    configured(tmp_path)
    return Rehearsing(tmp_path / "noc.yaml", SystemClock())


async def over(rehearse: Rehearsing, number: int) -> Rehearsal:
    found = await rehearse.ended(number, LONG_S)
    assert found is not None
    assert found.is_over
    return found


def children() -> set[str]:
    """Return the processes that this one began."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


async def test_it_is_played_beside_the_daemon_one_after_the_other(rehearse: Rehearsing) -> None:
    first = rehearse.begin(SCENARIO + EVENTS, "fr", BY)
    assert (first.state, first.done, first.found) == ("waiting", 0.0, None)
    assert rehearse.begin(SCENARIO + EVENTS, "fr", BY).id == first.id  # a second press of the button
    second = rehearse.begin(f"{SCENARIO}  - {{at: 0m, fail: site/nowhere}}\n", "en", BY)
    await asyncio.sleep(0)
    assert [one.state for one in rehearse.all()] == ["waiting", "running"]
    done = await over(rehearse, first.id)
    assert (done.state, done.done) == ("done", 1.0), done.said
    assert done.found is not None
    assert done.found.met
    assert not any("progress" in line for line in done.found.said)
    incidents = done.found.answer["incidents"]
    assert isinstance(incidents, list)
    assert incidents[0]["root_cause"] == "site/nairobi"
    lines = done.found.answer["time_line"]
    assert isinstance(lines, list)
    assert lines[0]["text"] == "panne de site/nairobi"
    wrong = await over(rehearse, second.id)
    assert wrong.state == "failed"
    assert any("SCENARIO:4:20: error:" in line and "unknown site 'nowhere'" in line for line in wrong.said)


async def test_one_that_is_cancelled_ends_with_its_process(rehearse: Rehearsing) -> None:
    before = children()
    first, second = (rehearse.begin(SCENARIO + EVENTS, lang, BY) for lang in ("en", "fr"))
    async with asyncio.timeout(LONG_S):
        while children() == before:
            await asyncio.sleep(0.01)
    gone = rehearse.cancel(first.id, "luca")
    assert gone is not None
    assert (gone.state, gone.said) == ("cancelled", ("cancelled by luca",))
    with pytest.raises(ConflictError, match="is over"):
        rehearse.cancel(first.id, "luca")
    assert rehearse.cancel(second.id, "luca") is not None  # it never began
    for one in (first, second):
        assert (await over(rehearse, one.id)).state == "cancelled"
    assert children() == before
    assert rehearse.cancel(99, "luca") is None


async def test_so_many_are_taken_and_no_more(rehearse: Rehearsing) -> None:
    begun = [rehearse.begin(f"{SCENARIO}# {number}\n", "en", BY) for number in range(AT_ONCE)]
    with pytest.raises(ConflictError, match="8 rehearsals are being played or wait"):
        rehearse.begin(SCENARIO, "en", BY)
    for one in begun:
        rehearse.cancel(one.id, BY)
        await over(rehearse, one.id)


async def test_the_newest_are_kept(rehearse: Rehearsing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "KEPT", 2)
    for number in range(4):
        one = rehearse.begin(f"{SCENARIO}# {number}\n", "en", BY)
        rehearse.cancel(one.id, BY)
        await over(rehearse, one.id)
        await asyncio.sleep(0)
    assert [one.id for one in rehearse.all()] == [4, 3]


async def test_one_that_takes_too_long_is_ended(rehearse: Rehearsing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "SLOWEST_S", 0.01)
    before = children()
    found = await over(rehearse, rehearse.begin(SCENARIO + EVENTS, "en", BY).id)
    assert found.state == "failed"
    assert "shorten it, or run noc rehearse" in found.said[0]
    assert children() == before


async def test_an_answer_that_nobody_could_read_is_not_kept(
    rehearse: Rehearsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsing, "ANSWER_AT_MOST", 100)
    found = await over(rehearse, rehearse.begin(SCENARIO + EVENTS, "en", BY).id)
    assert found.state == "failed"
    assert found.said == ("it can't be played: its answer has more than 100 bytes; run noc rehearse",)
