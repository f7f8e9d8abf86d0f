"""A small network to rehearse with: a hub, and two sites behind it."""

from __future__ import annotations

from pathlib import Path

from noc.app.check import CheckResult, check
from noc.rehearsal.answer import Outcome
from noc.rehearsal.run import Script, rehearse, script_of
from noc.settings.yamltext import parse

SETTINGS = """\
state_dir: state
credentials: {standard: {snmp: {version: 2c, community: !secret "env:COMMUNITY"}}}
defaults: {credentials: standard, interval: 60s, poll_interval: 5m}
polling: {poller: hub}
alerts:
  people:
    achieng: {email: achieng@example.org, addresses: {}}
    desk: {email: desk@example.org}
  notifiers: {email: {host: mail.example.org, from: noc@example.org}}
  policies:
    standard:
      steps: [{notify: [achieng]}, {after: 15m, notify: [desk]}]
      reminder: 30m
"""

INVENTORY = """\
regions: {africa: {name: Africa}}
sites:
  hub: {region: africa, class: hub, edge_devices: [hub-1]}
  nairobi: {name: Nairobi, region: africa, class: mission, edge_devices: [nbo-1]}
  goma: {region: africa, class: field, edge_devices: [goma-1]}
devices:
  hub-1: {site: hub, address: 192.0.2.1, class: router}
  nbo-1: {site: nairobi, address: 192.0.2.2, class: router, upstream: [hub-1]}
  nbo-sw: {site: nairobi, address: 192.0.2.3, class: switch, upstream: [nbo-1]}
  nbo-ups: {site: nairobi, address: 192.0.2.4, class: ups, upstream: [nbo-sw]}
  goma-sat: {site: goma, address: 192.0.2.5, class: satellite-modem, upstream: [hub-1]}
  goma-1: {site: goma, address: 192.0.2.6, class: router, upstream: [goma-sat]}
circuits:
  nbo-fibre:
    {kind: fibre, site: nairobi, a: {device: nbo-1, interface: ge0}, z: {device: hub-1, interface: ge1}}
  goma-sat: {kind: satellite, site: goma, a: {device: goma-1, interface: fe0}, probe: {device: goma-1, name: hub}}
endpoints:
  erp: {site: nairobi, http: {url: "http://192.0.2.9/"}}
services:
  erp: {formula: {all_of: [endpoint/erp]}}
"""

SCENARIO = """\
start: 2026-03-01T02:00:00Z
duration: 2h
events:
"""


def configured(folder: Path, settings: str = SETTINGS) -> CheckResult:
    """Return the network, with what people wrote in a folder."""
    (folder / "noc.yaml").write_text(settings)
    (folder / "inventory").mkdir(exist_ok=True)
    (folder / "inventory" / "all.yaml").write_text(INVENTORY)
    checked = check(folder / "noc.yaml", {"COMMUNITY": "public"})
    assert not checked.findings, checked.findings
    return checked


def scripted(checked: CheckResult, events: str, more: str = "") -> Script:
    """Return a scenario of events, a line each."""
    lines = "".join(f"  - {{{line.strip()}}}\n" for line in events.strip().splitlines())
    return script_of(parse(f"{more}{SCENARIO}{lines}", "scenario.yaml"), checked)


def played(checked: CheckResult, events: str, more: str = "") -> Outcome:
    """Return what came of events, a line each."""
    return rehearse(checked, scripted(checked, events, more))
