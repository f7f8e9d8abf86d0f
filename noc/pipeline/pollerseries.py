"""What is known of remote pollers to Samples, for charts and for rules. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from noc.model.poller import RemotePoller
from noc.model.samples import Samples

MEASUREMENT: Final = "noc_poller"
POLLER_TAGS: Final = ("device", "site", "region")
POLLER_FIELDS: Final = ("clock_ahead_ms", "clock_off_ms", "clock_error_ms", "frames_waiting")
US_OF_MS: Final = 1_000


def poller_samples(one: RemotePoller, at: datetime) -> Samples:
    """Return how a poller stands that is there. A clock that nobody has measured yet has no number.

    The tag `device` is whose numbers they are: `poller/NAME`.
    """
    ahead_ms, error_ms = _ms(one.offset_us), _ms(one.error_us)
    off_ms = None if ahead_ms is None else abs(ahead_ms)
    numbers = (ahead_ms, off_ms, error_ms, float(one.waiting))
    return Samples(MEASUREMENT, at, POLLER_TAGS, POLLER_FIELDS, ((one.entity, "", ""),), (numbers,))


def _ms(us: int | None) -> float | None:
    return None if us is None else us / US_OF_MS
