"""`noc availability replay` as it is called: what stands on stdout, what on stderr, and the exit code."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from noc.availability.document import COLUMNS
from noc.cli import main
from noc.cli.availability import _duration, _percent
from tests.unit.noc.availability import worlds
from tests.unit.noc.availability.by_definition import ByDefinition

DOCS = Path(__file__).parents[4] / "docs" / "availability.md"
POLICY = "probe: {interval: 10s}\nsites: {site/x: [device/a]}\nregions: {region/r: [site/x]}\n"
FROM, TO = "2026-03-01T00:00:00Z", "2026-03-01T00:01:00Z"


class Shell:
    """Calls noc in a folder with a policy and events, and keeps what it said."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.chdir(folder)
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.write(POLICY, "".join(event(second) for second in range(0, 61, 10)))

    def write(self, policy: str, events: str) -> None:
        Path("P.yaml").write_text(policy)
        Path("E.jsonl").write_text(events)

    def replay(self, *options: str, start: str = FROM, to: str = TO, events: str = "E.jsonl") -> tuple[int, str, str]:
        arguments = ["--events", events, "--policy", "P.yaml", "--from", start, "--to", to, *options]
        self._monkeypatch.setattr("sys.argv", ["noc", "availability", "replay", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._capsys.readouterr()
        return ended.value.code or 0, said.out, said.err


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.delenv("COLUMNS", raising=False)
    return Shell(tmp_path, monkeypatch, capsys)


def event(second: int, *, ok: bool = True) -> str:
    time = f"2026-03-01T00:{second // 60:02}:{second % 60:02}Z"
    return json.dumps({"time": time, "entity": "device/a", "ok": ok}) + "\n"


def test_json_is_one_document_and_nothing_else(shell: Shell) -> None:
    code, out, err = shell.replay("--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["from"], found["to"]) == (FROM, TO)
    assert found["entities"]["device/a"]["availability_pct"] == 100.0
    assert found["network"]["up_s"] == 60.0


def test_csv_has_one_row_for_each_entity_and_the_network_last(shell: Shell) -> None:
    code, out, err = shell.replay("--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, err) == (0, "")
    assert [row["entity"] for row in rows] == ["device/a", "site/x", "region/r", "network"]
    assert list(rows[0]) == ["entity", *COLUMNS]
    assert rows[0]["up_s"] == "60.0"
    assert rows[0]["mttr_s"] == rows[3]["outages"] == ""


def test_without_either_it_is_a_table_with_floor_ceiling_and_coverage(shell: Shell) -> None:
    code, out, err = shell.replay()
    assert (code, err) == (0, "")
    head = out.splitlines()[2].split()
    assert head[:5] == ["entity", "availability", "floor", "ceiling", "coverage"]
    assert [line.split()[0] for line in out.splitlines()[3:7]] == ["device/a", "site/x", "region/r", "network"]


def test_a_narrow_terminal_keeps_what_must_stand_beside_each_figure(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "52")
    out = shell.replay()[1]
    assert out.splitlines()[2].split() == ["entity", "availability", "floor", "ceiling", "coverage"]


def test_events_from_standard_input(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = shell.replay("--json")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("E.jsonl").read_bytes())))
    assert shell.replay("--json", events="-") == expected


def test_times_of_the_period_may_have_any_zone(shell: Shell) -> None:
    assert shell.replay("--json", start="2026-03-01T03:00:00+03:00") == shell.replay("--json")


def test_warnings_stand_on_stderr(shell: Shell) -> None:
    shell.write(POLICY + "upstream: {device/lost: [site/y]}\n", event(0))
    code, out, err = shell.replay("--json")
    assert code == 0
    assert json.loads(out)["entities"]["device/lost"]["unknown_s"] == 60.0
    assert err == (
        "P.yaml:4:26: warning: site/y is not among `sites`: it has no devices, and is unknown\n"
        "warning: 1 entity that the policy names has no result in E.jsonl: device/lost; unknown throughout\n"
    )


def test_of_many_without_results_a_few_are_named(shell: Shell) -> None:
    names = ", ".join(f"device/{number}" for number in range(7))
    shell.write(POLICY + f"upstream: {{device/a: [{names}]}}", event(0))
    err = shell.replay("--json")[2]
    assert "7 entities that the policy names have no result" in err
    assert "device/3, device/4 and 2 more; unknown throughout" in err


def test_mistakes_of_both_files_are_told_at_once_with_exit_code_2(shell: Shell) -> None:
    shell.write("probe: {intervall: 10s}\n", event(0) + "nonsense\n" + event(0, ok=False))
    code, out, err = shell.replay("--json")
    assert (code, out) == (2, "")
    assert [line.split(": error: ")[0] for line in err.splitlines()] == ["P.yaml:1:9", "E.jsonl:2:1", "E.jsonl:3:1"]
    assert "did you mean 'interval'?" in err
    assert "in line 1" in err


@pytest.mark.parametrize(
    ("options", "start", "to", "said"),
    [
        (["--json", "--csv"], FROM, TO, "--json and --csv exclude each other"),
        ([], TO, FROM, f"--to {FROM} must be later than --from {TO}"),
        ([], FROM, FROM, "must be later than"),
        ([], "2026-03-01T00:00:00", TO, "--from: '2026-03-01T00:00:00' has no zone"),
        ([], FROM, "tomorrow", "--to: 'tomorrow' is not a time"),
        ([], FROM, TO, "none: error: can't be read: no such file"),
    ],
)
def test_wrong_use_is_exit_code_2(shell: Shell, options: list[str], start: str, to: str, said: str) -> None:
    events = "none" if said.startswith("none") else "E.jsonl"
    code, out, err = shell.replay(*options, start=start, to=to, events=events)
    assert (code, out) == (2, "")
    assert said in err


def test_the_example_of_the_documentation(shell: Shell) -> None:
    example = DOCS.read_text().partition("## 9. An example")[2]
    events, policy, printed = (
        re.search(rf"```{kind}\n(.*?)```", example, re.DOTALL)[1] for kind in ("jsonl", "yaml", "text")
    )
    shell.write(policy, events)
    period = re.search(r"from (\S+Z) to (\S+Z):", example)
    assert shell.replay(start=period[1], to=period[2]) == (0, printed, "")


@pytest.mark.parametrize("seed", range(5))
def test_the_answer_is_what_the_definitions_give(shell: Shell, seed: int) -> None:
    random = Random(seed)  # noqa: S311 not for secrets
    world, (start, stop) = worlds.world(random), worlds.period(random)
    shell.write(*worlds.as_files(world))
    code, out, _ = shell.replay("--json", start=worlds.iso(start), to=worlds.iso(stop))
    assert code == 0
    found, expected = json.loads(out), ByDefinition(world, start, stop).answer()
    for fields in expected["entities"].values():
        fields.pop("intervals", None)
    for fields in found["entities"].values():
        fields.pop("intervals", None)
    assert (found["entities"], found["network"]) == (expected["entities"], expected["network"])


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (Fraction(100), "100.0000"),
        (Fraction("99.99999999"), "99.9999"),
        (Fraction(0), "0.0000"),
        (Fraction("7.05"), "7.0500"),
        (None, "–"),
    ],
)
def test_percentages_are_rounded_down(percent: Fraction | None, shown: str) -> None:
    assert _percent(percent) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (0, "0s"),
        (500, "0.5s"),
        (59_999, "59.999s"),
        (60_000, "00:01:00"),
        (86_399_000, "23:59:59"),
        (86_400_000, "1d 00:00:00"),
        (93_784_499, "1d 02:03:04"),
    ],
)
def test_durations_are_shown_with_days(milliseconds: int, shown: str) -> None:
    assert _duration(milliseconds) == shown
