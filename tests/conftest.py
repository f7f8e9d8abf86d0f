"""What all tests share: where recordings are, and what was left out on this machine."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.surroundings import LEFT_OUT, Recordings, find_recordings
from tests.units import UNITS, folders, part

# `make unit` tries very few examples of each property, CI and single files a few, `make slow` many.
settings.register_profile("quick", max_examples=3, deadline=None)
settings.register_profile("usual", max_examples=10, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

# Compiled profiles are kept here, not in the home of who runs the tests.
os.environ.setdefault("CACHE_DIRECTORY", str(Path(__file__).parents[1] / ".cache"))

gc.disable()  # until all is collected, see pytest_collection_finish


@pytest.fixture(scope="session")
def recordings() -> Recordings:
    """The recordings that tests read."""
    return find_recordings()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--units", action="store_true", help="run tests of units alone: no database, server or process")
    parser.addoption("--part", metavar="K/N", default="1/1", help="with --units: run the Kth of N parts of their files")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is not asked for; whole folders too, as what their conftest.py imports takes a second."""
    if not config.getoption("--units"):
        return None
    number, parts = map(int, config.getoption("--part").split("/"))
    if collection_path.name.startswith("test_") and collection_path.suffix == ".py":
        return None if collection_path in part(number, parts) else True
    if not collection_path.is_relative_to(UNITS) or not collection_path.is_dir():
        return None
    return None if collection_path in folders(number, parts) else True


def pytest_configure(config: pytest.Config) -> None:
    find_recordings()  # an empty NOC_RECORDINGS stops the run before the first test


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take what lives until the end out of the sight of Python's collector of cycles.

    Half a million objects (libraries, tests) are no garbage; looking at them again and again took a fifth of the time.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = find_recordings()
    where = "tests/walks alone, made by ourselves (NOC_RECORDINGS is not set)"
    if not found.own:
        where = f"{found.root} and tests/walks"
    terminalreporter.write_line(f"recordings: {len(found.names())} devices from {where}")
    for what, why in sorted(LEFT_OUT.items()):
        terminalreporter.write_line(f"left out: {what}: {why}")
