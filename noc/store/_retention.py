"""How long numbers are kept: as they were measured, in steps of 5 minutes, in hours; by class of device."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from noc.inventory.layers import DEVICE_CLASSES
from noc.model.finding import did_you_mean
from noc.settings import schema
from noc.settings.schema import Duration

CLASS_TAG = "device_class"
"""The tag of a series that tells its class; what has none, or an unknown one, is kept as `retention` says for all."""


class ClassRetention(schema.Settings):
    """How long numbers of devices of one class are kept; what isn't given is as for all."""

    raw: Duration | None = None
    """As they were measured."""
    five_minutes: Duration | None = None
    """Least, greatest, mean, last and count of each five minutes."""
    hourly: Duration | None = None
    """The same of each hour."""


class Retention(schema.Settings):
    """How long numbers are kept. A duration alone is `raw`."""

    raw: Duration = timedelta(days=30)
    """As they were measured."""
    five_minutes: Duration = timedelta(days=90)
    """Least, greatest, mean, last and count of each five minutes; no longer than `raw`: none are made."""
    hourly: Duration = timedelta(days=730)
    """The same of each hour; no longer than `raw`: none are made."""
    classes: Mapping[str, ClassRetention] = Field(default_factory=dict)
    """Otherwise for these classes of devices (`router`, `satellite-modem`, …)."""

    @field_validator("classes")
    @classmethod
    def _known(cls, value: Mapping[str, ClassRetention]) -> Mapping[str, ClassRetention]:
        for name in value:
            if name not in DEVICE_CLASSES:
                raise ValueError(f"unknown class '{name}'{did_you_mean(name, DEVICE_CLASSES)}")
        return value

    @property
    def longest_raw(self) -> timedelta:
        """Return how long numbers as they were measured are kept of any class."""
        return max([self.raw, *(own.raw for own in self.classes.values() if own.raw is not None)])

    def of(self, device_class: str) -> ClassRetention:
        """Return what holds for a class of devices; nothing in it is None."""
        own = self.classes.get(device_class) or ClassRetention()
        return ClassRetention(
            raw=own.raw or self.raw,
            five_minutes=own.five_minutes or self.five_minutes,
            hourly=own.hourly or self.hourly,
        )


def _short_form(value: object) -> object:
    return {"raw": value} if isinstance(value, str | timedelta) else value


RetentionSetting = Annotated[Retention, BeforeValidator(_short_form)]
"""`30d`, or a mapping."""
