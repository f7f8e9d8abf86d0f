"""A Command is what changes nothing; all else can't be made."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.command import PLATFORMS, Command, Platform

LISTED: tuple[Platform, ...] = ("linux", "fortinet", "mikrotik")
CLI: tuple[Platform, ...] = tuple(platform for platform in PLATFORMS if platform not in LISTED)
VERBS = {platform: "display" if platform in ("hp-comware", "huawei-vrp") else "show" for platform in CLI}


@pytest.mark.parametrize(
    "text",
    [
        "uptime",
        "uptime -p",
        "uname -a",
        "df",
        "df -hP",
        "df -h /",
        "df -h /var/lib",
        "free -m",
        "cat /proc/loadavg",
        "cat /proc/net/dev",
        "cat /proc/pressure/io",
        "cat /sys/class/net/eth0/statistics/rx_bytes",
        "cat /sys/class/net/eth0.100/operstate",
        "cat /etc/os-release",
        "ip -s link show dev eth0",
        "ip addr",
        "ip -br link",
        "ss -tuln",
        "systemctl is-active ssh.service getty@tty1.service",
        "chronyc -n tracking",
    ],
)
def test_what_shows_is_run_on_linux(text: str) -> None:
    assert str(Command("linux", text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " uptime",
        "uptime ",
        "uptime\n",
        "uptime\nreboot",
        "uptime\r",
        "uptime; reboot",
        "uptime && reboot",
        "uptime & reboot",
        "uptime | tee /etc/passwd",
        "uptime > /etc/passwd",
        "uptime $(reboot)",
        "uptime `reboot`",
        "uptimes",
        "reboot",
        "sudo uptime",
        "cat /etc/shadow",
        "cat /proc/1/environ",
        "cat /proc/self/root/etc/shadow",
        "cat /proc/net/../1/environ",
        "cat /proc/kmsg",
        "cat /proc/kcore",
        "cat /proc/loadavg /etc/shadow",
        "cat /sys/class/net/../../../etc/shadow",
        "cat /sys/class/net/eth0/device/../x",
        "df -h /../x",
        "df --output=source",
        "ip link set eth0 down",
        "ip link delete eth0",
        "ip addr show; reboot",
        "ip route flush",
        "ss -K",
        "ss -tK",
        "systemctl stop ssh",
        "systemctl is-active --root=/x ssh",
        "chronyc -n makestep",
        "free -s 1",
        "configure terminal",
        "show version",
    ],
)
def test_what_does_more_than_show_is_no_command_of_linux(text: str) -> None:
    with pytest.raises(ValueError, match="is not run on linux"):
        Command("linux", text)


@pytest.mark.parametrize("platform", CLI)
@pytest.mark.parametrize(
    "rest",
    [
        "version",
        "interfaces",
        'interface description | include "to hub"',
        "logging | no-more",
        "version | match ^a.*b$",
    ],
)
def test_what_shows_is_run_on_a_vendors_cli(platform: Platform, rest: str) -> None:
    text = f"{VERBS[platform]} {rest}"
    assert str(Command(platform, text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "configure terminal",
        "conf t",
        "reload",
        "write memory",
        "request system reboot",
        "{verb}",
        "{verb} ",
        " {verb} version",
        "{verb}s version",
        "{verb}\tversion",
        "{verb} version\nconfigure terminal",
        "{verb} version\rreload",
        "{verb} version ; configure terminal",
        "{verb} running-config > bootflash:x",
        "{verb} running-config | redirect flash:x",
        "{verb} running-config | tee flash:x",
        "{verb} running-config | append flash:x",
        "{verb} running-config | save x",
        "{verb} running-config | file disk0:x",
        "{verb} running-config | include a | redirect flash:x",
        "{verb} version |",
        "{verb} version || reload",
        "{verb} tech-support",
        "{verb} tech",
        "{verb} te",
        "{verb} diagnostic-information x.txt",
        "{verb} ip ?",
        "{verb} version\x03",
        "{verb} version `reload`",
        "{verb} version & reload",
    ],
)
def test_what_does_more_than_show_is_no_command_of_a_vendors_cli(text: str) -> None:
    for platform in CLI:
        with pytest.raises(ValueError, match=f"is not run on {platform}"):
            Command(platform, text.format(verb=VERBS[platform]))


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        ("fortinet", "get system status"),
        ("fortinet", "get router info bgp summary"),
        ("fortinet", "get router info6 bgp summary"),
        ("fortinet", "get system ha status"),
        ("fortinet", "show full-configuration"),
        ("fortinet", "show"),
        ("fortinet", "show system interface port1"),
        ("fortinet", "diagnose sys session stat"),
        ("mikrotik", "system resource print"),
        ("mikrotik", "/routing bgp peer print status without-paging"),
        ("mikrotik", "ip firewall connection print count-only"),
        ("mikrotik", "export"),
        ("mikrotik", "export terse hide-sensitive"),
        ("checkpoint-gaia", "cphaprob stat"),
        ("cisco-iosxr", "admin show environment power"),
        ("checkpoint-gaia", "fw tab -t connections -s"),
    ],
)
def test_what_shows_is_run_where_every_command_is_listed(platform: Platform, text: str) -> None:
    assert Command(platform, text).line == text


@pytest.mark.parametrize(
    ("platform", "text"),
    [
        ("fortinet", "get test dnsproxy 1"),
        ("fortinet", "get system status\nexecute reboot"),
        ("fortinet", "get system status | grep -v x"),
        ("fortinet", "diagnose sys session clear"),
        ("fortinet", "diagnose debug enable"),
        ("fortinet", "diagnose sys session stat x"),
        ("fortinet", "execute reboot"),
        ("fortinet", "execute backup config tftp x 192.0.2.1"),
        ("fortinet", "config system console"),
        ("fortinet", "show system interface ; execute reboot"),
        ("fortinet", "end"),
        ("mikrotik", "system reset-configuration print"),
        ("mikrotik", "system reboot"),
        ("mikrotik", "system resource print file=x"),
        ("mikrotik", "interface print where [/system reboot]"),
        ("mikrotik", "interface print interval=1"),
        ("mikrotik", "interface print follow"),
        ("mikrotik", "interface disable ether1"),
        ("mikrotik", "export file=x"),
        ("mikrotik", "export;/system reboot"),
        ("mikrotik", ":execute x"),
        ("checkpoint-gaia", "fw unloadlocal"),
        ("cisco-iosxr", "admin"),
        ("cisco-iosxr", "admin reload location all"),
        ("cisco-iosxr", "admin show environment power | file disk0:x"),
        ("cisco-ios", "admin show environment power"),
        ("checkpoint-gaia", "fw tab -t connections -x -y"),
        ("checkpoint-gaia", "cphaprob -d x -s problem report"),
        ("frr", "show version' ; reboot ; '"),
        ("frr", "show 'x'"),
        ("frr", "write"),
        ("frr", "clear bgp *"),
    ],
)
def test_what_does_more_than_show_is_refused_everywhere(platform: Platform, text: str) -> None:
    with pytest.raises(ValueError, match=f"is not run on {platform}"):
        Command(platform, text)


def test_a_command_of_frr_goes_to_its_shell_in_quotes_that_it_cannot_leave() -> None:
    assert Command("frr", "show bgp summary | include 10").line == "vtysh -c 'show bgp summary | include 10'"


@given(st.from_regex(r"show (?:[ -~]{0,60}|version \| include [ -~]{0,60})", fullmatch=True))
def test_no_text_leaves_the_quotes_of_vtysh(text: str) -> None:
    try:
        line = Command("frr", text).line
    except ValueError:
        return
    assert shlex.split(line) == ["vtysh", "-c", text]
