"""How root causes are looked for, and when something flaps: settings below `alerts:`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from noc.inventory.values import Word
from noc.model.instants import length_ms
from noc.settings.schema import Duration, Settings


class RootCauseSettings(Settings):
    """How root causes are looked for."""

    wait: Duration = timedelta(seconds=30)
    """How long a failure waits at most until it is certain whether what it hangs on works."""
    together: Duration = timedelta(minutes=5)
    """Failures that began within this time may have one cause."""
    at_least: Annotated[int, Field(ge=2, le=1000)] = 3
    """Of those that share something (a provider, a beam), so many must fail together for that to be the cause."""
    share: Annotated[float, Field(gt=0, le=100)] = 50
    """And so many of them, in percent."""
    power_rules: tuple[Word, ...] = ("ups-on-battery", "ups-charge-low")
    """Rules of which an open incident of a UPS means that its site is without mains."""
    power: Duration = timedelta(hours=2)
    """How long ago a UPS may have told of it: what falls silent after that died of something else."""
    storm: Annotated[int, Field(ge=2, le=1000)] = 8
    """At most two messages more than this are sent of what one policy tells within `together`: when one less than this
    opened (two less, where they are not critical), further incidents are gathered."""


class FlappingSettings(Settings):
    """When something flaps: each beginning counts 1, and what it counts halves with time."""

    half_life: Duration = timedelta(minutes=15)
    """After this time a beginning counts half."""
    begin: Annotated[float, Field(gt=1, le=100)] = 3.5
    """From this sum on, it flaps."""
    end: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Below this sum, it is calm again."""


@dataclass(frozen=True, slots=True)
class Limits:
    """As in the settings. Times in milliseconds."""

    wait_ms: int = 30_000
    together_ms: int = 300_000
    at_least: int = 3
    share: float = 0.5
    power_ms: int = 7_200_000
    storm: int = 8
    power_rules: frozenset[str] = frozenset()


def limits_of(settings: RootCauseSettings) -> Limits:
    """Return the limits of the settings."""
    return Limits(
        length_ms(settings.wait),
        length_ms(settings.together),
        settings.at_least,
        settings.share / 100,
        length_ms(settings.power),
        settings.storm,
        frozenset(settings.power_rules),
    )
