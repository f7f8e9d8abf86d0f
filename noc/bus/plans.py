"""Plans: what a poller is to ask, as the folder of settings that a centre for these devices alone would have. Pure.

So a poller reads its plan by the same code that reads noc.yaml: `noc.yaml`, `inventory/…`, `profiles/…` of one's own,
`secrets/…` that it names. Paths are relative, with `/`, and lead nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Final

import msgspec

from noc.bus.packing import PackingError, packed, squeezed, swollen, unpacked
from noc.bus.sealing import opened, sealed

SETTINGS: Final = "noc.yaml"
MEMBERS: Final = "pollers.txt"
"""Names of the pollers of the group, a line each: a poller hears these presences alone, as all of a large network would
fill a thin line. Without this file it hears all."""

_DIGEST_OCTETS: Final = 16


class PlanText(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A plan. made_ms: when the centre made it. files: by path; one is SETTINGS. release: of the noc that made it."""

    poller: str
    made_ms: int
    release: str
    files: dict[str, bytes]

    def __repr__(self) -> str:
        return f"PlanText({self.poller}, {len(self.files)} files)"


def members_of(files: Mapping[str, bytes]) -> frozenset[str] | None:
    """Return the names of the pollers of the group; None where the plan doesn't tell."""
    octets = files.get(MEMBERS)
    return None if octets is None else frozenset(octets.decode("utf-8", "replace").split())


def digest(files: Mapping[str, bytes]) -> str:
    """Return by what a plan is known: the same files, the same digest; whoever knows it knows nothing of the plan."""
    taken = blake2b(digest_size=_DIGEST_OCTETS)
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            taken.update(len(part).to_bytes(8))
            taken.update(part)
    return taken.hexdigest()


def written(plan: PlanText, key: bytes) -> bytes:
    """Return a plan compressed and sealed for its poller."""
    return sealed(key, squeezed(packed(plan)), plan.poller)


def read(octets: bytes, key: bytes, poller: str) -> PlanText:
    """Return a plan. Raises PackingError where it is none, is another's, or has a path that leads out of its folder."""
    plan = unpacked(swollen(opened(key, octets, poller)), PlanText)
    if plan.poller != poller:
        raise PackingError(f"it is the plan of {plan.poller}, not of {poller}")
    for path in plan.files:
        parts = PurePosixPath(path).parts
        if not parts or path != "/".join(parts) or any(part in ("/", "..", ".") or "\0" in part for part in parts):
            raise PackingError(f"it has a file {path!r}, which leads out of its folder")
    if SETTINGS not in plan.files:
        raise PackingError(f"it has no {SETTINGS}")
    return plan
