"""Paths in messages: as people gave them, near where they stand, and without detours."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.paths import near

from .conftest import CLEAN, Checking


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    (folder / "c" / "deep").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("c/../st", "st"),
        ("c/../../st", "../st"),
        ("c/deep/../x", "c/x"),
        ("../c/noc.yaml", "../c/noc.yaml"),
        ("/etc/noc/../x", "/etc/x"),
        ("c/noc.yaml", "c/noc.yaml"),
        ("c/\0/../x", "c/\0/../x"),
    ],
)
def test_detours_are_left_out(here: Path, path: str, shown: str) -> None:
    assert here.is_dir()
    assert str(near(Path(path))) == shown


def test_what_is_below_the_current_folder_is_shown_from_there(here: Path) -> None:
    assert near(here / "c" / ".." / "st") == Path("st")
    assert near(here.parent / "other") == here.parent / "other"


def test_in_the_root_folder_paths_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert near(Path("/etc/noc/noc.yaml")) == Path("/etc/noc/noc.yaml")


def test_behind_a_symbolic_link_the_detour_is_another_folder(here: Path) -> None:
    (here / "link").symlink_to(here / "c" / "deep")
    assert near(Path("link/../x")) == Path("c/x")


def test_a_folder_that_is_gone_is_no_matter(here: Path) -> None:
    (here / "c" / "deep").rmdir()
    (here / "c").rmdir()
    here.rmdir()
    assert near(Path("/etc/noc/../x")) == Path("/etc/x")


def test_the_check_shows_no_detours(checking: Checking) -> None:
    found = checking.messages({"noc.yaml": CLEAN["noc.yaml"] + "rules: x/../nowhere\n"})
    assert [message.partition("error: ")[2] for message in found] == ["no such folder: nowhere"]
