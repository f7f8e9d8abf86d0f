"""Which driver speaks to which platform; where netmiko's own changes settings when it logs in, one of ours.

What ours send beside the commands is for the session alone and is gone with it: `terminal pager 0`, `screen-length 0
temporary`. None goes into a configuration mode, and none says yes to anything (docs/adr/0001).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from netmiko import BaseConnection, ssh_dispatcher
from netmiko.cisco.cisco_asa_ssh import CiscoAsaSSH
from netmiko.cisco_base_connection import CiscoBaseConnection
from netmiko.huawei.huawei import HuaweiBase
from netmiko.no_config import NoConfig
from netmiko.no_enable import NoEnable
from netmiko.paloalto.paloalto_panos import PaloAltoPanosSSH

from noc.model.command import PLATFORMS, Platform
from noc.wire.ssh.driver import ENDS_AS_A_PROMPT, Guarded, GuardedLinux, Talk, library_name

_MORE: Final = "--More--"
_MORE_ERASED: Final = re.compile(r"--More-- ?\n? {5,12}\n?")
_PANOS_SESSION: Final = (
    ("set cli scripting-mode on", "mode on"),
    ("set cli terminal width 500", "width 500"),
    ("set cli pager off", "pager off"),
)
_MORE_WORDS: Final = (
    r"(?:<?-{2,}\s?\(?more\)?\s?-{2,}>?(?:, next page: Space, next line: Enter, quit: Control-C"
    r"| or \(q\)uit| Press 'Ctrl-c' to quit --| ?\(\d{1,3}%\))?"
    r"|-{2} ?more,? [^\n]{0,60}|press any key to continue[^\n]{0,30}"
    r"|press <space> to continue or <q> to quit:?|lines \d+-\d+)"
)
_PAGE_ENDS: Final = re.compile(rf"(?i){_MORE_WORDS}[ :]*\Z")
_PAGE_SEAM: Final = re.compile(rf"(?i){_MORE_WORDS}[ :]{{0,2}}(?:(?:\x08+ *\x08+)+|\n? {{5,}}\n?|\n)?")
_SEAM_AT_MOST: Final = 120
_ANY_KEY: Final = re.compile(r"(?i)any key to continue")
_PROMPT_OR_KEY: Final = rf"(?:(?i:any key to continue)[^\n]*|{ENDS_AS_A_PROMPT})"
_COUNTED: Final = re.compile(r"\.\d+\Z")
_PROMPT_OR_BANNER: Final = r"(?:to accept\)?:? ?|[>#%$\]] ?)\Z"


class GuardedAsa(Guarded, CiscoAsaSSH):
    """Cisco ASA and FTD. netmiko's driver sets the terminal's width in the configuration."""

    def session_preparation(self) -> None:
        """Find the prompt, take the privileges that there is a password for, and switch paging off."""
        self.pass_greeting()
        self.set_base_prompt()
        if self.secret:
            self.enable()
        self.disable_paging(command="terminal pager 0")
        self.set_base_prompt()
        self.global_cmd_verify = False  # a long command wraps, as the width stays what it is


class GuardedHuawei(Guarded, HuaweiBase):
    """Huawei VRP. netmiko's driver answers questions that the device asks at the log-in; this one answers none."""


class GuardedPanos(Guarded, PaloAltoPanosSSH):
    """Palo Alto PAN-OS. netmiko's driver waits for a prompt before its own words, which only some versions repeat."""

    def session_preparation(self) -> None:
        """Switch paging and editing off, for the session."""
        self.ansi_escape_codes = True
        self.pass_greeting()
        self.read_until_pattern(ENDS_AS_A_PROMPT)
        for words, last in _PANOS_SESSION:
            self.write_channel(self.normalize_cmd(words))
            self.read_until_pattern(rf"{last}[\s\S]*{ENDS_AS_A_PROMPT}")
        self.set_base_prompt()


