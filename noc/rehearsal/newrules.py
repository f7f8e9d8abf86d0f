"""The rules of a configuration with a file of them changed, or with another folder of one's own. Nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from alerts.rules.compiled import Rules
from alerts.rules.load import EXAMPLES, Known, load_rules
from noc.app.check import CheckResult
from noc.app.rulebook import rule_folders
from noc.inventory.inventory import Inventory
from noc.model.errors import InputError, UsageError
from noc.model.finding import Finding


def new_rules(
    checked: CheckResult, config: Path, what: Path, environment: Mapping[str, str] = os.environ
) -> tuple[Rules, tuple[Finding, ...]]:
    """Return the rules as they would be, and warnings.

    what: a file, which is put beside those there are, in the place of the one of its name; or a folder, which takes the
    place of one's own. What it doesn't touch is the very rule of `checked`. Raises InputError, UsageError.
    """
    if checked.inventory is None or checked.settings is None:
        raise InputError(checked.findings)
    if not what.exists():
        raise UsageError(f"{what}: there is no such file or folder; name a rule's file, or a folder of them")
    if what.is_file() and (what.suffix != ".yaml" or what.name.endswith(EXAMPLES)):
        raise UsageError(f"{what}: a rule's file ends in .yaml, and is no file of examples")
    shipped, *own = rule_folders(config, environment)
    folders = [shipped, *own, what] if what.is_file() else [shipped, what]
    touched = _names(what) if what.is_file() else {name for folder in (*own, what) for name in _names(folder)}
    known = _known(checked.inventory, checked.settings.alerts.policies)
    loaded, findings = load_rules(folders, known)
    if wrong := [finding for finding in findings if finding.level == "error"]:
        raise InputError(wrong)
    kept = [rule for rule in checked.rules.all if rule.name not in touched]
    rules = Rules([*kept, *(rule for name, rule in loaded.items() if name in touched)])
    return rules, tuple(one for one in findings if Path(one.file).parent == what or Path(one.file) == what)


def _names(path: Path) -> set[str]:
    files = [path] if path.is_file() else [one for one in path.glob("*.yaml") if not one.name.endswith(EXAMPLES)]
    return {one.stem for one in files}


def _known(inventory: Inventory, policies: Mapping[str, object]) -> Known:
    return Known(
        devices=inventory.devices,
        device_tags={tag for one in inventory.devices.values() for tag in one.tags},
        sites=inventory.sites,
        site_classes={one.site_class for one in inventory.sites.values()},
        regions=inventory.regions,
        policies=policies,
    )
