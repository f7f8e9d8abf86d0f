"""Whether policies reach a person: what is wrong with `alerts:` beyond its schema, with its place.

A policy reaches somebody unless a name in it is wrong, or an address is missing; told is what is wrong, not what
follows from it.

It looks at what is written, right or wrong, so that a mistake of schema hides no wrong name; what can't be told
because of one is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Final

from alerts.policies import BY_EMAIL, DAYLIGHT, Person
from noc import plugins
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import Places, format_duration, parse_duration
from noc.settings.yamltext import Data, Place

Path = tuple[str | int, ...]

_KEYS = frozenset(Person.model_fields)
_CALLED: Final = {"team": "teams", "schedule": "schedules", "desk": "desks"}


def policy_names(written: Data) -> frozenset[str] | None:
    """Return the names of the policies of `alerts:` as written; None where they can't be told."""
    policies = _mapping(written, "policies")
    return None if policies is None else frozenset(policies)


def unreached(written: Data, places: Places, path: Path = ("alerts",)) -> Iterator[Finding]:
    """Yield unknown people, channels and policies, missing addresses, and steps out of order.

    written: the settings as plain data. path: where they stand in the document.
    """
    alerts = _Alerts(*(_mapping(written, key) for key in ("people", "notifiers", "policies", *_CALLED.values())))
    yield from alerts.wrong_people(places, path)
    default = written.get("default_policy") if isinstance(written, dict) else None
    if alerts.policies is None:
        return
    if isinstance(default, str) and default not in alerts.policies:
        hint = did_you_mean(default, alerts.policies)
        yield places.place(*path, "default_policy").finding(f"unknown policy '{default}'{hint}")
    if default is None and len(alerts.policies) > 1:
        message = f"there are {len(alerts.policies)} policies: say with default_policy which one holds by default"
        yield places.key_place(*path, "policies").finding(message)
    if not alerts.policies and (alerts.people or alerts.notifiers):
        message = "there is no policy: incidents are opened, but nobody is told of them; add policies"
        yield replace(places.place(*path).finding(message), level="warning")
    for name, policy in alerts.policies.items():
        if isinstance(policy, dict) and isinstance(policy.get("steps"), list):
            yield from alerts.wrong_policy(name, policy, places, (*path, "policies", name))
    last = written.get("catch_all") if isinstance(written, dict) else None
    if isinstance(last, dict):
        yield from alerts.wrong_step(last, places, (*path, "catch_all"), "catch_all")
    major = written.get("major_incidents") if isinstance(written, dict) else None
    if isinstance(major, dict):
        yield from alerts.wrong_step(major, places, (*path, "major_incidents"), "major_incidents")


