"""Incidents and what is told of them: keys and values, no prose; words are made at the edge, in the reader's tongue."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Severity = Literal["critical", "major", "minor", "warning"]
"""The words of ITU-T X.733, the gravest first."""

SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor", "warning")

Fact = str | int | float | None
Facts = Mapping[str, Fact]

IncidentState = Literal["new", "acknowledged", "in_progress", "resolved", "closed"]
INCIDENT_STATES: tuple[IncidentState, ...] = ("new", "acknowledged", "in_progress", "resolved", "closed")

NoticeKind = Literal["page", "reminder", "escalation", "further", "update", "resolved"]
"""further: what raised the incident is raised for more of the same entity now, a second power supply, say. update: how
a major incident stands, as people say."""

NoticeState = Literal["queued", "claimed", "unknown", "sent", "dead", "dropped"]
"""unknown: it may have been taken, and nobody could write that down; it is sent again under the same key."""

EntryKind = Literal[
    "opened",
    "notified",
    "undelivered",
    "reminded",
    "escalated",
    "acknowledged",
    "note",
    "resolved",
    # root cause
    "joined",
    "left",
    "merged",
    "reprobed",
    "flapping",
    # its life
    "priority",
    "expired",
    "in_progress",
    "reopened",
    "closed",
    "major",
    "update",
    "ticket",
    "problem",
    "diagnosed",
    "overdue",
    "handed_over",
    # what became of notices
    "delivered",
    "read",
    "acted",
    "held",
]
ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
"""The kind of a line of the timeline.

joined, left: an entity is, or is no more, a symptom of it. merged: it became one of another. expired: nobody owns it
any more, because the acknowledgement was for a time. overdue: it should have been answered, or restored, by now. held:
somebody is not told now, and why.
"""


def key_of(rule: str, entity: str, since_ms: int) -> str:
    """Return what names an incident wherever and whenever it is worked out: 16 hexadecimal digits."""
    return hashlib.sha256(f"{rule}\n{entity}\n{since_ms}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RuleTransition:
    """A rule is raised or cleared for an entity; the only thing beside a Transition that alerting reacts to.

    since_ms: since when it is so; decided_ms: when that was certain. facts: what the rule saw (metric, value, limit).
    """

    rule: str
    entity: str
    status: Literal["raised", "cleared"]
    severity: Severity
    since_ms: int
    decided_ms: int
    poller: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """What people see and own. Times in milliseconds of the Unix epoch.

    since_ms: since when the entity is so, dated back; opened_ms: when noc opened it. facts: what the rule saw. key: see
    `key_of`. cause: a word, what kind of root cause the entity is; empty for the entity itself. parent: the incident
    that took it over. impact, urgency, priority: 1 is the highest. respond_by_ms, restore_by_ms: its targets.
    acknowledged_until_ms: nobody owns it after that. reopened: how often. problem: the record that it belongs to.
    begun_ms: when it was new again, reopened or its acknowledgement expired: people are called anew from then on.
    life_ms: when a target passes, an acknowledgement expires, or it is closed. priority_by: who set the priority;
    None: it was worked out. update_by_ms: when the next status update of a major incident is due.
    """

    id: int
    entity: str
    rule: str
    severity: Severity
    policy: str
    since_ms: int
    opened_ms: int
    facts: Facts
    acknowledged_ms: int | None = None
    acknowledged_by: str | None = None
    resolved_ms: int | None = None
    resolved_by: str | None = None
    key: str = ""
    cause: str = ""
    parent: int | None = None
    impact: int = 3
    urgency: int = 3
    priority: int = 4
    respond_by_ms: int | None = None
    restore_by_ms: int | None = None
    acknowledged_until_ms: int | None = None
    progress_ms: int | None = None
    closed_ms: int | None = None
    reopened_ms: int | None = None
    reopened: int = 0
    major_ms: int | None = None
    problem: int | None = None
    begun_ms: int | None = None
    life_ms: int | None = None
    priority_by: str | None = None
    update_by_ms: int | None = None

    @property
    def state(self) -> IncidentState:
        """Return the word that people use for it."""
        if self.resolved_ms is not None:
            return "resolved" if self.closed_ms is None else "closed"
        if self.acknowledged_ms is None:
            return "new"
        return "acknowledged" if self.progress_ms is None else "in_progress"

    @property
    def calls_from_ms(self) -> int:
        """Return from when people are called: its opening, or when it was new again."""
        return self.opened_ms if self.begun_ms is None else self.begun_ms


@dataclass(frozen=True, slots=True)
class Symptom:
    """What an incident explains, so that it is no incident of its own.

    rule, origin, severity, policy, since_ms: as those of the incident that it would be. left_ms: since it is over, or
    explained no more. look_ms: when to look whether it still is explained. facts: what was seen, and `why`.
    """

    id: int
    incident: int
    entity: str
    rule: str
    origin: str
    severity: Severity
    policy: str
    since_ms: int
    joined_ms: int
    facts: Facts
    left_ms: int | None = None
    look_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an incident's timeline. who: a person, or None for noc itself."""

    incident: int
    at_ms: int
    kind: EntryKind
    who: str | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of an incident for one person on one channel: a row of the outbox.

    key: the same for every attempt, so that a receiver can tell a repetition. step: of the escalation policy, from 1.
    next_ms: when it is tried next. delivered_ms, read_ms, acted_ms: where the channel tells. instead_of: the notice
    whose channel failed, where this one goes by another.
    """

    id: int
    key: str
    incident: int
    step: int
    person: str
    channel: str
    kind: NoticeKind
    created_ms: int
    state: NoticeState = "queued"
    attempts: int = 0
    next_ms: int = 0
    sent_ms: int | None = None
    error: str | None = None
    delivered_ms: int | None = None
    read_ms: int | None = None
    acted_ms: int | None = None
    instead_of: int | None = None
