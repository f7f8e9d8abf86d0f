"""A carrier's notice of work, as the rest of noc knows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. Times in milliseconds of the Unix epoch.

    uid, sequence: which notice, and which edition of it. cancelled: the work doesn't take place. rrule, zone, without:
    as in WindowDecision. text: summary, description, place, comment and contact, a line each. wrong: why it can't be
    understood; empty where it can. summary: its first line.
    """

    uid: str
    sequence: int
    cancelled: bool
    start_ms: int
    end_ms: int
    rrule: str
    zone: str
    without: tuple[int, ...]
    summary: str
    text: str
    wrong: str = ""
