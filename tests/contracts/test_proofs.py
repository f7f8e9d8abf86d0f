"""docs/recordings.md says of each shipped family whether a recording proves it, once."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.profiles.written import matches_of
from noc.inventory.shipped import shipped

PAGE = Path(__file__).parents[2] / "docs" / "recordings.md"


def test_every_family_stands_once_in_the_table_of_what_is_proved() -> None:
    profiles, _ = kept_profiles([shipped("profiles")])
    table = PAGE.read_text().partition("## What is proved")[2]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    named = Counter(name for row in rows for name in re.findall(r"`([\w-]+)`", row))
    assert [name for name, times in named.items() if times > 1] == []
    assert set(named) == {name for name in profiles if matches_of(profiles, name)}
