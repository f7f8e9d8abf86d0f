"""Segmentation: statements that one part of the network must not reach another, and how they stand by proofs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, NamedTuple

from noc.inventory.values import Address, Network
from noc.model.instants import from_ms
from noc.model.samples import Samples
from noc.model.segmentation import Proof, SegmentationVerdict

MEASUREMENT: Final = "noc_segmentation"
REACHES: Final = frozenset({"open", "reset", "refused", "echo"})
HOLDS: Final = frozenset({"prohibited", "denied", "dropped"})
RHYTHMS: Final = 3
"""A proof is good for so many rhythms of its statement."""

PROBES_AN_HOUR: Final = 5
PROBES_AT_ONCE: Final = 5
TARGETS_AT_MOST: Final = 64
"""Addresses of a segment that are asked in turn, where the statement names none."""

Pair = tuple[str, int | None]
"""An address, and a port of TCP; None: ICMP."""

DENIAL: Final = re.compile(
    r"(?i)\b(?:deny|denied|denies|drop|dropped|blocked|reject|rejected|discarded)\b|action=.?(?:deny|block|drop)"
)
_ADDRESS: Final = re.compile(
    r"(?<![\w.:])([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?:[/:(]([0-9]{1,5}))?(?![\w.])"
)
_ZONE: Final = re.compile(r"[A-Za-z][\w-]{0,30}:(?=[0-9]{1,3}\.)")
"""Before an address, as in `outside:10.1.2.3`."""

_PORT: Final = re.compile(r"(?i)\b(?:dst_?port|dest_?port|destination-port|dpt|dport)[=:]\s?\"?([0-9]{1,5})\b")


@dataclass(frozen=True, slots=True)
class Excepted:
    """What may be reached all the same, for a time. ports: none: all. until_ms: it counts no more from then on."""

    to: Network
    ports: frozenset[int]
    until_ms: int
    owner: str


@dataclass(frozen=True, slots=True)
class Wall:
    """`origin` must not reach `target` at these ports, nor by ICMP where `icmp` is set.

    pairs: what is asked, in turn. trusting: silence is a proof whoever is silent. pollers: who asks, by name; none:
    each that stands in `origin`.
    """

    name: str
    origin_name: str
    target_name: str
    origin: tuple[Network, ...]
    target: tuple[Network, ...]
    ports: tuple[int, ...]
    icmp: bool
    pairs: tuple[Pair, ...]
    every_ms: int
    owner: str = ""
    trusting: bool = False
    pollers: tuple[str, ...] = ()
    exceptions: tuple[Excepted, ...] = ()

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"segment/{self.name}"

    @property
    def at_once(self) -> int:
        """Return how many pairs one round asks: never more than five an hour, and five at once."""
        return max(1, min(PROBES_AT_ONCE, PROBES_AN_HOUR * self.every_ms // 3_600_000))


class Standing(NamedTuple):
    """How a statement stands.

    reached: the newest proof of each pair that is reached and should not be. last: the newest that speaks for the
    verdict, or the newest of all where there is none. proven_ms: when it was last held. oldest_ms: since when there are
    proofs. excepted: pairs that are reached, and may.
    """

    verdict: SegmentationVerdict
    last: Proof | None
    reached: tuple[Proof, ...]
    excepted: tuple[Proof, ...]
    proven_ms: int | None
    oldest_ms: int | None


def standing_of(statement: Wall, proofs: Iterable[Proof], now_ms: int) -> Standing:
    """Return how a statement stands at a moment, by what is kept of its proofs, in any order."""
    known = sorted((one for one in proofs if one.statement == statement.name), key=lambda one: one.at_ms)
    newest: dict[Pair, Proof] = {(one.to, one.port): one for one in known if one.kind == "probe"}
    now = [one for pair, one in newest.items() if pair in set(statement.pairs) and one.answer in REACHES]
    excepted = tuple(one for one in now if _is_excepted(statement, one, now_ms))
    reached = tuple(one for one in now if one not in excepted)
    held = [one for one in known if holds(statement, one)]
    proven_ms = held[-1].at_ms if held else None
    oldest_ms = known[0].at_ms if known else None
    if reached:
        last = max(reached, key=lambda one: one.at_ms)
        return Standing("broken", last, reached, excepted, proven_ms, oldest_ms)
    if held and now_ms - held[-1].at_ms <= RHYTHMS * statement.every_ms:
        return Standing("held", held[-1], (), excepted, proven_ms, oldest_ms)
    return Standing("unproven", known[-1] if known else None, (), excepted, proven_ms, oldest_ms)


def holds(statement: Wall, proof: Proof) -> bool:
    """Tell whether a proof shows that the wall holds."""
    return proof.answer in HOLDS or (statement.trusting and proof.answer == "silent")


def _is_excepted(statement: Wall, proof: Proof, now_ms: int) -> bool:
    address = ip_address(proof.to)
    return any(
        now_ms < one.until_ms
        and address.version == one.to.version
        and address in one.to
        and (not one.ports or proof.port in one.ports)
        for one in statement.exceptions
    )


def due_pairs(statement: Wall, proofs: Sequence[Proof]) -> list[Pair]:
    """Return what the next round asks: what was reached last, then what was asked longest ago or never."""
    newest: dict[Pair, Proof] = {}
    for one in sorted(proofs, key=lambda one: one.at_ms):
        if one.kind == "probe":
            newest[one.to, one.port] = one

    def order(pair: Pair) -> tuple[bool, int]:
        last = newest.get(pair)
        return (last is None or last.answer not in REACHES, 0 if last is None else last.at_ms)

    return sorted(statement.pairs, key=order)[: statement.at_once]


class Refusal(NamedTuple):
    """What a firewall says that it refused."""

    source: str
    to: str
    port: int | None


def is_denial(text: str) -> bool:
    """Tell whether a line of a firewall speaks of a refusal."""
    return DENIAL.search(text) is not None


def refused(statement: Wall, text: str) -> Refusal | None:
    """Return what a line says was refused that the statement forbids; None where it speaks of something else.

    All makers name the source before the destination. Where a port can't be read, only ICMP counts.
    """
    found = list(_addresses(text))
    for index, (source, _) in enumerate(found):
        if not within(source, statement.origin):
            continue
        for to, behind in found[index + 1 :]:
            if not within(to, statement.target):
                continue
            named = _PORT.search(text)
            port = int(named[1]) if named else behind
            if port in statement.ports or (port is None and statement.icmp and "icmp" in text.lower()):
                return Refusal(str(source), str(to), port)
    return None


def _addresses(text: str) -> Iterator[tuple[Address, int | None]]:
    for match in _ADDRESS.finditer(_ZONE.sub(" ", text)):
        try:
            address = ip_address(match[1])
        except ValueError:
            continue
        yield address, None if match[2] is None else int(match[2])


def within(address: Address, networks: Iterable[Network]) -> bool:
    """Tell whether an address is in one of the networks."""
    return any(address.version == one.version and address in one for one in networks)


_FIELDS: Final = ("verdict", "reached", "excepted", "proof_age_s")
_NUMBERS: Final = {"unproven": 0.0, "held": 1.0, "broken": 2.0}


def segmentation_samples(rows: Sequence[tuple[Wall, Standing]], now_ms: int) -> Samples:
    """Return how statements stand as one table. The tag `device` is whose numbers they are, `segment/NAME`."""
    tags = tuple((one.entity, one.origin_name, one.target_name) for one, _ in rows)
    values = tuple(
        (
            _NUMBERS[now.verdict],
            float(len(now.reached)),
            float(len(now.excepted)),
            None if now.proven_ms is None else (now_ms - now.proven_ms) / 1000,
        )
        for _, now in rows
    )
    return Samples(MEASUREMENT, from_ms(now_ms), ("device", "from", "to"), _FIELDS, tags, values)
