"""Profile files for tests: a MIB of things, and a way to load texts as files."""

from __future__ import annotations

from pathlib import Path

from noc.inventory.profiles.compiled import Profile
from noc.inventory.profiles.load import load_profiles

MIB = """\
title: Things
source: these tests
scalars:
  thingSerial: {oid: 1.3.6.1.4.1.99999.1.1, type: string}
  thingHeat: {oid: 1.3.6.1.4.1.99999.1.2}
tables:
  thingTable:
    oid: 1.3.6.1.4.1.99999.2.1
    index: [{name: thingIndex}]
    rows_from: [thingName]
    columns:
      thingName: {id: 2, type: string}
      thingLoad: {id: 3}
  otherTable:
    oid: 1.3.6.1.4.1.99999.3.1
    index: [{name: otherIndex}]
    columns:
      otherState: {id: 2}
maps:
  thingWords: {1: one, 2: two}
"""
GENERIC = "title: Any device\n"


def load(root: Path, **files: str) -> tuple[dict[str, Profile], list[str]]:
    """Load profiles of these texts; findings come back with the path below the folder."""
    folder = root / "profiles"
    (folder / "mib").mkdir(parents=True, exist_ok=True)
    texts = {"mib/THING-MIB": MIB, "generic": GENERIC} | {name.replace("__", "/"): text for name, text in files.items()}
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    profiles, findings = load_profiles([folder])
    return dict(profiles), [str(finding).removeprefix(f"{folder}/") for finding in findings]


def wrong(root: Path, text: str) -> list[str]:
    """Return what is wrong with a profile, which is not loaded; `good` beside it is."""
    profiles, findings = load(root, bad=text, good="title: Good\nextends: [generic]\n")
    assert set(profiles) == {"generic", "good"}
    return findings
