"""Layers of settings, site and device: what holds in the end, and what in them is wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from noc.inventory.layers import Layer, Layers, WatchText
from noc.inventory.ssh import SshCheck
from noc.inventory.values import Liveness
from noc.model.command import Command
from noc.settings.schema import validate_at
from noc.settings.yamltext import parse

from .conftest import Load, Messages

SITE = """
sites:
  nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1], defaults: {timeout: 3s}}
"""
DEVICES = """
devices:
  nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router, profile: cisco-iosxe, credentials: standard}
  nbo-rtr-2: {site: nairobi, address: 192.0.2.2, class: router}
  nbo-rtr-3: {site: nairobi, address: 192.0.2.3, class: router}
  nbo-sw-1: {site: nairobi, address: 192.0.2.4, class: switch, timeout: 4s}
"""


def layers(text: str) -> Layers:
    """Return the layers of a settings file that has just `defaults`, `devices` and `sites` by class."""
    document = parse(text, "noc.yaml")
    data = document.data
    assert isinstance(data, dict)

    def layer(*path: str) -> Layer:
        return Layer(validate_at(WatchText, document, path), document, path, ".".join(path))

    return Layers(
        defaults=layer("defaults") if "defaults" in data else None,
        device_classes={name: layer("devices", name) for name in data.get("devices") or ()},
        site_classes={name: layer("sites", name) for name in data.get("sites") or ()},
    )


def test_the_nearer_layer_wins(load: Load) -> None:
    text = """
defaults: {interval: 10s, poll_interval: 10m, timeout: 1s, retries: 1, confirm_down: 5}
devices:
  router: {interval: 20s, poll_interval: 20m, retries: 4}
sites:
  rtc: {poll_interval: 30m, liveness: 'tcp:22'}
"""
    inventory = load({"sites.yaml": SITE, "devices.yaml": DEVICES}, layers(text)).inventory
    assert inventory is not None
    router = inventory.devices["nbo-rtr-2"].watch
    assert router.confirm_down == 5  # defaults
    assert router.interval == timedelta(seconds=20)  # class of the device
    assert router.poll_interval == timedelta(minutes=30)  # class of the site
    assert router.timeout == timedelta(seconds=3)  # the site
    assert router.liveness == Liveness("tcp", 22)
    assert inventory.devices["nbo-sw-1"].watch.timeout == timedelta(seconds=4)  # the device
    assert inventory.devices["nbo-sw-1"].watch.interval == timedelta(seconds=10)
    assert inventory.devices["nbo-rtr-1"].watch.profile == "cisco-iosxe"


def test_devices_that_are_watched_alike_share_it(load: Load) -> None:
    inventory = load({"sites.yaml": SITE, "devices.yaml": DEVICES}).inventory
    assert inventory is not None
    assert inventory.devices["nbo-rtr-2"].watch is inventory.devices["nbo-rtr-3"].watch


@pytest.mark.parametrize(
    ("properties", "at", "words"),
    [
        (
            "credentials: standard, profile: cisco-iosxz",
            "cisco-iosxz",
            "error: device 'x': unknown profile 'cisco-iosxz' (did you mean 'cisco-iosxe'?)",
        ),
        (
            "credentials: standrad",
            "standrad",
            "error: device 'x': unknown credentials 'standrad' (did you mean 'standard'?)",
        ),
        ("profile: generic", "generic", "error: device 'x': profile 'generic' needs credentials; none are set"),
        ("liveness: snmp", "snmp", "error: device 'x': liveness snmp needs credentials; none are set"),
        (
            "credentials: shell, liveness: snmp",
            "shell",
            "error: device 'x': liveness snmp, but credentials 'shell' have no snmp part",
        ),
        (
            "ssh: {platform: linux, command: uptime}",
            "{platform",
            "error: device 'x': ssh needs credentials; none are set",
        ),
        (
            "credentials: standard, ssh: {platform: linux, command: uptime}",
            "standard",
            "error: device 'x': ssh is set, but credentials 'standard' have no ssh part",
        ),
        (
            "stale_after: 60s",
            "60s",
            ("error: device 'x': stale_after 1m must be longer than interval 1m, or nothing is known between probes"),
        ),
        (
            "timeout: 30s",
            "30s",
            "warning: device 'x': a probe may take 3 x 30s (timeout, retries), longer than its interval 1m",
        ),
        (
            "interval: 5s",
            "5s",
            "warning: device 'x': a probe may take 3 x 2s (timeout, retries), longer than its interval 5s",
        ),
    ],
)
def test_what_a_device_says(messages: Messages, properties: str, at: str, words: str) -> None:
    line = f"  x: {{site: nairobi, address: 192.0.2.9, class: switch, {properties}}}"
    assert messages({"more.yaml": f"devices:\n{line}\n"}) == [f"more.yaml:2:{line.index(at) + 1}: {words}"]


@pytest.mark.parametrize(
    ("check", "at", "words"),
    [
        ("platform: linux, command: reboot", "reboot", "error: device 'x': ssh.command: 'reboot' is not run on linux;"),
        (
            "platform: linux, command: uptime; reboot",
            "uptime; r",
            "error: device 'x': ssh.command: 'uptime; reboot' is",
        ),
        (
            "platform: cisco-ios, command: configure terminal",
            "configure",
            "error: device 'x': ssh.command: 'configure terminal' is not run on cisco-ios; noc runs only `show …`",
        ),
        ("platform: cisco-iosxee, command: show version", "cisco-iosxee", "(did you mean 'cisco-iosxe'?)"),
        ("platform: linux, command: 5", "5", "error: device 'x': ssh.command: must be text, one command"),
        ("command: uptime", "uptime", "error: device 'x': ssh.command: a command needs its `platform` beside it"),
        (
            "platform: linux, checks: [ntp, weather]",
            "weather",
            "error: device 'x': ssh.checks.1: 'weather' is not one of 'version', 'inventory'",
        ),
        ("checks: [ntp]", "{checks", "error: device 'x': nothing says what command line it has: give `ssh: platform:`"),
        ("platform: linux, command: df, shell: sh", "shell: sh", "unknown key 'shell'"),
    ],
)
def test_a_command_that_is_none_is_told_at_its_place(messages: Messages, check: str, at: str, words: str) -> None:
    line = f"  x: {{site: nairobi, address: 192.0.2.9, class: server, credentials: shell, ssh: {{{check}}}}}"
    (message,) = messages({"more.yaml": f"devices:\n{line}\n"})
    assert message.startswith(f"more.yaml:2:{line.index(at) + 1}: ")
    assert words in message


def test_a_command_comes_from_the_nearest_layer_and_from_a_table(load: Load) -> None:
    text = """
