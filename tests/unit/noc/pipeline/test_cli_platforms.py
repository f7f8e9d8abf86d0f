"""What is asked by SSH on each platform, on the short answers of `cli_answers.yaml`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from noc.inventory.profiles.cli import load_cli
from noc.inventory.shipped import shipped
from noc.model.reading import CliRow, Reading, SshAnswer
from noc.model.snapshot import Scalar, Snapshot
from noc.pipeline.cli import CliViews
from noc.wire.cliparser import _FAMILIES
from noc.wire.clitemplates import Templates, answer

SHIPPED, _ = load_cli([shipped("profiles")])
TEMPLATES = Templates([shipped("profiles") / "cli"])
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIELDS = {
    "vpn_tunnels": ("name", "peer", "oper_status"),
    "ospf_neighbors": ("neighbor", "router_id", "state", "vrf"),
    "bgp_peers": ("peer", "remote_as", "state", "admin_status", "vrf"),
    "mpls_ldp_sessions": ("peer", "state"),
}


@dataclass(frozen=True)
class Case:
    """What a device prints, and what comes of it."""

    platform: str
    command: str
    text: str
    sensors: dict[str, Scalar] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    identity: tuple[str | None, ...] = ()

    def __str__(self) -> str:
        return f"{self.platform}: {self.command}"


CASES = [Case(**one) for one in yaml.safe_load(Path(__file__).with_name("cli_answers.yaml").read_text())]


def told(case: Case) -> Snapshot:
    how = next(one for one in SHIPPED[case.platform].commands if one.command.text == case.command)
    family = SHIPPED[case.platform].templates or _FAMILIES[case.platform]
    rows, reason = json.loads(answer(TEMPLATES, json.dumps([family, case.command, how.template, case.text]).encode()))
    assert reason is None
    cells: tuple[CliRow, ...] = tuple(
        {name: tuple(cell) if isinstance(cell, list) else cell for name, cell in row.items()} for row in rows
    )
    given = SshAnswer(case.platform, case.command, case.text, 0.1, cells)
    found = CliViews(lambda: SHIPPED).take_ssh(
        "device/a", Reading("ssh", "192.0.2.1", "centre", NOW, 0.5, ssh=(given,))
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize("case", [one for one in CASES if one.sensors], ids=str)
def test_sensors_by_kind_and_name(case: Case) -> None:
    found = {f"{one.kind} {one.name}": one.status if one.kind == "state" else one.value for one in told(case).sensors}
    assert found == case.sensors


@pytest.mark.parametrize("case", [one for one in CASES if one.rows], ids=str)
def test_rows_of_lists(case: Case) -> None:
    ((name, rows),) = [(name, rows) for name, rows in told(case).records.items() if rows]
    assert [" ".join(str(row[key]) for key in FIELDS[name]) for row in rows] == list(case.rows)


@pytest.mark.parametrize("case", [one for one in CASES if one.identity], ids=str)
def test_who_the_device_is(case: Case) -> None:
    device = told(case).device
    assert [device.vendor, device.version, device.model, device.serial] == list(case.identity)
