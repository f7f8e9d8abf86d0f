"""Whether policies reach a person: what is wrong with `alerts:` beyond its schema, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from alerts.policies import AlertSettings, Policy, Step
from noc.model.finding import Finding, did_you_mean
from noc.settings.schema import Places, format_duration

Path = tuple[str | int, ...]


def unreached(settings: AlertSettings, places: Places, path: Path = ("alerts",)) -> Iterator[Finding]:
    """Yield unknown people, channels and policies, steps out of order, and policies that reach nobody.

    path: where the settings stand in the document.
    """
    if settings.default_policy is not None and settings.default_policy not in settings.policies:
        hint = did_you_mean(settings.default_policy, settings.policies)
        yield places.place(*path, "default_policy").finding(f"unknown policy '{settings.default_policy}'{hint}")
    if settings.default_policy is None and len(settings.policies) > 1:
        message = f"there are {len(settings.policies)} policies: say with default_policy which one holds by default"
        yield places.key_place(*path, "policies").finding(message)
    if not settings.policies and (settings.people or settings.notifiers):
        message = "there is no policy: incidents are opened, but nobody is told of them; add policies"
        yield replace(places.place(*path).finding(message), level="warning")
    for name, policy in settings.policies.items():
        yield from _policy(settings, policy, places, (*path, "policies", name))


def _policy(settings: AlertSettings, policy: Policy, places: Places, path: Path) -> Iterator[Finding]:
    name, reached = path[-1], False
    for number, (before, step) in enumerate(pairwise(policy.steps), start=1):
        if step.after <= before.after:
            message = f"policy '{name}': step {number + 1} comes no later than step {number}"
            message += f" ({format_duration(step.after)}, {format_duration(before.after)}); put steps in order of time"
            yield places.place(*path, "steps", number, "after").finding(message)
    for index, step in enumerate(policy.steps):
        found = list(_step(settings, step, places, (*path, "steps", index), str(name)))
        yield from found
        reached = reached or bool(settings.targets(step))
    if not reached:
        yield places.key_place(*path).finding(f"policy '{name}' reaches nobody")


def _step(settings: AlertSettings, step: Step, places: Places, path: Path, policy: str) -> Iterator[Finding]:
    for index, channel in enumerate(step.by):
        if channel not in settings.notifiers:
            hint = did_you_mean(channel, settings.notifiers) or "; add it to notifiers"
            written = places.place(*path, "by", index)
            yield written.finding(f"policy '{policy}': unknown notifier '{channel}'{hint}")
    for index, name in enumerate(step.notify):
        place = places.place(*path, "notify", index)
        person = settings.people.get(name)
        if person is None:
            yield place.finding(f"policy '{policy}': unknown person '{name}'{did_you_mean(name, settings.people)}")
            continue
        for channel in step.by:
            kind = settings.kind_of(channel)
            if channel in settings.notifiers and person.address(kind) is None:
                key = "email" if kind == "email" else f"addresses.{kind}"
                message = f"policy '{policy}': person '{name}' has no address for '{channel}'; give {key}"
                yield place.finding(message)
