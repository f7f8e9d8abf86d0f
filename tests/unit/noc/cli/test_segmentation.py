"""`noc segmentation` on the state database, with no daemon."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from noc.cli import main
from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.model.segmentation import Proof
from noc.state import proofs
from tests.database import empty_database

SETTINGS = (
    "state_dir: state\n"
    "credentials: {standard: {snmp: {version: 2c, community: !secret env:COMMUNITY}}}\n"
    "defaults: {credentials: standard}\n"
)
WALLS = (
    "segmentation:\n"
    "  segments: {field: {networks: [10.1.0.0/16]}, hq: {networks: [192.0.2.0/24]}}\n"
    "  statements: {field-hq: {from: field, must_not_reach: hq, ports: [22]}}\n"
)
INVENTORY = (
    "regions: {africa: {}}\nsites: {s: {region: africa, class: rtc, edge_devices: [a]}}\n"
    "devices: {a: {site: s, address: 192.0.2.1, class: router}}\n"
)


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, settings: str, *arguments: str) -> int:
    """Return the exit code."""
    (folder / "noc.yaml").write_text(settings)
    (folder / "inventory").mkdir(exist_ok=True)
    (folder / "inventory" / "all.yaml").write_text(INVENTORY)
    monkeypatch.setenv("COMMUNITY", "public")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["noc", "segmentation", *arguments, "-c", str(folder / "noc.yaml")])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_where_nothing_is_stated_it_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, monkeypatch, SETTINGS) == 0
    assert "write segmentation: statements: into the settings" in capsys.readouterr().err


def test_a_wall_that_holds_is_all_well_with_its_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at_ms = to_ms(SystemClock().now())
    proof = Proof("field-hq", at_ms, "probe", "poller/x", "10.1.0.5", "192.0.2.1", 22, "prohibited", "10.1.0.1")

    async def write() -> None:
        database = empty_database(tmp_path / "state" / "noc.db")
        await database.start()
        async with database.write() as connection:
            await proofs.add(connection, [proof])
        await database.stop()

    asyncio.run(write())
    assert run(tmp_path, monkeypatch, SETTINGS + WALLS) == 0
    assert "10.1.0.5 to 192.0.2.1 port 22: prohibited by 10.1.0.1" in capsys.readouterr().out
    assert run(tmp_path, monkeypatch, SETTINGS + WALLS, "--json") == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["verdict"], shown["last"]["by"], shown["asked"], shown["pairs"]) == ("held", "10.1.0.1", 1, 1)
