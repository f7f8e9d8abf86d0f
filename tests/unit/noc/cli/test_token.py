"""`noc token` makes keys of walls: they may see, and don't end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from noc.cli.token import app
from noc.model.errors import UsageError
from tests.database import empty_database

RUN = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "inventory").mkdir()
    (tmp_path / "noc.yaml").write_text("state_dir: state\n")

    async def begin() -> None:
        database = empty_database(tmp_path / "state" / "noc.db")
        await database.start()
        await database.stop()

    asyncio.run(begin())
    return tmp_path / "noc.yaml"


def test_a_key_of_a_wall_may_see_and_does_not_end(config: Path) -> None:
    made = RUN.invoke(app, ["add", "wall-geneva", "--wall", "--config", str(config)])
    assert made.exit_code == 0, made.output
    assert "/wall?key=" in made.stderr
    assert made.stdout.startswith("noc_")
    listed = RUN.invoke(app, ["list", "--json", "--config", str(config)])
    (one,) = json.loads(listed.stdout)
    assert (one["role"], one["rights"], one["expires"]) == ("viewer", ["see"], None)


def test_other_tokens_end_after_a_year(config: Path) -> None:
    assert RUN.invoke(app, ["add", "grafana", "--config", str(config)]).exit_code == 0
    (one,) = json.loads(RUN.invoke(app, ["list", "--json", "--config", str(config)]).stdout)
    assert one["rights"] is None
    assert one["expires"] is not None


@pytest.mark.parametrize(
    "more", [["--role", "admin"], ["--right", "handle"], ["--speaks-for"]], ids=lambda more: more[0]
)
def test_a_key_of_a_wall_may_nothing_else(config: Path, more: list[str]) -> None:
    refused = RUN.invoke(app, ["add", "wall", "--wall", *more, "--config", str(config)])
    assert isinstance(refused.exception, UsageError)
    assert "--wall may see and nothing else" in str(refused.exception)
