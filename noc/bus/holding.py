"""Which poller of a group calls people by itself while the centre is silent (docs/adr/0026). Pure.

They meet at the broker, which may be what they lost. So the holder is drawn among those that were there when the link
was: all draw the same. Who calls already goes on, whoever would be drawn now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from noc.bus.shares import Member, owner


def holder(group: str, members: Iterable[Member], at_ms: int) -> str | None:
    """Return who holds a group at a moment; None where nobody serves it."""
    return owner(f"group/{group}", members, at_ms)


def may_call(poller: str, group: str, others: Iterable[Member], calling: Collection[str], at_ms: int) -> bool:
    """Return whether a poller is the one that calls people. others: who else is there, or was when the link was last
    there. calling: those of them that say that they call people already.
    """
    if calling:
        return False
    return holder(group, (*others, Member(poller, at_ms)), at_ms) == poller
