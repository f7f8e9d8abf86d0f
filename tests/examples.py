"""How many examples hypothesis tries where a profile's number fits a property badly."""

from __future__ import annotations

from hypothesis import settings


def at_least(number: int) -> settings:
    """Return settings for a property with many corners: so many examples in a usual run, a fifth in `make unit`."""
    fewest = number // 5 if settings.get_current_profile_name() == "quick" else number
    return settings(max_examples=max(fewest, settings().max_examples))
