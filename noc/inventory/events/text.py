"""What people write in `config/events/*.yaml` and `config/events/mib/*.yaml` (docs/extend/event.md)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from noc.inventory.profiles.text import Oid
from noc.model.event import EventClass, EventSeverity
from noc.settings.schema import Settings

Look = Literal["liveness", "snmp", "ssh", "backup"]
"""A check that an event lets run at once."""

_FACT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[0-9]+)*")


def _fact(text: str) -> str:
    if not _FACT.fullmatch(text):
        raise ValueError(f"'{text}' is not the name of a fact: small letters, digits and _, 40 at most")
    return text


def _object(text: str) -> str:
    if not _OBJECT.fullmatch(text):
        raise ValueError(f"'{text}' is not the name of an object: it begins with a letter, no '::' in it")
    return text


def _regex(text: str) -> str:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    for name in pattern.groupindex:
        _fact(name)
    return text


FactName = Annotated[str, AfterValidator(_fact)]
ObjectName = Annotated[str, AfterValidator(_object)]
Regex = Annotated[str, AfterValidator(_regex)]


class MeaningText(Settings):
    """What an event means."""

    event_class: EventClass = Field(alias="class")
    """What it speaks of: link, routing, environment, authentication, configuration, power, satellite, other."""
    severity: EventSeverity | None = None
    """How grave it is. Default: as the sender says; a trap, which doesn't say, is a warning."""
    severities: dict[str, EventSeverity] = Field(default_factory=dict)
    """How grave it is by the fact `state`, in small letters; stronger than `severity`."""
    facts: dict[FactName, str] = Field(default_factory=dict)
    """Facts that go without saying, such as `protocol: bgp`."""
    look: tuple[Look, ...] | None = None
    """Checks of the device that run at once: liveness, snmp, ssh, backup. Default: by the class."""


class SyslogText(MeaningText):
    """A rule for syslog messages: all that is given must fit."""

    names: tuple[str, ...] = ()
    """What the message calls itself, with `*` for anything: `%LINEPROTO-*-UPDOWN`, `SNMP_TRAP_LINK_*`."""
    apps: tuple[str, ...] = ()
    """Names of the application that wrote it: `craftd`, `sshd`."""
    pattern: Regex | None = None
    """A regular expression that is searched in the text; its named groups are facts."""


class VarbindText(Settings):
    """Where the value of a varbind goes."""

    fact: FactName | None = None
    """The fact that its value is, such as `interface`. Without one the object's name is the fact's."""
    index: FactName | None = None
    """The fact that its index is: `if_index`, or `peer` where the index is an address."""


class FamilyText(Settings):
    """Events of one family."""

    title: str
    traps: dict[str, MeaningText] = Field(default_factory=dict)
    """By name, `IF-MIB::linkDown` or `OSPF-TRAP-MIB::*`, or by the beginning of the OID."""
    varbinds: dict[str, VarbindText] = Field(default_factory=dict)
    """By name, `IF-MIB::ifName`."""
    syslog: tuple[SyslogText, ...] = ()
    """Rules; of those that fit, the one that says most about the message counts."""
    vendors: dict[str, str] = Field(default_factory=dict)
    """Beginnings of OIDs and whose they are: an unknown trap is called by that and its numbers."""


class ObjectText(Settings):
    """An object that traps carry."""

    oid: Oid
    """Without index."""
    values: dict[str, str] = Field(default_factory=dict)
    """The words that its numbers stand for."""


class EventMibText(Settings):
    """Names of one MIB module, as far as traps need them; the file's name is the module's."""

    title: str = ""
    source: str = ""
    notifications: dict[ObjectName, Oid] = Field(default_factory=dict)
    """NOTIFICATION-TYPE and TRAP-TYPE; one of SNMPv1 as its enterprise, 0, and its number (RFC 3584, section 3.1)."""
    objects: dict[ObjectName, ObjectText] = Field(default_factory=dict)
    """Objects in them."""
