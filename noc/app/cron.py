"""Times that come again, written as cron writes them, in the wall clock of a time zone. The door to APScheduler."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

FORM: Final = "five fields, minute hour day month weekday, such as '0 6 1 * *' (at 6:00 on the first of each month)"

_FIELDS: Final = 5
_MICROSECOND: Final = timedelta.resolution
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""By number, as crontab(5) has them; APScheduler counts them from Monday."""


class Cron:
    """Times by a line of cron. A time that comes twice, when the clock is put back, counts once.

    A time that doesn't exist, when it is put forward, is that long after the change. Raises ValueError.
    """

    def __init__(self, text: str, zone: ZoneInfo) -> None:
        # It takes a tenth of a second to import, and most commands have no schedule.
        from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

        fields = text.split()
        if len(fields) != _FIELDS:
            raise ValueError(f"'{text[:60]}' is no time of cron; write {FORM}")
        fields[-1] = re.sub(r"(?<!/)\b[0-7]\b", lambda found: _DAYS[int(found[0])], fields[-1])
        try:
            self._trigger = CronTrigger.from_crontab(" ".join(fields), timezone=zone)
        except ValueError as error:
            raise ValueError(f"'{text[:60]}' is no time of cron: {str(error)[:200]}; write {FORM}") from error

    def after(self, moment: datetime) -> datetime | None:
        """Return the first time behind a moment; None where none comes any more."""
        while True:
            # In UTC: what is added to a local time loses whether it is the first or the second of its name.
            later = moment.astimezone(UTC) + _MICROSECOND
            found: datetime | None = self._trigger.get_next_fire_time(None, later)
            if found is None or not found.fold:
                return found
            moment = found
