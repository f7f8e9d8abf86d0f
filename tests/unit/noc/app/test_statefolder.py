"""A state folder that can't be used: who is told what, and nothing is left behind by asking."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from noc.app.check import check
from noc.app.demo import DemoOptions, demo
from noc.app.run import run
from noc.app.statefile import state_file
from noc.app.statefolder import make_usable, unusable
from noc.clock import SystemClock
from noc.model.errors import InputError, UsageError

from .conftest import CLEAN, Checking

NOBODY = 65534


@pytest.fixture
def unprivileged(checking: Checking) -> Iterator[None]:
    """Do the test, in the folder of now, as somebody whom permissions hold for: root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    checking.folder.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def guarded(checking: Checking) -> Path:
    """A folder that nobody may write to, with settings beside it that name a folder in it."""
    checking.write({"noc.yaml": f"state_dir: guarded/state\n{CLEAN['noc.yaml']}"})
    (checking.folder / "guarded").mkdir(mode=0o555)
    return Path("guarded")


def test_a_folder_is_made_with_its_parents_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert unusable(folder) is None
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.iterdir()) == []


def test_a_file_in_its_place_is_an_error_of_check(checking: Checking) -> None:
    settings = {"noc.yaml": f"state_dir: state\n{CLEAN['noc.yaml']}", "state": "x"}
    expected = (
        "noc.yaml:1:12: error: state_dir: state is a file, not a folder: move it away, or name another folder here"
    )
    assert checking.messages(settings) == [expected]
    with pytest.raises(InputError) as caught:
        asyncio.run(run(checking.folder / "noc.yaml", SystemClock(), print))
    assert str(caught.value) == expected
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("what", ["ledger", "state"])
def test_a_file_in_its_place_is_told_to_commands_beside_the_daemon(checking: Checking, what: str) -> None:
    checking.write({"noc.yaml": f"state_dir: x/state\n{CLEAN['noc.yaml']}", "x": ""})
    with pytest.raises(InputError) as caught:
        state_file(Path("noc.yaml"), {}, what)
    assert str(caught.value) == (
        "noc.yaml:1:12: error: state_dir: x/state/noc.db: x is a file, not a folder: move it away; "
        "or name the folder of the running noc here"
    )


def test_a_state_that_is_not_there_yet(checking: Checking) -> None:
    checking.write({"noc.yaml": f"state_dir: missing/state\n{CLEAN['noc.yaml']}"})
    with pytest.raises(UsageError, match=r"missing/state/noc.db: there is no ledger yet; `noc run` makes it"):
        state_file(Path("noc.yaml"), {}, "ledger")


def test_a_state_of_wrong_settings(checking: Checking) -> None:
    checking.write({"noc.yaml": "state_dir: 7\n"})
    with pytest.raises(InputError, match=r"noc.yaml:1:12: error: state_dir: must be text, not 7"):
        state_file(Path("noc.yaml"), {}, "ledger")


def test_a_folder_that_may_not_be_made(guarded: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("unprivileged")
    with pytest.raises(InputError) as caught:
        asyncio.run(run(Path("noc.yaml"), SystemClock(), print))
    assert str(caught.value) == (
        f"noc.yaml:1:12: error: state_dir: {guarded}/state: noc may not write to {guarded}/state: "
        "let it be owned by the user that runs noc; or name another folder here"
    )
    assert caught.value.exit_code == 2


def test_a_folder_that_may_not_be_written_to(guarded: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("unprivileged")
    assert unusable(guarded) == f"noc may not write to {guarded}: let it be owned by the user that runs noc"


def test_a_state_of_somebody_else(checking: Checking, request: pytest.FixtureRequest) -> None:
    checking.write({"noc.yaml": f"state_dir: state\n{CLEAN['noc.yaml']}", "state/noc.db": ""})
    (checking.folder / "state" / "noc.db").chmod(0o444)
    (checking.folder / "state").chmod(0o555)
    request.getfixturevalue("unprivileged")
    told = "noc.yaml:1:12: error: state_dir: {0}noc may not write to state/noc.db: let it be owned"
    with pytest.raises(InputError) as caught:
        make_usable(check(Path("noc.yaml"), {}))
    assert str(caught.value).startswith(told.format("state: "))
    with pytest.raises(InputError) as caught:
        state_file(Path("noc.yaml"), {}, "ledger")
    assert str(caught.value).startswith(told.format("state/noc.db: "))


def test_a_folder_that_the_kernel_refuses() -> None:
    reason = unusable(Path("/proc/noc/state"))
    assert reason is not None
    assert reason.startswith(os.strerror(errno.ENOENT).lower())
    assert "make the folder for noc" in reason


@pytest.mark.parametrize(("folder", "told"), [("x", "is a file, not a folder"), ("x/y", "x is a file, not a folder")])
def test_the_demo_names_its_option(tmp_path: Path, folder: str, told: str) -> None:
    (tmp_path / "x").write_text("")
    options = DemoOptions(tmp_path / folder, 0, 1, 2, 1, True)
    with pytest.raises(UsageError, match=f"--state-dir {tmp_path}/{folder}: .*{told}: move it away; or name another"):
        asyncio.run(demo(options, SystemClock(), lambda _: None, print))


def test_what_is_wrong_elsewhere_keeps_nobody_from_the_state(checking: Checking) -> None:
    wrong = {"noc.yaml": "state_dir: state\nhtpp: 1\ninventory: 7\n", "state/noc.db": ""}
    assert checking.messages(wrong)
    assert state_file(Path("noc.yaml"), {}, "state") == Path("state/noc.db")


def test_a_file_that_can_not_be_read_may_say_where_the_state_is(checking: Checking) -> None:
    checking.write({"noc.yaml": "include: [more.yaml]\n", "more.yaml": "state_dir: [\n"})
    with pytest.raises(InputError, match=r"more.yaml"):
        state_file(Path("noc.yaml"), {}, "state")
