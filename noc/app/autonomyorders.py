"""What alerting goes by at a poller that calls people by itself: rules, people and notifiers of its plan."""

from __future__ import annotations

import logging
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Final

from alerts.oncallcalendar import with_calendars
from alerts.rules.compiled import ExpressionRule, Rule, Rules
from alerts.rules.load import load_rules
from noc import plugins
from noc.app.alerting import NOTIFIERS, Orders, notifiers_of
from noc.app.autonomyplan import paths_of
from noc.app.includes import Merged, read_merged
from noc.app.pollerplan import PollerPlan, write_whole
from noc.app.pollersettings import PollerGroup
from noc.bus.plans import SETTINGS
from noc.clock import Clock
from noc.inventory.shipped import shipped
from noc.model.errors import InputError
from noc.model.instants import to_ms
from noc.settings.written import mapping

log = logging.getLogger(__name__)

FILES: Final = "files"


def group_of(plan: PollerPlan, group: str) -> PollerGroup | None:
    """Return the group of a plan, where its pollers call people by themselves; else None."""
    known = plan.settings.pollers.groups.get(group)
    return known if known is not None and known.autonomy else None


def orders_of(plan: PollerPlan, group: PollerGroup, folder: Path, clock: Clock) -> Orders:
    """Return what alerting goes by. folder: for files that must outlive the plan's own folder.

    Reads and writes files: run it in a thread. Raises InputError, SecretError, OSError.
    """
    merged, _, unread = read_merged(plan.folder / SETTINGS, {})
    if unread:
        raise InputError(unread)
    settings, wrong = with_calendars(plan.settings.alerts, plan.folder, to_ms(clock.now()), merged)
    for finding in wrong:
        log.error("%s", finding)
    _keep_files(merged, plan.folder, folder / FILES)
    notifiers = notifiers_of(merged, settings.notifiers, plan.folder, clock)
    return Orders(Rules(_rules(plan, group)), settings, notifiers)


def _rules(plan: PollerPlan, group: PollerGroup) -> list[Rule]:
    """Return the rules that can be judged by what is seen here alone."""
    own = plan.settings.rules
    folders = [shipped("rules"), *(() if own is None else (plan.folder / own,))]
    found, wrong = load_rules(folders)
    for finding in wrong:
        log.error("%s", finding)
    kept = [rule for rule in found.values() if not needs_history(rule)]
    if len(kept) < len(found):
        left = ", ".join(sorted(rule.name for rule in found.values() if needs_history(rule)))
        log.info("judged by the centre alone, as they compare with weeks of numbers: %s", left)
    if group.autonomy_policy is None:
        return kept
    return [replace(rule, policy=None) for rule in kept]


def needs_history(rule: Rule) -> bool:
    """Tell whether a rule compares with what a poller doesn't have: it is judged by the centre alone."""
    return isinstance(rule, ExpressionRule) and (bool(rule.program.learns) or rule.kind == "burn")


def _keep_files(merged: Merged, folder: Path, into: Path) -> None:
    """Copy files that notifiers name to where they stay: a plan's folder goes with it. Raises OSError."""
    notifiers = mapping(mapping(merged.data, "alerts"), "notifiers")
    kept: set[Path] = set()
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, written in notifiers.items():
        kind = written.get("kind", name) if isinstance(written, dict) else None
        if not isinstance(written, dict) or not isinstance(kind, str) or kind not in plugins.names(NOTIFIERS):
            continue
        for key in paths_of(plugins.load(NOTIFIERS, kind).Settings):
            path = written.get(key)
            if isinstance(path, str):
                octets = (folder / path).read_bytes()
                there = into / f"{blake2b(octets, digest_size=8).hexdigest()}.pem"
                if not there.exists():
                    write_whole(there, octets)
                written[key] = str(there.absolute())
                kept.add(there)
    for old in into.iterdir():
        if old not in kept:
            old.unlink()
