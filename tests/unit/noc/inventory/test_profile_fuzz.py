"""Damaged profiles: whatever stands in a file, there are findings, in no time, and the good ones are loaded."""

from __future__ import annotations

import random
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from tests.unit.noc.inventory.profile_files import GENERIC, MIB

GOOD = "title: Good\nextends: [generic]\n"
WORDS = [
    "~",
    "[]",
    "{}",
    "-1",
    "9" * 400,
    "1e999",
    "'",
    '"',
    "&a [*a]",
    "*a",
    "!!python/none x",
    "<<: {}",
    "\t",
    "é\u202e",
]
WORDS += [
    "1.3." * 200 + "1",
    "{{{",
    "]]]",
    ": :",
    "extends: [generic, generic]",
    "extends: [bad]",
    "? ",
    "|",
    "%",
    "\x85",
]
LIMIT_S = 5.0


@cache
def texts() -> list[str]:
    return [path.read_text() for path in sorted(shipped("profiles").glob("*.yaml")) if path.stat().st_size < 6_000]


def loaded(folder: Path, text: str) -> None:
    """Load a profile of this text; it may be right by chance."""
    (folder / "mib").mkdir(exist_ok=True)
    (folder / "mib" / "THING-MIB.yaml").write_text(MIB)
    (folder / "generic.yaml").write_text(GENERIC)
    (folder / "good.yaml").write_text(GOOD)
    (folder / "bad.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
    started = time.process_time()
    profiles, findings = load_profiles([folder])
    assert time.process_time() - started < LIMIT_S
    assert {"generic", "good"} <= set(profiles)
    assert ("bad" in profiles) or any("bad.yaml" in finding.file for finding in findings)
    for finding in findings:
        assert finding.line >= 0
        assert len(finding.message) < 2_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profiles")


@given(st.data())
def test_damaged_profiles_give_findings_and_nothing_else(folder: Path, data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(texts())).splitlines()
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(lines) - 1)))
        match data.draw(st.sampled_from(["drop", "twice", "word", "indent", "cut", "swap"])):
            case "drop":
                del lines[at : at + 1]
            case "twice":
                lines[at:at] = lines[at : at + 3]
            case "word":
                before, colon, _ = lines[at].partition(": ") if lines else ("x", ": ", "")
                lines[at : at + 1] = [f"{before}{colon}{data.draw(st.sampled_from(WORDS))}"]
            case "indent":
                lines[at : at + 1] = [f" {line}" for line in lines[at : at + 1]]
            case "cut":
                lines[at : at + 1] = [line[: len(line) // 2] for line in lines[at : at + 1]]
            case _:
                random.Random(at).shuffle(lines)  # noqa: S311
    loaded(folder, "\n".join(lines))


@given(st.text(max_size=200))
def test_any_text_as_a_profile_gives_findings_and_nothing_else(folder: Path, text: str) -> None:
    loaded(folder, text)


@pytest.mark.parametrize(
    "text",
    [
        "a: " * 50 + "1",
        "[" * 2_000,
        "{a: " * 2_000,
        "&a [" + "*a, " * 100 + "]",
        "a: &a [x]\n"
        + "\n".join(
            f"b{n}: &b{n} [*{'a' if not n else f'b{n - 1}'}, *{'a' if not n else f'b{n - 1}'}]" for n in range(40)
        ),
        "title: T\n" + "extends: [generic]\n" * 2,
        "title: " + "T" * 2_000_000,
        "x" * 1_000_000,
        "match: {sys_descr: '(a+)+$'}\ntitle: T\nextends: [generic]\n",
    ],
    ids=["keys", "lists", "mappings", "itself", "billion laughs", "twice", "long", "longer", "pattern"],
)
def test_texts_that_are_made_to_take_long_do_not(folder: Path, text: str) -> None:
    loaded(folder, text)
