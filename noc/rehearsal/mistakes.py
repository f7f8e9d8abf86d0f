"""All that is wrong with a scenario at once: also the names in it, where its form is wrong elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.rehearsal.scenario import LONGEST, Event, Expect, Scenario
from noc.settings.schema import Model, format_duration, validate_data
from noc.settings.yamltext import Data, Document

_NOTHING: Final[dict[str, Data]] = {"at": "0m", "note": "-"}
"""Stands in the place of an event that is wrong."""

_FRAME: Final[dict[str, Data]] = {"start": "2026-01-01T00:00:00Z", "duration": format_duration(LONGEST)}


def all_mistakes(document: Document, wrong: InputError, look: Callable[[Scenario], object]) -> InputError:
    """Return an error with the findings of form, and what else is wrong with what has its form.

    look: raises InputError with what is wrong with the names in a scenario.
    """
    data = document.data
    if not isinstance(data, dict):
        return wrong
    found: dict[str, Data] = {**_FRAME}
    events, duration = data.get("events"), data.get("duration")
    if isinstance(events, list):
        paths = [("events", number) for number in range(len(events))]
        found["events"] = [
            event if _fits(Event, event, document, path) else _NOTHING
            for event, path in zip(events, paths, strict=True)
        ]
    if _fits(Expect, data.get("expect"), document, ("expect",)):
        found["expect"] = data["expect"]
    if _fits(Scenario, {**_FRAME, "duration": duration}, document, ()):
        found["duration"] = duration
    beside: list[Finding] = []
    try:
        look(validate_data(Scenario, found, document))
    except InputError as error:
        beside = list(error.findings)
    return InputError(sorted({*wrong.findings, *beside}))


def _fits(model: type[Model], data: Data, document: Document, path: tuple[str | int, ...]) -> bool:
    try:
        validate_data(model, data, document, path)
    except InputError:
        return False
    return True
