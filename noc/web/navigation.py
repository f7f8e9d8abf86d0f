"""The pages, as the bar at the top has them: those that people live in stand there, the others behind `More`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from noc.i18n.marking import say
from noc.model.account import Right


@dataclass(frozen=True, slots=True)
class Entry:
    """A page. also: how other addresses begin that belong to it. right: who lacks it doesn't see it. of_all: nor does
    who may see some regions only, for it shows the whole network.

    at_hand: it stands in the bar of a phone too, which has room for few; others of the bar are behind `More` there.
    """

    address: str
    name: str
    also: tuple[str, ...] = ()
    right: Right = "see"
    at_hand: bool = False
    of_all: bool = False

    def holds(self, path: str) -> bool:
        """Return whether a page is this one, or belongs to it."""
        return any(path == one or path.startswith(f"{one}/") for one in (self.address, *self.also))


BAR: Final = (
    Entry("/problems", say("Problems"), ("/incidents", "/problem-records"), at_hand=True),
    Entry("/map", say("Map"), at_hand=True),
    Entry("/sites", say("Sites"), ("/devices",), at_hand=True),
    Entry("/services", say("Services")),
    Entry("/availability", say("Availability"), ("/corrections", "/objectives")),
    Entry("/maintenance", say("Maintenance")),
    Entry("/oncall", say("On call"), at_hand=True),
)
MORE: Final = (
    Entry("/circuits", say("Circuits")),
    Entry("/top", say("Top")),
    Entry("/wall", say("Wall")),
    Entry("/topology", say("Topology")),
    Entry("/assets", say("Assets")),
    Entry("/reports", say("Reports")),
    Entry("/rules", say("Rules"), ("/what-ifs", "/segmentation")),
    Entry("/rehearsal", say("Rehearsal"), of_all=True),
    Entry("/discovery", say("Discovery")),
    Entry("/system", say("System")),
    Entry("/audit", say("Audit"), right="administer"),
    Entry("/admin", say("People, roles, tokens"), right="administer"),
    Entry("/help", say("Help"), ("/api",)),
)
MAILBOX: Final = Entry("/mailbox", say("Mailbox"))
"""Of the demo."""


def entries(
    may: Callable[[Right], bool], *, sees_all: bool = True, has_mailbox: bool = False
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Return what stands in the bar, and what behind `More`, for somebody with some rights and all regions, or some."""

    def of_them(all_there_are: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(one for one in all_there_are if may(one.right) and (sees_all or not one.of_all))

    return of_them(BAR), of_them((*MORE, MAILBOX) if has_mailbox else MORE)
