"""What a poller remembers over a restart beside its frames. Pure.

None of it is needed: where the file is missing or damaged the poller begins anew.
"""

from __future__ import annotations

from noc.bus.messages import Message


class Remembered(Message, frozen=True):
    """engine: id in hexadecimal of the SNMP engine that takes informs, and how often it was started. budgets: what byte
    budgets have spent, as noc.scheduling.budgets gives it. copies: when a copy of each device's configuration was
    fetched last, by entity, milliseconds of the Unix epoch.
    """

    engine: tuple[str, int] | None = None
    budgets: tuple[tuple[str | int, ...], ...] = ()
    copies: dict[str, int] = {}  # noqa: RUF012 msgspec copies it for each


EMPTY = Remembered()
