"""Which addresses a sweep asks: networks, ranges and single addresses, less what is excluded. Pure.

Kept as spans of numbers, never as a list: a range may be wrong by many zeros before somebody says so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import accumulate
from typing import Final

from noc.inventory.values import Address, Network, parse_address, parse_network
from noc.model.errors import UsageError

FORCED_AT_MOST: Final = 1 << 24
"""Addresses of a sweep with --force: a /8."""

_NEVER: Final = tuple(map(ip_network, ("224.0.0.0/4", "240.0.0.0/4", "ff00::/8", "::/128", "0.0.0.0/8")))
"""Multicast, reserved and unspecified addresses: no device has them."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Addresses from first to last, both included, as numbers."""

    version: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """Return how many they are."""
        return self.last - self.first + 1


class Addresses:
    """The addresses of a sweep, in a stable order: IPv4 first, then by number."""

    def __init__(self, spans: Iterable[Span], excluded: Iterable[Network] = ()) -> None:
        never = [_whole(network) for network in (*_NEVER, *excluded)]
        self.spans = tuple(_without(_joined(spans), _joined(never)))
        self._ends = tuple(accumulate(span.count for span in self.spans))

    @property
    def count(self) -> int:
        """Return how many they are; `len` would not take the numbers of IPv6."""
        return self._ends[-1] if self._ends else 0

    def at(self, index: int) -> str:
        """Return the address at an index from 0. Raises IndexError."""
        if not 0 <= index < self.count:
            raise IndexError(index)
        place = bisect_right(self._ends, index)
        span = self.spans[place]
        return str(_address(span.version, span.last + 1 - (self._ends[place] - index)))

    def __contains__(self, address: str) -> bool:
        asked = parse_address(address)
        return any(span.version == asked.version and span.first <= int(asked) <= span.last for span in self.spans)


def parse_target(text: str) -> Span:
    """Return the addresses that `10.1.0.0/24`, `10.1.0.1` or `10.1.0.10-10.1.0.99` means.

    The network and broadcast addresses of an IPv4 network are no devices. Raises UsageError.
    """
    try:
        first, dash, last = text.partition("-")
        if dash:
            return _range(parse_address(first.strip()), parse_address(last.strip()), text)
        return _hosts(parse_network(text))
    except ValueError as error:
        if any(letter.isalpha() for letter in text) and ":" not in text:
            raise UsageError(
                f"'{text[:60]}' is no address: names are not looked up, write 10.1.0.0/24 (or --from-site SITE)"
            ) from error
        raise UsageError(str(error)) from error


def targets(texts: Sequence[str], excluded: Iterable[Network], at_most: int, *, force: bool = False) -> Addresses:
    """Return what a sweep asks. Raises UsageError where it is nothing, or more than is allowed."""
    found = Addresses(map(parse_target, texts), excluded)
    bound = FORCED_AT_MOST if force else at_most
    if found.count == 0:
        raise UsageError(f"{', '.join(texts)}: no address is left to ask; see `discovery: exclude:`")
    if found.count > bound:
        count = f"{found.count:,}" if found.count < 1 << 64 else f"2^{found.count.bit_length() - 1} or more"
        way = "" if force or found.count > FORCED_AT_MOST else "; give smaller networks, or --force"
        raise UsageError(f"{', '.join(texts)}: {count} addresses are more than the {bound:,} of one sweep{way}")
    return found


def _range(first: Address, last: Address, text: str) -> Span:
    if first.version != last.version or int(first) > int(last):
        raise UsageError(f"'{text[:90]}' is not a range; write the lower address first, as 10.1.0.10-10.1.0.99")
    return Span(first.version, int(first), int(last))


def _hosts(network: Network) -> Span:
    whole = _whole(network)
    edge = 1 if network.version == 4 and whole.count > 2 else 0
    return Span(whole.version, whole.first + edge, whole.last - edge)


def _whole(network: Network) -> Span:
    return Span(network.version, int(network.network_address), int(network.broadcast_address))


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans in order, those that overlap as one."""
    open_: Span | None = None
    for span in sorted(spans):
        if open_ is None:
            open_ = span
        elif span.version == open_.version and span.first <= open_.last:
            open_ = Span(open_.version, open_.first, max(open_.last, span.last))
        else:
            yield open_
            open_ = span
    if open_ is not None:
        yield open_


def _without(spans: Iterable[Span], holes: Iterable[Span]) -> Iterator[Span]:
    cut = list(holes)
    for span in spans:
        first = span.first
        for hole in cut:
            if hole.version != span.version or hole.last < first or hole.first > span.last:
                continue
            if hole.first > first:
                yield Span(span.version, first, hole.first - 1)
            first = hole.last + 1
        if first <= span.last:
            yield Span(span.version, first, span.last)


def _address(version: int, number: int) -> Address:
    return IPv4Address(number) if version == 4 else IPv6Address(number)
