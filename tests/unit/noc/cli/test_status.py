"""`noc status` as people and scripts see it: on the state database, with no daemon."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from noc.cli import main
from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.model.transition import Transition
from noc.state import ledger
from tests.database import empty_database

INVENTORY = (
    "regions: {africa: {name: Africa}}\n"
    "sites: {nairobi: {name: Nairobi, region: africa, class: rtc, edge_devices: [nbo-rtr-1]}}\n"
    "devices: {nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router}}\n"
)
SETTINGS = (
    "state_dir: state\n"
    "credentials: {standard: {snmp: {version: 2c, community: !secret env:COMMUNITY}}}\n"
    "defaults: {credentials: standard}\n"
    "objectives: {sites: {nairobi: 99.5}}\n"
)
LAST_MS = to_ms(SystemClock().now()) // 60_000 * 60_000 - 3_600_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, and a ledger whose last record, of an hour ago, says that the router is down."""
    (tmp_path / "noc.yaml").write_text(SETTINGS)
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "all.yaml").write_text(INVENTORY)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("COMMUNITY", "public")

    async def write() -> None:
        database = empty_database(tmp_path / "state" / "noc.db")
        await database.start()
        began, fell = LAST_MS - 600_000, LAST_MS - 60_000
        changes = [
            Transition("device/nbo-rtr-1", "up", "unknown", began, began + 1, "icmp", "here", "confirmed", ()),
            Transition("device/nbo-rtr-1", "down", "up", fell, LAST_MS, "icmp", "here", "confirmed", ()),
        ]
        async with database.write() as connection:
            await ledger.append(connection, changes)
        await database.stop()

    asyncio.run(write())
    return tmp_path


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Return the exit code."""
    monkeypatch.setattr(sys, "argv", ["noc", "status", *arguments, "-c", str(folder / "noc.yaml")])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_a_page_for_people(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, monkeypatch, "--period", "30d") == 1
    told = capsys.readouterr()
    assert told.err.startswith("noc isn't running; this is how things stood at ")
    lines = told.out.splitlines()
    assert lines[:2] == ["sites      1 down", "devices    1 down"]
    assert "ledger     2 records, the last hash " in told.out
    table = [line.split() for line in lines if line.split()[:1] in (["network"], ["Africa"], ["Nairobi"])]
    # Nine minutes up and one down of ten that were seen, and the rest of the 30 days unknown.
    assert [row[:3] for row in table] == [
        ["network", "99.8", "90.000"],
        ["Africa", "99.8", "90.000"],
        ["Nairobi", "99.5", "90.000"],
    ]


def test_a_document_for_scripts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, monkeypatch, "--period", "30d", "--json") == 1
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert told.err == ""
    assert found["running"] is False
    assert found["states"]["site"] == {"up": 0, "down": 1, "unreachable": 0, "unknown": 0}
    assert found["network"]["budget"]["spent_min"] == 1.0
    (worst,) = found["worst"]
    assert (worst["entity"], worst["said_of"], worst["target_pct"]) == ("site/nairobi", "site/nairobi", 99.5)
    assert worst["budget"]["allowed_min"] == pytest.approx(30 * 24 * 60 * 0.005)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--period", "soon"), "--period: 'soon' is no period; write 2026-10 (a month)"),
        (("--zone", "Mars"), "--zone: 'Mars' is no time zone"),
    ],
)
def test_what_is_no_period_is_told(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    assert run(folder, monkeypatch, *arguments) == 2
    assert capsys.readouterr().err.startswith(said)
