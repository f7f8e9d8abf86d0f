"""Plans of pollers: what a poller reads of its plan is what the centre has of these devices, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from noc.app.build import plan_of
from noc.app.check import CheckResult, check
from noc.app.planning import plan_files
from noc.bus.plans import digest
from noc.model.errors import UsageError

SETTINGS = """\
state_dir: state
credentials:
  v3: {snmp: {version: 3, user: noc, auth: SHA-256, auth_key: !secret file:auth,
    priv: AES-128, priv_key: !secret file:priv}}
  both: {snmp: {version: 2c, community: !secret file:community}, ssh: {user: noc, password: !secret file:password}}
  hidden: {snmp: {version: 2c, community: !secret file:elsewhere}}
defaults: {interval: 10s, poll_interval: 60s}
classes: {devices: {router: {credentials: both, confirm_down: 2}}}
profiles: own
polling: {poller: hq}
ssh: {max_sessions: 4}
pollers:
  broker: {host: 127.0.0.1}
  groups:
    east: {scope: [region/east], vantage: nairobi, uplink: [device/a], budget: 500000}
"""
INVENTORY = """\
regions: {east: {name: "East ${HOME} \\"1\\""}, west: {name: West}}
sites:
  nairobi: {region: east, class: hub, edge_devices: [a], defaults: {timeout: 700ms}, budget: 1MB/h}
  gao: {region: west, class: field}
devices:
  a: {site: nairobi, address: 192.0.2.1, class: router, upstream: [c], ssh: {checks: [bgp], every: 10m}, backup: {}}
  b: {site: nairobi, address: "2001:db8::2", class: switch, liveness: "tcp:22", credentials: v3, port_addresses: never}
  c: {site: gao, address: 192.0.2.3, class: router, credentials: hidden}
circuits:
  line: {kind: satellite, site: nairobi, byte_budget_per_hour: 2MB,
    a: {device: a, interface: x}, z: {device: c, interface: y}}
"""


@pytest.fixture
def centre(tmp_path: Path) -> CheckResult:
    folder = tmp_path / "centre"
    (folder / "inventory").mkdir(parents=True)
    (folder / "own" / "cli").mkdir(parents=True)
    (folder / "own" / "README").write_text("nothing")
    (folder / "noc.yaml").write_text(SETTINGS)
    (folder / "inventory" / "all.yaml").write_text(INVENTORY)
    for name in ("auth", "priv", "community", "password", "elsewhere"):
        (folder / name).write_text(f"the {name} ${{HOME}}\n")
    checked = check(folder / "noc.yaml", {"HOME": "x"})
    assert checked.ok, checked.findings
    return checked


def unpacked(files: dict[str, bytes], folder: Path) -> CheckResult:
    for path, octets in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(octets)
    return check(folder / "noc.yaml", {})


def test_a_poller_watches_its_devices_as_the_centre_would(centre: CheckResult, tmp_path: Path) -> None:
    found = unpacked(plan_files(centre, "nbo-1", "east"), tmp_path / "poller")
    assert found.findings == ()
    plan, whole = plan_of(found), plan_of(centre)
    assert plan.inventory.devices.keys() == {"a", "b"}
    for name, device in plan.inventory.devices.items():
        assert device == replace(whole.inventory.devices[name], upstream=())
    assert {check.key: check for check in plan.checks()} == {
        check.key: check for check in whole.checks() if check.entity != "device/c"
    }
    assert plan.snmp == {name: whole.snmp[name] for name in ("both", "v3")}
    assert plan.ssh == {"both": whole.ssh["both"]}
    assert plan.inventory.regions["east"].name == 'East x "1"'
    assert plan.inventory.circuits["line"].bytes_an_hour == 2_000_000
    assert plan.inventory.sites["nairobi"].budget == 1_000_000
    assert found.settings is not None
    assert found.settings.polling.poller == "nbo-1"
    assert found.settings.polling.uplink == ("device/a",)
    assert found.settings.pollers.groups["east"].budget == 500_000


def test_a_plan_tells_nothing_of_others(centre: CheckResult) -> None:
    files = plan_files(centre, "nbo-1", "east")
    assert files == plan_files(centre, "nbo-1", "east")
    assert digest(files) != digest(plan_files(centre, "nbo-2", "east"))
    told = b"\n".join(files.values())
    for secret in (b"elsewhere", b"gao", b"192.0.2.3", b"hidden"):
        assert secret not in told
    assert b"the password" not in files["noc.yaml"]
    assert files["own/README".replace("own", "profiles")] == b"nothing"


def test_a_group_that_there_is_not_is_told(centre: CheckResult) -> None:
    with pytest.raises(UsageError, match=r"no group 'west' in pollers\.groups"):
        plan_files(centre, "gao-1", "west")
