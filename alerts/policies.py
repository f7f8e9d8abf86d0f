"""People, and who is told what, when and how: the settings below `alerts:`.

A policy is a list of steps. Step 1 is the page; every later step is an escalation, for as long as nobody acknowledges.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator
from pydantic_core import PydanticCustomError

from alerts.correlation import FlappingSettings, RootCauseSettings
from alerts.oncallsettings import BusinessHours, Desk, Holidays, Hours, Schedule
from alerts.tellingsettings import TellingSettings
from noc.inventory.values import Name, Word, parse_word
from noc.model.incident import SEVERITIES, Severity
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


TARGET_KINDS: Final = ("person", "team", "schedule", "desk")
DAYLIGHT: Final = "desk/daylight"
BY_EMAIL: Final = ("email",)


def parse_called(value: object) -> str:
    """Return who is to be called: `achieng`, `team/radio`, `schedule/nairobi`, `desk/daylight`. Raises ValueError."""
    kind, slash, name = value.partition("/") if isinstance(value, str) else ("", "", "")
    if not slash:
        return parse_word(value)
    if kind not in TARGET_KINDS:
        kinds = ", ".join(f"{one}/…" for one in TARGET_KINDS)
        raise ValueError(f"'{str(value)[:60]}' can't be called; write a person's key, or one of {kinds}")
    return f"{kind}/{parse_word(name)}"


Called = Annotated[str, PlainValidator(parse_called)]
"""Who is called: a person's key, `team/…`, `schedule/…` (who is on call), `desk/…` (who is on call there), or
`desk/daylight` (at the desk that has daylight)."""

Channels = Annotated[tuple[Word, ...], Field(min_length=1)]
"""Notifiers by their key."""


class QuietHours(Hours):
    """When somebody is not to be disturbed."""

    below: Severity = "major"
    """Only incidents below this severity wait until the end of these hours."""

    def covers(self, severity: Severity) -> bool:
        """Tell whether an incident of a severity waits."""
        return SEVERITIES.index(severity) > SEVERITIES.index(self.below)


class Person(Settings):
    """Somebody who can be told."""

    name: Name | None = None
    """What people call them. Default: the key."""
    email: Mailbox | None = None
    """Address of e-mail."""
    addresses: dict[Word, Annotated[str, Field(min_length=1, max_length=1000)]] = Field(default_factory=dict)
    """Addresses for other kinds of notifier, by the kind, or by the name of one of them."""
    phone: Annotated[str, Field(min_length=3, max_length=40, pattern=r"^\+?[0-9 ().-]+$")] | None = None
    """Telephone, such as "+254 20 762 1234": for people to call, and for notifiers of kind sms."""
    channels: tuple[Word, ...] = ()
    """Notifiers in the order in which they would rather be told: the first is used where a step has no `by`, the next
    ones when it fails. Default: email."""
    quiet_hours: QuietHours | None = None
    """When what is not grave waits until they are over, in `time_zone`. The catch-all never waits."""
    language: Language = "en"
    """Language of messages: ar, zh, en, fr, ru, es."""
    time_zone: TimeZone | None = None
    """IANA name, such as Africa/Nairobi."""

    def address(self, channel: str, kind: str) -> str | None:
        """Return where a notifier of this name and kind reaches them; None where it can't. Its name counts first."""
        known = {"email": self.email, "sms": self.phone}
        return self.addresses.get(channel) or self.addresses.get(kind) or known.get(kind)


class Step(Settings):
    """One step of a policy."""

    after: Delay = timedelta(0)
    """How long after the incident opened, if nobody has acknowledged it by then."""
    notify: Annotated[tuple[Called, ...], Field(min_length=1)]
    """Who: people by their key, `team/…`, `schedule/…`, `desk/…`, `desk/daylight`."""
    by: Channels | None = None
    """Notifiers, by their key in `notifiers`. Default: for each person the first of their `channels`."""
    during: Word | None = None
    """Only when it falls due in these `business_hours`; else the step is passed over."""
    outside: Word | None = None
    """Only when it falls due outside of these `business_hours`."""


