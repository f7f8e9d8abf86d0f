"""What rules of all kinds have. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from alerts.rules.selection import Selection, Subject
from noc.inventory.entities import Site
from noc.model.incident import Facts, Severity

EVERYWHERE: Final = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRule:
    """A rule. hold_ms: how long it must last. owner: who looks after the rule."""

    name: str
    summary: str
    severity: Severity
    hold_ms: int
    selection: Selection = EVERYWHERE
    policy: str | None = None
    runbook: str | None = None
    owner: str | None = None

    def matches(self, subject: Subject | None, site: Site | None, profile: str | None = None) -> bool:
        """Tell whether the rule is for an entity; None: for circuits of this site. profile: of a device, as found."""
        return self.selection.matches(subject, site, profile)

    @property
    def said(self) -> Facts:
        """Return what the rule says of itself, for the facts of its incidents."""
        told = {"summary": self.summary, "runbook": self.runbook, "owner": self.owner}
        return {name: fact for name, fact in told.items() if fact is not None}
