"""Proofs of segmentation: what was asked, of whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

ProofKind = Literal["probe", "denial", "unasked"]
"""probe: noc asked. denial: a firewall told that it refused. unasked: noc was to ask, and can't from here."""

ProofAnswer = Literal[
    "open", "reset", "refused", "echo", "prohibited", "denied", "dropped", "silent", "unreachable", "none"
]
"""What came: see noc/wire/knock.py. echo: a reply by ICMP. denied: by a firewall's word. dropped: silence of what is
seen to be up at that time; silent: of what nobody sees."""

PROOF_ANSWERS: Final[tuple[ProofAnswer, ...]] = get_args(ProofAnswer)

SegmentationVerdict = Literal["held", "broken", "unproven"]


@dataclass(frozen=True, slots=True)
class Proof:
    """One result. Times in milliseconds of the Unix epoch.

    who: `poller/centre`, or the firewall that told. port: of TCP; None for ICMP. by: who answered. said: the firewall's
    line, or why noc didn't ask.
    """

    statement: str
    at_ms: int
    kind: ProofKind
    who: str
    source: str
    to: str
    port: int | None
    answer: ProofAnswer
    by: str = ""
    said: str = ""
