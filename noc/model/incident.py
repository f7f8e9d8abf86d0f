"""Incidents and what is told of them: keys and values, no prose; words are made at the edge, in the reader's tongue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "major", "minor", "warning"]
"""The words of ITU-T X.733, the gravest first."""

SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor", "warning")

Fact = str | int | float | None
Facts = Mapping[str, Fact]

NoticeKind = Literal["page", "reminder", "escalation", "further", "resolved"]
"""further: what raised the incident is raised for more of the same entity now, a second power supply, say."""

NoticeState = Literal["queued", "claimed", "sent", "dead", "dropped"]
EntryKind = Literal["opened", "notified", "undelivered", "reminded", "escalated", "acknowledged", "note", "resolved"]


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

    since_ms: since when the entity is so, dated back; opened_ms: when noc opened it. facts: what the rule saw.
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

    @property
    def state(self) -> Literal["open", "acknowledged", "resolved"]:
        """Return the word that people use for it."""
        if self.resolved_ms is not None:
            return "resolved"
        return "open" if self.acknowledged_ms is None else "acknowledged"


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
    next_ms: when it is tried next.
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
