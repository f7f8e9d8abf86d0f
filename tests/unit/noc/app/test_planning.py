"""Plans of pollers: what a poller reads of its plan is what the centre has of these devices, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from noc.app.build import plan_of
from noc.app.check import CheckResult, check
from noc.app.planning import plan_files
from noc.app.probeplan import probe_plan_of
from noc.bus.plans import digest
from noc.inventory.endpoints import HttpProbe
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


ENDPOINTS = """\
endpoints:
  web: {site: nairobi, interval: 30s, http: {url: "https://web.example/", ca_file: ca.pem, text: ok, within: 2s,
    headers: {X-Key: !secret file:password}}}
  mail: {site: nairobi, asked_by: centre, smtp: {host: mail.example}}
  far: {site: gao, tcp: {host: far.example, port: 7}}
  clock: {site: nairobi, ntp: {host: time.example}}
"""


def with_endpoints(centre: CheckResult) -> CheckResult:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2026, 1, 1)).not_valid_after(datetime(2036, 1, 1))  # noqa: DTZ001
    (centre.folder / "ca.pem").write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (centre.folder / "inventory" / "applications.yaml").write_text(ENDPOINTS)
    checked = check(centre.folder / "noc.yaml", {"HOME": "x"})
    assert checked.ok, checked.findings
    return checked


def test_end_points_of_its_sites_go_along_with_what_it_takes_to_ask_them(centre: CheckResult, tmp_path: Path) -> None:
    before = plan_files(centre, "nbo-1", "east")
    assert b"endpoints" not in before["inventory/plan.yaml"]
    whole = with_endpoints(centre)
    files = plan_files(whole, "nbo-1", "east")
    found = unpacked(files, tmp_path / "poller")
    assert found.findings == ()
    assert found.inventory is not None
    assert whole.inventory is not None
    assert found.inventory.endpoints.keys() == {"web", "clock"}
    plan, centres = probe_plan_of(found.inventory, found.folder), probe_plan_of(whole.inventory, whole.folder)
    assert {*plan.checks()} == {one for one in centres.checks() if one.entity in ("endpoint/clock", "endpoint/web")}
    asked, meant = plan.endpoints["web"].probe, whole.inventory.endpoints["web"].probe
    assert isinstance(asked, HttpProbe)
    assert files[asked.ca_file or ""] == (whole.folder / "ca.pem").read_bytes()
    assert asked.model_copy(update={"ca_file": "ca.pem", "headers": {}}) == meant.model_copy(update={"headers": {}})
    assert plan.headers["web"]["X-Key"].reveal() == "the password ${HOME}"
    told = b"\n".join(files.values())
    assert b"mail.example" not in told
    assert b"far.example" not in told


def test_certificates_that_are_too_many_are_told_before(centre: CheckResult) -> None:
    whole = with_endpoints(centre)
    path = whole.folder / "ca.pem"
    path.write_bytes(path.read_bytes() * 2_000)
    found = [one for one in check(whole.folder / "noc.yaml", {"HOME": "x"}).findings if one.level == "error"]
    assert "endpoint 'web': http.ca_file:" in str(found[0])
    assert "octets are too much for plans of pollers" in str(found[0])
    with pytest.raises(UsageError, match="too much for plans of pollers"):
        plan_files(whole, "nbo-1", "east")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("far: {site: gao,", "far: {site: gao, asked_by: pollers,", "endpoint 'far': asked_by: pollers, and no group"),
        ("time.example", "127.0.0.1", "endpoint 'clock': 127.0.0.1 is a poller's own machine"),
        ("https://web.example/", "https://localhost/", "endpoint 'web': localhost is a poller's own machine"),
    ],
    ids=["nobody", "address", "name"],
)
def test_what_no_poller_can_ask_is_told(centre: CheckResult, old: str, new: str, said: str) -> None:
    whole = with_endpoints(centre)
    path = whole.folder / "inventory" / "applications.yaml"
    path.write_text(path.read_text().replace(old, new))
    assert [one for one in check(whole.folder / "noc.yaml", {"HOME": "x"}).findings if said in str(one)]


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
