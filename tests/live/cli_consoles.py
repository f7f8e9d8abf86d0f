"""Command lines that print what was recorded, with the manners of each platform: prompts and paging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from noc.model.command import Platform

PROMPTS: Mapping[Platform, str] = {
    "cisco-ios": "nbo-rtr-1#",
    "cisco-iosxe": "nbo-rtr-1#",
    "cisco-iosxr": "RP/0/RP0/CPU0:nbo-rtr-1#",
    "cisco-nxos": "nbo-sw-1# ",
    "cisco-asa": "nbo-fw-1# ",
    "arista-eos": "nbo-sw-1#",
    "juniper-junos": "noc@nbo-rtr-1> ",
    "hp-comware": "<nbo-sw-1>",
    "huawei-vrp": "<nbo-rtr-1>",
    "fortinet": "nbo-fw-1 # ",
    "mikrotik": "[noc@nbo-rtr-1] > ",
    "paloalto-panos": "noc@nbo-fw-1> ",
    "checkpoint-gaia": "nbo-fw-1> ",
    "aruba-aoscx": "nbo-sw-1# ",
    "linux": "noc@nbo:~$ ",
    "nokia-sros": "*A:nbo-rtr-1# ",
    "extreme-exos": "* nbo-sw-1.{number} # ",
    "vyos": "noc@nbo-rtr-1:~$ ",
    "hp-procurve": "nbo-sw-1> ",
    "mine": "nbo-x-1# ",
}
SESSION: Mapping[str, str] = {
    "terminal width 511": "Width set to 511 columns.",
    "terminal length 0": "Pagination disabled.",
    "terminal pager 0": "",
    "set cli screen-width 511": "Screen width set to 511",
    "set cli complete-on-space off": "Disabling complete-on-space",
    "set cli screen-length 0": "Screen length set to 0",
    "set cli scripting-mode on": "",
    "set cli terminal width 500": "",
    "set cli pager off": "",
    "set clienv rows 0": "",
    "screen-length 0 temporary": "Info: The configuration takes effect on the current user terminal interface only.",
    "screen-length disable": "",
    "no page": "",
}
"""What drivers say for the session alone, and what devices answer."""


@dataclass
class Recorded:
    """Prints recordings. typed: all that was."""

    platform: Platform
    texts: dict[str, str]
    page: int = 0
    typed: list[str] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        return PROMPTS[self.platform].format(number=len(self.typed) + 1)

    def answer(self, line: str) -> str:
        self.typed.append(line)
        if line in self.texts:
            return self.texts[line]
        return SESSION.get(line, "% Invalid input detected at '^' marker.")
