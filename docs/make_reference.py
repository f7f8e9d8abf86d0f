"""Writes the tables of the reference pages from the models, so that they can't drift from the code.

    python docs/make_reference.py            write them anew
    python docs/make_reference.py --check    say which page is out of date (exit 1)

A page is written by hand; a table stands between `<!-- table: NAME -->` and `<!-- end -->`.
"""  # noqa: INP001 a script, no package

from __future__ import annotations

import re
import sys
import typing
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from alerts.rules.compiled import DownRule, ExpressionRule, Rule
from alerts.rules.eventrule import EventRule
from alerts.rules.load import load_rules
from alerts.rules.measurements import FOR_RULES
from alerts.rules.text import RuleText
from docs.reference_classes import classes, promised
from docs.reference_fields import written_below
from docs.reference_words import MODELS, choices, type_words
from noc.inventory.layers import BUILT_IN, DEVICE_CLASSES, WATCH_KEYS, WatchText
from noc.inventory.profiles.cli import load_cli
from noc.inventory.shipped import shipped
from noc.inventory.ssh import CliCheck
from noc.settings.schema import format_duration

FOLDER = Path(__file__).parent / "reference"


def table(model: type[BaseModel]) -> str:
    """Return the table of a model's properties, or of another name that pages know."""
    lines = ["| key | what it holds | default | |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if name == "id" or name in _told_elsewhere(model):
            continue
        key = field.alias or name
        words = type_words(field.annotation, field.metadata)
        lines.append(f"| `{key}` | {words} | {_default(model, name)} | {_escaped(written_below(model, name))} |")
    return "\n".join(lines)


def _told_elsewhere(model: type[BaseModel]) -> Iterable[str]:
    """Return the keys that stand in the table of the model that this one extends."""
    if issubclass(model, WatchText) and model is not WatchText:
        return WATCH_KEYS
    return RuleText.model_fields if issubclass(model, RuleText) and model is not RuleText else ()


def shipped_rules() -> str:
    """Return the table of the rules that noc brings along."""
    lines = ["| rule | raised when | for | severity | devices |", "|---|---|---|---|---|"]
    rules, _ = load_rules([shipped("rules")])
    for name, rule in rules.items():
        lasting = format_duration(timedelta(milliseconds=rule.hold_ms)) if rule.hold_ms else "at once"
        classes = choices(tuple(sorted(rule.selection.classes))) or "all"
        lines.append(f"| `{name}` | {_condition(rule)} | {lasting} | {rule.severity} | {classes} |")
    return "\n".join(lines)


PROOFS = {"recording": "R", "living": "L", "library": "T", "documentation": "D"}


def command_lines() -> str:
    """Return the table of what can be asked by SSH of each platform, and what that rests on."""
    checks = typing.get_args(CliCheck)
    lines = [f"| platform | {' | '.join(checks)} |", "|---" * (len(checks) + 1) + "|"]
    for name, known in sorted(load_cli([shipped("profiles")])[0].items()):
        found = {check: {one.proof for one in known.commands if check in one.checks} for check in checks}
        cells = (" ".join(PROOFS[proof] for proof in PROOFS if proof in found[check]) for check in checks)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _condition(rule: Rule) -> str:
    if isinstance(rule, ExpressionRule):
        when, _, clear = rule.program.text.partition(" | ")
        return f"`{when}`; cleared when {f'`{clear}`' if clear else 'not'}"
    if isinstance(rule, EventRule):
        many = format_duration(timedelta(milliseconds=rule.within_ms))
        what = "events" if rule.distinct is None else f"different {rule.distinct}s"
        ends = f"; over after {format_duration(timedelta(milliseconds=rule.clear_after_ms))} without one"
        came = f"{rule.count} {what} of a {rule.per} in {many}" if rule.count > 1 else f"an event, of a {rule.per}"
        return came + ends
    if isinstance(rule, DownRule):
        return "the device is down" if "device" in rule.of else f"{choices(tuple(sorted(rule.of)))} is down"
    tags = ", ".join(f"{tag} `{value}`" for tag, value in rule.tags)
    series = f"`{rule.measurement}` `{rule.field}`{f' ({tags})' if tags else ''}"
    skipped = f", not {' or '.join(f'{number:g}' for number in sorted(rule.skip))}" if rule.skip else ""
    raised, cleared = ("or more", "or less") if rule.side == "above" else ("or less", "or more")
    unit = f" {rule.unit.replace('_', ' ')}" if rule.unit else ""
    return f"{series} is {rule.raise_at:g}{unit} {raised}{skipped}; cleared at {rule.clear_at:g} {cleared}"


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if name == "name" and "id" in model.model_fields:
        return ""  # the loader fills in the id
    if field.is_required():
        return "required"
    value = getattr(BUILT_IN, name) if model is WatchText else field.default
    if value in (None, ()) or field.default_factory is not None or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        if name == "days" or any(isinstance(one, BaseModel) for one in value):
            return ""  # the words beside it say which
        return f"`{' '.join(map(str, value))}`"
    return f"`{format_duration(value) if isinstance(value, timedelta) else value}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def rule_series() -> str:
    """Return the table of what rules alone may look at."""
    lines = ["| measurement | fields | tags | of |", "|---|---|---|---|"]
    for name, one in FOR_RULES.items():
        fields = ", ".join(f"`{field}`{f' ({unit})' if unit else ''}" for field, unit in one.fields.items())
        lines.append(f"| `{name}` | {fields} | {choices(one.tags)} | {choices(one.of)} |")
    return "\n".join(lines)


WRITTEN = {
    "ShippedRules": shipped_rules,
    "RulesByClass": classes,
    "RulesPromised": promised,
    "CommandLines": command_lines,
    "RuleSeries": rule_series,
}


def rendered(page: str) -> str:
    """Return a page with its tables written anew."""

    def write(match: re.Match[str]) -> str:
        return f"<!-- table: {match[1]} -->\n\n{_named(match[1])}\n\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", write, page, flags=re.DOTALL)


def _named(name: str) -> str:
    if name in WRITTEN:
        return WRITTEN[name]()
    return choices(DEVICE_CLASSES) if name == "DeviceClass" else table(MODELS[name])


def pages() -> list[Path]:
    """Return the pages that have tables of models."""
    return [path for path in sorted(FOLDER.glob("*.md")) if "<!-- table: " in path.read_text()]


def main() -> None:
    """Write the pages, or with --check say which would change."""
    stale = [path for path in pages() if rendered(path.read_text()) != path.read_text()]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"{path} is out of date: run python docs/make_reference.py\n")
        sys.exit(bool(stale))
    for path in stale:
        path.write_text(rendered(path.read_text()))


if __name__ == "__main__":
    main()