class GuardedFortinet(Guarded, NoEnable, CiscoBaseConnection):
    """FortiOS. netmiko's driver switches paging off in the configuration; this one turns the pages."""

    def _try_session_preparation(self, force_data: bool = True) -> None:
        super()._try_session_preparation(force_data=False)  # a banner that waits to be accepted takes it for a no

    def session_preparation(self) -> None:
        """Accept the banner where there is one, and find the prompt."""
        said = self.read_until_pattern(_PROMPT_OR_BANNER)
        if "to accept" in said:
            self.write_channel("a\r")
            self.read_until_pattern(r"[#$] ?\Z")
        self.clear_buffer()
        self.write_channel(self.RETURN)
        self.set_base_prompt(pri_prompt_terminator="#", alt_prompt_terminator="$", pattern=r"[#$]")

    def read_channel(self) -> str:
        """Return what has come; where a page ends, ask for the next one."""
        said = super().read_channel()
        if said.rstrip().endswith(_MORE):
            self.write_channel(" ")
        return said

    def send_command(self, command_string: str, *args: object, **options: object) -> str:
        """Run a command and return its output, the seams between pages taken out."""
        said = super().send_command(command_string, *args, **options)  # type: ignore[arg-type]
        return _MORE_ERASED.sub("", str(said))


class GuardedPlain(Guarded, NoConfig, CiscoBaseConnection):
    """Any other command line: types the commands and nothing else, and a blank where a page ends.

    So a new platform needs no code, and nothing has to be known of what would switch its paging off. The prompt may
    count (`* SW-1.4 #`) or mark unsaved changes (`*A:r1#`); what stays the same of it is what is waited for.
    """

    _turned = ""

    def _try_session_preparation(self, force_data: bool = True) -> None:
        super()._try_session_preparation(force_data=False)  # a line of its own could answer a question

    def session_preparation(self) -> None:
        """Press a key where that is asked for, and find the prompt."""
        self.ansi_escape_codes = True
        if _ANY_KEY.search(self.read_until_pattern(_PROMPT_OR_KEY)):
            self.write_channel(self.RETURN)
            self.read_until_pattern(ENDS_AS_A_PROMPT)
        prompt = self.find_prompt(pattern=ENDS_AS_A_PROMPT)
        stem = _COUNTED.sub("", prompt.strip(" *!>#%$\n"))
        self.base_prompt = stem
        self.prompt_pattern = rf"(?m:^)[*! ]{{0,3}}{re.escape(stem)}[^\n]{{0,24}}?[>#%$] ?\Z"

    def read_channel(self) -> str:
        """Return what has come; where a page ends, ask for the next one."""
        said = super().read_channel()
        self._turned = (self._turned + said)[-_SEAM_AT_MOST:]
        if _PAGE_ENDS.search(self._turned):
            self._turned = ""
            self.write_channel(" ")
        return said

    def send_command(self, command_string: str, *args: object, **options: object) -> str:
        """Run a command and return its output, the seams between pages and the prompt taken out."""
        self.clear_buffer()
        options |= {"expect_string": self.prompt_pattern, "cmd_verify": False, "strip_prompt": False}
        said = super().send_command(command_string, *args, **options)  # type: ignore[arg-type]
        return re.sub(self.prompt_pattern, "", _PAGE_SEAM.sub("", str(said))).rstrip("\n")


_OURS: Final[Mapping[Platform, Callable[[Talk], BaseConnection]]] = {
    "linux": GuardedLinux,
    "frr": GuardedLinux,
    "cisco-asa": GuardedAsa,
    "huawei-vrp": GuardedHuawei,
    "fortinet": GuardedFortinet,
    "paloalto-panos": GuardedPanos,
}


@cache
def driver_of(platform: Platform) -> Callable[[Talk], BaseConnection]:
    """Return what connects, logs in and waits for the prompt of a platform."""
    if platform in _OURS:
        return _OURS[platform]
    if platform not in PLATFORMS:
        return GuardedPlain
    driver = ssh_dispatcher(library_name(platform))
    guarded: Callable[[Talk], BaseConnection] = type(f"Guarded{driver.__name__}", (Guarded, driver), {})
    return guarded
