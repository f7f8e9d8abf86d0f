"""Commands that noc may run on a device: only such as change nothing.

A Command can't be made of anything else, so what takes a Command can't be handed `configure terminal`. The lists say
what is allowed, command by command or, behind `show` and `display`, word by word (noc.model.commandvocabulary);
whatever they don't name is refused. Commands that write files, fill a screen or hang are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from noc.model.commandvocabulary import SHOWN, unknown_word
from noc.model.commandwords import acting_word, is_harmless, is_long
from noc.model.finding import did_you_mean

Platform = str
"""A kind of command line: one of PLATFORMS, or what a file of `cli/` is called."""

PLATFORMS: Final[tuple[Platform, ...]] = (
    "linux",
    "cisco-ios",
    "cisco-iosxe",
    "cisco-iosxr",
    "cisco-nxos",
    "arista-eos",
    "juniper-junos",
    "hp-comware",
    "cisco-asa",
    "fortinet",
    "huawei-vrp",
    "mikrotik",
    "paloalto-panos",
    "checkpoint-gaia",
    "aruba-aoscx",
    "frr",
)
"""The kinds of command line that noc knows by itself. frr: its `vtysh`, run from the shell of a Linux machine.

On any other, a command begins with `show` or `display` and holds words alone (`_PLAIN_WORDS`). Where not every command
is listed, each word behind the verb is known to show (noc.model.commandvocabulary), and none is one that acts, not even
as a name (noc.model.commandwords).
"""

MAX_COMMAND_CHARACTERS: Final = 200
"""A longer line wraps on the terminal, and its echo is no longer recognised."""

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.@:+-]{0,63}"
_ADDRESS = r"(?=[0-9a-fA-F:.]*[.:])[0-9a-fA-F:.]{2,45}"
_PROC_NET = rf"(?:dev|snmp6?|netstat|sockstat6?|softnet_stat|arp|route|wireless|bonding/{_NAME})"
_PROC = (
    r"(?:loadavg|uptime|meminfo|stat|vmstat|cpuinfo|version|mounts|mdstat|diskstats|swaps|partitions|interrupts"
    rf"|softirqs|filesystems|modules|net/{_PROC_NET}|pressure/(?:cpu|io|memory)|sys/fs/file-nr"
    r"|sys/kernel/random/entropy_avail|sys/net/netfilter/nf_conntrack_(?:count|max))"
)
_SYS = rf"class/(?:net|thermal|hwmon|power_supply)/{_NAME}/(?:statistics/)?{_NAME}"

# Each pattern must match the whole command. Options are listed one by one: `ss -K` kills connections, `df --output` is
# harmless, and nobody should have to know which is which.
_LINUX: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"uptime(?: -[ps])?",
        r"uname(?: -[asnrvmpio]{1,9})?",
        r"hostname(?: -[fsiI])?",
        r"whoami|nproc|lscpu|lsblk",
        rf"df(?: -[hkiPTl]{{1,6}})?(?: (?:/|(?:/{_NAME}){{1,16}}))?",
        r"free(?: -[bkmgh])?",
        rf"cat /proc/{_PROC}",
        rf"cat /sys/{_SYS}",
        r"cat /etc/os-release",
        r"ip(?: -(?:4|6|s|d|o|br)){0,4} (?:address|addr|link|route|neigh|rule)(?: show)?",
        rf"ip(?: -(?:4|6|s|d|o|br)){{0,4}} (?:address|addr|link|route|neigh) show dev {_NAME}",
        r"ss(?: -[tulnas46]{1,8})?",
        r"netstat -[tulnrsia]{1,8}",
        rf"systemctl is-(?:active|failed|enabled)(?: {_NAME}){{1,8}}",
        r"systemctl --failed --no-pager --plain",
        r"chronyc -n (?:tracking|sources|sourcestats|activity)",
        r"ntpq -pn",
        r"sensors",
        rf"traceroute -n -q 1 -w 1 -m 15 {_ADDRESS}",
    )
)
_LINUX_SAMPLES: Final = "uptime, uname, df, free, cat /proc/…, cat /sys/class/…, ip … show, ss, systemctl is-…"

# No `;` (NX-OS takes it for the next command), no `>` (writes a file), no `?` (asks for help), no control characters.
_CLI_WORDS = re.compile(r"[A-Za-z0-9 ._:/,'\"*()^$\[\]+=@#{}~-]+")
# Of a command line that nobody here has read about, words alone: no brackets, quotes or signs that a shell or a script
# language takes for something else.
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9 ._:/,-]+")
_PLAIN_VERBS: Final = ("show", "display")
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CLI_FILTERS: Final = frozenset(
    (
        "include",
        "exclude",
        "begin",
        "section",
        "count",
        "match",
        "except",
        "find",
        "last",
        "no-more",
        "json",
        "xml",
        "display",
    )
)

# FortiOS: `get test` and `diagnose` may also clear and restart things, so what shows is listed. `show` shows settings.
_FORTINET: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"get system (?:status|performance status|ha status|interface|interface physical|arp|ntp|session list)",
        r"get system session-info (?:statistics|full-stat)",
        r"get router info6? (?:bgp (?:summary|neighbors)|ospf (?:neighbor|status|interface))",
        r"get router info6? routing-table (?:all|summary)",
        r"get hardware (?:status|cpu|memory)",
        r"get vpn (?:ipsec tunnel summary|ipsec stats tunnel|ssl monitor)",
        r"execute sensor list",
        r"diagnose sys (?:ntp status|session stat)",
        r"show(?: full-configuration)?(?: (?:system|router|firewall|vpn|log|user)(?: [a-z0-9][a-z0-9.-]{0,40}){0,3})?",
    )
)
# RouterOS: a word after a menu may be a command (`system reset-configuration`), so menus are listed; what stands behind
# `print` may write a file or run a script, so that is listed too.
_MENU: Final = (
    r"system (?:resource|routerboard|identity|health|clock|package|license|ntp client|history)"
    r"|interface|interface (?:ethernet|bridge|vlan|bonding|gre|eoip|ipip|wireguard|wireguard peers)"
    r"|ip (?:address|route|arp|neighbor|firewall connection|ipsec active-peers|ipsec installed-sa|dhcp-server lease)"
    r"|ipv6 (?:address|route|neighbor)|routing (?:bgp (?:peer|session|connection)|ospf (?:neighbor|interface|instance))"
    r"|mpls ldp neighbor"
)
_MIKROTIK: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"/?(?:{_MENU}) print(?: (?:brief|detail|terse|status|stats|count-only|without-paging)){{0,3}}",
        r"/?export(?: (?:terse|compact|hide-sensitive)){0,2}",
    )
)
# Gaia: `show` of clish, and what tells of cluster and connections. IOS-XR: what only its administration plane shows.
_TRACE_IOS: Final = (re.compile(rf"traceroute {_ADDRESS} numeric timeout 1 probe 1 ttl 1 15"),)
_TRACE_VRP: Final = (re.compile(rf"tracert -m 15 -q 1 -w 1000 {_ADDRESS}"),)
_MORE: Final[Mapping[Platform, tuple[re.Pattern[str], ...]]] = {
    "checkpoint-gaia": tuple(
        re.compile(pattern) for pattern in (r"cphaprob (?:stat|state)", r"fw stat", r"fw tab -t connections -s")
    ),
    "cisco-ios": _TRACE_IOS,
    "cisco-iosxe": _TRACE_IOS,
    "cisco-iosxr": (
        re.compile(r"admin show (?:environment (?:all|fan|power|temperatures)|inventory|platform)"),
        re.compile(rf"traceroute {_ADDRESS} numeric timeout 1 probe 1 minttl 1 maxttl 15"),
    ),
    "juniper-junos": (re.compile(rf"traceroute {_ADDRESS} no-resolve wait 1 ttl 15"),),
    "hp-comware": _TRACE_VRP,
    "huawei-vrp": _TRACE_VRP,
}
"""Commands beside those that begin with a platform's verb. A trace sends 15 packets, and waits a second for each."""