defaults: {credentials: shell}
devices:
  server: {ssh: {platform: linux, command: uptime}}
"""
    table = "id,site,address,class,ssh.platform,ssh.command\nx,nairobi,192.0.2.9,server,,\n"
    table += "y,nairobi,192.0.2.10,server,linux,df -h /\nz,nairobi,192.0.2.11,ups,,\n"
    loaded = load({"devices.csv": table}, layers(text))
    assert loaded.findings == ()
    assert loaded.inventory is not None
    checks = {name: loaded.inventory.devices[name].watch.ssh for name in "xyz"}
    assert checks == {
        "x": SshCheck(platform="linux", command=Command("linux", "uptime")),
        "y": SshCheck(platform="linux", command=Command("linux", "df -h /")),
        "z": None,
    }


def test_what_a_site_says(messages: Messages) -> None:
    text = "sites:\n  nairobi: {region: africa, class: rtc, edge_devices: [nbo-rtr-1], defaults: {profile: x}}\n"
    assert messages({"sites.yaml": text}) == [
        "sites.yaml:2:88: error: site 'nairobi': defaults: profile 'x' needs credentials; none are set",
        "sites.yaml:2:88: error: site 'nairobi': defaults: unknown profile 'x'; `noc profile list` lists all",
    ]


def test_what_the_settings_say_is_told_once_for_all_devices(messages: Messages) -> None:
    text = """
defaults:
  stale_after: 30s
  credentials: nope
devices:
  router: {liveness: snmp}
sites:
  rct: {retries: 1}
"""
    assert messages({"devices.yaml": DEVICES}, layers(text)) == [
        (
            "noc.yaml:3:16: error: defaults: stale_after 30s must be longer than interval 1m, or nothing is known"
            " between probes"
        ),
        "noc.yaml:4:16: error: defaults: unknown credentials 'nope'",
        "noc.yaml:8:3: warning: sites.rct: no site is of class 'rct' (did you mean 'rtc'?)",
    ]


def test_where_the_settings_are_unknown_nothing_is_said_of_what_they_would_give(messages: Messages) -> None:
    more = "devices:\n  x: {site: nairobi, address: 192.0.2.9, class: switch, liveness: snmp, profile: zzz}\n"
    assert messages({"more.yaml": more}, Layers(whole=False)) == [
        "more.yaml:2:82: error: device 'x': unknown profile 'zzz'; `noc profile list` lists all"
    ]


def test_a_table_says_its_column(messages: Messages) -> None:
    table = "id,site,address,class,profile,credentials\nx,nairobi,192.0.2.9,ups,ups-mibb,standard\n"
    assert messages({"devices.csv": table}) == [
        "devices.csv:2:25: error: device 'x': unknown profile 'ups-mibb' (did you mean 'ups-mib'?)"
    ]


def test_when_a_device_grows_old(load: Load) -> None:
    devices = """
    devices:
      nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router, installed: 2019-06-30, end_of_support: 2027-01-31}
      nbo-rtr-2: {site: nairobi, address: 192.0.2.2, class: router, installed: 2019-06-30, useful_life: 9}
      nbo-ups-1: {site: nairobi, address: 192.0.2.3, class: ups}
    """
    text = "devices:\n  router: {useful_life: 5}\n"
    inventory = load({"devices.yaml": devices}, layers(text)).inventory
    assert inventory is not None
    first, second, third = inventory.devices.values()
    assert (first.installed, first.end_of_support) == (date(2019, 6, 30), date(2027, 1, 31))
    assert [one.watch.useful_life for one in (first, second, third)] == [5, 9, None]
    assert third.installed is None


def test_days_of_a_table(load: Load) -> None:
    table = "id,site,address,class,installed,useful_life\nnbo-rtr-1,nairobi,192.0.2.1,router,2019-06-30,7\n"
    inventory = load({"devices.yaml": None, "devices.csv": table}).inventory
    assert inventory is not None
    router = inventory.devices["nbo-rtr-1"]
    assert (router.installed, router.watch.useful_life) == (date(2019, 6, 30), 7)
