"""Carriers' notices of work become requests of windows, and take requests and windows back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from noc.inventory.inventory import Inventory
from noc.maintenance.draft import draft
from noc.maintenance.imports import Step, steps
from noc.maintenance.notice import Notice
from noc.maintenance.series import series_of
from noc.model.errors import ConflictError, UsageError
from noc.model.window import PlannedWindow, WindowDecision
from noc.state import windows

KNOWN_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """What stands in the state database when notices are read. newest: number of the last record of a window."""

    windows: Sequence[PlannedWindow]
    newest: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written: each step, and the request that it makes, if it makes one."""

    steps: Sequence[tuple[Step, WindowDecision | None]]
    newest: int


async def known(connection: AsyncConnection, notices: Sequence[Notice]) -> Known:
    """Return the windows that came of the same notices."""
    sources = list(dict.fromkeys(series_of(notice.uid) or notice.uid for notice in notices if notice.uid))
    found = await windows.page(connection, sources=sources, limit=KNOWN_AT_MOST)
    return Known(found, await windows.newest(connection))


def planned(notices: Sequence[Notice], before: Known, inventory: Inventory, who: str, now_ms: int) -> Plan:
    """Return what is to be written. Pure; rules that never come take a second each."""
    found: list[tuple[Step, WindowDecision | None]] = []
    for step in steps(notices, inventory, before.windows, who, now_ms):
        request, said = None, step
        if step.asked is not None:
            try:
                request = draft(step.asked, inventory, now_ms)
            except UsageError as error:
                said = replace(step, word="wrong", asked=None, why=str(error))
        found.append((said, request))
    return Plan(found, before.newest)


async def write(connection: AsyncConnection, plan: Plan, who: str, now_ms: int) -> list[Step]:
    """Write it, in the caller's transaction; return the steps, with the numbers of their windows.

    Raises ConflictError where a window was changed since the plan was made.
    """
    if await windows.newest(connection) != plan.newest:
        raise ConflictError("windows were changed while the notices were read; import them again")
    done: list[Step] = []
    for step, request in plan.steps:
        if request is not None:
            made = await windows.request(connection, request)
            step = replace(step, window=made.number)
        elif step.word == "cancel" and step.window is not None:
            await windows.cancel(connection, step.window, who=who, why=step.why, now_ms=now_ms)
        done.append(step)
    return done
