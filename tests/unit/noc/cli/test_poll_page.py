"""docs/reference/poll.md names each field of `noc poll --json`, each option, each kind: no more and no less."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
import typer.main

from noc.cli._root import build
from noc.model.reading import PartFailure
from noc.model.snapshot import (
    RECORD_FIELDS,
    SATELLITE_FIELDS,
    SENSOR_UNITS,
    Counters,
    DeviceIdentity,
    Interface,
    Sensor,
    SensorStatus,
)
from noc.pipeline.interfaces import OPER_STATUS
from noc.wire.snmp import AuthProtocol, PrivProtocol

PAGE = (Path(__file__).parents[4] / "docs" / "reference" / "poll.md").read_text()
SECTIONS = {
    heading.strip("# \n"): body
    for heading, body in zip(*[iter(re.split(r"^(#{2,4} .*\n)", PAGE, flags=re.MULTILINE)[1:])] * 2, strict=True)
}


def names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


EXPECTED: dict[str, Iterable[str]] = {
    "device": names(DeviceIdentity),
    "interfaces": names(Interface),
    "counters": names(Counters),
    "sensors": names(Sensor),
    "satellite": SATELLITE_FIELDS,
    "errors": names(PartFailure),
    **{name: keys for name, keys in RECORD_FIELDS.items() if not name.startswith("mpls_")},
    **{name.removeprefix("mpls_"): keys for name, keys in RECORD_FIELDS.items() if name.startswith("mpls_")},
}


@pytest.mark.parametrize("section", EXPECTED)
def test_a_section_has_a_row_for_each_field_in_their_order(section: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", SECTIONS[section], re.MULTILINE)
    assert [row[0] for row in rows] == list(EXPECTED[section])
    assert all(kind in {"text", "number", "integer", "boolean", "object"} for _, kind, _ in rows)
    assert all(len(meaning) >= 4 for _, _, meaning in rows)


def test_the_page_has_a_section_for_each_key_of_the_document() -> None:
    document = {"device", "interfaces", "sensors", "mpls", "satellite", "errors", "duration_ms"}
    document |= {name for name in RECORD_FIELDS if not name.startswith("mpls_")}
    assert document <= SECTIONS.keys()


def test_the_kinds_have_their_units() -> None:
    cells = [cell.strip() for line in SECTIONS["sensors"].splitlines() for cell in line.split("|")[1:-1]]
    told = {kind: unit for kind, unit in itertools.pairwise(cells) if kind in SENSOR_UNITS}
    told["percent"] = "percent"  # the kind, which is also the name of its unit
    assert told == {kind: unit or "–" for kind, unit in SENSOR_UNITS.items()}


@pytest.mark.parametrize("word", [*OPER_STATUS.values(), *get_args(SensorStatus)])
def test_the_page_names_every_status(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_page_names_every_option_and_its_default() -> None:
    command = typer.main.get_command(build(["poll"])).commands["poll"]  # type: ignore[attr-defined]
    rows = dict(re.findall(r"^\| (`--.*?) \| .* \| (.*?) ?\|$", PAGE, re.MULTILINE))
    told = {option: default for options, default in rows.items() for option in re.findall(r"`(--[\w-]+)`", options)}
    known = {name: option for option in command.params for name in option.opts if name.startswith("--")}
    assert told.keys() == known.keys()
    for name, option in known.items():
        if option.default not in (None, False) and not option.is_flag:
            assert told[name] == f"{option.default:g}" if isinstance(option.default, float) else str(option.default)


@pytest.mark.parametrize("protocol", [*get_args(AuthProtocol), *get_args(PrivProtocol)])
def test_the_page_names_every_protocol(protocol: str) -> None:
    assert protocol in PAGE
