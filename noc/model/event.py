"""Events: what a device sent by itself (trap, syslog). Raw; an Event alone is not believed, it makes noc look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from re import compile as pattern
from typing import Final, Literal, get_args

from noc.model.incident import Fact

EventKind = Literal["trap", "syslog"]
EVENT_KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)

EventClass = Literal["link", "routing", "environment", "authentication", "configuration", "power", "satellite", "other"]
"""What an event speaks of."""

EVENT_CLASSES: Final[tuple[EventClass, ...]] = get_args(EventClass)

EventSeverity = Literal["critical", "major", "minor", "warning", "info"]
"""As the rule for the event says, else as the sender does; info: nothing is wrong, or it is over."""

EVENT_SEVERITIES: Final[tuple[EventSeverity, ...]] = get_args(EventSeverity)

TEXT_AT_MOST: Final = 2_000
"""Characters of an event's text."""

FACTS_AT_MOST: Final = 40
FACT_AT_MOST: Final = 300
"""Characters of a fact that is text."""

KEY_FACTS: Final = (
    "interface", "if_index", "peer", "protocol", "vrf", "tunnel", "probe", "sensor", "alarm", "state", "user", "from",
)  # fmt: skip
"""What tells two events of one name apart; the rest (counters, times, reasons) changes from one to the next."""

_DEFAULT_VRFS: Final = frozenset({"", "default", "default-vrf", "master", "global", "base"})
"""What devices call the instance of routing that is there by itself, in small letters."""

_NUMBERS = pattern(r"[0-9]+")
_MASKED_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Event:
    """What a device sent.

    source: the sender's address. device: the entity that it belongs to, `device/nbo-rtr-1`. name: `IF-MIB::linkDown`,
    or what a syslog line calls itself, `%LINEPROTO-5-UPDOWN`. first_ms, last_ms: when it was received, by noc's clock,
    in milliseconds of the Unix epoch; the same while it came once. device_ms: the device's own time, where it gave one.
    facts: what it says, bounded. text: of the sender, bounded, without control characters, and hostile all the same.
    count: how often it came between the two.
    """

    source: str
    device: str | None
    kind: EventKind
    name: str
    event_class: EventClass
    severity: EventSeverity
    first_ms: int
    last_ms: int
    facts: Mapping[str, Fact] = field(default_factory=dict)
    text: str = ""
    device_ms: int | None = None
    count: int = 1

    @property
    def about(self) -> str | None:
        """Return the entity that it speaks of: a peer, an interface, a tunnel, a probe, else the device itself.

        A peer outside of the default routing instance has the instance in its name, as in its status (noc.model.part).
        """
        if self.device is None:
            return None
        device = self.device.removeprefix("device/")
        peer, protocol = self.facts.get("peer"), self.facts.get("protocol")
        if peer is not None and protocol is not None:
            vrf = str(self.facts.get("vrf") or "")
            return f"peer/{device}/{protocol}:{'' if vrf.lower() in _DEFAULT_VRFS else f'{vrf}/'}{peer}"
        for kind in ("tunnel", "probe", "interface"):
            if self.facts.get(kind) is not None:
                return f"{kind}/{device}/{self.facts[kind]}"
        return self.device

    @property
    def key(self) -> bytes:
        """Return what is the same for events that are repetitions of each other."""
        facts = [f"{name}={self.facts[name]}" for name in KEY_FACTS if name in self.facts]
        said = facts or [_NUMBERS.sub("#", self.text[:_MASKED_AT_MOST])]
        whole = "\0".join((self.source, self.device or "", self.kind, self.name, *said))
        return blake2b(whole.encode("utf-8", "replace"), digest_size=16).digest()


def clean(text: str, at_most: int = TEXT_AT_MOST) -> str:
    """Return text of a device without control characters, which drive terminals and forge lines of a log; cut."""
    text = text[:at_most]
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " if one in "\t\r\n" else _escaped(one) for one in text)[:at_most]


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}"
