"""Whether what somebody asks for can be a window. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from noc.availability.entities import check_entity
from noc.availability.times import parse
from noc.inventory.inventory import Inventory
from noc.maintenance.recurrence import check, zone_of
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.model.instants import from_wall, to_ms
from noc.model.part import owner_of
from noc.model.window import WindowDecision

DAY_MS: Final = 86_400_000
LONG_AT_MOST_MS: Final = 92 * DAY_MS
"""Longer than a quarter nothing is maintained."""

AHEAD_AT_MOST_MS: Final = 10 * 366 * DAY_MS
TEXT_AT_MOST: Final = 2_000
NAME_AT_MOST: Final = 200


class DraftError(UsageError):
    """What is asked for can't be a window. field: of the request, for forms."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for; as in WindowDecision. zone: for `rrule`."""

    entity: str
    start_ms: int
    end_ms: int
    who: str
    why: str
    rrule: str = ""
    zone: str = "UTC"
    without: tuple[int, ...] = ()
    source: str = ""
    sequence: int = 0


def moment_of(field: str, text: str, zone: str) -> int:
    """Return a time with zone, or a wall clock's in a zone (`2026-11-28T22:00`), in milliseconds. Raises DraftError."""
    try:
        wall = datetime.fromisoformat(text.strip())
        if wall.tzinfo is None:
            return to_ms(from_wall(wall, zone_of(zone)))
        return parse(text.strip())
    except (ValueError, OverflowError) as error:
        said = "" if "IANA" not in str(error) else f": {error}"
        raise DraftError(
            field, f"{field}: '{text}' is no time; write 2026-11-28T22:00, or 2026-11-28T22:00:00Z{said}"
        ) from error


def draft(asked: Asked, inventory: Inventory, now_ms: int) -> WindowDecision:
    """Return the request of a window, still without a number. A rule that never comes takes a second.

    Raises DraftError, with a sentence for a person.
    """
    check_known(asked.entity, inventory)
    _check_time(asked, now_ms)
    for field, text, at_most in (("who", asked.who, NAME_AT_MOST), ("why", asked.why, TEXT_AT_MOST)):
        if not text.strip():
            raise DraftError(
                field, f"{field}: say who asks for it" if field == "who" else "why: say what is to be done"
            )
        if len(text) > at_most:
            raise DraftError(field, f"{field}: it has {len(text)} characters, {at_most} at most are kept")
    return WindowDecision(
        entity=asked.entity,
        since_ms=now_ms,
        window=0,
        step="requested",
        start_ms=asked.start_ms,
        end_ms=asked.end_ms,
        rrule=asked.rrule.strip().upper().removeprefix("RRULE:"),
        zone=asked.zone,
        without=asked.without,
        who=asked.who.strip(),
        why=asked.why.strip(),
        source=asked.source,
        sequence=asked.sequence,
    )


def check_known(entity: str, inventory: Inventory) -> None:
    """Say whether there is an entity of this name. Raises DraftError."""
    try:
        check_entity(entity)
    except ValueError as error:
        raise DraftError("entity", f"entity: {error}") from error
    kind, _, _ = entity.partition("/")
    if kind != "poller" and inventory.entity(owner_of(entity) or entity) is None:
        hint = did_you_mean(entity, _names(inventory, kind))
        raise DraftError("entity", f"entity: the inventory has no '{entity}'{hint}")


def _check_time(asked: Asked, now_ms: int) -> None:
    if asked.start_ms >= asked.end_ms:
        raise DraftError("to", "to: a window must end after it begins")
    if asked.end_ms - asked.start_ms > LONG_AT_MOST_MS:
        raise DraftError("to", f"to: a window is at most {LONG_AT_MOST_MS // DAY_MS} days long")
    if asked.end_ms <= now_ms:
        raise DraftError("to", "to: this time is over, and the past can't be planned; propose a correction")
    if asked.start_ms - now_ms > AHEAD_AT_MOST_MS:
        raise DraftError("from", "from: that is more than ten years ahead")
    try:
        zone_of(asked.zone)
    except ValueError as error:
        raise DraftError("zone", f"zone: {error}") from error
    if asked.rrule.strip():
        try:
            check(asked.rrule.strip(), asked.zone, asked.start_ms)
        except ValueError as error:
            raise DraftError("rrule", f"rrule: {error}") from error


def _names(inventory: Inventory, kind: str) -> list[str]:
    groups = {
        "region": inventory.regions,
        "site": inventory.sites,
        "device": inventory.devices,
        "circuit": inventory.circuits,
        "service": inventory.services,
        "endpoint": inventory.endpoints,
    }
    return [f"{kind}/{key}" for key in groups.get(kind, ())]
