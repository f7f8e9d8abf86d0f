"""What SSH tells stands beside what SNMP tells, where SNMP tells nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from noc.inventory.profiles.cli import Catalogue, cli_names, load_cli
from noc.inventory.shipped import shipped
from noc.inventory.ssh import SshCheck
from noc.model.command import PLATFORMS
from noc.model.reading import CliRow, Failure, FailureKind, HostKeyChange, Reading, SshAnswer
from noc.model.snapshot import DeviceIdentity, Scalar, Sensor, Snapshot
from noc.pipeline.cli import CliViews
from noc.pipeline.clirhythm import CliRhythm, wanted
from noc.pipeline.normalise import samples
from noc.pipeline.probes import probe_samples

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHIPPED, _ = load_cli([shipped("profiles")])
IDENTITY = DeviceIdentity(
    "192.0.2.1", "1.3", "nbo-rtr-1", "Cisco", 1.0, "Cisco", "ios", None, None, None, None, "cisco"
)
BGP_ROWS: tuple[CliRow, ...] = (
    {"bgp_neighbor": "192.0.2.9", "neighbor_as": "64500", "state_or_prefixes_received": "12"},
    {"bgp_neighbor": "192.0.2.10", "neighbor_as": "64501", "state_or_prefixes_received": "Idle (Admin)"},
)


def views(catalogue: Catalogue = SHIPPED) -> CliViews:
    return CliViews(lambda: catalogue)


def reading(at: datetime = NOW, **answers: tuple[CliRow, ...]) -> Reading:
    ssh = tuple(SshAnswer("cisco-ios", command.replace("_", " "), "…", 0.1, rows) for command, rows in answers.items())
    return Reading("ssh", "192.0.2.1", "centre", at, 0.5, ssh=ssh)


def peers(snapshot: Snapshot) -> list[tuple[Scalar, ...]]:
    return [(row["peer"], row["remote_as"], row["state"], row["admin_status"]) for row in snapshot.records["bgp_peers"]]


def polled(**lists: tuple[Mapping[str, Scalar], ...]) -> Snapshot:
    return Snapshot(IDENTITY, records=lists)


def test_rows_become_peers_with_the_words_of_snmp() -> None:
    told = views().take_ssh("device/a", reading(show_ip_bgp_summary=BGP_ROWS))
    assert told is not None
    new, whole = told
    expected = [("192.0.2.9", 64500, "established", None), ("192.0.2.10", 64501, "idle", "stop")]
    assert peers(new) == peers(whole) == expected
    (table,) = samples(new, NOW, {"device": "a"})
    assert (table.measurement, [row[0] for row in table.values]) == ("noc_bgp_peer", [6.0, 1.0])


def test_a_list_that_snmp_gives_is_left_to_snmp() -> None:
    one = views()
    theirs = {"peer": "192.0.2.1", "remote_as": 1, "state": "idle", "admin_status": None, "uptime_s": 1.0}
    one.take_snmp("device/a", polled(bgp_peers=(theirs,)), NOW)
    told = one.take_ssh("device/a", reading(show_ip_bgp_summary=BGP_ROWS))
    assert told is not None
    assert told[0].records.get("bgp_peers", ()) == ()
    assert [row["peer"] for row in told[1].records["bgp_peers"]] == ["192.0.2.1"]
    other = one.take_snmp("device/a", polled(bgp_peers=()), NOW)
    assert len(other.records["bgp_peers"]) == 2  # and SNMP tells of none any more


def test_who_the_device_is_is_filled_in_where_snmp_does_not_say() -> None:
    one = views()
    one.take_snmp("device/a", polled(), NOW)
    rows: tuple[CliRow, ...] = ({"version": "15.2(7)E3", "hardware": ("WS-C2960", "x"), "serial": ("FOC1", "FOC2")},)
    told = one.take_ssh("device/a", reading(show_version=rows))
    assert told is not None
    device = told[1].device
    assert (device.version, device.model, device.serial) == ("15.2(7)E3", "WS-C2960", "FOC1")
    assert (device.sys_name, device.profile) == ("nbo-rtr-1", "cisco")


def test_sensors_of_the_environment_count_where_snmp_has_none_and_have_names_that_stay() -> None:
    rows: tuple[CliRow, ...] = (
        {"switch": "1", "switch_temperature": "OK", "inlet_temperature_value": "29", "inlet_red_threshold": "56"},
        {"switch": "1", "switch_temperature": "FAULTY", "inlet_temperature_value": "61", "inlet_red_threshold": "56"},
    )
    one = views()
    told = one.take_ssh("device/a", reading(show_environment_temperature=rows))
    assert told is not None
    shown = [(sensor.name, sensor.value, sensor.text, sensor.status, sensor.oid) for sensor in told[1].sensors]
    prefix = "ssh:show environment temperature:"
    assert shown == [
        ("Inlet, switch 1", 29, None, "ok", f"{prefix}temperature:Inlet, switch 1"),
        ("Inlet, switch 1 #2", 61, None, "critical", f"{prefix}temperature:Inlet, switch 1 #2"),
        ("Temperature, switch 1", None, "OK", "ok", f"{prefix}state:Temperature, switch 1"),
        ("Temperature, switch 1 #2", None, "not OK", "critical", f"{prefix}state:Temperature, switch 1 #2"),
    ]
    theirs = Sensor("temperature", "1", "CPU", 40.0, None, "celsius", "1.3.6", "ok")
    whole = one.take_snmp("device/a", replace(polled(), sensors=(theirs,)), NOW)
    assert whole.sensors == (theirs,)


def test_the_number_of_rows_is_a_number_too() -> None:
    rows: tuple[CliRow, ...] = ({"interface": "outside"}, {"interface": "outside"}, {"interface": "inside"})
    answer = SshAnswer("cisco-asa", "show crypto ipsec sa", "…", 0.1, rows)
    told = views().take_ssh("device/a", replace(reading(), ssh=(answer,)))
    assert told is not None
    assert [(sensor.name, sensor.value) for sensor in told[1].sensors] == [("IPsec tunnels", 3)]


def test_of_a_device_that_is_not_asked_by_ssh_the_poll_is_all_there_is() -> None:
    asked = {"device/a"}
    both = CliViews(lambda: SHIPPED, asked.__contains__)
    both.take_snmp("device/a", polled(), NOW)
    both.take_ssh("device/a", reading(show_ip_bgp_summary=BGP_ROWS))
    assert both.take_snmp("device/a", polled(), NOW).records["bgp_peers"]
    asked.clear()  # by a reload
    assert both.take_snmp("device/a", polled(), NOW) == polled()
    asked.add("device/a")
    assert both.take_snmp("device/a", polled(), NOW) == polled()


def test_an_answer_that_is_old_is_forgotten() -> None:
    one = views()
    one.take_ssh("device/a", reading(show_ip_bgp_summary=BGP_ROWS))
    assert len(one.take_snmp("device/a", polled(), NOW + timedelta(hours=3)).records["bgp_peers"]) == 2
    assert one.take_snmp("device/a", polled(), NOW + timedelta(hours=3, seconds=1)).records.get("bgp_peers", ()) == ()
    one.forget("device/a")


def test_text_without_rows_and_unknown_commands_tell_nothing() -> None:
    answer = SshAnswer("cisco-ios", "show version", "what?", 0.1)
    assert views().take_ssh("device/a", replace(reading(), ssh=(answer,))) is None
    assert views().take_ssh("device/a", reading(show_nothing=({"a": "b"},))) is None


def test_commands_are_due_on_their_own_rhythm() -> None:
    rhythm, interval = CliRhythm(), timedelta(minutes=15)
    asked = wanted(SHIPPED["cisco-ios"].commands, SshCheck(checks=("version", "bgp")))
    assert [str(one.command) for one in asked] == ["show version", "show ip bgp summary"]
    assert rhythm.due("device/a", asked, NOW, interval) == asked
    rhythm.take("device/a", [str(one.command) for one in asked], NOW)
    assert rhythm.due("device/a", asked, NOW + timedelta(minutes=1), interval) == ()
    soon = rhythm.due("device/a", asked, NOW + timedelta(minutes=14), interval)
    assert [str(one.command) for one in soon] == ["show ip bgp summary"]
    assert rhythm.due("device/a", asked, NOW + timedelta(hours=6), interval) == asked
    rhythm.forget("device/a")
    assert rhythm.due("device/a", asked, NOW, interval) == asked


def test_a_changed_host_key_is_a_number_with_both_keys_beside_it() -> None:
    failed = replace(reading(), ssh=None, failure=Failure(FailureKind.AUTH, "…"))
    change = HostKeyChange("ssh-ed25519 SHA256:old", "ssh-ed25519 SHA256:new")
    (table,) = probe_samples(replace(failed, host_key=change), {"device": "a"})
    told = dict(zip(table.tag_keys, table.tags[0], strict=True))
    assert (told["known_key"], told["shown_key"]) == (change.known, change.shown)
    assert dict(zip(table.field_keys, table.values[0], strict=True)) == {
        "session_s": None,
        "result_code": 3.0,
        "host_key_changed": 1.0,
    }
    (well,) = probe_samples(reading(), {})
    assert well.values == ((0.5, 0.0, 0.0),)
    silent = replace(failed, failure=Failure(FailureKind.TIMEOUT, "…"))
    assert probe_samples(silent, {})[0].values == ((None, 1.0, None),)
    assert probe_samples(replace(failed, failure=None), {}) == ()


def test_what_is_wrong_with_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    path = tmp_path / "cli" / "cisco-ios.yaml"
    path.write_text(
        "commands:\n"
        "  - {command: reload, checks: [version]}\n"
        "  - command: show clock\n"
        "    checks: [ntp]\n"
        "    columns: [time]\n"
        "    sensors: [{kind: count, value: tiem, name: Clock}]\n"
    )
    (tmp_path / "cli" / "cisco-iso.yaml").write_text("commands: []\n")
    (tmp_path / "cli" / "cisco ios.yaml").write_text("commands: []\n")
    (tmp_path / "cli" / "mine.yaml").write_text(
        "templates: mine\n"
        "rhythms: {ntp: 5s, bgp: 8d}\n"
        "configuration: [show running-config, write memory]\n"
        "commands:\n"
        "  - {command: show $(reboot), checks: [ntp]}\n"
    )
    found, findings = load_cli([tmp_path])
    assert found == {}
    assert [(finding.line, finding.message) for finding in findings if finding.file == str(path)] == [
        (2, "'reload' is not run on cisco-ios; noc runs only `show …`, which changes nothing"),
        (6, "unknown MIB object 'tiem' (did you mean 'time'?); define it under mib: or in mib/*.yaml"),
    ]
    others = sorted((Path(one.file).stem, one.line, one.message) for one in findings if one.file != str(path))
    assert others == [
        ("cisco ios", 1, "the file's name: 'cisco ios' is no platform: small letters, digits and `-`, as cisco-ios"),
        (
            "cisco-iso",
            1,
            "'cisco-iso' is no platform that noc knows (did you mean 'cisco-ios'?); a new one says `templates`",
        ),
        ("mine", 2, "rhythms.bgp: must be between 1m and 7d"),
        ("mine", 2, "rhythms.ntp: must be between 1m and 7d"),
    ]


def test_a_new_platform_is_one_file_and_shows_only(tmp_path: Path) -> None:
    (tmp_path / "cli").mkdir()
    path = tmp_path / "cli" / "mine.yaml"
    path.write_text(
        "templates: mine_os\n"
        "rhythms: {ntp: 5m, bgp: 1h}\n"
        "configuration: [show running-config]\n"
        "commands:\n"
        "  - {command: show ntp, checks: [bgp, ntp]}\n"
        "  - {command: show bgp, checks: [bgp], every: 2h}\n"
        "  - {command: show version, checks: [version]}\n"
    )
    found, findings = load_cli([tmp_path])
    assert findings == []
    mine = found["mine"]
    assert (mine.templates, [str(one) for one in mine.configuration]) == ("mine_os", ["show running-config"])
    assert [one.every for one in mine.commands] == [timedelta(minutes=5), timedelta(hours=2), timedelta(minutes=15)]
    assert cli_names([tmp_path]) - {"mine"} == set(PLATFORMS)
    path.write_text("templates: x\nconfiguration: [write memory]\ncommands:\n  - {command: show $(x), checks: [ntp]}\n")
    found, findings = load_cli([tmp_path])
    assert found == {}
    assert [(one.line, one.message.partition(";")[0]) for one in findings] == [
        (2, "'write memory' is not run on mine"),
        (4, "'show $(x)' is not run on mine"),
    ]
    path.rename(path.with_name("cisco-ios.yaml"))
    (one, *_) = load_cli([tmp_path])[1]
    assert one.message.startswith("noc knows by itself what shows the configuration of cisco-ios")
