"""What a change means for incidents: open one, wait, end one, remark on one, or nothing; and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from alerts.rules.compiled import DownRule
from alerts.sight import Sight
from noc.clock import NO_STEPS, Steps
from noc.inventory.inventory import Inventory
from noc.model.incident import Facts, Incident, RuleTransition, Severity, Symptom
from noc.model.instants import length_ms
from noc.model.part import PEERS, owner_of, part_name
from noc.model.transition import Transition

Origin = Literal["status", "rule"]
"""What opened an incident, and can end it: a change of status, or a rule."""


@dataclass(frozen=True, slots=True)
class Open:
    """An incident begins. policy: the rule's own, None for the default. facts: what was seen."""

    entity: str
    rule: str
    origin: Origin
    severity: Severity
    policy: str | None
    since_ms: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Wait:
    """It is too early to say; look again at this time."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class Resolve:
    """An incident is over. facts: `why`, and what was seen."""

    incident: Incident
    facts: Facts


@dataclass(frozen=True, slots=True)
class Remark:
    """Something for an incident's timeline, which changes nothing else. facts: `why`, and what was seen."""

    incident: Incident
    facts: Facts


@dataclass(frozen=True, slots=True)
class Grow:
    """More of the same entity fails: it is remarked, and those who know of the incident are told.

    facts: what was seen; known: what is known of the incident from now on. at_ms: when it was certain.
    """

    incident: Incident
    facts: Facts
    known: Facts
    at_ms: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Symptoms are over. why: up, cleared, withdrawn."""

    symptoms: tuple[Symptom, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """Nothing comes of it. why: one of the words below."""

    why: str


Action = Open | Wait | Resolve | Remark | Grow | Leave | Ignore

FURTHER: Final = "further"
"""The fact of a rule that is raised already: the name of what it is raised for now, too."""

_OF_THE_RULE: Final = frozenset({"summary", "runbook", "owner"})

NO_RULE: Final = "no rule asks for it"
NOT_OPEN: Final = "there is no open incident of it"
OPEN_ALREADY: Final = "its incident is open"
NEVER_UP: Final = "it was never seen up"
NOT_SEEN: Final = "its device was not up"
IS_SYMPTOM: Final = "it is a symptom of an open incident"
OVER: Final = "it was over while it was waited for what it hangs on"
TOO_SHORT: Final = "it was over before the rule's time"


def of_status(
    change: Transition,
    rule: DownRule | None,
    opened: Sequence[Incident],
    following: Transition | None,
    now_ms: int,
    steps: Steps = NO_STEPS,
) -> tuple[Action, ...]:
    """Return what comes of a change of status.

    rule: the one that holds when the entity is down. opened: its open incidents that a change of status opened.
    following: the entity's next change, where it is known: whether an outage was long enough for a rule is read from
    the ledger, so that the answer doesn't depend on when the question is asked. steps: of the clock.
    """
    seen: dict[str, str | int] = {"since_ms": change.since_ms, "check": change.check, "poller": change.poller}
    if change.status == "up":
        return tuple(Resolve(one, {"why": "up", **seen}) for one in opened) or (Ignore(NOT_OPEN),)
    if change.reason == "withdrawn":
        return tuple(Resolve(one, {"why": "withdrawn", **seen}) for one in opened) or (Ignore(NOT_OPEN),)
    if change.status == "unknown":
        # Nobody sees it: that is no evidence of either. It is told where somebody may wonder.
        return tuple(Remark(one, {"why": "stale", **seen}) for one in opened) or (Ignore(NOT_OPEN),)
    if opened:
        return tuple(Remark(one, {"why": "down", **seen}) for one in opened)
    if rule is None:
        return (Ignore(NO_RULE),)
    long_enough_ms = steps.here(change.since_ms) + rule.hold_ms
    if following is not None and steps.here(following.since_ms) < long_enough_ms:
        return (Ignore(TOO_SHORT),)
    if now_ms < long_enough_ms:
        return (Wait(long_enough_ms),)
    failures = sum(1 for time_ms, ok in change.results if not ok and time_ms >= change.since_ms)
    facts: Facts = {"status": "down", "check": change.check, "poller": change.poller, "failures": failures}
    return (Open(change.entity, rule.name, "status", rule.severity, rule.policy, change.since_ms, facts),)


def of_rule(change: RuleTransition, policy: str | None, opened: Incident | None) -> Action:
    """Return what comes of a rule that was raised or cleared. opened: its open incident of this entity."""
    if change.status == "cleared":
        if opened is None:
            return Ignore(NOT_OPEN)
        return Resolve(opened, {"why": "cleared", "since_ms": change.since_ms, "poller": change.poller, **change.facts})
    facts = {name: fact for name, fact in {"poller": change.poller, **change.facts}.items() if name != FURTHER}
    if opened is not None and FURTHER in change.facts:
        # Where only the new one is left, it is what the incident is about from now on.
        only = "series" not in change.facts
        more = facts if only else {"series": change.facts["series"], FURTHER: change.facts[FURTHER]}
        before = {name: fact for name, fact in opened.facts.items() if not only or name in _OF_THE_RULE}
        said = {"why": "further", "since_ms": change.since_ms, **change.facts}
        return Grow(opened, said, {**before, **more}, change.decided_ms)
    if opened is not None:
        return Ignore(OPEN_ALREADY)
    return Open(change.entity, change.rule, "rule", change.severity, policy, change.since_ms, facts)


def of_symptoms(change: Transition | RuleTransition, held: Sequence[Symptom]) -> tuple[Action, ...]:
    """Return what a change means for the symptoms that an entity is already; nothing where it is none."""
    origin = "rule" if isinstance(change, RuleTransition) else "status"
    found = tuple(one for one in held if one.origin == origin)
    why: str
    if isinstance(change, RuleTransition):
        found = tuple(one for one in found if one.rule == change.rule)
        is_over, why = change.status == "cleared", change.status
    else:
        is_over = change.status == "up" or change.reason == "withdrawn"
        why = "up" if change.status == "up" else change.reason
    if not found:
        return ()
    return (Leave(found, why),) if is_over else (Ignore(IS_SYMPTOM),)


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a symptom fares after its root is over.

    over: why it is no symptom any more. fails: it didn't recover. certain_ms: when that is certain at the latest.
    """

    over: str | None = None
    fails: bool = False
    certain_ms: int = 0


