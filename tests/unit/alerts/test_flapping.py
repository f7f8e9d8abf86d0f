"""Restlessness: what begins often is over the limit, and calm by itself."""

from __future__ import annotations

import pytest

from alerts.flapping import Limits, calm_ms, score

LIMITS = Limits(half_life_ms=60_000, begin=3.5, end=1.0)


def test_a_beginning_counts_half_after_the_half_life() -> None:
    assert score([0], LIMITS, 0) == 1
    assert score([0, 60_000], LIMITS, 60_000) == pytest.approx(1.5)
    assert score([0, 5], LIMITS, 0) == 1


def test_it_is_calm_when_the_sum_is_below_the_end() -> None:
    begun = [0, 0, 0, 0]
    at_ms = calm_ms(begun, LIMITS, 0)
    assert at_ms == 120_001
    assert score(begun, LIMITS, at_ms) < LIMITS.end <= score(begun, LIMITS, at_ms - 2)
    assert calm_ms([0], LIMITS, 200_000) == 200_000
