"""Files of settings merged: what comes together, what contradicts, and where everything stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from noc.app.includes import read_merged
from noc.model.errors import InputError


class Written:
    """A settings folder, read merged."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self._folder = folder
        self.merged, self.files, findings = read_merged(folder / "noc.yaml", {"HERE": "x"})
        self.findings = [self.short(finding) for finding in findings]

    def short(self, value: object) -> str:
        return str(value).replace(f"{self._folder}/", "")

    def where(self, *path: str | int) -> str:
        place = self.merged.place(*path)
        return self.short(f"{place.file}:{place.line}:{place.column}")

    def key_where(self, *path: str | int) -> str:
        place = self.merged.key_place(*path)
        return self.short(f"{place.file}:{place.line}:{place.column}")


def test_mappings_are_merged_and_lists_appended(tmp_path: Path) -> None:
    read = Written(
        tmp_path,
        {
            "noc.yaml": "include: [conf.d/*.yaml]\na: {x: {p: 1}}\nl: [1]\nempty:\nn: 1\n",
            "conf.d/10.yaml": "a:\n  x: {q: 2}\n  y: 3\nl: [2, {k: v}]\nempty: {z: 4}\nn:\n",
            "conf.d/20.yaml": "b: ${HERE}\na: {x: {r: 5}}\nempty: {w: 6}\n",
            "conf.d/30.txt": "b: 1",
        },
    )
    assert read.findings == []
    assert [path.name for path in read.files] == ["noc.yaml", "10.yaml", "20.yaml"]
    assert read.merged.data == {
        "include": ["conf.d/*.yaml"],
        "a": {"x": {"p": 1, "q": 2, "r": 5}, "y": 3},
        "l": [1, 2, {"k": "v"}],
        "empty": {"z": 4, "w": 6},
        "n": 1,
        "b": "x",
    }
    assert read.where("a", "x", "p") == "noc.yaml:2:12"
    assert read.where("a", "x", "q") == "conf.d/10.yaml:2:10"
    assert read.where("a", "x", "r") == "conf.d/20.yaml:2:12"
    assert read.where("l", 0) == "noc.yaml:3:5"
    assert read.where("l", 2, "k") == "conf.d/10.yaml:4:12"
    assert read.where("empty", "w") == "conf.d/20.yaml:3:12"
    assert read.where("empty", "z") == "conf.d/10.yaml:5:12"
    assert read.key_where("a", "y") == "conf.d/10.yaml:3:3"
    assert read.key_where("a", "x", "zzz") == "noc.yaml:2:8"
    assert read.where("zzz") == "noc.yaml:1:1"


@pytest.mark.parametrize(
    ("main", "other", "expected"),
    [
        ("state_dir: a", "state_dir: b", "'state_dir' is set already: noc.yaml:2:1; keep one of them"),
        ("a: {b: {c: 1}}", "a: {b: {c: 1}}", "'a.b.c' is set already: noc.yaml:2:9; keep one of them"),
        ("a: [1]", "a: {b: 1}", "'a' is set already: noc.yaml:2:1; keep one of them"),
        ("a: {b: 1}", "a: 1", "'a' is set already: noc.yaml:2:1; keep one of them"),
        ("a: !secret env:A", "a: !secret env:B", "'a' is set already: noc.yaml:2:1; keep one of them"),
        ("a: !secret env:A", "a: {b: 1}", "'a' is set already: noc.yaml:2:1; keep one of them"),
    ],
)
def test_what_is_set_twice_names_both_places(tmp_path: Path, main: str, other: str, expected: str) -> None:
    read = Written(tmp_path, {"noc.yaml": f"include: [more.yaml]\n{main}\n", "more.yaml": f"{other}\n"})
    column = other.index(expected.split("'")[1].rpartition(".")[2]) + 1
    assert read.findings == [f"more.yaml:1:{column}: error: {expected}"]


def test_a_third_file_is_told_of_the_one_that_set_it(tmp_path: Path) -> None:
    read = Written(
        tmp_path,
        {"noc.yaml": "include: [a.yaml, b.yaml]\n", "a.yaml": "x: {y: 1}\n", "b.yaml": "x:\n  y: 2\n"},
    )
    assert read.findings == ["b.yaml:2:3: error: 'x.y' is set already: a.yaml:1:5; keep one of them"]


def test_an_included_file_that_is_broken_is_left_out(tmp_path: Path) -> None:
    read = Written(
        tmp_path,
        {
            "noc.yaml": "include: [a.yaml, b.yaml, absent.yaml, none/*.yaml, 7, a.yaml]\nx: 1\n",
            "a.yaml": "x: [",
            "b.yaml": "- 1\n",
        },
    )
    assert [finding.split(": ", 1)[0] for finding in read.findings] == ["noc.yaml:1:27", "a.yaml:2:1", "b.yaml:1:1"]
    assert read.findings[0].endswith("error: no such file: absent.yaml")
    assert read.findings[2].endswith("error: expected a mapping of keys")
    assert read.merged.data["x"] == 1


def test_an_included_file_includes_none(tmp_path: Path) -> None:
    read = Written(tmp_path, {"noc.yaml": "include: [a.yaml]", "a.yaml": "x: 1\ninclude: [noc.yaml]"})
    assert read.findings == ["a.yaml:2:1: error: an included file includes no others; name them in the first file"]
    assert read.merged.data["x"] == 1


def test_files_are_included_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "a.yaml").write_text("x: 1")
    read = Written(tmp_path, {"noc.yaml": f"include: ['{tmp_path}/else/*.yaml']"})
    assert read.merged.data["x"] == 1


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    assert Written(tmp_path, {"noc.yaml": "# nothing yet\n"}).merged.data == {}


@pytest.mark.parametrize("text", ["- 1\n", "word\n", "a: [\n"])
def test_a_first_file_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        Written(tmp_path, {"noc.yaml": text})
