"""From tables of samples to the numbers that one rule must look at. Pure.

This runs on every sample of every device: a number that is well costs one comparison.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from alerts.rules.compiled import ThresholdRule
from alerts.rules.measurements import ASKED
from noc.model.incident import Facts
from noc.model.samples import Samples

Key = tuple[str, ...]
"""The tags that tell a series of a device from its others, in the order of Measurement.key."""


class Number(NamedTuple):
    """The worst number of the rows that have one key; None where none of them has a number. tags: of that row.

    superseded: another field tells more of it, so that the rule doesn't hold. shown: what an expression tells of it.
    """

    value: float | None
    tags: Mapping[str, str]
    superseded: bool = False
    shown: Facts = MappingProxyType({})


def numbers(rule: ThresholdRule, tables: Sequence[Samples], *, whole: bool) -> dict[Key, Number]:
    """Return the numbers of the rows that a rule asks for, by key.

    tables: of the rule's measurement and of one time. whole: of all rows; else only of those that are at the limit for
    raising or beyond.
    """
    found: dict[Key, Number] = {}
    for table in tables:
        if rule.field not in table.field_keys:
            continue
        column = table.field_keys.index(rule.field)
        rows = range(len(table.values)) if whole else _beyond(rule, table, column)
        if rows:
            _add(found, rule, table, column, rows)
    return found


def _beyond(rule: ThresholdRule, table: Samples, column: int) -> list[int]:
    limit = rule.raise_at
    if rule.side == "above":
        found = [n for n, row in enumerate(table.values) if (value := row[column]) is not None and value >= limit]
    else:
        found = [n for n, row in enumerate(table.values) if (value := row[column]) is not None and value <= limit]
    if found and rule.skip:
        found = [n for n in found if table.values[n][column] not in rule.skip]
    if found and rule.unless is not None:
        return [n for n in found if not _is_superseded(rule, table, n)]
    return found


def _is_superseded(rule: ThresholdRule, table: Samples, row: int) -> bool:
    if rule.unless is None or rule.unless not in table.field_keys:
        return False
    other = table.values[row][table.field_keys.index(rule.unless)]
    return other is not None and math.isfinite(other)


def _add(found: dict[Key, Number], rule: ThresholdRule, table: Samples, column: int, rows: Sequence[int]) -> None:
    measurement = ASKED[rule.measurement]
    positions = {tag: table.tag_keys.index(tag) for tag in measurement.tags if tag in table.tag_keys}
    for n in rows:
        tags = table.tags[n]
        told = {tag: tags[position] for tag, position in positions.items()}
        if any(told.get(tag) != value for tag, value in rule.tags):
            continue
        if any(pattern.match(told.get(tag, "")) for tag, pattern in rule.left_out):
            continue
        key = tuple(told.get(tag, "") for tag in measurement.key)
        if _is_superseded(rule, table, n):
            found.setdefault(key, Number(None, told, superseded=True))
            continue
        value = table.values[n][column]
        if value is not None and (value in rule.skip or not math.isfinite(value)):
            value = None
        known = found.get(key)
        if known is not None and known.superseded:
            known = None
        if known is None or known.value is None or (value is not None and rule.worse(value, known.value)):
            found[key] = Number(value, told)
