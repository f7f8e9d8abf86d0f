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

from alerts.policies import Person
from noc import plugins
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import Places, format_duration, parse_duration
from noc.settings.yamltext import Data

Path = tuple[str | int, ...]

_KEYS = frozenset(Person.model_fields)

BY_DEFAULT: list[Data] = ["email"]
"""The notifiers of a step that names none."""


def policy_names(written: Data) -> frozenset[str] | None:
    """Return the names of the policies of `alerts:` as written; None where they can't be told."""
    policies = _mapping(written, "policies")
    return None if policies is None else frozenset(policies)


def unreached(written: Data, places: Places, path: Path = ("alerts",)) -> Iterator[Finding]:
    """Yield unknown people, channels and policies, missing addresses, and steps out of order.

    written: the settings as plain data. path: where they stand in the document.
    """
    alerts = _Alerts(*(_mapping(written, key) for key in ("people", "notifiers", "policies")))
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


@dataclass(frozen=True, slots=True)
class _Alerts:
    """What is written, by name; None where it is no mapping, so that nothing can be said of names in it."""

    people: Mapping[str, Data] | None
    notifiers: Mapping[str, Data] | None
    policies: Mapping[str, Data] | None

    def wrong_policy(self, name: str, policy: Mapping[str, Data], places: Places, path: Path) -> Iterator[Finding]:
        written = policy.get("steps")
        steps = written if isinstance(written, list) else []
        for number, (before, step) in enumerate(pairwise(map(_after, steps)), start=1):
            if before is not None and step is not None and step <= before:
                message = f"policy '{name}': step {number + 1} comes no later than step {number} "
                message += f"({format_duration(step)}, {format_duration(before)}); put steps in order of time"
                yield places.place(*path, "steps", number, "after").finding(message)
        for index, step_text in enumerate(steps):
            if isinstance(step_text, dict):
                yield from self._wrong_step(step_text, places, (*path, "steps", index), name)

    def _wrong_step(self, step: Mapping[str, Data], places: Places, path: Path, policy: str) -> Iterator[Finding]:
        channels = _texts(step.get("by", BY_DEFAULT))
        for index, channel in channels:
            if self.notifiers is not None and channel not in self.notifiers:
                hint = did_you_mean(channel, self.notifiers) or "; add it to notifiers"
                said = f"unknown notifier '{channel}'{hint}"
                if "by" not in step:
                    said = (
                        f"a step without `by` goes by '{channel}', which is not among notifiers; add it, or give `by`"
                    )
                yield places.place(*path, "by", index).finding(f"policy '{policy}': {said}")
        for index, name in _texts(step.get("notify")):
            place = places.place(*path, "notify", index)
            if self.people is not None and name not in self.people:
                yield place.finding(f"policy '{policy}': unknown person '{name}'{did_you_mean(name, self.people)}")
            for _, channel in channels:
                if self._has_no_address(name, channel):
                    kind = self._kind_of(channel)
                    key = "email" if kind == "email" else f"addresses.{kind}"
                    message = f"policy '{policy}': person '{name}' has no address for '{channel}'; give {key}"
                    yield place.finding(message)

    def _has_no_address(self, name: str, channel: str) -> bool:
        """Tell whether a person and a notifier are there, and the one surely can't be reached by the other."""
        person, kind = (self.people or {}).get(name), self._kind_of(channel)
        if not isinstance(person, dict) or kind not in plugins.names("alerts.notifiers"):
            return False
        if not person.keys() <= _KEYS:
            return False  # the unknown key may be the address
        if kind == "email":
            return person.get("email") is None
        addresses = _mapping(person, "addresses")
        return addresses is not None and addresses.get(kind) is None

    def _kind_of(self, channel: str) -> str | None:
        notifier = (self.notifiers or {}).get(channel)
        kind = notifier.get("kind", channel) if isinstance(notifier, dict) else None
        return kind if isinstance(kind, str) else None


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
