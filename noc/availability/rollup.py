"""The state of a site from those of its edge devices (docs/availability.md, "Sites and the network"). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from noc.availability.spans import FOREVER, Spans
from noc.availability.timeline import Change, State, Timeline, append, intervals

_VOTES = {State.UP: 0, State.UNKNOWN: 1, State.UNREACHABLE: 2, State.DOWN: 3}
_NO_VOTE = 4


def site_timeline(devices: Iterable[tuple[Timeline, Spans]]) -> Timeline:
    """Return a site's states: up while a device is; else unknown if one is; else unreachable if all are; else down.

    devices: the states of each device, and when it is in service; out of service it has no vote. While no device has
    a vote the site is unknown, like one that has no devices.
    """
    ballots = [_ballot(timeline, service) for timeline, service in devices]
    votes = [_NO_VOTE] * len(ballots)
    counts = [0, 0, 0, 0, len(ballots)]
    turns = sorted(
        ((time, device, vote) for device, ballot in enumerate(ballots) for time, vote in ballot), key=itemgetter(0)
    )
    changes: list[Change] = []
    for index, (time, device, vote) in enumerate(turns):
        counts[votes[device]] -= 1
        counts[vote] += 1
        votes[device] = vote
        if index + 1 == len(turns) or turns[index + 1][0] != time:
            append(changes, time, _state(counts))
    return changes


def _ballot(timeline: Timeline, service: Spans) -> list[tuple[int, int]]:
    """Return when a device's vote changes, and to what; it begins with none."""
    ballot: list[tuple[int, int]] = []
    for start, end in service:
        ballot.extend((interval.start, _VOTES[interval.state]) for interval in intervals(timeline, start, end))
        if end < FOREVER:
            ballot.append((end, _NO_VOTE))
    return ballot


def _state(counts: list[int]) -> State:
    up, unknown, unreachable, down, _ = counts
    if up:
        return State.UP
    if unknown or not (unreachable or down):
        return State.UNKNOWN
    return State.DOWN if down else State.UNREACHABLE
