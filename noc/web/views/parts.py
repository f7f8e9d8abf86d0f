"""Parts of a device as its page shows them: what is down first, what is well as far as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from noc.i18n.marking import say
from noc.model.part import PART_WORDS
from noc.model.present import PartNow

SHOWN: Final = 100
GONE: Final = say("no longer told of")

_ORDER: Final = ("down", "unknown", "up", "off")


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part. status: up, down, unknown, or off: people switched it off. says: the device's own word.

    is_gone: the device tells of it no more, and `says` is a text of the catalogues that says so.
    """

    status: str
    what: str
    name: str
    says: str
    since_ms: int | None
    is_gone: bool = False
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Those that are shown, and how many there are beside them."""

    rows: Sequence[PartRow]
    total: int

    @property
    def more(self) -> int:
        """Return how many are not shown."""
        return self.total - len(self.rows)


def parts_of(found: Sequence[PartNow]) -> Parts:
    """Return the parts of a device for its page. Interfaces have a table of their own there, with their state."""
    rows = [_row(one) for one in found if one.part.kind != "interface"]
    rows.sort(key=lambda row: _ORDER.index(row.status))
    return Parts(rows[:SHOWN], len(rows))


def _row(one: PartNow) -> PartRow:
    part, now = one.part, one.now
    says = (part.state or "") if one.seen else GONE
    what = PART_WORDS[part.kind].removesuffix(" with")
    status = "off" if not part.judged else now.status
    return PartRow(status, what[:1].upper() + what[1:], part.name, says, now.since_ms, not one.seen, part.entity)
