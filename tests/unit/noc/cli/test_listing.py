"""The list of commands: made without importing one, and the same as if all were imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from noc import plugins
from noc.cli import _root
from noc.cli._listing import listed

WITHOUT_IMPORTS = """
import sys
from noc.cli._root import build
try:
    build(["--help"])(["--help"], prog_name="noc")
except SystemExit:
    print(sorted({"sqlalchemy", "aiohttp", "pydantic", "yaml", "numpy", "gufo", "paramiko"} & sys.modules.keys()))
"""


def said(capsys: pytest.CaptureFixture[str], asked: list[str] | None, *arguments: str) -> str:
    with pytest.raises(SystemExit):
        _root.build(asked)(list(arguments), prog_name="noc")
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.parametrize("arguments", [["--help"], ["chek", "run"], ["--no-such-option"], ["--version"]])
def test_what_is_listed_is_what_is_there(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert said(capsys, arguments, *arguments) == said(capsys, None, *arguments) != ""


def test_every_command_says_what_it_is_for() -> None:
    assert [name for name in plugins.names(_root.PACKAGE) if not listed(_root.PACKAGE, name).purpose] == []


@pytest.mark.parametrize("arguments", [["check", "--help"], ["--", "check", "--help"]])
def test_a_command_that_is_named_is_there(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert "Usage: noc check" in said(capsys, arguments, *arguments)


def test_the_list_imports_no_library_but_that_of_the_command_line() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_IMPORTS], capture_output=True, text=True, check=True)
    assert "Commands:" in run.stdout
    assert run.stdout.splitlines()[-1] == "[]"
