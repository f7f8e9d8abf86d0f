"""What `noc check` finds wrong with scheduled reports, beside the form of their settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from noc.app.cron import Cron
from noc.app.includes import Merged
from noc.app.reportsettings import ReportSettings, ScheduleSettings
from noc.inventory.inventory import Inventory
from noc.model.finding import Finding, did_you_mean
from noc.settings.written import mapping, text

KEY: Final = "reports"
FILE_CARRIERS: Final = frozenset({"email"})
"""Kinds of notifiers that can carry files."""

_SOME_TIME: Final = "2026-01-01T00:00:00+00:00"


def wrong_reports(settings: ReportSettings, merged: Merged, inventory: Inventory | None) -> Iterator[Finding]:
    """Yield reports, people and notifiers that there are not, and times that never come. inventory: None: unknown."""
    for name, schedule in settings.schedules.items():
        for path, message in _wrong(schedule, merged, inventory):
            yield merged.place(KEY, "schedules", name, *path).finding(f"{KEY}.schedules.{name}: {message}")


def _wrong(
    schedule: ScheduleSettings, merged: Merged, inventory: Inventory | None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    # Reports bring all that they are made with along; only who has a schedule needs them.
    from noc.reports.frame.registry import names, report  # noqa: PLC0415

    known = names()
    if schedule.report not in known:
        hint = did_you_mean(schedule.report, known)
        yield ("report",), f"there is no report '{schedule.report}'{hint}; there are {', '.join(known)}"
    elif schedule.by is not None and schedule.by not in report(schedule.report).BY:
        rows = ", ".join(report(schedule.report).BY) or "no choice"
        yield ("by",), f"the report {schedule.report} has no rows by {schedule.by}; there is {rows}"
    try:
        if Cron(schedule.at, schedule.time_zone).after(datetime.fromisoformat(_SOME_TIME)) is None:
            yield ("at",), f"'{schedule.at}' never comes"
    except ValueError as error:
        yield ("at",), str(error)
    is_free = schedule.of == "network" or schedule.of.startswith("provider/")
    if inventory is not None and not is_free and inventory.entity(schedule.of) is None:
        yield ("of",), f"'{schedule.of}' is not in the inventory; write network, region/… or site/…"
    yield from _unreached(schedule, merged)


def _unreached(schedule: ScheduleSettings, merged: Merged) -> Iterator[tuple[tuple[str | int, ...], str]]:
    alerts = mapping(merged.data, "alerts")
    people, notifiers = mapping(alerts, "people"), mapping(alerts, "notifiers")
    for index, person in enumerate(schedule.to):
        if person not in people:
            yield ("to", index), f"there is nobody '{person}' in alerts.people{did_you_mean(person, people)}"
        elif text(mapping(people, person), "email") is None:
            yield ("to", index), f"'{person}' has no address of e-mail"
    if not schedule.to:
        return
    if schedule.notifier not in notifiers:
        hint = did_you_mean(schedule.notifier, notifiers)
        yield ("notifier",), f"there is no '{schedule.notifier}' in alerts.notifiers{hint}"
    elif (text(mapping(notifiers, schedule.notifier), "kind") or schedule.notifier) not in FILE_CARRIERS:
        yield ("notifier",), f"'{schedule.notifier}' can't carry files; name a notifier of kind email"
