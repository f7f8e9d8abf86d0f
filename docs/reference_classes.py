"""Which shipped rules hold for which gear, and for what else rules were promised: two tables of the reference."""  # noqa: INP001 no package

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from alerts.rules.compiled import DownRule, Rule
from alerts.rules.load import load_rules
from noc.inventory.layers import DeviceClass
from noc.inventory.shipped import shipped

GEAR: Final[Mapping[str, DeviceClass]] = {
    "network switches": "switch",
    "multichannel digital terminals": "digital-terminal",
    "satellite modems": "satellite-modem",
    "network routers": "router",
    "radio broadcast equipment": "radio",
    "video-conference terminals": "video",
    "network firewalls": "firewall",
    "computer servers, network servers": "server",
    "telephone exchanges": "pabx",
    "fixed satellite earth stations": "earth-station",
    "other network equipment": "other",
    "network-attached storage": "storage",
    "tape libraries": "tape-library",
    "microwave links": "microwave",
    "power supplies without a break": "ups",
}
"""What stands in a network of missions, and the class that it has here."""

ENVIRONMENT: Final = frozenset({
    "sensor-critical",
    "sensor-warning",
    "temperature-rises",
    "satellite-hardware",
    "satellite-temperature-high",
})  # fmt: skip
"""Rules that look at what a device stands in and lives on: temperature, fans, power."""

PROMISED: Final[Mapping[str, tuple[str, ...]]] = {
    "satellite margin": ("satellite-margin-low", "satellite-margin-lost"),
    "days of certificates": (
        "certificate-expires",
        "certificate-expires-soon",
        "web-certificate-expires",
        "web-certificate-expires-soon",
    ),
    "age of configuration copies": ("configuration-copy-old",),
    "offset of clocks": ("time-offset", "poller-clock-off"),
    "duplicate SNMP engine ids": ("engine-id-duplicate",),
    "noc itself": (
        "checks-late",
        "disk-full",
        "ledger-failing",
        "events-unwritten",
        "events-shed",
        "learning-fails",
        "snmp-unread",
    ),
    "failed log-ins over devices": ("login-failures", "login-failures-spread", "snmp-failures-spread"),
    "log-ins at odd hours, from odd places": ("login-odd-hours", "login-from-outside"),
    "configuration changed outside a window": ("configuration-changed", "ssh-host-key-changed"),
    "unknown neighbours and addresses on infrastructure ports": (
        "neighbour-unknown",
        "port-address-new",
        "address-new",
        "port-security",
    ),
    "management asked for from outside": ("asked-from-outside",),
    "sessions and refusals of firewalls": ("firewall-sessions-odd", "firewall-refusals-odd", "firewall-denies"),
    "what must not reach what": ("segmentation-broken", "segmentation-unproven"),
}
"""What rules are there for beside gear, and which; the last two are made by noc itself."""

_OF_PORTS: Final = frozenset(
    PROMISED["unknown neighbours and addresses on infrastructure ports"]
    + PROMISED["sessions and refusals of firewalls"]
)
"""Told by the other table."""


@cache
def _rules() -> Mapping[str, Rule]:
    return load_rules([shipped("rules")])[0]


def by_class(device_class: str) -> tuple[list[str], list[str], list[str]]:
    """Return the rules of a class: that it is down, what it lives on, and its work."""
    of_class = {name: rule for name, rule in _rules().items() if device_class in rule.selection.classes}
    down = [name for name, rule in of_class.items() if _is_of_devices(rule)]
    around = sorted(ENVIRONMENT & of_class.keys())
    work = sorted(of_class.keys() - ENVIRONMENT - _OF_PORTS - set(down))
    return down or ["device-down"], around, work


def classes() -> str:
    """Return the table of gear."""
    lines = ["| gear | class | it is down | what it lives on | its work |", "|---|---|---|---|---|"]
    for gear, device_class in GEAR.items():
        cells = (_names(names) for names in by_class(device_class))
        lines.append(f"| {gear} | `{device_class}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def promised() -> str:
    """Return the table of all else."""
    lines = ["| for | rules |", "|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {_names(list(names))} |" for what, names in PROMISED.items())])


def _is_of_devices(rule: Rule) -> bool:
    return isinstance(rule, DownRule) and "device" in rule.of


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
