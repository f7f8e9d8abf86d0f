"""Which tests are of units alone: `make unit` is for every few minutes; it must not grow slow, nor leave much out."""

from __future__ import annotations

import pytest

from tests.units import ROOT, is_of_units, part

ALL = sorted((ROOT / "tests" / "unit").rglob("test_*.py"))


@pytest.mark.parametrize(
    ("file", "of_units"),
    [
        ("unit/noc/test_clock.py", True),
        ("unit/alerts/rules/language/test_language.py", True),  # beside a conftest.py whose fixtures it doesn't name
        ("unit/noc/state/test_committer.py", False),  # it imports the database
        ("unit/noc/state/test_incidents.py", False),  # it names the fixture of its conftest.py
        ("unit/noc/api/test_incidents.py", False),  # what it imports of the tests has a web server
        ("unit/noc/wire/test_snmp_frame.py", False),  # it starts a process
        ("unit/noc/cli/test_spool.py", False),  # it calls the whole command line
        ("unit/noc/cli/test_console.py", True),
        ("unit/noc/store/embedded/test_rolling.py", False),  # it writes a store to disk
        ("unit/noc/store/embedded/test_codec.py", True),
    ],
)
def test_what_a_file_imports_tells(file: str, of_units: bool) -> None:
    assert (ROOT / "tests" / file).is_file()
    assert is_of_units(ROOT / "tests" / file) is of_units


def test_half_of_all_files_are_of_units() -> None:
    assert sum(map(is_of_units, ALL)) * 2 > len(ALL)


@pytest.mark.parametrize("parts", [1, 2, 3, 16])
def test_each_file_of_units_is_in_one_part(parts: int) -> None:
    chosen = [file for number in range(1, parts + 1) for file in part(number, parts)]
    assert sorted(chosen) == [file for file in ALL if is_of_units(file)]
