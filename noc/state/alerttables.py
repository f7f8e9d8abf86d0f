"""Tables of alerting: what is to be handled, incidents with their symptoms and timelines, people, what they are told.

Times are milliseconds of the Unix epoch, UTC.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from noc.state.tables import Sequence, metadata

handling = Table(
    "handling",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("due_ms", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("entity", String(200), nullable=False),
    Column("seq", BigInteger),
    Column("body", Text, nullable=False),
    Index("handling_by_due", "due_ms", "id"),
    sqlite_autoincrement=True,
)
"""Transitions that alerting has still to handle (docs/alerts.md). seq: of the ledger's record, where there is one."""

incident = Table(
    "incident",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("entity", String(200), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("origin", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("policy", String(200), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("facts", Text, nullable=False),
    Column("acknowledged_ms", BigInteger),
    Column("acknowledged_by", String(200)),
    Column("resolved_ms", BigInteger),
    Column("resolved_by", String(200)),
    Column("next_ms", BigInteger),
    Column("key", String(64), nullable=False, server_default=""),
    Column("cause", String(40), nullable=False, server_default=""),
    Column("parent", Sequence),
    Column("impact", Integer, nullable=False, server_default="3"),
    Column("urgency", Integer, nullable=False, server_default="3"),
    Column("priority", Integer, nullable=False, server_default="4"),
    Column("respond_by_ms", BigInteger),
    Column("restore_by_ms", BigInteger),
    Column("acknowledged_until_ms", BigInteger),
    Column("progress_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("reopened_ms", BigInteger),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("major_ms", BigInteger),
    Column("problem", Sequence),
    Column("begun_ms", BigInteger),
    Column("life_ms", BigInteger),
    Column("priority_by", String(200)),
    Column("update_by_ms", BigInteger),
    Index("incident_by_entity", "entity", "id"),
    Index("incident_by_next", "next_ms"),
    Index("incident_by_life", "life_ms"),
    Index("incident_by_key", "key"),
    Index("incident_by_parent", "parent"),
    Index("incident_by_problem", "problem"),
    sqlite_autoincrement=True,
)
"""Incidents. next_ms: when escalation looks at it next; null: there is nothing more to do. key: the same wherever and
whenever it is worked out. parent: the incident that took it over. impact, urgency, priority: 1 is the highest. life_ms:
when its life goes on by itself; null: never. priority_by: who set the priority; null: it was worked out. update_by_ms:
when the next status update of a major incident is due."""

Index(
    "incident_open",
    incident.c.rule,
    incident.c.entity,
    unique=True,
    sqlite_where=incident.c.resolved_ms.is_(None),
    postgresql_where=incident.c.resolved_ms.is_(None),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("incident", Sequence, ForeignKey("incident.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("who", String(200)),
    Column("facts", Text, nullable=False),
    Index("timeline_by_incident", "incident", "id"),
)
"""What happened to an incident, line by line, in the order of the ids."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("key", String(100), nullable=False, unique=True),
    Column("incident", Sequence, ForeignKey("incident.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("person", String(200), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_ms", BigInteger, nullable=False),
    Column("claimed_until", BigInteger),
    Column("sent_ms", BigInteger),
    Column("error", Text),
    Column("delivered_ms", BigInteger),
    Column("read_ms", BigInteger),
    Column("acted_ms", BigInteger),
    Column("instead_of", Sequence),
    Index("outbox_by_incident", "incident", "id"),
    Index("outbox_by_state", "state", "next_ms"),
    Index("outbox_by_instead", "instead_of"),
)
"""What is to be told, to whom, on which channel; key is the same for every attempt.

instead_of: the notice whose channel failed, where this one goes by another.
"""

symptom = Table(
    "symptom",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("incident", Sequence, ForeignKey("incident.id"), nullable=False),
    Column("entity", String(200), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("origin", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("policy", String(200), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("joined_ms", BigInteger, nullable=False),
    Column("left_ms", BigInteger),
    Column("look_ms", BigInteger),
    Column("facts", Text, nullable=False),
    Index("symptom_by_incident", "incident", "id"),
    Index("symptom_by_entity", "entity", "id"),
    Index("symptom_by_look", "look_ms"),
    sqlite_autoincrement=True,
)
"""What an incident explains, so that it is no incident of its own. left_ms: since it is over, or explained no more.
look_ms: when it is looked at whether it still is explained. facts: what was seen, and why it is a symptom."""

Index(
    "symptom_open",
    symptom.c.rule,
    symptom.c.entity,
    unique=True,
    sqlite_where=symptom.c.left_ms.is_(None),
    postgresql_where=symptom.c.left_ms.is_(None),
)

diagnostic = Table(
    "diagnostic",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("incident", Sequence, ForeignKey("incident.id"), nullable=False),
    Column("device", String(200), nullable=False),
    Column("question", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
    Column("took_ms", BigInteger),
    Column("answer", Text, nullable=False),
    Index("diagnostic_by_incident", "incident", "id"),
    Index("diagnostic_by_state", "state", "id"),
)
"""What noc asked devices when an incident opened, and what they said. state: asked, answered, failed."""

ticket = Table(
    "ticket",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("incident", Sequence, ForeignKey("incident.id"), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("state", String(40), nullable=False),
    Column("url", Text),
    Column("opened_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Index("ticket_by_incident", "incident", "id"),
    Index("ticket_by_reference", "channel", "reference"),
)
"""The same incident in another system. reference: its number there."""

entity_note = Table(
    "entity_note",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("entity", String(200), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("until_ms", BigInteger),
    Column("removed_ms", BigInteger),
    Column("removed_by", String(200)),
    Index("entity_note_by_entity", "entity", "id"),
    sqlite_autoincrement=True,
)
"""What people know of an entity, such as that it sags in rain; shown with each incident of it."""

problem = Table(
    "problem",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("title", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("cause", Text, nullable=False),
    Column("workaround", Text, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("opened_by", String(200), nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    sqlite_autoincrement=True,
)
"""What several incidents have in common (ITIL). state: open, known_error, closed."""

oncall_override = Table(
    "oncall_override",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("schedule", String(200), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("person", String(200), nullable=False),
    Column("instead_of", String(200)),
    Column("why", Text, nullable=False),
    Column("who", String(200), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("cancelled_ms", BigInteger),
    Column("cancelled_by", String(200)),
    Column("source", String(300), nullable=False, server_default=""),
    Index("oncall_override_by_time", "schedule", "end_ms"),
    sqlite_autoincrement=True,
)
"""Who is on call for a while instead of whom the schedule names. instead_of: null for whoever it is. source: the
calendar, and the event in it, that it was read from."""

handover = Table(
    "handover",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("schedule", String(200), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("outgoing", String(200), nullable=False),
    Column("incoming", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("written_ms", BigInteger, nullable=False),
    Column("written_by", String(200), nullable=False),
    Column("accepted_ms", BigInteger),
    Column("accepted_by", String(200)),
    Index("handover_by_schedule", "schedule", "at_ms"),
    sqlite_autoincrement=True,
)
"""One desk hands over to the next. body: JSON, what was written and which incidents were open then."""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("last_ms", BigInteger, nullable=False),
    Column("source", String(200), nullable=False),
    Column("count", BigInteger, nullable=False),
)
"""The last sign of life of other systems that noc expects one from."""

external_alert = Table(
    "external_alert",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("source", String(200), nullable=False),
    Column("entity", String(200), nullable=False),
    Column("rule", String(200), nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("external_alert_by_end", "ends_ms"),
)
"""Alerts of other systems that fire now. ends_ms: it is over then, unless told again. body: labels, annotations."""

answered = Table(
    "answered",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("answered_by_time", "at_ms"),
)
"""Answers to requests that carried an Idempotency-Key, kept for a day. request: digest of what was asked."""

segment_proof = Table(
    "segment_proof",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("statement", String(200), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("who", String(200), nullable=False),
    Column("source", String(64), nullable=False),
    Column("to", String(64), nullable=False),
    Column("port", Integer),
    Column("answer", String(20), nullable=False),
    Column("by", String(64), nullable=False),
    Column("said", Text, nullable=False),
    Index("segment_proof_by_statement", "statement", "kind", "id"),
)
"""Proofs of what must not be reached, the newest of each statement (docs/segmentation.md). port: null for ICMP."""
