"""Words of an incident's life, in English; catalogues have the others. Pages and reports say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.model.incident import Entry, EntryKind, IncidentState, NoticeKind, NoticeState


def say(text: str) -> str:
    """Mark a text as one that catalogues have; it is looked up where it is shown."""
    return text


ENTRY_WORDS: Final[Mapping[EntryKind, str]] = {
    "opened": say("Opened"),
    "notified": say("Notified"),
    "undelivered": say("Could not be delivered"),
    "reminded": say("Reminded"),
    "escalated": say("Escalated"),
    "acknowledged": say("Acknowledged"),
    "note": say("Note"),
    "resolved": say("Resolved"),
    "joined": say("A symptom joined"),
    "left": say("A symptom left"),
    "merged": say("Became one of another incident"),
    "reprobed": say("Asked again"),
    "flapping": say("Goes up and down"),
    "priority": say("Priority"),
    "expired": say("Nobody owns it any more"),
    "in_progress": say("In progress"),
    "reopened": say("Reopened"),
    "closed": say("Closed"),
    "major": say("Major incident"),
    "update": say("Status update"),
    "ticket": say("Ticket"),
    "problem": say("Problem record"),
    "diagnosed": say("Diagnosed"),
    "overdue": say("Overdue"),
    "handed_over": say("Handed over"),
    "delivered": say("Delivered"),
    "read": say("Read"),
    "acted": say("Answered"),
    "held": say("Held back"),
}
TOOK_OVER: Final = say("Took another incident over")
"""What `merged` is called on the incident that another one became a part of."""

NOTICE_WORDS: Final[Mapping[NoticeKind, str]] = {
    "page": say("page"),
    "reminder": say("reminder"),
    "escalation": say("escalation"),
    "further": say("more of it"),
    "update": say("status update"),
    "resolved": say("all clear"),
}
DELIVERY_WORDS: Final[Mapping[NoticeState, str]] = {
    "queued": say("waiting"),
    "claimed": say("being sent"),
    "unknown": say("perhaps sent; it is sent again"),
    "sent": say("sent"),
    "dead": say("given up"),
    "dropped": say("no longer needed"),
}
STATE_WORDS: Final[Mapping[IncidentState, str]] = {
    "new": say("new"),
    "acknowledged": say("acknowledged"),
    "in_progress": say("in progress"),
    "resolved": say("resolved"),
    "closed": say("closed"),
}


def entry_word(entry: Entry) -> str:
    """Return what an entry of a timeline is called."""
    is_of_another = entry.kind == "merged" and "incident" in entry.facts
    return TOOK_OVER if is_of_another else ENTRY_WORDS[entry.kind]


_LINE_WORDS: Final[Mapping[str, str]] = {
    "event": say("event"),
    "remark": say("remark"),
    "opened": say("opened"),
    "acknowledged": say("acknowledged"),
    "resolved": say("resolved"),
}


def line_word(kind: str, *, to_somebody: bool) -> str:
    """Return what a line of a rehearsal's time line is called. to_somebody: it is a message."""
    told = {str(name): word for name, word in NOTICE_WORDS.items()}
    return (told if to_somebody else _LINE_WORDS).get(kind, kind)
