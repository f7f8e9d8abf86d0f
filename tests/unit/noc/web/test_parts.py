"""Parts of a device on its page: what is down stands first, what is well as far as there is room."""

from __future__ import annotations

from noc.model.part import Part, PartKind
from noc.model.present import PartNow, StatusNow, Word
from noc.web.views.parts import SHOWN, parts_of


def part(kind: PartKind, name: str, status: Word, *, judged: bool = True, seen: bool = True) -> PartNow:
    return PartNow(Part(f"x/{name}", kind, name, "idle", ok=None, judged=judged), StatusNow(status, 1_000), seen)


def test_the_worst_stands_first_and_interfaces_elsewhere() -> None:
    found = parts_of(
        [
            part("bgp", "up", "up"),
            part("vrf", "off", "unknown", judged=False),
            part("interface", "Gi0", "down"),
            part("ldp", "lost", "down", seen=False),
            part("ospf", "unseen", "unknown"),
        ]
    )
    assert [(row.status, row.what, row.name, row.says) for row in found.rows] == [
        ("down", "LDP session", "lost", "no longer told of"),
        ("unknown", "OSPF neighbour", "unseen", "idle"),
        ("up", "BGP peer", "up", "idle"),
        ("off", "VRF", "off", "idle"),
    ]
    assert (found.total, found.more) == (4, 0)


def test_of_many_those_that_are_well_are_counted() -> None:
    many = [part("bgp", str(number), "up") for number in range(SHOWN + 20)]
    found = parts_of([*many, part("bgp", "bad", "down")])
    assert found.rows[0].name == "bad"
    assert (len(found.rows), found.more) == (SHOWN, 21)
