"""The rules of a configuration with their examples, for people who look at them or try them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from alerts.rules.compiled import Rule
from alerts.rules.exampletext import ExampleText
from alerts.rules.load import EXAMPLES, load_examples, load_rules
from alerts.rulestried import Outcome, tried
from noc.app.includes import read_merged
from noc.app.paths import near
from noc.inventory.shipped import shipped
from noc.model.errors import InputError, UsageError
from noc.model.finding import did_you_mean


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules that are enabled and right, by name, and the examples of each."""

    rules: Mapping[str, Rule]
    examples: Mapping[str, tuple[ExampleText, ...]]

    def named(self, names: Sequence[str]) -> tuple[Rule, ...]:
        """Return these rules; all where none is named. Raises UsageError where there is no such rule."""
        for name in names:
            if name not in self.rules:
                raise UsageError(f"there is no rule '{name}'{did_you_mean(name, self.rules)}")
        return tuple(self.rules[name] for name in names or self.rules)

    def tried(self, rule: Rule) -> tuple[Outcome, ...]:
        """Return what comes of the examples of a rule."""
        return tuple(tried(rule, example) for example in self.examples.get(rule.name, ()))


def rule_folders(config: Path | None, environment: Mapping[str, str]) -> list[Path]:
    """Return the folders of rules: the shipped one, and that of a settings file. Raises InputError."""
    folders = [near(shipped("rules"))]
    if config is None:
        return folders
    own = read_merged(config, environment)[0].data.get("rules")
    return [*folders, near(config.parent / own)] if isinstance(own, str) else folders


def page_of(path: Path) -> Rulebook:
    """Return what stands in the file of one rule, and in that of its examples. Raises InputError."""
    beside = path.with_name(path.stem + EXAMPLES)
    return rulebook_of([path, beside] if beside.is_file() else [path])


def rulebook_of(folders: Sequence[Path]) -> Rulebook:
    """Return what stands in folders. Raises InputError with everything that is wrong with the files."""
    rules, findings = load_rules(folders)
    if wrong := [finding for finding in findings if finding.level == "error"]:
        raise InputError(wrong)
    return Rulebook(rules, load_examples(folders))