@dataclass(frozen=True, slots=True)
class _Alerts:
    """What is written, by name; None where it is no mapping, so that nothing can be said of names in it."""

    people: Mapping[str, Data] | None
    notifiers: Mapping[str, Data] | None
    policies: Mapping[str, Data] | None
    teams: Mapping[str, Data] | None
    schedules: Mapping[str, Data] | None
    desks: Mapping[str, Data] | None

    def wrong_people(self, places: Places, path: Path) -> Iterator[Finding]:
        """Yield channels of people that there are not, and teams of people whom there are not."""
        for name, person in (self.people or {}).items():
            for index, channel in _texts(person.get("channels") if isinstance(person, dict) else None):
                place = places.place(*path, "people", name, "channels", index)
                if self.notifiers is not None and channel not in self.notifiers:
                    hint = did_you_mean(channel, self.notifiers) or "; add it to notifiers"
                    yield place.finding(f"person '{name}': unknown notifier '{channel}'{hint}")
                elif self._has_no_address(name, channel):
                    yield place.finding(f"person '{name}' has no address for '{channel}'; {self._give(channel)}")
        for name, members in (self.teams or {}).items():
            for index, person in _texts(members):
                if self.people is not None and person not in self.people:
                    said = f"team '{name}': unknown person '{person}'{did_you_mean(person, self.people)}"
                    yield places.place(*path, "teams", name, index).finding(said)

    def wrong_policy(self, name: str, policy: Mapping[str, Data], places: Places, path: Path) -> Iterator[Finding]:
        written = policy.get("steps")
        steps = written if isinstance(written, list) else []
        for number, (before, step) in enumerate(pairwise(map(_after, steps)), start=1):
            is_choice = any(_is_choice(one) for one in steps[number - 1 : number + 1])
            if before is not None and step is not None and (step < before or (step == before and not is_choice)):
                message = f"policy '{name}': step {number + 1} comes no later than step {number} "
                message += f"({format_duration(step)}, {format_duration(before)}); put steps in order of time"
                yield places.place(*path, "steps", number, "after").finding(message)
        for index, step_text in enumerate(steps):
            if isinstance(step_text, dict):
                yield from self.wrong_step(step_text, places, (*path, "steps", index), f"policy '{name}'")

    def wrong_step(self, step: Mapping[str, Data], places: Places, path: Path, whose: str) -> Iterator[Finding]:
        """Yield notifiers, people, teams, schedules and desks of a step that there are not, and missing addresses."""
        for index, channel in _texts(step.get("by", [])):
            if self.notifiers is not None and channel not in self.notifiers:
                hint = did_you_mean(channel, self.notifiers) or "; add it to notifiers"
                yield places.place(*path, "by", index).finding(f"{whose}: unknown notifier '{channel}'{hint}")
        for index, name in _texts(step.get("notify")):
            place = places.place(*path, "notify", index)
            kind, slash, key = name.partition("/")
            if slash and kind in _CALLED and name != DAYLIGHT:
                known: Mapping[str, Data] | None = getattr(self, _CALLED[kind])
                if known is not None and key not in known:
                    yield place.finding(f"{whose}: unknown {kind} '{key}'{did_you_mean(key, known)}")
            elif name == DAYLIGHT and not self.desks and self.desks is not None:
                yield place.finding(f"{whose}: '{DAYLIGHT}' needs desks; write alerts.desks")
            elif not slash or kind == "person":
                yield from self._wrong_person(key if slash else name, step, place, whose)

    def _wrong_person(self, name: str, step: Mapping[str, Data], place: Place, whose: str) -> Iterator[Finding]:
        if self.people is not None and name not in self.people:
            yield place.finding(f"{whose}: unknown person '{name}'{did_you_mean(name, self.people)}")
            return
        if "by" in step:
            for _, channel in _texts(step["by"]):
                if self._has_no_address(name, channel):
                    message = f"person '{name}' has no address for '{channel}'; {self._give(channel)}"
                    yield place.finding(f"{whose}: {message}")
            return
        person = (self.people or {}).get(name)
        wanted = [channel for _, channel in _texts(person.get("channels") if isinstance(person, dict) else None)]
        for channel in BY_EMAIL if not wanted else ():
            if self.notifiers is not None and channel not in self.notifiers:
                said = f"a step without `by` goes by '{channel}', which is not among notifiers; add it, or give `by`"
                yield place.finding(f"{whose}: {said}")
            elif self._has_no_address(name, channel):
                message = f"person '{name}' has no address for '{channel}'; {self._give(channel)}"
                yield place.finding(f"{whose}: {message}")

    def _give(self, channel: str) -> str:
        kind = self._kind_of(channel)
        return f"give {'email' if kind == 'email' else f'addresses.{kind}'}{' or phone' if kind == 'sms' else ''}"

    def _has_no_address(self, name: str, channel: str) -> bool:
        """Tell whether a person and a notifier are there, and the one surely can't be reached by the other."""
        person, kind = (self.people or {}).get(name), self._kind_of(channel)
        if not isinstance(person, dict) or kind not in plugins.names("alerts.notifiers"):
            return False
        if not person.keys() <= _KEYS:
            return False  # the unknown key may be the address
        if kind == "email":
            return person.get("email") is None
        if kind == "sms" and person.get("phone") is not None:
            return False
        addresses = _mapping(person, "addresses")
        return addresses is not None and addresses.get(kind) is None and addresses.get(channel) is None

    def _kind_of(self, channel: str) -> str | None:
        notifier = (self.notifiers or {}).get(channel)
        kind = notifier.get("kind", channel) if isinstance(notifier, dict) else None
        return kind if isinstance(kind, str) else None


def _is_choice(step: Data) -> bool:
    return isinstance(step, dict) and not {"during", "outside"}.isdisjoint(step)


def _mapping(data: Data, key: str) -> dict[str, Data] | None:
    """Return a mapping inside another one; empty where there is none, None where something else stands there."""
    inner = data.get(key, {}) if isinstance(data, dict) else {} if data is None else None
    return inner if isinstance(inner, dict) else None


def _texts(data: Data) -> list[tuple[int, str]]:
    """Return the texts of a list, with their indexes."""
    items = data if isinstance(data, list) else []
    return [(index, item) for index, item in enumerate(items) if isinstance(item, str)]


def _after(step: Data) -> timedelta | None:
    written = step.get("after", "0s") if isinstance(step, dict) else None
    try:
        return parse_duration(written)
    except ValueError:
        return None
