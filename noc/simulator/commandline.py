"""What the routers of the world print on their command line: the words of Cisco IOS, about themselves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from noc.model.instants import from_ms, length_ms
from noc.simulator.models.system import serial
from noc.simulator.moment import Machine, Moment
from noc.simulator.objects import View
from noc.simulator.scene import Scene
from noc.simulator.showing import bgp_summary, interface, interfaces, traced
from noc.simulator.terminal import Console

USER: Final = "noc"
PASSWORD: Final = "simulated"  # noqa: S105 of devices that don't exist
SITES: Final = ("hub", "rtc")
"""Classes of the sites whose routers are asked by their command line on a rhythm, and configured there."""

CHANGED_EVERY: Final = timedelta(hours=12)
"""So often somebody changes the configuration of each, one after another."""

_UNKNOWN: Final = "% Invalid input detected at '^' marker."
_PEOPLE: Final = ("achieng", "luca", "duty")
_PUSHES, _PUTS_RIGHT = "luca", "achieng"
_WRONG: Final = (
    "interface GigabitEthernet0/0/1\n description template, not for this site\n shutdown\n!\n"
    "line vty 0 4\n transport input telnet ssh\n no access-class MANAGEMENT in\n!\n"
)
_RIGHT: Final = "line vty 0 4\n transport input ssh\n access-class MANAGEMENT in\n!\n"


@dataclass(frozen=True, slots=True)
class RouterConsole:
    """The command line of one router at a moment.

    objects: what it tells by SNMP. hears: whether it reaches an address.
    """

    moment: Moment
    objects: View
    hears: Callable[[str], bool]
    page: int = 0

    @property
    def prompt(self) -> str:
        """Return its name and the sign of a privileged user."""
        return f"{self.moment.machine.device.id}#"

    def answer(self, line: str) -> str:
        """Return what a command prints."""
        if line.startswith("terminal "):
            return ""
        if told := _TELLS.get(line):
            return told(self.moment)
        if shown := _SHOWS.get(line):
            return shown(self.objects, self.moment)
        if found := _TRACE.match(line):
            return traced(found[1], is_there=self.hears(found[1]))
        name = line.removeprefix(_OF_ONE)
        return (interface(self.objects, self.moment, name) if name != line else None) or _UNKNOWN


@dataclass(frozen=True, slots=True)
class ConfigurationChange:
    """The last change of a router's configuration. turn: how often it was changed; who: its author."""

    turn: int
    at_ms: int
    who: str
    is_wrong: bool = False


def last_change(now: Moment) -> ConfigurationChange:
    """Return who changed the configuration of a router, and when: the change of every day, or what was pushed later."""
    every_ms, machine = length_ms(CHANGED_EVERY), now.machine
    later_ms = machine.seed % every_ms
    usual = (now.time_ms - later_ms) // every_ms
    turn, at_ms = usual + len(now.pushed), usual * every_ms + later_ms
    if now.pushed and now.pushed[-1].at_ms >= at_ms:
        last = now.pushed[-1]
        return ConfigurationChange(turn, last.at_ms, _PUSHES if last.is_wrong else _PUTS_RIGHT, last.is_wrong)
    return ConfigurationChange(turn, at_ms, _PEOPLE[(usual + machine.device.number) % len(_PEOPLE)])


def has_console(machine: Machine) -> bool:
    """Return whether people configure a device by its command line."""
    return machine.device.device_class == "router" and machine.place.site_class in SITES


def consoles(scene: Scene, now_ms: Callable[[], int]) -> Callable[[str], Console | None]:
    """Return what finds the command line at an address; a device that is silent has none."""
    numbers = {str(machine.device.address): machine.device.number for machine in scene.machines}
    routers = {str(one.device.address) for one in scene.machines if one.device.device_class == "router"}

    def hears(address: str) -> bool:
        number = numbers.get(address)
        return number is not None and not scene.silent[number]

    def at(address: str) -> Console | None:
        if address not in routers or not hears(address):
            return None
        number = numbers[address]
        return RouterConsole(scene.moment(number, now_ms()), scene.views[number], hears)

    return at


def _number(moment: Moment) -> str:
    return serial(moment).decode()


def _version(moment: Moment) -> str:
    days = max(0, moment.time_ms - moment.boot_ms) // 86_400_000
    name = moment.machine.device.id
    return (
        "Cisco IOS Software [Bengaluru], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.6.5, RELEASE "
        f"SOFTWARE (fc2)\n{name} uptime is {days // 7} weeks, {days % 7} days\n"
        'System image file is "bootflash:isr4300-universalk9.17.06.05.SPA.bin"\n'
        "cisco ISR4331/K9 (1RU) processor with 1795979K/6147K bytes of memory.\n"
        f"Processor board ID {_number(moment)}\nConfiguration register is 0x2102\n"
    )


def _inventory(moment: Moment) -> str:
    return (
        f'NAME: "Chassis", DESCR: "Cisco ISR4331 Chassis"\nPID: ISR4331/K9        , VID: V05  , SN: {_number(moment)}\n'
    )


def _ntp(moment: Moment) -> str:
    offset = moment.share(300, -4.0, 4.0)
    return (
        "Clock is synchronized, stratum 3, reference is 10.255.0.1\n"
        "nominal freq is 250.0000 Hz, actual freq is 250.0012 Hz, precision is 2**10\n"
        f"clock offset is {offset:.4f} msec, root delay is 20.01 msec\n"
    )


def _configuration(moment: Moment) -> str:
    change = last_change(moment)
    usual = change.turn - len(moment.pushed)
    changed = from_ms(change.at_ms - change.at_ms % 1000)
    name = moment.machine.device.id
    return (
        "Building configuration...\n\nCurrent configuration : 1524 bytes\n!\n"
        f"! Last configuration change at {changed:%H:%M:%S} UTC {changed:%a %b} {changed.day} {changed.year} "
        f"by {change.who}\n!\nversion 17.6\nservice password-encryption\nhostname {name}\n"
        "enable secret 9 $9$simulated$simulated\n!\ninterface GigabitEthernet0/0/0\n description One UN\n"
        f"!\n{_WRONG if change.is_wrong else _RIGHT}"
        "router bgp 64500\n neighbor 10.255.0.1 remote-as 64500\n!\nsnmp-server community simulated RO\n"
        f"ntp server 10.255.0.{1 + usual % 2}\nend\n"
    )


_TELLS: Final[dict[str, Callable[[Moment], str]]] = {
    "show version": _version,
    "show inventory": _inventory,
    "show ntp status": _ntp,
    "show running-config": _configuration,
}
_SHOWS: Final[dict[str, Callable[[View, Moment], str]]] = {
    "show ip bgp summary": bgp_summary,
    "show ip interface brief": interfaces,
}
_OF_ONE: Final = "show interfaces "
_TRACE: Final = re.compile(r"traceroute (\S+) numeric .*ttl 1 15")
