"""`noc spool` as people and scripts see it: beside a daemon that runs, and without one."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.pollerclaim import PollerClaim
from noc.bus.bases import Writing
from noc.bus.frames import Body, framed
from noc.bus.readings import written
from noc.bus.sending import UPLINK
from noc.cli import main
from noc.cli import spool as command
from noc.clock import SystemClock
from noc.model.reading import PingAnswer, Reading
from noc.service import running
from noc.spool.clerk import Clerk
from noc.spool.files import HoldBack
from noc.spool.letters import Letters, letter
from noc.spool.payload import Payload
from noc.spool.spool import Spool
from noc.state.claim import Claim
from tests.spools import conserved, numbered
from tests.spools import every_spool_adds_up as every_spool_adds_up  # noqa: PLC0414 a fixture

ROW = "m,device=d v=1.5 1767225600000"
TIME = "2026-01-01T00:00:00.000Z"


class Noc:
    """A folder with settings, ten batches of which four have arrived, a dead letter, and the command run in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.spool = folder / "state" / "spool"
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        (folder / "noc.yaml").write_text("state_dir: state\n")
        (folder / "inventory").mkdir()
        (folder / "inventory" / "all.yaml").write_text("regions: {africa: {}}\n")

    async def fill(self) -> None:
        queue = Spool(self.spool, SystemClock(), 10_000_000)
        async with running([queue]):
            for number in range(10):
                last = queue.put(numbered(float(number)))
            await queue.durable(last)
            await queue.settle({record.seq: 0 for record in await queue.waiting(4)})
            await conserved(queue)
        Letters(self.spool).add([letter(1, TIME, "field \x1b[2J conflict", 1, ROW)])

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["noc", "spool", *arguments, "-c", str(self.folder / "noc.yaml")])
        self._capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        out, err = self._capsys.readouterr()
        return code, out, err

    def document(self, *arguments: str) -> dict[str, object]:
        code, out, err = self.run(*arguments, "--json")
        assert code == 0, err
        return dict(json.loads(out))


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Noc:
    made = Noc(tmp_path, monkeypatch, capsys)
    asyncio.run(made.fill())
    return made


def test_status_says_what_waits_and_adds_up(noc: Noc) -> None:
    told = noc.document("status")
    assert told["batches"] == {
        "in": 10,
        "stored": 4,
        "dead": 0,
        "shed": 0,
        "lost": 0,
        "replayed": 0,
        "queued": 6,
    }
    assert (told["adds_up"], told["noc_runs"], told["dead_letters"], told["wrong"]) == (True, False, 1, [])
    code, out, _ = noc.run("status")
    assert (code, "6 batches, 6 values, the oldest of 2" in out, "does not run" in out) == (0, True, True)


def test_verify_finds_damage_and_changes_nothing(noc: Noc) -> None:
    code, _, err = noc.run("verify")
    assert (code, "the spool is whole: 10 batches" in err) == (0, True)
    (path,) = noc.spool.glob("*.seg")
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    before = {entry.name: entry.read_bytes() for entry in noc.spool.iterdir()}
    code, out, err = noc.run("verify", "--json")
    assert (code, "1 batches are missing" in err, json.loads(out)["batches"]["lost"]) == (1, True, 1)
    assert {entry.name: entry.read_bytes() for entry in noc.spool.iterdir()} == before


def test_the_store_is_fed_again_without_a_daemon(noc: Noc) -> None:
    assert noc.document("replay", "--since", "1h") == {"batches": 4, "values": 4}
    assert noc.document("status")["queued"]["batches"] == 10  # type: ignore[index] # JSON
    assert noc.document("replay", "--since", "2020-01-01T00:00:00Z", "--until", "2021-01-01T00:00:00Z")["batches"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay", "--since", "soon"], "'soon' is neither a time"),
        (["replay", "--since", "1h", "--until", "2h"], "is not before --until"),
        (["dead-letters", "x"], "there is no dead letter x"),
        (["dead-letters", "--replay"], "say which dead letters"),
    ],
)
def test_wrong_use_is_told(noc: Noc, arguments: list[str], said: str) -> None:
    code, _, err = noc.run(*arguments)
    assert code == 2
    assert said in err


