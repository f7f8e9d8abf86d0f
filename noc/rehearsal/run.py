"""A rehearsal from its file to its answer."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from noc.app.check import CheckResult
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.rehearsal.answer import Outcome, outcome_of
from noc.rehearsal.mistakes import all_mistakes
from noc.rehearsal.play import Play, Share, nobody
from noc.rehearsal.scenario import Scenario
from noc.rehearsal.steps import Step, steps_of
from noc.settings.schema import validate
from noc.settings.yamltext import Document
from noc.state.past import NO_PLANS, Plans


@dataclass(frozen=True, slots=True)
class Script:
    """A scenario that fits a configuration, and where it is written. findings: warnings."""

    scenario: Scenario
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    document: Document


def script_of(document: Document, checked: CheckResult) -> Script:
    """Return a scenario, ready to be played.

    Raises InputError with all that is wrong with it, or with the settings where these can't be used.
    """
    if checked.settings is None or checked.inventory is None or not checked.ok:
        raise InputError(checked.findings)
    inventory, settings = checked.inventory, checked.settings

    def steps(scenario: Scenario) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
        return steps_of(scenario, document, inventory, settings.alerts, settings.polling.poller)

    try:
        scenario = validate(Scenario, document)
    except InputError as error:
        raise all_mistakes(document, error, steps) from error
    return Script(scenario, *steps(scenario), document)


def rehearse(
    checked: CheckResult,
    script: Script,
    until_ms: int | None = None,
    plans: Plans = NO_PLANS,
    tell: Share | None = None,
) -> Outcome:
    """Play a scenario and return what came of it. Needs no running event loop. Raises StateError.

    plans: windows, overrides and hand-overs of a daemon. tell: is given the share of its time that is played.
    """
    return asyncio.run(_rehearse(checked, script, until_ms, plans, tell or nobody))


async def _rehearse(checked: CheckResult, script: Script, until_ms: int | None, plans: Plans, tell: Share) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="noc-rehearsal-") as folder:
        play = Play(checked, script.scenario, script.steps, Path(folder), plans)
        try:
            await play.run(until_ms, tell)
            return await outcome_of(play)
        finally:
            await play.stage.stop()
