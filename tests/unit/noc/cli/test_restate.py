"""`noc ledger restate`: shown first, written on demand, and what is of no use is told."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from noc.cli import main
from noc.model.instants import from_ms
from noc.model.transition import Transition
from noc.state import ledger
from tests.database import empty_database

START = 1_772_323_200_000
INVENTORY = """
regions: {africa: {}}
sites: {nairobi: {region: africa, class: hub, edge_devices: [a]}}
devices: {a: {site: nairobi, address: 192.0.2.1, class: router, interval: 10s}}
"""
KNOWN = [(time, True) for time in range(0, 60, 10)]
LATE = [(time, not 100 <= time < 200) for time in range(60, 300, 10)]


def write_events(path: Path, results: Iterable[tuple[int, bool]], entity: str = "device/a") -> Path:
    lines = [
        json.dumps({"time": from_ms(START + time * 1000).isoformat(), "entity": entity, "ok": ok})
        for time, ok in results
    ]
    path.write_text("\n".join(lines))
    return path


async def fill(folder: Path) -> None:
    """Write the ledger of a device that was seen for a minute, and no more."""
    database = empty_database(folder / "state" / "noc.db")
    await database.start()
    stale = START + 80_000
    async with database.write() as connection:
        up = Transition("device/a", "up", "unknown", START, START, "icmp", "hq", "confirmed", ())
        gone = Transition("device/a", "unknown", "up", stale, stale, "icmp", "hq", "stale", ())
        await ledger.append(connection, [up, gone])
    await database.stop()


def test_late_results_are_shown_and_then_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "noc.yaml").write_text("state_dir: state\n")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "all.yaml").write_text(INVENTORY)
    asyncio.run(fill(tmp_path))
    known, late = write_events(tmp_path / "K.jsonl", KNOWN), write_events(tmp_path / "L.jsonl", LATE)
    config = ("-c", str(tmp_path / "noc.yaml"))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["noc", "ledger", *arguments, *config])
        monkeypatch.setenv("COLUMNS", "200")
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return int(str(code or 0)), captured.out, captured.err

    given = ("restate", "--events", str(late), "--known", str(known), "--poller", "mogadishu")
    code, out, err = run(*given, "--json")
    assert (code, err) == (
        0,
        "24 results not known before, of 1 entity: 1 restatement; nothing was written, --write does it\n",
    )
    shown = json.loads(out)
    assert (shown["written"], shown["unjudged"]) == (False, [])
    (one,) = shown["entities"]
    assert (one["from"], one["to"]) == ("2026-03-01T00:01:20.000Z", "2026-03-01T00:05:20.000Z")
    assert one["before"] == [{"since": "2026-03-01T00:01:20.000Z", "status": "unknown"}]
    assert [state["status"] for state in one["after"]] == ["up", "down", "up"]
    assert len(json.loads(run("list", "--json")[1])) == 2
    code, out, err = run(*given, "--write")
    assert (code, "1 restatement written into the ledger" in err) == (0, True)
    assert "100.000 s" in out
    (restated,) = [one for one in json.loads(run("list", "--json")[1]) if one["record"] == 3]
    assert (restated["kind"], restated["poller"]) == ("restatement", "mogadishu")
    assert run("verify")[0] == 0
    elsewhere = write_events(tmp_path / "E.jsonl", LATE, "device/z")
    code, _, err = run("restate", "--events", str(elsewhere), "--known", str(known), "--poller", "x")
    assert (code, "not judged: device/z" in err) == (1, True)
    against = write_events(tmp_path / "A.jsonl", [(time, False) for time in (2, 4, 6)])
    nothing = write_events(tmp_path / "N.jsonl", [])
    code, _, err = run("restate", "--events", str(against), "--known", str(nothing), "--poller", "x")
    assert (code, "contested, and left as it was, for device/a" in err) == (1, True)
