"""What a page shows of a runbook: its text, where the handbook has it, or a link. Pure but for the handbook's files."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from alerts.rules.runbook import FACT, is_url, is_within
from noc.model.incident import Facts
from noc.web.handbook import Handbook


@dataclass(frozen=True, slots=True)
class Runbook:
    """Where it says what to do. address: None where what was given is no address, and is only shown. body: its text."""

    shown: str
    address: str | None
    body: Markup | None


def runbook_of(facts: Facts, handbook: Handbook, otherwise: str | None = None) -> Runbook | None:
    """Return the runbook of an incident; None where it has none.

    otherwise: what its rule says now. An incident keeps what it was told when it was opened, so one that is older than
    the runbook of its rule doesn't tell of it.
    """
    said = facts.get(FACT) or otherwise
    if not isinstance(said, str) or not said:
        return None
    is_ours = is_within(said)
    return Runbook(said, said if is_ours or is_url(said) else None, handbook.part(said) if is_ours else None)
