"""`noc profile list`, and what is said of a profile that there is not."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from noc.cli import profile as command
from noc.cli._agent import unknown_profile
from noc.inventory.profiles.compiled import Profile

KNOWN = [Profile(name, title, (), {}, (), ()) for name, title in (("ups", "Any UPS"), ("generic", "Any SNMP device"))]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    # All shipped ones take seconds to compile.
    monkeypatch.setattr(command, "profiles_with", lambda _: {one.name: one for one in KNOWN})


def run(*arguments: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(command.app, ["list", *arguments])
    return found.exit_code, found.stdout, found.stderr


def test_profiles_are_listed_by_name() -> None:
    assert run() == (0, "generic  Any SNMP device\nups      Any UPS\n", "")
    assert run("SNMP") == (0, "generic  Any SNMP device\n", "")


def test_as_json() -> None:
    code, out, _ = run("up", "--json")
    assert (code, json.loads(out)) == (0, [{"name": "ups", "title": "Any UPS"}])


def test_nothing_found_is_said() -> None:
    assert run("zzz") == (0, "", "No profile has 'zzz' in its name or title.\n")


def test_an_unknown_profile_is_told_with_the_nearest_or_with_how_to_list_all() -> None:
    names = [f"family-{number}" for number in range(200)] + ["cisco-iosxe"]
    assert unknown_profile("cisco-iosxz", names) == "unknown profile 'cisco-iosxz' (did you mean 'cisco-iosxe'?)"
    assert unknown_profile("x", names) == "unknown profile 'x'; `noc profile list` lists all"
