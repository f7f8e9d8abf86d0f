"""One daemon on one state folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from noc.model.errors import UsageError
from noc.state.claim import Claim
from noc.state.database import StateError


async def test_a_second_daemon_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    first, second = Claim(tmp_path / "state"), Claim(tmp_path / "state")
    await first.start()
    with pytest.raises(UsageError, match=rf"state: noc runs on this state already \(process {os.getpid()}\): stop it"):
        await second.start()
    await first.stop()
    await second.start()
    await second.stop()


async def test_other_folders_are_free(tmp_path: Path) -> None:
    claims = [Claim(tmp_path / name) for name in ("one", "two")]
    for claim in claims:
        await claim.start()
    for claim in claims:
        await claim.stop()


async def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StateError, match="file: can't make the folder of the state: file exists; name another state_dir"
    ):
        await Claim(tmp_path / "file").start()
