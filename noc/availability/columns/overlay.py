"""What is said later about a time that is over, laid over the timelines of many entities. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from noc.availability.columns.timelines import CODES, UNKNOWN, Axis, Columns, tidy


class Later(NamedTuple):
    """In `[start, end)`, milliseconds, an entity was what `states` say: from when on which, as `up`, `down`, …"""

    entity: str
    start: int
    end: int
    states: Sequence[tuple[int, str]]


def overlaid(columns: Columns, said: Iterable[Later]) -> Columns:
    """Return the timelines with times replaced, one after the other, as `noc.availability.overlay` does.

    said: of names of the columns.
    """
    rounds: list[list[Later]] = []
    count: dict[str, int] = {}
    for one in said:
        number = count[one.entity] = count.get(one.entity, 0) + 1
        if number > len(rounds):
            rounds.append([])
        rounds[number - 1].append(one)
    for some in rounds:  # in each, an entity comes once
        columns = _at_once(columns, some)
    return columns


def _at_once(columns: Columns, said: Sequence[Later]) -> Columns:
    owners = np.array([columns.index[one.entity] for one in said], np.int64)
    starts = np.array([one.start for one in said], np.int64)
    ends = np.array([one.end for one in said], np.int64)
    times = np.concatenate([columns.times, starts, ends])
    base, top = int(times.min()), int(times.max())
    axis = Axis(base, top - base + 1)
    keys = axis.keys(columns.owners, columns.times)
    low = np.searchsorted(keys, axis.keys(owners, starts), "left")
    high = np.searchsorted(keys, axis.keys(owners, ends), "right")
    gone = np.zeros(len(keys) + 1, np.int64)
    np.add.at(gone, low, 1)
    np.add.at(gone, high, -1)
    kept = np.cumsum(gone)[:-1] == 0
    is_known = high > columns.first[owners]
    after = np.where(is_known, columns.states[np.maximum(high - 1, 0)], UNKNOWN) if len(keys) else owners * 0 + UNKNOWN
    new = [
        (int(owner), time, CODES[state])
        for owner, one in zip(owners, said, strict=True)
        for time, state in _inside(one)
    ]
    added = np.array(new, np.int64).reshape(-1, 3)
    all_owners = np.concatenate([columns.owners[kept], added[:, 0], owners])
    all_times = np.concatenate([columns.times[kept], added[:, 1], ends])
    all_states = np.concatenate([columns.states[kept], added[:, 2], after]).astype(np.int8)
    order = np.argsort(axis.keys(all_owners, all_times), kind="stable")
    return tidy(columns.names, all_owners[order], all_times[order], all_states[order])


def _inside(one: Later) -> list[tuple[int, str]]:
    """Return the states inside of its time, unknown before the first; of two at one moment the last counts."""
    found = {one.start: "unknown"} | {time: state for time, state in one.states if one.start <= time < one.end}
    return sorted(found.items())
