"""What `noc check` says of the receivers' settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.check import check

INVENTORY = """\
regions: {here: {}}
sites: {s: {region: here, class: field, edge_devices: [nbo-rtr-1]}}
devices: {nbo-rtr-1: {site: s, address: 192.0.2.1, class: router, liveness: icmp}}
"""


def said(folder: Path, settings: str) -> list[str]:
    (folder / "inventory").mkdir()
    (folder / "inventory" / "all.yaml").write_text(INVENTORY)
    (folder / "noc.yaml").write_text(f"state_dir: state\n{settings}\n")
    return [f"{finding.line}: {finding.message}" for finding in check(folder / "noc.yaml", {}).findings]


def test_settings_that_are_right(tmp_path: Path) -> None:
    settings = """\
receivers:
  trap: {listen: ["127.0.0.1:9162", "[::1]:9162"], engine_id: "0x80000000051122334455"}
  syslog: {udp: ["0.0.0.0:514"], tcp: ["[::]:601"]}
  storm: {rate: 10, burst: 100}
  senders: {10.0.0.1: nbo-rtr-1}
  relays: [10.0.0.9]
  keep: 7d
"""
    assert said(tmp_path, settings) == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("receivers: {senders: {10.0.0.1: nbo-rtr-2}}", "unknown device 'nbo-rtr-2' (did you mean 'nbo-rtr-1'?)"),
        ("receivers: {senders: {here: nbo-rtr-1}}", "'here' is not an IPv4 or IPv6 address"),
        ("receivers: {trap: {credentials: [none]}}", "unknown set of credentials 'none'"),
        ("receivers: {trap: {listen: [162]}}", "is no address with a port"),
        ("receivers: {trap: {listen: ['127.0.0.1:99999']}}", "is no address with a port"),
        ("receivers: {trap: {engine_id: '80'}}", "is no engine id"),
        ("receivers: {relays: [relay.example.org]}", "is not an IPv4 or IPv6 address"),
        ("receivers: {syslog: {tls: {certificate: a.pem, private_key: b.pem}}}", "no such file"),
        ("receivers: {storm: {rate: 0}}", "greater than or equal to 0.1"),
        ("receivers: {traps: {}}", "did you mean 'trap'"),
        ("events: nowhere", "no such folder"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, settings: str, words: str) -> None:
    (finding,) = said(tmp_path, settings)
    assert finding.startswith("2: ")
    assert words in finding


def test_rules_for_events_of_ones_own_are_checked(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "mine.yaml").write_text("title: mine\ntraps: {IF-MIB::linkDwon: {class: link}}\n")
    (finding,) = said(tmp_path, "events: events")
    assert "did you mean 'IF-MIB::linkDown'" in finding
