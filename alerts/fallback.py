"""Another way to tell somebody, when one doesn't work. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence

from alerts.policies import AlertSettings
from noc.model.incident import Facts, Notice


def ways(settings: AlertSettings, person: str) -> tuple[str, ...]:
    """Return the notifiers that reach a person: first those that they like, then the others as they are written."""
    others = (channel for channel in settings.notifiers if settings.reaches(person, channel))
    return tuple(dict.fromkeys((*settings.channels_of(person), *others)))


def first_way(notice: Notice, told: Sequence[Notice]) -> Notice:
    """Return the notice that this one goes another way for, at last; itself, where it goes its own way."""
    known = {one.id: one for one in told}
    while notice.instead_of in known:
        notice = known[notice.instead_of]
    return notice


def other_way(
    settings: AlertSettings, notice: Notice, told: Sequence[Notice], cut_off: Collection[str], now_ms: int
) -> Notice | None:
    """Return a notice that tells the same by the next way that may work; None where there is none, or it is told.

    told: all notices of the incident. cut_off: notifiers that are known not to work. What has gone a way already is
    tried again there, under its key, and not as another notice.
    """
    first = first_way(notice, told)
    ways_gone = [one for one in told if first_way(one, told).id == first.id]
    if any(one.state == "sent" for one in ways_gone):
        return None
    same = {one.channel for one in ways_gone} | {
        one.channel
        for one in told
        if (one.person, one.kind, one.step) == (notice.person, notice.kind, notice.step)
        and one.created_ms >= notice.created_ms
    }
    for channel in ways(settings, notice.person):
        if channel in same or channel == notice.channel or channel in cut_off:
            continue
        digest = hashlib.sha256(json.dumps([notice.key, channel]).encode()).hexdigest()[:32]
        key = f"{notice.incident}-{digest}"
        step, person, kind = notice.step, notice.person, notice.kind
        return Notice(
            0, key, notice.incident, step, person, channel, kind, now_ms, next_ms=now_ms, instead_of=notice.id
        )
    return None


def because(notice: Notice, other: Notice, why: str) -> Facts:
    """Return what the timeline says of it. why: what is wrong with the first way."""
    return {
        "why": "fallback",
        "person": notice.person,
        "channel": notice.channel,
        "instead": other.channel,
        "kind": notice.kind,
        "error": why,
    }