def test_dead_letters_are_shown_and_sent_again(noc: Noc) -> None:
    code, out, _ = noc.run("dead-letters")
    assert code == 0
    assert "field \\x1b[2J conflict" in out
    assert ROW in out
    name = out.split()[0]
    assert ROW in noc.run("dead-letters", name)[1]
    assert noc.document("dead-letters", name, "--replay") == {"batches": 1, "values": 1}
    assert "there are no dead letters" in noc.run("dead-letters")[2]
    code, out, _ = noc.run("dead-letters", "--all", "--json")
    assert json.loads(out)[0]["sent_again"] is not None
    assert noc.document("status")["queued"]["batches"] == 7  # type: ignore[index] # JSON


def test_beside_a_daemon_it_is_asked(noc: Noc) -> None:
    async def with_daemon() -> tuple[int, str, str]:
        clock = SystemClock()
        queue = Spool(noc.spool, clock, 10_000_000)
        clerk = Clerk(queue, Letters(queue.folder), clock)
        async with running([Claim(noc.folder / "state"), queue, clerk]):
            told = await asyncio.to_thread(noc.run, "status", "--json")
            assert json.loads(told[1])["noc_runs"] is True
            answer = await asyncio.to_thread(noc.run, "replay", "--since", "1h")
            assert queue.queued == 10
            await conserved(queue)
        return answer

    code, _, err = asyncio.run(with_daemon())
    assert (code, "4 batches, 4 values were held back and wait for the store again" in err) == (0, True)


def test_a_daemon_that_does_not_answer_is_told(noc: Noc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PATIENCE_S", 0.05)

    async def with_claim() -> tuple[int, str, str]:
        async with running([Claim(noc.folder / "state")]):
            return await asyncio.to_thread(noc.run, "replay", "--since", "1h")

    code, _, err = asyncio.run(with_claim())
    assert (code, "did not take it up, and it was withdrawn" in err) == (3, True)
    assert list((noc.spool / "requests").iterdir()) == []


def test_where_there_is_no_spool_yet_that_is_told(noc: Noc) -> None:
    (noc.folder / "noc.yaml").write_text("state_dir: elsewhere\n")
    for arguments in (["status"], ["verify"], ["replay", "--since", "1h"]):
        code, _, err = noc.run(*arguments)
        assert (code, "there is no spool yet" in err) == (2, True)


async def _frames(folder: Path) -> None:
    queue = Spool(
        folder / "state" / "spool", SystemClock(), 10_000_000, hold_back=HoldBack(0.0, 0), consumers=(UPLINK,)
    )
    reading = Reading("icmp", "192.0.2.1", "", datetime(2026, 11, 22, tzinfo=UTC), 0.1, ping=PingAnswer((0.1,)))
    text, _ = written("device/a:icmp", reading, Writing())
    async with running([PollerClaim(folder / "state"), queue]):
        for number in range(1, 4):
            octets = framed(b"12345678", number, Body((), (text,)))
            last = queue.put(Payload("frame-o", 1, octets if number < 3 else octets[:-1]).pack())
        await queue.durable(last)


@pytest.mark.usefixtures("every_spool_adds_up")
def test_a_pollers_spool_is_told_and_read_and_nothing_is_sent_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noc = Noc(tmp_path, monkeypatch, capsys)
    (tmp_path / "noc.yaml").write_text("state_dir: state\nnewcomer: 5s\nspool: {budget: 2MB}\n")
    (tmp_path / "identity.json").write_text("{}")
    asyncio.run(_frames(tmp_path))
    told = noc.document("status")
    assert (told["queued"]["batches"], told["budget_bytes"]) == (3, 2_000_000)  # type: ignore[index] # as JSON has it
    code, _, err = noc.run("verify")
    assert (code, "batch 3: it is cut off" in err) == (1, True)
    code, _, err = noc.run("replay", "--since", "1h")
    assert (code, "is a poller's: what the centre hasn't stored it sends by itself" in err) == (2, True)
    monkeypatch.setattr(sys, "argv", ["noc", "doctor", "-c", str(tmp_path / "noc.yaml")])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "noc spool status -c" in capsys.readouterr().err
