"""How many examples hypothesis tries where a profile's number fits a property badly."""

from __future__ import annotations

from hypothesis import settings


def at_least(number: int) -> settings:
    """Return settings for a property with many corners: so many examples even in a quick run."""
    return settings(max_examples=max(number, settings().max_examples))


def at_most(number: int) -> settings:
    """Return settings for a property whose every example is dear: no more than so many even in a thorough run."""
    return settings(max_examples=min(number, settings().max_examples))
