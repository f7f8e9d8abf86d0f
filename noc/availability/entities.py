"""Names of entities: `<kind>/<id>`. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from noc.model.finding import did_you_mean

PROBED: Final = (
    "device",
    "interface",
    "circuit",
    "service",
    "poller",
    "peer",
    "vrf",
    "tunnel",
    "probe",
    "endpoint",
)
"""Kinds that have results of their own."""

PARTS: Final = ("interface", "peer", "vrf", "tunnel", "probe")
"""Kinds whose entities stand below a device: `<kind>/<device>/<name>`."""

KINDS: Final = (*PROBED, "site", "region")


def kind_of(entity: str) -> str:
    """Return the kind of an entity."""
    return entity.partition("/")[0]


def check_entity(entity: str, kinds: Collection[str] = KINDS) -> str:
    """Return the name of an entity of one of these kinds. Raises ValueError, with a sentence for an operator."""
    kind, _, rest = entity.partition("/")
    if kind not in KINDS or not rest:
        hint = did_you_mean(kind, KINDS) if kind not in KINDS else ""
        raise ValueError(f"{entity!r} is not an entity{hint}; write <kind>/<id>, the kind one of {', '.join(KINDS)}")
    if not entity.isprintable() or entity != entity.strip():
        raise ValueError(f"{entity!r}: a name has no control characters and no spaces at its ends")
    if kind not in kinds:
        raise ValueError(f"{entity!r} is a {kind}; only {_one_of(kinds)} can stand here")
    return entity


def _one_of(kinds: Collection[str]) -> str:
    first, *rest = kinds
    return f"a {first}" + "".join(f" or {kind}" for kind in rest)
