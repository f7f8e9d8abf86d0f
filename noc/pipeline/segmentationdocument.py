"""How statements of segmentation stand, as documents: for CLI and API. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from noc.model.segmentation import Proof
from noc.pipeline.segmentation import Standing, Wall, holds, standing_of

SHOWN: Final = 20
"""Proofs of one statement in its document."""

TimeText = Callable[[int], object]


def segmentation_document(
    statements: Iterable[Wall], proofs: Mapping[str, list[Proof]], now_ms: int, time: TimeText
) -> list[dict[str, object]]:
    """Return a document for each statement. time: writes times."""
    return [
        _document(one, standing_of(one, proofs.get(one.name, []), now_ms), proofs.get(one.name, []), time)
        for one in statements
    ]


def _document(one: Wall, now: Standing, proofs: list[Proof], time: TimeText) -> dict[str, object]:
    return {
        "statement": one.name,
        "entity": one.entity,
        "from": one.origin_name,
        "must_not_reach": one.target_name,
        "ports": list(one.ports),
        "icmp": one.icmp,
        "owner": one.owner,
        "every_s": one.every_ms // 1000,
        "verdict": now.verdict,
        "proven": None if now.proven_ms is None else time(now.proven_ms),
        "last": None if now.last is None else proof_document(one, now.last, time),
        "reached": [proof_document(one, proof, time) for proof in now.reached],
        "excepted": [proof_document(one, proof, time) for proof in now.excepted],
        "exceptions": [
            {"to": str(e.to), "ports": sorted(e.ports), "owner": e.owner, "until": time(e.until_ms)}
            for e in one.exceptions
        ],
        "asked": len({(p.to, p.port) for p in proofs if p.kind == "probe"} & set(one.pairs)),
        "pairs": len(one.pairs),
        "proofs": [proof_document(one, proof, time) for proof in reversed(proofs[-SHOWN:])],
    }


def proof_document(statement: Wall, one: Proof, time: TimeText) -> dict[str, object]:
    """Return the document of a proof."""
    return {
        "at": time(one.at_ms),
        "kind": one.kind,
        "who": one.who,
        "from": one.source,
        "to": one.to,
        "port": one.port,
        "answer": one.answer,
        "by": one.by,
        "holds": holds(statement, one),
        "said": one.said,
    }
