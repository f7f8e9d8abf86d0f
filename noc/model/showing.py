"""Which commands show the configuration of a device, by its platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.model.command import Platform

TEXT_AT_MOST: Final = 8 * 1024 * 1024
"""Bytes of a configuration; what is longer is no copy."""

_COMMANDS: Final[Mapping[Platform, tuple[str, ...]]] = {
    "cisco-ios": ("show running-config",),
    "cisco-iosxe": ("show running-config",),
    "cisco-iosxr": ("show running-config",),
    "cisco-nxos": ("show running-config",),
    "cisco-asa": ("show running-config",),
    "arista-eos": ("show running-config",),
    "aruba-aoscx": ("show running-config",),
    "frr": ("show running-config",),
    "juniper-junos": ("show configuration | display set", "show system commit"),
    "hp-comware": ("display current-configuration",),
    "huawei-vrp": ("display current-configuration",),
    "fortinet": ("show full-configuration",),
    "mikrotik": ("export",),
    "paloalto-panos": ("show config running",),
    "checkpoint-gaia": ("show configuration",),
}
"""What shows the configuration; a second command tells who changed it last."""


def commands(platform: Platform) -> tuple[str, ...]:
    """Return what shows the configuration of a platform; nothing where noc knows no way."""
    return _COMMANDS.get(platform, ())
