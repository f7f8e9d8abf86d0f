"""How many examples hypothesis tries where a profile's number fits a property badly."""

from __future__ import annotations

from hypothesis import settings


def at_least(number: int) -> settings:
    """Return settings for a property with many corners: so many examples even in a quick run."""
    return settings(max_examples=max(number, settings().max_examples))


def share(of: int) -> settings:
    """Return settings for a property that so many cases of one test try: each tries its share of the examples."""
    return settings(max_examples=max(2, settings().max_examples // of))
