"""`python -m noc.app.profilewarming FOLDER`: compiles profiles into the cache, and ends.

FOLDER: of a poller's plan; its own profiles count too. What is wrong with them is told by whoever reads them next.
"""

from __future__ import annotations

import sys
from pathlib import Path

from noc.app.includes import read_merged
from noc.app.pollerplan import profile_folders
from noc.app.settings import validated
from noc.bus.plans import SETTINGS
from noc.inventory.profiles.kept import kept_profiles


def main(folder: Path) -> None:
    """Compile what a plan in this folder goes by. Raises InputError where it can't be read."""
    merged, _, _ = read_merged(folder / SETTINGS, {})
    kept_profiles(profile_folders(validated(merged).settings, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
