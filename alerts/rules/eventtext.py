"""What people write in rules of kind `event` (docs/extend/rule.md)."""

from __future__ import annotations

import re
from datetime import time, timedelta
from fnmatch import translate
from ipaddress import ip_network
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from alerts.rules.eventrule import Distinct, Hours, Match, Network, Per
from alerts.rules.patterns import pattern
from alerts.rules.text import Hold, Names, RuleText, not_empty
from noc.model.event import EventClass, EventKind, EventSeverity
from noc.settings.schema import Duration, Settings

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)\Z")
_AT_ONCE: Final = timedelta(0)


def _hours(text: str) -> str:
    match = _HOURS.match(text)
    if match is None or match[1] + match[2] == match[3] + match[4]:
        raise ValueError(f"'{text[:20]}' are no hours; write 07:00-19:00, or 22:00-06:00 over midnight")
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f"'{text[:60]}' is no network: {error}; write 10.0.0.0/8 or 2001:db8::/32") from error
    return text


def _pattern(text: str) -> str:
    pattern(text)
    return text


class HoursText(Settings):
    """Hours that are not odd."""

    at: Annotated[str, AfterValidator(_hours)]
    """From and to, by the clock of the site: `07:00-19:00`."""
    days: Annotated[tuple[Day, ...], AfterValidator(not_empty)] = DAYS
    """On these days."""

    def compiled(self) -> Hours:
        """Return them ready for use."""
        begin, _, end = self.at.partition("-")
        return Hours(time.fromisoformat(begin), time.fromisoformat(end), frozenset(map(DAYS.index, self.days)))


class MatchText(Settings):
    """Which events are meant; what is given must all fit."""

    classes: Annotated[tuple[EventClass, ...], AfterValidator(not_empty)] | None = None
    """Of these [classes](../extend/event.md)."""
    names: Names | None = None
    """With such a name; `*` stands for anything, `?` for one character."""
    kinds: Annotated[tuple[EventKind, ...], AfterValidator(not_empty)] | None = None
    """Only traps, or only syslog."""
    severities: Annotated[tuple[EventSeverity, ...], AfterValidator(not_empty)] | None = None
    """As grave as these."""
    facts: dict[str, Names] = Field(default_factory=dict)
    """With such facts: `user: ["root", "admin*"]`."""
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    """A pattern ([RE2](https://github.com/google/re2/wiki/Syntax)) that is found in the text."""
    outside: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], AfterValidator(not_empty)] | None = None
    """Asked from none of these networks. An event that doesn't tell from where fits not."""
    odd_hours: HoursText | None = None
    """Outside of these hours."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(
                f"says nothing of the events that are meant; give one of {', '.join(type(self).model_fields)}"
            )
        return self

    def compiled(self) -> Match:
        """Return it ready for use."""
        networks: tuple[Network, ...] = tuple(ip_network(one) for one in self.outside or ())
        return Match(
            classes=frozenset(self.classes or ()),
            kinds=frozenset(self.kinds or ()),
            severities=frozenset(self.severities or ()),
            names=None if self.names is None else globs(self.names),
            facts=tuple((name, globs(wanted)) for name, wanted in sorted(self.facts.items())),
            text=None if self.pattern is None else pattern(self.pattern),
            outside=networks,
            odd_hours=None if self.odd_hours is None else self.odd_hours.compiled(),
        )


class EventText(RuleText):
    """A rule of kind `event`: devices sent something (traps, syslog)."""

    hold: Hold = Field(default="0s", alias="for", validate_default=True)
    """An event is a moment: leave it out."""
    match: MatchText
    """Which [events](#events)."""
    per: Per = "device"
    """Whose events are counted together, and what the rule is raised for; `about`: the interface, peer or tunnel that
    the event speaks of."""
    count: Annotated[int, Field(ge=1, le=1_000)] = 1
    """So many."""
    within: Duration = timedelta(minutes=10)
    """Within this time."""
    distinct: Distinct | None = None
    """Count not events, but different ones of these, such as `device`."""
    outside_windows: bool = False
    """true: what comes in an approved [window](../windows.md) doesn't count."""
    ends: MatchText | None = None
    """Which events end it, for the same entity."""
    clear_after: Duration = timedelta(hours=1)
    """Without a further event for so long, it is over."""

    @field_validator("hold")
    @classmethod
    def _is_a_moment(cls, hold: timedelta) -> timedelta:
        if hold != _AT_ONCE:
            raise ValueError("an event is a moment, and lasts not: leave 'for' out, and give count and within")
        return hold

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.distinct in ("device", "source") and self.per in ("device", "about") and self.count > 1:
            raise ValueError("of one device there is one: with distinct, count per site, region or network")
        return self


def globs(patterns: Names) -> re.Pattern[str]:
    """Return what any of these patterns of `*` and `?` fits."""
    return re.compile("|".join(map(translate, patterns)))