def recovery(one: Symptom, sight: Sight, inventory: Inventory, over_ms: int, now_ms: int) -> Recovery:
    """Return how a symptom fares. over_ms: when its root was over.

    What fails in a probe that began after that has not recovered; a neighbour in routing has a minute to be met again.
    Without such a probe it is given the time of one; what a rule says of numbers, the time of two polls.
    """
    if not is_watched(one.entity, inventory):
        return Recovery("not_watched")
    device = inventory.devices.get((owner_of(one.entity) or one.entity).removeprefix("device/"))
    by_poll = one.origin == "rule" or owner_of(one.entity) is not None or device is None
    every = DEFAULT_PATIENCE if device is None else device.watch.poll_interval * 2 if by_poll else device.watch.interval
    certain_ms = over_ms + max(length_ms(every), PATIENCE_MS)
    if one.origin == "rule":
        return Recovery(fails=now_ms >= certain_ms, certain_ms=certain_ms)
    if sight.status(one.entity) == "up":
        return Recovery("up")
    part = part_name(one.entity)
    if part is not None and part.kind in PEERS:
        over_ms += MEETING_MS
        certain_ms = max(certain_ms, over_ms)
    seen = sight.seen(one.entity)
    if seen is None or seen.time_ms <= over_ms:
        return Recovery(fails=now_ms >= certain_ms, certain_ms=certain_ms)
    return Recovery(fails=not seen.ok, certain_ms=certain_ms)


MEETING_MS: Final = 60_000
"""How long routers take to be neighbours again over a line that is back: BGP and LDP try anew only at times."""
PATIENCE_MS: Final = 30_000
DEFAULT_PATIENCE: Final = timedelta(minutes=2)
"""How long something is given to recover after its root where nobody probes it sooner."""


def is_watched(entity: str, inventory: Inventory) -> bool:
    """Return whether an entity, or the device that it is a part of, is in the inventory."""
    kind, _, _ = entity.partition("/")
    if kind in ("shared", "poller"):
        return True
    return inventory.entity(owner_of(entity) or entity) is not None


def gone(incident: Incident, inventory: Inventory) -> Resolve | None:
    """Return the end of an incident of what is no longer watched: nothing else would ever end it."""
    kind, _, name = incident.entity.partition("/")
    part = part_name(incident.entity)
    if kind in ("circuit", "endpoint", "service") or incident.cause not in ("", "flapping"):
        if is_watched(incident.entity, inventory):
            return None
    elif (part is None and kind != "device") or (name if part is None else part.device) in inventory.devices:
        return None
    return Resolve(incident, {"why": "not_watched"})
