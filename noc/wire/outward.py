"""Which addresses noc may be sent to by somebody else's words: a URL in the settings, a name, a redirect.

This machine and its link are not among them: what listens there trusts whoever is here, such as the service of clouds
that hands out log-ins (169.254.169.254). What is asked is the address that is about to be connected to, so neither
another way to write it (`0x7f.1`) nor a name that answers differently the second time gets past (OWASP ASVS 5.0,
1.3.6).
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64: Final = IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = IPv6Network("::/96")
_CLOUD: Final = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200"), ip_address("192.0.0.192")})
"""Where clouds hand out log-ins beside 169.254.169.254."""

ALLOW: Final = "name it in allow_networks if that is meant"


class ForbiddenAddressError(OSError):
    """An address that noc doesn't go to. The text names it and says what to do."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, f"{address[:60]} is this machine or its link; {ALLOW}")


@dataclass(frozen=True, slots=True)
class Outward:
    """Everywhere but this machine and its link. allowed: networks that may be gone to all the same."""

    allowed: tuple[Network, ...] = ()

    def check(self, host: str) -> None:
        """Raise ForbiddenAddressError where an address may not be connected to. host: an address, not a name."""
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            raise ForbiddenAddressError(host) from None  # a name: nobody knows what it will become
        meant = _meant(address)
        if any(
            one in network for network in self.allowed for one in (address, meant) if one.version == network.version
        ):
            return
        if _is_near(meant):
            raise ForbiddenAddressError(host)


def parse_network(text: object) -> Network:
    """Return a network, `10.1.0.0/16`, or one address. Raises ValueError."""
    if isinstance(text, IPv4Network | IPv6Network):
        return text
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a network; write 127.0.0.1 or 10.1.0.0/16")  # noqa: TRY004 for pydantic
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"'{text[:60]}' is not a network; write 127.0.0.1 or 10.1.0.0/16") from error


def _meant(address: Address) -> Address:
    """Return the IPv4 address that one of IPv6 stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_near(address: Address) -> bool:
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or address in _CLOUD
        or (isinstance(address, IPv4Address) and (address in IPv4Network("0.0.0.0/8") or int(address) == 0xFFFFFFFF))
    )
