"""The kinds of records that the ledger holds, and their bodies: one line a kind. Pure.

A body is the record's dataclass as canonical JSON with its kind and number. A kind is never renamed, and a field that
is added has a default, so that what was written once can be read for ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from pydantic import TypeAdapter

from noc.model.away import Away
from noc.model.clockstep import ClockStep
from noc.model.correction import CorrectionDecision
from noc.model.coverage import HourOfCoverage
from noc.model.restatement import Restatement
from noc.model.seal import PolicyChange, Seal
from noc.model.switch import ServiceSwitch
from noc.model.transition import Transition
from noc.model.window import WindowDecision

Recorded = (
    Transition
    | ClockStep
    | ServiceSwitch
    | HourOfCoverage
    | CorrectionDecision
    | Restatement
    | WindowDecision
    | Seal
    | PolicyChange
    | Away
)
"""What the ledger holds."""

TRANSITION: Final = "transition"
CLOCK: Final = "clock"
SWITCH: Final = "switch"
COVERAGE: Final = "coverage"
CORRECTION: Final = "correction"
RESTATEMENT: Final = "restatement"
WINDOW: Final = "window"
SEAL: Final = "seal"
POLICY: Final = "policy"
AWAY: Final = "away"

KINDS: Final[Mapping[type[Recorded], str]] = {
    Transition: TRANSITION,
    ClockStep: CLOCK,
    ServiceSwitch: SWITCH,
    HourOfCoverage: COVERAGE,
    CorrectionDecision: CORRECTION,
    Restatement: RESTATEMENT,
    WindowDecision: WINDOW,
    Seal: SEAL,
    PolicyChange: POLICY,
    Away: AWAY,
}

_ADAPTERS: Final[Mapping[str, TypeAdapter[Recorded]]] = {kind: TypeAdapter(type_) for type_, kind in KINDS.items()}


def canonical(document: Mapping[str, object]) -> str:
    """Return the one text form that a record's hash is made over."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def body_of(recorded: Recorded, seq: int) -> str:
    """Return the body of a record: the number is part of it, so that one taken out, or put elsewhere, shows."""
    held = {each.name: getattr(recorded, each.name) for each in fields(recorded)}
    return canonical({"kind": KINDS[type(recorded)], "seq": seq, **held})


def recorded_of(kind: str, body: str) -> Recorded:
    """Return what a record holds. Raises ValueError where it is damaged, KeyError for a kind that nobody knows."""
    return _ADAPTERS[kind].validate_json(body, strict=True)
