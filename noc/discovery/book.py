"""From findings to proposals: what is new, what was proposed before, what is in the inventory already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from noc.discovery.ground import Ground
from noc.discovery.guess import Sites
from noc.discovery.same import Key, join, joined, keys, same
from noc.model.discovery import Found, Proposal


@dataclass(frozen=True, slots=True)
class Entries:
    """What findings mean. fresh: to be proposed. changed: proposals with what is known of them now.

    known: devices of the inventory, by id.
    """

    fresh: tuple[Found, ...]
    changed: tuple[Proposal, ...]
    known: dict[str, Found]


def entries(findings: Iterable[Found], proposals: Sequence[Proposal], ground: Ground, asked: str | None) -> Entries:
    """Return what is to be written down of findings.

    A device that was ignored is not proposed again, also not at another address; another device at its address is.
    asked: the site of --from-site.
    """
    devices = joined(findings)
    answered = {address for found in devices for address in found.addresses}
    known: dict[str, Found] = {}
    strange: list[Found] = []
    for found in devices:
        device = ground.device_of(found, answered)
        if device is None:
            strange.append(found)
        elif device.id not in known or str(device.address) in found.addresses:
            known[device.id] = found
    sites = Sites(ground, known, asked)
    index = _Index(proposals)
    fresh: list[Found] = []
    changed: dict[int, Proposal] = {}
    for found in strange:
        guess = sites.guess(found)
        placed = replace(found, device_class=sites.device_class(found))
        if guess is not None:
            placed = replace(placed, site=guess.site, site_why=guess.why)
        proposal = index.of(placed)
        if proposal is None:
            fresh.append(placed)
        elif same(proposal.found, placed):
            changed[proposal.id] = replace(proposal, found=join(proposal.found, placed))
        else:
            changed[proposal.id] = replace(proposal, found=placed)
    return Entries(tuple(fresh), tuple(changed.values()), known)


class _Index:
    """Proposals by all that they may be known by."""

    def __init__(self, proposals: Sequence[Proposal]) -> None:
        self._by_key: dict[Key, list[Proposal]] = {}
        for proposal in proposals:
            for key in keys(proposal.found):
                self._by_key.setdefault(key, []).append(proposal)

    def of(self, found: Found) -> Proposal | None:
        """Return the proposal of this device; else one that is still new at its address, which is another one now."""
        near = [proposal for key in keys(found) for proposal in self._by_key.get(key, ())]
        for proposal in near:
            if same(proposal.found, found):
                return proposal
        addresses = set(found.addresses)
        return next((one for one in near if one.state == "new" and addresses >= set(one.found.addresses)), None)
