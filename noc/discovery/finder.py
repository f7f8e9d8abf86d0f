"""One address of a sweep: probed, and identified where a log-in was accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_address

from noc.clock import Clock
from noc.discovery.banner import told_by
from noc.discovery.identify import LogIn, identify_counted
from noc.discovery.probe import Heard, Prober
from noc.discovery.sweep import Asked
from noc.inventory.profiles.compiled import Profile
from noc.inventory.values import Network
from noc.model.discovery import Found
from noc.model.reading import Failure
from noc.wire.icmp import PingerError

RETRIES = 1
"""Further tries of a question once a log-in was accepted."""


class Finder:
    """Asks addresses. profiles: of `only_identity`. known: the log-in of an address of the inventory, if there is one.

    excluded: is never asked, also not as a neighbour. pinged_too: an address that answers nothing but ICMP counts as a
    device.
    """

    def __init__(
        self,
        prober: Prober,
        profiles: Mapping[str, Profile],
        clock: Clock,
        known: Callable[[str], LogIn | None],
        excluded: tuple[Network, ...] = (),
        *,
        pinged_too: bool = False,
    ) -> None:
        self._prober = prober
        self._profiles = profiles
        self._clock = clock
        self._known = known
        self._excluded = excluded
        self._pinged_too = pinged_too

    async def ask(self, address: str) -> Asked:
        """Return what came of an address; whatever the device does, this is an answer."""
        if any(ip_address(address) in network for network in self._excluded):
            return Asked()
        try:
            heard = await self._prober.ask(address, self._known(address))
        except PingerError as error:
            return Asked(fault=str(error))
        if not heard.ways:
            return Asked(wrong=heard.wrong, untried=heard.untried, octets=heard.octets)
        found: Found | None = None
        octets = heard.octets
        if heard.login is not None:
            found, more = await self._identified(heard, heard.login)
            octets += more
        elif heard.banner is not None or self._pinged_too:
            vendor, os = told_by(heard.banner)
            found = Found(address, (address,), heard.ways, vendor=vendor, os=os, banner=heard.banner)
        return Asked(alive=True, found=found, wrong=heard.wrong, untried=heard.untried, octets=octets)

    async def _identified(self, heard: Heard, login: LogIn) -> tuple[Found, int]:
        """Return who it is, and the octets that asking took."""
        agent = replace(login.agent, retries=RETRIES)
        who, octets = await identify_counted(replace(login, agent=agent), self._profiles, self._clock)
        if isinstance(who, Failure):  # it logs noc in, and then tells nothing that can be understood
            who = Found(heard.address, (heard.address,), snmp_port=login.agent.port, credentials=login.name)
        return replace(who, ways=heard.ways, banner=heard.banner), octets
