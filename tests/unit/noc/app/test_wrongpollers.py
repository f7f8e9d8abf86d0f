"""Groups of pollers that poll nothing, and brokers that can't be spoken to, are told with their place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from noc.app.brokerfiles import Wanted, let_in, write
from noc.bus.identity import Enrolled, written
from tests.unit.noc.app.conftest import CLEAN, Checking

HEAD = "pollers:\n  broker: {host: mqtt.example.org, tls: true}\n"
RIGHT = "  groups: {africa: {scope: [region/africa, site/nairobi, device/nbo-rtr-1], uplink: [device/nbo-rtr-1]}}\n"


def saying(text: str, head: str = HEAD) -> dict[str, str | None]:
    return {"noc.yaml": CLEAN["noc.yaml"] + head + text}


def test_all_that_is_right_is_taken(checking: Checking) -> None:
    write(checking.folder / "b", Wanted(("a",), 1, Path("/b"), Path("/s"), 9), datetime(2026, 1, 1, tzinfo=UTC))
    head = (
        "pollers:\n  broker: {host: a, tls: true, ca_file: b/ca.crt, username: noc-centre,"
        " password: !secret file:b/noc-centre.password}\n  broker_files: b\n"
    )
    assert checking.messages(saying(RIGHT, head)) == []


def test_a_broker_that_would_drop_what_pollers_say_by_now_is_a_warning(checking: Checking) -> None:
    folder = checking.folder / "b"
    write(folder, Wanted(("a",), 1, Path("/b"), Path("/s"), 9), datetime(2026, 1, 1, tzinfo=UTC))
    for number in range(7):
        let_in(folder, f"noc-poller-p{number}", "secret", [])
    (said,) = checking.messages(saying("  broker_files: b\n" + RIGHT))
    assert "noc.yaml:5:17: warning: pollers.broker_files: b/acl lacks topics of p0, p1, p2, p3, p4 and 2 more" in said
    assert "`noc broker config b` adds them; copy acl to the broker" in said


def test_scopes_and_uplinks_of_nothing_are_told_with_what_was_meant(checking: Checking) -> None:
    text = "  groups:\n    a: {scope: [site/nairobbi, circuit/x, region/africa], uplink: [device/nbo-rtr-2]}\n"
    place, group = "noc.yaml:6:{}: error: ", "pollers.groups.a."
    near_device = "(did you mean 'device/nbo-rtr-1'?)"
    near, write_it = "(did you mean 'site/nairobi'?)", "write region/NAME, site/NAME or device/NAME"
    assert checking.messages(saying(text)) == [
        f"{place.format(17)}{group}scope: there is no entity 'site/nairobbi' {near}",
        f"{place.format(32)}{group}scope: 'circuit/x' is no region, site or device: {write_it}",
        f"{place.format(68)}{group}uplink: there is no entity 'device/nbo-rtr-2' {near_device}; write device/NAME",
    ]


def test_a_group_without_devices_is_a_warning(checking: Checking) -> None:
    inventory = CLEAN["inventory/all.yaml"].replace("{africa: {}}", "{africa: {}, asia: {}}")
    found = checking.run({**saying("  groups: {a: {scope: [region/asia]}}\n"), "inventory/all.yaml": inventory})
    said = [str(one) for one in found.findings if one.file == "noc.yaml"]
    assert said == ["noc.yaml:5:23: warning: pollers.groups.a: no device is in its scope"]
    assert found.ok


def test_groups_and_states_need_a_broker(checking: Checking) -> None:
    said = checking.messages(saying("  state_out: true\n" + RIGHT, "pollers:\n"))
    assert said[0] == "noc.yaml:4:14: error: pollers.state_out: there is no broker to publish on (pollers.broker)"
    assert said[1].startswith("noc.yaml:5:3: error: pollers.broker is missing: over what do these groups speak?")
    assert len(said) == 2


def test_half_a_log_in_an_open_password_and_what_is_no_certificate_are_told(checking: Checking) -> None:
    half = "pollers:\n  broker: {host: a, username: x, ca_file: community}\n"
    said = checking.messages(saying(RIGHT, half))
    assert "pollers.broker: username and password are given together, or neither" in said[0]
    assert "pollers.broker.ca_file is for connections with tls: true" in said[1]
    open_one = "pollers:\n  broker: {host: a, username: x, password: !secret file:community}\n"
    (warned,) = checking.messages(saying(RIGHT, open_one))
    assert "warning: pollers.broker: the password, and all that is said, can be read on the way" in warned
    assert checking.messages(saying(RIGHT, open_one.replace("host: a", "host: 127.0.0.1"))) == []
    (said_of_ca,) = checking.messages(saying(RIGHT, "pollers:\n  broker: {host: a, tls: true, ca_file: community}\n"))
    assert "holds no certificate in PEM" in said_of_ca


def test_a_folder_of_something_else_and_a_name_that_is_taken_are_told(checking: Checking) -> None:
    text = "  broker_files: inventory\n  lost_after: 5s\n  groups: {main: {scope: [region/africa]}}\n"
    files = saying(text + "polling: {poller: main}\n")
    said = checking.messages(files)
    assert "broker_files: inventory is no folder that `noc broker config` wrote" in said[0]
    assert "lost_after: a poller speaks every 10s at most; give it 30s or more" in said[1]
    assert "'main' is the name of this centre" in said[2]
    assert len(said) == 3


def test_a_poller_of_a_group_that_is_gone_is_a_warning(checking: Checking) -> None:
    folder = checking.folder / "state" / "pollers"
    folder.mkdir(parents=True)
    known = Enrolled(poller="nbo-1", group="afrika", user="u", key="A" * 43 + "=", at_ms=0, by="me")
    (folder / "nbo-1.json").write_bytes(written(known))
    (folder / "x.json").write_text("{}")
    said = checking.messages(saying(RIGHT + "state_dir: state\n"))
    assert "'nbo-1' is enrolled in 'afrika', which is not there (did you mean 'africa'?)" in said[1]
    assert "x.json: it can't be read" in said[0]
