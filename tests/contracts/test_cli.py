"""What is shipped for SSH: every command has a template, every column that is used stands in it, all of it compiles."""

from __future__ import annotations

import re
from pathlib import Path

import ntc_templates
import pytest
import textfsm
from textfsm import clitable

from noc.inventory.profiles.cli import CliCommand, load_cli
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.command import PLATFORMS
from noc.wire.cliparser import _FAMILIES

OWN = shipped("profiles") / "cli"
THEIRS = Path(ntc_templates.__file__).parent / "templates"
CATALOGUE, FINDINGS = load_cli([shipped("profiles")])
COMMANDS = [(platform, one) for platform, known in CATALOGUE.items() for one in known.commands]
INDEX = clitable.CliTable("index", str(THEIRS)).index


def template(platform: str, one: CliCommand) -> Path:
    family = CATALOGUE[platform].templates or _FAMILIES[platform]
    name = one.template or f"{family}_{re.sub('[ /]', '_', one.command.text)}"
    if (OWN / f"{name}.textfsm").exists():
        return OWN / f"{name}.textfsm"
    if one.template is not None:
        return THEIRS / f"{name}.textfsm"
    row = INDEX.GetRowMatch({"Platform": family, "Command": one.command.text})
    assert row, f"no template for {one.command} on {platform}"
    return THEIRS / INDEX.index[row]["Template"]


def test_the_files_are_right_and_of_every_platform() -> None:
    assert FINDINGS == []
    assert set(CATALOGUE) >= set(PLATFORMS)


@pytest.mark.parametrize(("platform", "one"), COMMANDS, ids=lambda value: str(getattr(value, "command", value)))
def test_every_column_stands_in_the_template(platform: str, one: CliCommand) -> None:
    with template(platform, one).open() as file:
        columns = {name.lower() for name in textfsm.TextFSM(file).header}
    assert set(one.columns) <= columns


def test_what_rests_on_the_tests_of_ntc_templates_is_read_by_its_template() -> None:
    library = {
        f"{platform}: {one.command}": template(platform, one) for platform, one in COMMANDS if one.proof == "library"
    }
    assert {name for name, path in library.items() if path.parent != THEIRS} == set()


def test_no_template_of_ours_is_left_alone() -> None:
    used = {template(platform, one) for platform, one in COMMANDS}
    assert {path for path in OWN.glob("*.textfsm") if path not in used} == set()


def test_no_command_is_asked_twice_and_every_one_means_something() -> None:
    for known in CATALOGUE.values():
        assert len({one.command for one in known.commands}) == len(known.commands)
        assert all(one.reads.identity or one.reads.sensors or any(one.reads.records.values()) for one in known.commands)


def test_profiles_name_the_command_line_of_their_family() -> None:
    profiles, _ = kept_profiles([shipped("profiles")])
    named = {name: profile.cli for name, profile in profiles.items() if profile.cli is not None}
    assert named["cisco-ios"] == "cisco-ios"
    assert named["juniper-junos"] == "juniper-junos"
    assert set(PLATFORMS) - set(named.values()) <= {"frr"}
