"""Discovery against real agents: Debian's snmpd on several addresses, and sshd."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.live.conftest import free_udp_port
from tests.live.ssh_server import SshServers
from tests.live.towns import NOC_YAML, PROGRAM, SITES, Town, agent_on, said_by

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Agents nbo-rtr-1 (.1 and .6), nbo-sw-1 (.2), stranger (.3, by v3 alone); the ports of SNMP and of sshd at .5."""
    folder, port = tmp_path_factory.mktemp("agents"), free_udp_port()
    with contextlib.ExitStack() as stack:
        agent_on(stack, folder, "nbo-rtr-1", port, "127.77.0.1", "127.77.0.6")
        agent_on(stack, folder, "nbo-sw-1", port, "127.77.0.2", "::1")
        agent_on(stack, folder, "stranger", port, "127.77.0.3", community="other")
        servers = SshServers(tmp_path_factory.mktemp("sshd"), stack)
        sshd, _ = servers.start(settings=("ListenAddress 127.77.0.5",))
        yield port, sshd.port


@pytest.fixture
def town(agents: tuple[int, int], tmp_path: Path) -> Town:
    """A fresh configuration whose inventory knows nbo-rtr-1 alone."""
    port, ssh = agents
    (tmp_path / "noc.yaml").write_text(NOC_YAML.format(port=port, ssh=ssh))
    secrets = {"wrong": "wrong", "right": "right", "auth": "noc-auth-key-1", "priv": "noc-priv-key-1"}
    for name, secret in secrets.items():
        (tmp_path / name).write_text(f"{secret}\n")
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "sites.yaml").write_text(SITES)
    (inventory / "devices.yaml").write_text(
        f"devices:\n  nbo-rtr-1: {{site: nairobi, address: 127.77.0.1, class: server, snmp_port: {port}}}\n"
    )
    return Town(tmp_path, port)


def test_a_sweep_finds_each_device_once_and_says_what_it_is(town: Town, agents: tuple[int, int]) -> None:
    done = json.loads(town.noc("127.77.0.0/28", "--json").stdout)
    assert (done["addresses"], done["finished"], done["answer_snmp"], done["in_inventory"]) == (13, True, 4, 1)
    found = town.proposals()
    assert set(found) == {"nbo-sw-1", "stranger", "127.77.0.5"}  # nbo-rtr-1 is known, at its other address too
    switch = found["nbo-sw-1"]
    assert (switch["profile"], switch["vendor"], switch["credentials"]) == ("net-snmp-linux", "net-snmp", "field")
    assert (switch["site"], switch["site_why"]) == ("nairobi", "is in the site's subnet 127.77.0.0/28")
    assert switch["engine_id"] == f"80001f8804{b'nbo-sw-1'.hex()}"
    assert found["stranger"]["credentials"] == "third"
    banner = found["127.77.0.5"]
    assert str(banner["banner"]).startswith("SSH-2.0-OpenSSH")
    assert banner["answers"] == ["icmp", "ssh"]


def test_ipv6_is_swept_alike(town: Town) -> None:
    done = json.loads(town.noc("::1", "2001:db8:ffff::/126", "--json").stdout)
    assert (done["addresses"], done["asked"]) == (5, 5)
    found = town.proposals()["nbo-sw-1"]
    assert (found["address"], found["profile"]) == ("::1", "net-snmp-linux")
    town.noc("accept", str(found["id"]), "--site", "brindisi", "--id", "six")
    assert (
        yaml.safe_load((town.folder / "inventory" / "discovered.yaml").read_text())["devices"]["six"]["address"]
        == "::1"
    )
    town.noc("2001:db8::/64", "--force", status=2)


def test_accepting_writes_what_noc_check_finds_right(town: Town) -> None:
    town.noc("127.77.0.2-127.77.0.3")
    found = town.proposals()
    numbers = [str(found[name]["id"]) for name in ("nbo-sw-1", "stranger")]
    town.noc("accept", *numbers, "--class", "switch", "--by", "achieng")
    written = yaml.safe_load((town.folder / "inventory" / "discovered.yaml").read_text())["devices"]
    common = {"site": "nairobi", "class": "switch", "snmp_port": town.port}
    assert written["nbo-sw-1"] == {"address": "127.77.0.2", **common}
    assert written["stranger"] == {"address": "127.77.0.3", **common, "credentials": "third"}
    said_by("check", "-c", str(town.folder / "noc.yaml"))
    assert town.proposals() == {}
    assert json.loads(town.noc("127.77.0.2-127.77.0.3", "--json").stdout)["in_inventory"] == 2
    assert town.proposals() == {}


def test_what_noc_check_finds_wrong_is_withdrawn(town: Town) -> None:
    town.noc("127.77.0.2")
    number = str(town.proposals()["nbo-sw-1"]["id"])
    path = town.folder / "inventory" / "discovered.yaml"
    path.write_text("# ours\ndevices:\n  old: {site: nairobi, address: 127.77.0.7, class: router}\n")
    before = path.read_text()
    sites = town.folder / "inventory" / "sites.yaml"
    # A site whose defaults make a device without SNMP liveness an error shows only when a device stands there.
    sites.write_text(f"{SITES}  empty: {{region: all, class: hub, defaults: {{interval: 60s, stale_after: 30s}}}}\n")
    done = town.noc("accept", number, "--site", "empty", status=2)
    assert "stale_after" in done.stderr
    assert path.read_text() == before
    assert town.proposals()["nbo-sw-1"]["state"] == "new"
    town.noc("accept", number)
    assert path.read_text().startswith(before)