class CatchAll(Settings):
    """Who hears of it when nobody else does."""

    notify: Annotated[tuple[Called, ...], Field(min_length=1)]
    """Who: as in a step."""
    by: Channels | None = None
    """By which notifiers. Default: by all that reach them."""
    after: Delay = timedelta(minutes=30)
    """How long after the last step of a policy, if nobody has acknowledged by then."""


class MajorIncidents(Settings):
    """Who hears how major incidents stand, and how often."""

    notify: tuple[Called, ...] = ()
    """Who hears of each status update, beside those who were called: as in a step."""
    by: Channels | None = None
    """By which notifiers. Default: for each person the first of their `channels`."""
    update_every: Duration = timedelta(hours=1)
    """How often somebody is to say how it stands; an update that is late is marked."""


class Policy(Settings):
    """Who is told of an incident, and when."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    """In order of time. The first is the page, the others are escalations."""
    repeat: Annotated[int, Field(ge=0, le=100)] = 0
    """How often all steps come again, if nobody has acknowledged by then."""
    repeat_after: Duration = timedelta(minutes=15)
    """How long after the last step."""
    hours: Word | None = None
    """Outside of these `business_hours` its clock stands still: nobody is called, and steps come later."""
    reminder: Duration | None = None
    """How often all who have been told hear of it again while nobody acknowledges. Default: never."""
    reminders: Annotated[int, Field(ge=0, le=1000)] = 5
    """How often at most."""
    resolved: bool = True
    """Whether those who were told also hear that it is over."""


class AlertSettings(TellingSettings):
    """Who is told of incidents, and how."""

    people: dict[Word, Person] = Field(default_factory=dict)
    """People by key."""
    teams: dict[Word, Annotated[tuple[Word, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """People who are called together, by name."""
    holidays: dict[Word, Holidays] = Field(default_factory=dict)
    """Sets of days on which people don't work, by name."""
    business_hours: dict[Word, BusinessHours] = Field(default_factory=dict)
    """When people are at work, by name."""
    schedules: dict[Word, Schedule] = Field(default_factory=dict)
    """Who is on call when, by name."""
    desks: dict[Word, Desk] = Field(default_factory=dict)
    """Places where people work in turn around the world."""
    catch_all: CatchAll | None = None
    """Who is told in the end, whatever the policy, the hour and the severity."""
    major_incidents: MajorIncidents = MajorIncidents()
    """Who hears how major incidents stand."""
    policies: dict[Word, Policy] = Field(default_factory=dict)
    """Escalation policies by name; a rule may name one."""
    default_policy: Word | None = None
    """The policy of rules that name none. Default: the only one, where there is only one."""
    notifiers: dict[Word, dict[str, object]] = Field(default_factory=dict)
    """Ways to tell people, by name; `kind` says which, by default the name: `email`."""
    root_cause: RootCauseSettings = RootCauseSettings()
    """How root causes are looked for."""
    flapping: FlappingSettings = FlappingSettings()
    """When something flaps."""
    base_url: BaseUrl | None = None
    """Address of noc's pages, https://noc.example.org: messages link to the incident there."""

    def kind_of(self, channel: str) -> str:
        """Return the kind of a notifier."""
        return str(self.notifiers.get(channel, {}).get("kind", channel))

    def name_of(self, person: str) -> str:
        """Return what people call a person: their key where they have no other name, or are not here any more."""
        found = self.people.get(person)
        return person if found is None or found.name is None else found.name

    def channels_of(self, person: str) -> tuple[str, ...]:
        """Return the notifiers that reach a person, in the order in which they would rather be told."""
        found = self.people.get(person)
        wanted = () if found is None else found.channels or BY_EMAIL
        return tuple(dict.fromkeys(channel for channel in wanted if self.reaches(person, channel)))

    def reaches(self, person: str, channel: str) -> bool:
        """Tell whether a notifier is there, and knows where to reach a person."""
        found = self.people.get(person)
        return found is not None and channel in self.notifiers and bool(found.address(channel, self.kind_of(channel)))

    def policy(self, name: str | None) -> tuple[str, Policy] | None:
        """Return the policy of this name, or else the default one, with its name; None where there is none."""
        for candidate in (name, self.default_policy):
            if candidate in self.policies:
                return candidate, self.policies[candidate]
        if self.default_policy is None and len(self.policies) == 1:
            return next(iter(self.policies.items()))
        return None
