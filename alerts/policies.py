"""People, and who is told what, when and how: the settings below `alerts:`.

A policy is a list of steps. Step 1 is the page; every later step is an escalation, for as long as nobody acknowledges.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from alerts.lifesettings import LifeSettings
from noc.inventory.values import Name, Word
from noc.settings.schema import Duration, Settings, TimeZone, format_duration, parse_duration

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
"""The six official languages of the United Nations, by ISO 639-1."""

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\Z")
MAILBOX_AT_MOST = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""


def parse_mailbox(text: str) -> str:
    """Return an address of e-mail, `achieng@example.org`. Raises ValueError."""
    if len(text) > MAILBOX_AT_MOST or _MAILBOX.match(text) is None:
        raise ValueError(f"'{text[:60]}' is not an address of e-mail; write name@example.org")
    return text


def _parse_delay(value: object) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise PydanticCustomError("duration", "{reason}", {"reason": str(error)}) from error


def _parse_language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"'{value}' is not one of {', '.join(LANGUAGES)}")
    return value


def _parse_base_url(value: str) -> str:
    if re.match(r"https?://[A-Za-z0-9.\[\]:_-]+(?:/[A-Za-z0-9._~/-]*)?\Z", value) is None:
        raise ValueError(f"'{value[:60]}' is not the address of a page; write https://noc.example.org")
    return value.rstrip("/")


Mailbox = Annotated[str, AfterValidator(parse_mailbox)]
"""An address of e-mail, `name@example.org`."""

Delay = Annotated[timedelta, BeforeValidator(_parse_delay), PlainSerializer(format_duration, return_type=str)]
"""A duration, written `15m`; `0s` is at once."""

Language = Annotated[str, AfterValidator(_parse_language)]
"""ar, zh, en, fr, ru or es."""

BaseUrl = Annotated[str, AfterValidator(_parse_base_url)]
"""The address of noc's pages, https://noc.example.org."""


class Person(Settings):
    """Somebody who can be told."""

    name: Name | None = None
    """What people call them. Default: the key."""
    email: Mailbox | None = None
    """Address of e-mail."""
    addresses: dict[Word, Annotated[str, Field(min_length=1, max_length=1000)]] = Field(default_factory=dict)
    """Addresses for other kinds of notifier, by the kind."""
    language: Language = "en"
    """Language of messages: ar, zh, en, fr, ru, es. Today all are written in English."""
    time_zone: TimeZone | None = None
    """IANA name, such as Africa/Nairobi."""

    def address(self, kind: str) -> str | None:
        """Return where a notifier of this kind reaches them; None where it can't."""
        return self.email if kind == "email" else self.addresses.get(kind)


class Step(Settings):
    """One step of a policy."""

    after: Delay = timedelta(0)
    """How long after the incident opened, if nobody has acknowledged it by then."""
    notify: Annotated[tuple[Word, ...], Field(min_length=1)]
    """People, by their key in `people`."""
    by: Annotated[tuple[Word, ...], Field(min_length=1)] = ("email",)
    """Notifiers, by their key in `notifiers`."""


class Policy(Settings):
    """Who is told of an incident, and when."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    """In order of time. The first is the page, the others are escalations."""
    reminder: Duration | None = None
    """How often all who have been told hear of it again while nobody acknowledges. Default: never."""
    reminders: Annotated[int, Field(ge=0, le=1000)] = 5
    """How often at most."""
    resolved: bool = True
    """Whether those who were told also hear that it is over."""


class AlertSettings(LifeSettings):
    """Who is told of incidents, and how."""

    people: dict[Word, Person] = Field(default_factory=dict)
    """People by key."""
    policies: dict[Word, Policy] = Field(default_factory=dict)
    """Escalation policies by name; a rule may name one."""
    default_policy: Word | None = None
    """The policy of rules that name none. Default: the only one, where there is only one."""
    notifiers: dict[Word, dict[str, object]] = Field(default_factory=dict)
    """Ways to tell people, by name; `kind` says which, by default the name: `email`."""
    base_url: BaseUrl | None = None
    """Address of noc's pages, https://noc.example.org: messages link to the incident there."""

    def kind_of(self, channel: str) -> str:
        """Return the kind of a notifier."""
        return str(self.notifiers.get(channel, {}).get("kind", channel))

    def targets(self, step: Step) -> tuple[tuple[str, str], ...]:
        """Return the person and channel of everything that a step can send, in its order, each once."""
        found = {
            (name, channel): None
            for name in step.notify
            for channel in step.by
            if channel in self.notifiers
            and name in self.people
            and self.people[name].address(self.kind_of(channel)) is not None
        }
        return tuple(found)

    def policy(self, name: str | None) -> tuple[str, Policy] | None:
        """Return the policy of this name, or else the default one, with its name; None where there is none."""
        for candidate in (name, self.default_policy):
            if candidate in self.policies:
                return candidate, self.policies[candidate]
        if self.default_policy is None and len(self.policies) == 1:
            return next(iter(self.policies.items()))
        return None