def test_an_inventory_that_is_wrong_already_is_not_touched(town: Town) -> None:
    town.noc("127.77.0.2")
    (town.folder / "inventory" / "more.yaml").write_text("devices: {x: {site: nowhere}}\n")
    town.noc("accept", "1", status=2)
    assert not (town.folder / "inventory" / "discovered.yaml").exists()


def test_ignored_is_not_proposed_again_but_can_be_accepted(town: Town) -> None:
    town.noc("127.77.0.2")
    town.noc("ignore", "1")
    town.noc("127.77.0.2")
    assert town.proposals() == {}
    assert [one["id"] for one in json.loads(town.noc("list", "--state", "ignored", "--json").stdout)] == [1]
    assert "is proposed again" in town.noc("propose", "1").stderr
    assert len(town.proposals()) == 1
    town.noc("propose", "1", status=2)
    (done,) = json.loads(town.noc("ignore", "1", "--json").stdout)
    assert done["state"] == "ignored"
    town.noc("accept", "1")
    assert "already" in town.noc("accept", "1", status=2).stderr
    town.noc("ignore", "7", status=2)


def test_drift_shows_what_changed_and_goes_when_people_agree(town: Town) -> None:
    inventory = town.folder / "inventory"
    (inventory / "more.yaml").write_text(
        "devices:\n"
        f"  edge: {{site: nairobi, address: 127.77.0.2, class: switch, snmp_port: {town.port}}}\n"
        f"  gone: {{site: nairobi, address: 127.77.0.12, class: switch, snmp_port: {town.port}}}\n"
        f"  twin: {{site: nairobi, address: 127.77.0.6, class: server, snmp_port: {town.port}}}\n"
    )
    found = json.loads(town.noc("drift", "--json", status=1).stdout)
    told = {(one["device"], one["kind"]): one for one in found}
    assert told["edge", "name"]["seen"] == "nbo-sw-1"
    assert told["edge", "class"]["seen"] == "server"
    assert "no SNMP agent" in told["gone", "silent"]["seen"]
    assert told["twin", "other-device"]["subject"] == "nbo-rtr-1"
    assert ("nbo-rtr-1", "name") not in told
    town.noc("agree", "edge")
    left = {(one["device"], one["kind"]) for one in json.loads(town.noc("drift", "--last", "--json", status=1).stdout)}
    assert {device for device, _ in left} == {"gone", "twin"}
    town.noc("drift", "--device", "edge")
    town.noc("agree", "gone", status=3)
    town.noc("drift", "--device", "egde", status=2)


def test_a_line_with_a_byte_budget_is_asked_only_when_a_person_says_so(town: Town) -> None:
    sites = town.folder / "inventory" / "sites.yaml"
    sites.write_text(sites.read_text().replace("class: rtc,", "class: rtc, budget: 64KiB/h,"))
    told = town.noc("127.77.0.0/28", status=2).stderr
    assert "site/nairobi has a byte budget of 64 KiB an hour, 0 KiB of it spent in the last: 13 of these" in told
    assert "which takes about 11 KiB where only devices of the inventory answer, 117 KiB where all do" in told
    assert "--over-budget" in told
    assert town.proposals() == {}
    done = town.noc("127.77.0.0/28", "--json", "--over-budget")
    assert "the daemon counts it, and asks less for an hour" in done.stderr
    assert json.loads(done.stdout)["answer_snmp"] == 4
    told = town.noc("127.77.0.0/28", status=2).stderr
    spent = re.search(r"an hour, (\d+) KiB of it spent", told)
    assert spent is not None
    assert 2 <= int(spent[1]) <= 117


def test_nothing_that_is_excluded_or_not_there_answers(town: Town) -> None:
    assert "no address is left" in town.noc("127.77.0.9", status=2).stderr
    town.noc("127.77.0.2", "--exclude", "127.77.0.0/24", status=2)
    text = (town.folder / "noc.yaml").read_text().replace("discovery: {", "discovery: {ping: never, ")
    (town.folder / "noc.yaml").write_text(text)
    assert "nothing answered" in town.noc("127.77.0.8", status=3).stderr


@pytest.mark.parametrize("with_signal", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_what_was_found_before_it_was_broken_off_is_kept(town: Town, with_signal: signal.Signals) -> None:
    text = (town.folder / "noc.yaml").read_text().replace("discovery: {", "discovery: {per_second: 4, ")
    (town.folder / "noc.yaml").write_text(text)
    command = [*PROGRAM, "discover", "127.77.0.0/25", "-c", str(town.folder / "noc.yaml")]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:  # of progress: a tenth is begun
            assert "devices answer" in line
            break
        process.send_signal(with_signal)
        rest = process.stderr.read()
        assert process.wait(30) == 130, rest
    assert "broken off after" in rest
    assert "nbo-sw-1" in town.proposals()
    text = (town.folder / "noc.yaml").read_text().replace("per_second: 4", "per_second: 400")
    (town.folder / "noc.yaml").write_text(text)
    done = json.loads(town.noc("sweep", "--resume", "--json").stdout)
    assert (done["done"], done["finished"]) == (125, True)
    assert done["asked"] < 125
    assert "no sweep was broken off" in town.noc("sweep", "--resume", status=2).stderr
