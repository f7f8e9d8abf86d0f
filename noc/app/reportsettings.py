"""The settings below `reports:`: which are made by themselves, when, and who gets them."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from alerts.policies import Language
from noc.inventory.values import Word
from noc.settings.schema import Settings, TimeZone

ReportFormat = Literal["html", "pdf", "xlsx", "csv", "json"]


def _parse_length(text: str) -> str:
    if re.match(r"(?:month|quarter|year|biennium|[1-9][0-9]{0,3}d)\Z", text) is None:
        raise ValueError(f"'{text[:60]}' is no period; write month, quarter, year, biennium, or days such as 30d")
    return text


Length = Annotated[str, AfterValidator(_parse_length)]
"""month, quarter, year, biennium: the last that is over; 30d: the days up to then."""


class ScheduleSettings(Settings):
    """A report that is made again and again, and kept."""

    report: Word
    """Which: availability, biennium, capacity, carrier, incidents, lifecycle."""
    at: Annotated[str, Field(min_length=9, max_length=200)]
    """When, as cron writes it, in `time_zone`: minute hour day month weekday. `0 6 1 * *` is at 6:00 on the first of
    each month. When noc didn't run, the last one that was missed is made at its start."""
    time_zone: TimeZone = ZoneInfo("UTC")
    """IANA name; periods begin at its midnight too."""
    period: Length = "month"
    """Of which time: the last month, quarter, year or biennium that is over, or days up to then, such as 30d."""
    by: Literal["network", "region", "site", "device", "circuit", "service"] | None = None
    """What the rows are, where the report has a choice."""
    of: Annotated[str, Field(min_length=1, max_length=300)] = "network"
    """Of whom: network, region/africa, site/nairobi, …."""
    formats: Annotated[tuple[ReportFormat, ...], Field(min_length=1)] = ("pdf",)
    """What is attached: pdf, xlsx, csv, html, json."""
    language: Language | None = None
    """ar, zh, en, fr, ru or es. Default: that of each person."""
    to: tuple[Word, ...] = ()
    """Who gets it, by their key in `alerts: people:`. Nobody: it is kept, and can be looked up."""
    notifier: Word = "email"
    """By which of `alerts: notifiers:` it is sent, one of kind email."""


class ReportSettings(Settings):
    """Reports that are made by themselves."""

    schedules: dict[Word, ScheduleSettings] = Field(default_factory=dict)
    """By a name of your own."""