_LISTED: Final[Mapping[Platform, tuple[tuple[re.Pattern[str], ...], str]]] = {
    "linux": (_LINUX, _LINUX_SAMPLES),
    "fortinet": (_FORTINET, "get system …, get router info …, get vpn …, show …, diagnose sys session stat"),
    "mikrotik": (_MIKROTIK, "system resource print, interface print, routing … print, export"),
}
"""Platforms of which every command is listed, with samples for people."""

_VERBS: Final[Mapping[Platform, str]] = {
    "cisco-ios": "show",
    "cisco-iosxe": "show",
    "cisco-iosxr": "show",
    "cisco-nxos": "show",
    "arista-eos": "show",
    "juniper-junos": "show",
    "hp-comware": "display",
    "cisco-asa": "show",
    "huawei-vrp": "display",
    "paloalto-panos": "show",
    "checkpoint-gaia": "show",
    "aruba-aoscx": "show",
    "frr": "show",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One command line for one platform, which changes nothing.

    Raises ValueError, in words for the operator who wrote it, for anything else.
    """

    platform: Platform
    text: str

    def __post_init__(self) -> None:
        if len(self.text) > MAX_COMMAND_CHARACTERS:
            raise ValueError(f"the command is longer than {MAX_COMMAND_CHARACTERS} characters")
        if self.platform in _LISTED:
            _check_listed(self.platform, self.text)
        elif self.platform in _VERBS:
            _check_cli(self.platform, self.text)
        else:
            _check_plain(check_platform(self.platform), self.text)

    def __str__(self) -> str:
        return self.text

    @property
    def line(self) -> str:
        """Return what is typed."""
        return f"vtysh -c '{self.text}'" if self.platform == "frr" else self.text


def check_platform(name: str) -> Platform:
    """Return a name that a platform may have. Raises ValueError."""
    if _PLATFORM.fullmatch(name) is None:
        raise ValueError(f"{_shown(name)} is no platform: small letters, digits and `-`, as {PLATFORMS[1]}")
    return name


def _check_plain(platform: Platform, text: str) -> None:
    words = text.split(" ")
    verbs = " or ".join(f"`{verb} …`" for verb in _PLAIN_VERBS)
    if len(words) < 2 or words[0] not in _PLAIN_VERBS or not words[1] or words[1].startswith("-"):
        raise ValueError(f"{_shown(text)} is not run on {platform}; noc runs only {verbs}, which changes nothing")
    if _PLAIN_WORDS.fullmatch(text) is None:
        raise ValueError(f"{_shown(text)} is not run on {platform}; it holds a character that may do more than show")
    _check_words(platform, text, " ".join(words[1:]), known=False)


def _check_words(platform: Platform, text: str, rest: str, *, known: bool) -> None:
    if is_long(rest):
        raise ValueError(f"{_shown(text)} is not run on {platform}; it takes long, or writes a file on the device")
    word = acting_word(rest, known=known)
    if word is not None:
        raise ValueError(
            f"{_shown(text)} is not run on {platform}; {_shown(word)} may do more than show; a word that is cut short "
            "must be written in full"
        )
    exempt = known and is_harmless(rest)
    word = None if exempt else unknown_word(rest.split())
    if word is not None:
        near = did_you_mean(word.lower(), SHOWN)
        raise ValueError(
            f"{_shown(text)} is not run on {platform}; {_shown(word)} is no word that noc knows to show alone{near}; "
            "write words in full, and names behind words as `vrf` or `name`"
        )


def _check_listed(platform: Platform, text: str) -> None:
    patterns, samples = _LISTED[platform]
    if not any(pattern.fullmatch(text) for pattern in patterns):
        raise ValueError(f"{_shown(text)} is not run on {platform}; noc runs only what changes nothing: {samples}")


def _check_cli(platform: Platform, text: str) -> None:
    verb = _VERBS[platform]
    if any(pattern.fullmatch(text) for pattern in _MORE.get(platform, ())):
        return
    if platform == "frr" and "'" in text:  # it goes through a shell, between such marks
        raise ValueError(f"{_shown(text)} is not run on frr; it holds a character that may do more than show")
    command, *filters = text.split("|")
    words = command.split()
    if len(words) < 2 or words[0] != verb or not text.startswith(verb):
        raise ValueError(f"{_shown(text)} is not run on {platform}; noc runs only `{verb} …`, which changes nothing")
    _check_words(platform, text, " ".join(words[1:]), known=True)
    for part in (command, *filters):
        if _CLI_WORDS.fullmatch(part) is None:
            raise ValueError(
                f"{_shown(text)} is not run on {platform}; it holds a character that may do more than show"
            )
    for part in filters:
        if not part.split() or part.split()[0] not in _CLI_FILTERS:
            allowed = ", ".join(sorted(_CLI_FILTERS))
            raise ValueError(f"{_shown(text)} is not run on {platform}; after `|` noc allows: {allowed}")


def _shown(text: str) -> str:
    shown = "".join(character if character.isprintable() else "�" for character in text)
    return f"'{shown if len(shown) <= 60 else shown[:57] + '…'}'"
