"""`noc explain` as people and scripts see it: on the state database, with no daemon."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from noc.cli import main
from noc.cli._figure import Figure, figure_of
from noc.model.errors import UsageError
from noc.model.transition import Status, Transition
from noc.state import corrections, ledger
from tests.database import empty_database

START_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
MINUTE_MS = 60_000
INVENTORY = """
regions: {africa: {}}
sites: {nairobi: {region: africa, class: hub, name: Nairobi, weight: 2, edge_devices: [nbo-1, nbo-2]}}
devices:
  nbo-1: {site: nairobi, address: 192.0.2.1, class: router}
  nbo-2: {site: nairobi, address: 192.0.2.2, class: router}
"""
HOUR = ("--from", "2026-03-01T00:00:00Z", "--to", "2026-03-01T01:00:00Z")


def transition(entity: str, minutes: int, status: Status, before: Status) -> Transition:
    since_ms = START_MS + minutes * MINUTE_MS
    seen = ((since_ms, status == "up"), (since_ms + 30_000, status == "up"))
    at = since_ms + 30_000
    return Transition(entity, status, before, since_ms, at, "icmp", "hq", "confirmed", seen, vantage="brindisi")


class Noc:
    """Two routers: the one down from 10 to 30 minutes past midnight, the other from 20 to 40; the site, 20 to 30."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        (folder / "noc.yaml").write_text("state_dir: state\n")
        (folder / "inventory").mkdir()
        (folder / "inventory" / "all.yaml").write_text(INVENTORY)
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        database = empty_database(self._folder / "state" / "noc.db")
        await database.start()
        async with database.write() as connection:
            for number, down, up in ((1, 10, 30), (2, 20, 40)):
                device, interface = f"device/nbo-{number}", f"interface/nbo-{number}/Gi0/1"
                changes = [
                    transition(device, -60, "up", "unknown"),
                    transition(device, down, "down", "up"),
                    transition(device, up, "up", "down"),
                    transition(interface, 30, "up", "unknown"),
                ]
                await ledger.append(connection, changes)
            start_ms, end_ms, now_ms = START_MS, START_MS + 25 * MINUTE_MS, START_MS + 120 * MINUTE_MS
            held = await corrections.propose(
                connection, "site/nairobi", start_ms, end_ms, "power", who="ann", why="UPS", now_ms=now_ms
            )
            await corrections.decide(connection, held.number, "approved", who="bob", why="", now_ms=now_ms)
        await database.stop()

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setenv("COLUMNS", "240")
        self._monkeypatch.setattr(sys, "argv", ["noc", "explain", *arguments, "-c", str(self._folder / "noc.yaml")])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def document(self, *arguments: str) -> dict[str, Any]:
        code, out, err = self.run(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Noc:
    return Noc(tmp_path, monkeypatch, capsys)


def test_a_site_is_explained_by_its_intervals_and_the_evidence_of_its_devices(noc: Noc) -> None:
    found = noc.document("site/nairobi", *HOUR)
    measured = found["measured"]
    assert (measured["up_s"], measured["down_s"], measured["outages"]) == (3000.0, 600.0, 1)
    assert found["causes"] == {"power": 300.0, "unknown": 300.0}
    assert found["degraded_s"] == 1200.0
    assert [(one["from"][11:16], one["state"]) for one in found["intervals"]] == [
        ("00:00", "up"),
        ("00:20", "down"),
        ("00:30", "up"),
    ]
    assert sum(member["down_s"] for member in found["members"]) == 2400.0
    assert [(one["record"], one["entity"], one["status"]) for one in found["evidence"]] == [
        (1, "device/nbo-1", "up"),
        (2, "device/nbo-1", "down"),
        (3, "device/nbo-1", "up"),
        (5, "device/nbo-2", "up"),
        (6, "device/nbo-2", "down"),
        (7, "device/nbo-2", "up"),
    ]
    evidence = found["evidence"][1]
    assert (evidence["poller"], evidence["vantage"], evidence["rule"]) == ("hq", "brindisi", "availability/1")
    assert evidence["results"][0] == {"time": "2026-03-01T00:10:00.000Z", "ok": False}
    assert [(one["record"], one["step"]) for one in found["decisions"]] == [(9, "proposed"), (10, "approved")]
    assert found["known_at"]["record"] == 10


def test_what_later_records_say_does_not_count_as_known_before_them(noc: Noc) -> None:
    found = noc.document("site/nairobi", *HOUR, "--known", "3")
    # The second router was never heard of: the site has the first one's word alone, and is unknown while it is down.
    assert found["known_at"]["record"] == 3
    assert found["evidence_until"] == "2026-03-01T00:30:30Z"
    assert (found["measured"]["up_s"], found["measured"]["unknown_s"]) == (630.0, 2970.0)
    assert (found["causes"], found["decisions"]) == ({}, [])


def test_sums_name_what_they_add_up_and_parts_are_explained_too(noc: Noc) -> None:
    network = noc.document("network", *HOUR)
    assert (network["measured"]["up_s"], network["members"][0]["weight"]) == (6000.0, 2.0)
    assert noc.document("/availability?region=africa", *HOUR)["measured"] == network["measured"]
    part = noc.document("interface/nbo-1/Gi0/1", *HOUR)
    assert (part["measured"]["up_s"], part["measured"]["unknown_s"]) == (1800.0, 1800.0)
    assert [one["record"] for one in part["evidence"]] == [4]


def test_people_read_the_sum_the_intervals_and_who_saw_what(noc: Noc) -> None:
    code, out, err = noc.run("/api/v1/availability/sites/nairobi?from=2026-03-01T00:00:00Z&to=2026-03-01T01:00:00Z")
    assert code == 0, err
    assert out.startswith(
        "site/nairobi (Nairobi)\nfrom 2026-03-01T00:00:00Z to 2026-03-01T01:00:00Z\nas known at record 10"
    )
    assert "availability          83.333333333        83.333333333    100 x up / (agreed - unknown)" in out
    assert "hq (icmp) from brindisi" in out
    assert "failed +0 failed +30" in out
    assert "why it was down: no power 300 s, nobody knows 300 s" in out
    assert "and 4 rows more: --last 6, or --json" in noc.run("site/nairobi", *HOUR, "--last", "2")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("site/none", *HOUR), "'site/none' has no figure"),
        (("interface/nbo-1/none", *HOUR), "has no figure"),
        (("site/nairobi", "--period", "2026-13"), "is no period"),
        (("site/nairobi", "--from", "2026-03-01T00:00:00Z"), "go together"),
        (("site/nairobi", *HOUR, "--known", "11"), "has no record 11"),
        (("site/nairobi", "--report", "1"), "no report 1"),
        (("/problems", *HOUR), "shows no figure"),
        (("network", "--zone", "Africa/Nowhere"), "no IANA time zone"),
    ],
)
def test_what_can_not_be_explained_is_said(noc: Noc, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = noc.run(*arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_addresses_name_figures() -> None:
    assert figure_of("site/nairobi") == Figure("site/nairobi")
    page = figure_of("https://noc.example/availability?period=2026-02&region=africa")
    assert (page.entity, page.period) == ("region/africa", "2026-02")
    assert figure_of("/sites/nairobi").entity == "site/nairobi"
    one = figure_of("/api/v1/availability/entity?entity=interface%2Fa%2FGi0%2F1&known=7")
    assert (one.entity, one.known) == ("interface/a/Gi0/1", 7)
    assert figure_of("/api/v1/availability").entity == "network"
    with pytest.raises(UsageError):
        figure_of("/api/v1/availability/nonsense/x")
