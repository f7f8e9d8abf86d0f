"""What a test run finds around it: recordings of devices, servers, and what was left out for want of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

OWN_RECORDINGS = Path(__file__).parent / "walks"
IN_CI = os.environ.get("CI") == "true"
LEFT_OUT: dict[str, str] = {}


@dataclass(frozen=True)
class Recordings:
    """Recordings of real devices: our own, and those of other projects where they are at hand.

    snmprec: folder of the others, root: where also stands what is to be read from them; both None without them.
    """

    snmprec: Path | None
    root: Path | None

    @property
    def own(self) -> bool:
        """Return whether these are only the recordings that we made ourselves."""
        return self.root is None

    @property
    def folders(self) -> list[Path]:
        """Return the folders that recordings are in."""
        return [OWN_RECORDINGS] if self.snmprec is None else [OWN_RECORDINGS, self.snmprec]

    def paths(self) -> dict[str, Path]:
        """Return the files by name, which is also their community."""
        return {path.stem: path for folder in self.folders for path in sorted(folder.glob("*.snmprec"))}

    def names(self) -> list[str]:
        return sorted(self.paths())


def find_recordings() -> Recordings:
    """Return the recordings that NOC_RECORDINGS names, else our own. Set and empty is an error."""
    named = os.environ.get("NOC_RECORDINGS")
    if named is None:
        return Recordings(None, None)
    root = Path(named)
    folder = root / "snmprec" if (root / "snmprec").is_dir() else root
    if not named or not any(folder.glob("*.snmprec")):
        raise pytest.UsageError(f"NOC_RECORDINGS is '{named}', but no *.snmprec is there; unset it, or name the folder")
    return Recordings(folder, root)


def leave_out(what: str, why: str) -> None:
    """Skip a test for what this machine lacks; in CI that is a failure."""
    LEFT_OUT[what] = why
    if IN_CI:
        pytest.fail(f"{what} is missing: {why}; in CI nothing is left out")
    pytest.skip(f"{what}: {why}")
