"""`noc correction` as people and scripts see it: on the state database, with no daemon."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from noc.cli import main
from noc.model.transition import Status, Transition
from noc.state import ledger
from tests.database import empty_database

DOWN_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
MINUTE_MS = 60_000
INVENTORY = """
regions: {africa: {}}
sites: {nairobi: {region: africa, class: hub, edge_devices: [nbo-rtr-1]}}
devices: {nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router}}
"""
OF_IT = ("propose", "site/nairobi", "--from", "2026-03-01T02:50", "--zone", "Africa/Nairobi", "--for", "20m")
WHY = ("--cause", "satellite-weather", "--why", "rain, says the hub", "--evidence", "TT 4711")


class Noc:
    """A folder with settings, an inventory and an outage of ten minutes, and the command run in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        (folder / "noc.yaml").write_text("state_dir: state\n")
        (folder / "inventory").mkdir()
        (folder / "inventory" / "all.yaml").write_text(INVENTORY)
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        database = empty_database(self._folder / "state" / "noc.db")
        await database.start()
        said: list[tuple[int, Status, Status]] = [(-60, "unknown", "up"), (0, "up", "down"), (10, "down", "up")]
        changes = [
            Transition(
                "device/nbo-rtr-1",
                status,
                before,
                DOWN_MS + minutes * MINUTE_MS,
                DOWN_MS + minutes * MINUTE_MS,
                "icmp",
                "hq",
                "confirmed",
                (),
            )
            for minutes, before, status in said
        ]
        async with database.write() as connection:
            await ledger.append(connection, changes)
        await database.stop()

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        self._monkeypatch.setattr(sys, "argv", ["noc", "correction", *arguments, "-c", str(self._folder / "noc.yaml")])
        self._monkeypatch.setenv("LOGNAME", "achieng")
        self._monkeypatch.setenv("COLUMNS", "200")
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        captured = self._capsys.readouterr()
        return int(str(code or 0)), captured.out, captured.err


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Noc:
    return Noc(tmp_path, monkeypatch, capsys)


def test_one_proposes_another_approves(noc: Noc) -> None:
    code, _, err = noc.run(*OF_IT, *WHY)
    assert code == 0
    assert "site/nairobi was down or unreachable for 600.000 s of that time" in err
    assert "correction 1 is proposed; somebody else approves it: noc correction approve 1" in err
    code, _, err = noc.run("approve", "1")
    assert (code, err) == (2, "achieng proposed correction 1; somebody else must decide about it\n")
    assert noc.run("approve", "1", "--by", "berta", "--why", "seen")[::2] == (0, "correction 1 is approved\n")
    assert noc.run("withdraw", "1")[0] == 2
    code, out, _ = noc.run("show", "1", "--json")
    shown = json.loads(out)
    steps = shown.pop("steps")
    assert [(one["record"], one["step"], one["who"]) for one in steps] == [
        (4, "proposed", "achieng"),
        (5, "approved", "berta"),
    ]
    assert shown.pop("down_s") == 600.0
    assert (shown["from"], shown["to"]) == ("2026-02-28T23:50:00.000Z", "2026-03-01T00:10:00.000Z")
    assert (shown["cause"], shown["evidence"], shown["record"]) == ("satellite_weather", ["TT 4711"], 5)
    assert json.loads(noc.run("list", "--json", "--state", "approved")[1]) == [shown]
    assert json.loads(noc.run("list", "--json", "--state", "proposed")[1]) == []
    assert "rain or storm" in noc.run("show", "1")[1]
    assert "satellite_weather" in noc.run("list")[1]


def test_what_is_withdrawn_and_rejected_counts_for_nothing(noc: Noc) -> None:
    for word, who in (("withdraw", "achieng"), ("reject", "berta")):
        noc.run(*OF_IT, *WHY)
        number = json.loads(noc.run("list", "--json", "--last", "1")[1])[0]["id"]
        assert noc.run(word, str(number), "--by", who)[0] == 0
    assert [one["state"] for one in json.loads(noc.run("list", "--json")[1])] == ["rejected", "withdrawn"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("propose", "site/nairobbi", *OF_IT[2:], *WHY), "the inventory has no 'site/nairobbi' (did you mean"),
        (("propose", "nairobi", *OF_IT[2:], *WHY), "entity: "),
        ((*OF_IT[:3], "2126-03-01T00:00Z", "--for", "1h", *WHY), "ask for a window"),
        ((*OF_IT, "--cause", "weather", "--why", "x"), "'weather' is not one of carrier, satellite_weather"),
        ((*OF_IT, "--cause", "lan", "--why", " "), "why: say why that is so"),
        ((*OF_IT[:4], *WHY), "say when it ended"),
        ((*OF_IT[:3], "yesterday", "--for", "1h", *WHY), "'yesterday' is no time"),
        (("show", "9"), "there is no correction 9"),
        (("approve", "9"), "there is no correction 9"),
        (("list", "--state", "open"), "'open' is not one of proposed, approved"),
    ],
)
def test_what_is_refused(noc: Noc, arguments: tuple[str, ...], said: str) -> None:
    code, _, err = noc.run(*arguments)
    assert code == 2
    assert said in err
    assert json.loads(noc.run("list", "--json")[1]) == []


def test_a_time_in_which_nothing_was_down_is_told(noc: Noc) -> None:
    code, _, err = noc.run("propose", "device/nbo-rtr-1", "--from", "2026-03-02T00:00Z", "--for", "1h", *WHY)
    assert code == 0
    assert "was not down in that time: there is nothing to explain" in err
    _, out, _ = noc.run(
        "propose", "interface/nbo-rtr-1/Gi0", "--from", "2026-03-02T00:00Z", "--for", "1h", *WHY, "--json"
    )
    assert json.loads(out)["down_s"] is None
