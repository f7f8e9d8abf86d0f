"""`noc store export`, `import` and `copy`, and `noc doctor`, as people and scripts see them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import math
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from noc.cli import main
from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.service import running
from noc.store import _copying, _parquet, embedded, memory
from noc.store._copying import Progress, copy
from noc.store._forecast import Stored, forecast
from noc.store._ports import Surroundings
from noc.store._retention import Retention
from noc.store.embedded.origin import ViewOrigin
from noc.store.embedded.view import Selection, opened
from noc.wire import columns
from noc.wire.lineparser import samples_of

NOW = SystemClock().now().replace(microsecond=0)
BEGIN = NOW - timedelta(days=2)
NUMBERS = (1.5, -0.0, 2.0**53, 1 / 3, 5e-324)


def samples(number: int, device: str = "d") -> Samples:
    tags = ((device, "oslo", "Gi0/1, the 'first'"), (device, "oslo", "Gi0/2"))
    values = ((NUMBERS[number % 5], None), (float(number), 7.0))
    return Samples(
        "interface", BEGIN + number * timedelta(hours=1), ("device", "site", "ifName"), ("a", "b"), tags, values
    )


class Noc:
    """A folder with settings, and the command line run in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.config = folder / "noc.yaml"
        self.config.write_text("state_dir: state\n")
        (folder / "inventory").mkdir()
        (folder / "inventory" / "all.yaml").write_text("regions: {africa: {}}\n")
        self.series = folder / "state" / "series"

    def fill(self, polls: int = 30) -> None:
        async def write() -> None:
            store = embedded.build(embedded.Settings(), Surroundings(self.folder, self.folder / "state", SystemClock()))
            async with running([store]):
                for number in range(polls):
                    await store.write(store.encode([samples(number), samples(number, "e")]))

        asyncio.run(write())

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["noc", *arguments, "-c", str(self.config)])
        self._capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        out, err = self._capsys.readouterr()
        return code, out, err


@pytest.fixture
def noc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Noc:
    return Noc(tmp_path, monkeypatch, capsys)


Cells = set[tuple[str, int, str, str, str]]


def cells(batch: Sequence[Samples]) -> Cells:
    """Return device, time, interface, field and bits of all numbers."""
    found = set()
    for table in batch:
        for tags, values in zip(table.tags, table.values, strict=True):
            named = dict(zip(table.tag_keys, tags, strict=True))
            for field, value in zip(table.field_keys, values, strict=True):
                if value is not None:
                    at = round(table.time.timestamp() * 1000)
                    found.add((named["device"], at, named["ifName"], field, float(value).hex()))
    return found


ALL = cells([samples(number, device) for number in range(30) for device in "de"])


def test_what_goes_out_as_lines_comes_in_again(noc: Noc, tmp_path: Path) -> None:
    noc.fill()
    out = tmp_path / "all.lp"
    assert noc.run("store", "export", "-o", str(out))[0] == 0
    lines = out.read_text().splitlines()
    assert cells(samples_of(lines)) == ALL
    noc.config.write_text("state_dir: other\n")
    code, _, err = noc.run("store", "import", str(out), "--precision", "ms")
    assert (code, "180 numbers" in err) == (0, True)
    assert not (tmp_path / "all.lp.rejected").exists()
    assert noc.run("store", "export", "-o", str(tmp_path / "again.lp"))[0] == 0
    assert (tmp_path / "again.lp").read_text().splitlines() == lines


def test_csv_has_a_number_a_row_and_no_formulas(noc: Noc) -> None:
    noc.fill()
    code, out, _ = noc.run("store", "export", "--format", "csv", "-o", "-", "--device", "d")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(rows) == 90
    assert {float(row["value"]).hex() for row in rows if row["field"] == "a"} >= {value.hex() for value in NUMBERS}
    assert json.loads(rows[0]["tags"]) == {"device": "d", "ifName": "Gi0/1, the 'first'", "site": "oslo"}


def test_parquet_has_every_number_bit_for_bit(noc: Noc, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    noc.fill()
    out = tmp_path / "all.parquet"
    assert noc.run("store", "export", "--format", "parquet", "-o", str(out))[0] == 0
    found = {
        (
            dict(row["tags"])["device"],
            round(row["time"].timestamp() * 1000),
            dict(row["tags"])["ifName"],
            row["field"],
            row["value"].hex(),
        )
        for row in parquet.read_table(out).to_pylist()
    }
    assert found == ALL


def test_without_pyarrow_one_is_told_what_to_install(noc: Noc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    noc.fill(1)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = noc.run("store", "export", "--format", "parquet", "-o", str(tmp_path / "x.parquet"))
    assert (code, "pip install 'noc-monitor[parquet]'" in err) == (2, True)
    assert _parquet.__name__ in sys.modules


def test_times_and_sites_narrow_an_export(noc: Noc) -> None:
    noc.fill()
    since = (BEGIN + timedelta(hours=3)).isoformat()
    until = (BEGIN + timedelta(hours=5)).isoformat()
    _, out, _ = noc.run("store", "export", "-o", "-", "--from", since, "--to", until, "--site", "oslo")
    assert len(out.splitlines()) == 2 * 2 * 2
    assert noc.run("store", "export", "-o", "-", "--site", "nowhere")[1] == ""
    assert noc.run("store", "export", "-o", "-", "--from", "yesterday")[0] == 2


def test_an_export_beside_a_running_store_has_the_last_rows(noc: Noc) -> None:
    async def export() -> str:
        store = embedded.build(embedded.Settings(), Surroundings(noc.folder, noc.folder / "state", SystemClock()))
        async with running([store]):
            await store.write(store.encode([samples(0)]))
            before = {path: path.read_bytes() for path in noc.series.rglob("*") if path.is_file()}
            out = await asyncio.to_thread(lambda: noc.run("store", "export", "-o", "-")[1])
            assert {path: path.read_bytes() for path in noc.series.rglob("*") if path.is_file()} == before
        return out

    assert cells(samples_of(asyncio.run(export()).splitlines())) == cells([samples(0)])


def test_the_state_folder_that_an_import_makes_is_nobody_elses(noc: Noc, tmp_path: Path) -> None:
    (tmp_path / "some.lines").write_text(f"m,device=d a=1 {NOW.timestamp():.0f}\n")
    assert noc.run("store", "import", str(tmp_path / "some.lines"), "--precision", "s")[0] == 0
    assert [path.stat().st_mode & 0o077 for path in (noc.folder / "state", noc.series)] == [0, 0]


def test_an_import_into_a_state_folder_that_is_none_says_so(noc: Noc, tmp_path: Path) -> None:
    (noc.folder / "state").write_text("")
    (tmp_path / "some.lines").write_text("m,device=d a=1 1\n")
    code, _, err = noc.run("store", "import", str(tmp_path / "some.lines"))
    assert code == 2
    assert "state" in err


def test_bad_lines_are_kept_aside_with_their_number(noc: Noc, tmp_path: Path) -> None:
    stamp = round(BEGIN.timestamp())
    lines = [f"m,device=d v={number} {stamp + number}" for number in range(5000)]
    lines[17] = "nonsense"
    lines[4000] = f"m,device=d v=x {stamp}"
    lines[4001] = f"m,device= v=1 {stamp}"
    lines.append(f"m,site=s v=1 {stamp}")
    lines.append("m,device=d v=1 1000")
    file = tmp_path / "in.lp"
    file.write_text("# a comment\n\n" + "\n".join(lines))
    code, _, err = noc.run("store", "import", str(file), "--precision", "s")
    assert code == 1
    assert "4,997 numbers of 5,002 lines stored; 3 lines can't be read, 2 numbers refused: see" in err
    kept = (tmp_path / "in.lp.rejected").read_text().splitlines()
    reasons = [line for line in kept if line.startswith("#")]
    assert [reason.split(":")[0] for reason in reasons if "line" in reason] == [
        "# line 20",
        "# line 4003",
        "# line 4004",
    ]
    assert any("no tag 'device'" in reason for reason in reasons)
    assert any("older than the retention" in reason for reason in reasons)


def test_what_is_no_number_is_not_counted_as_stored(noc: Noc, tmp_path: Path) -> None:
    stamp = round(BEGIN.timestamp())
    file = tmp_path / "in.lp"
    file.write_text(f"m,device=d v=NaN {stamp}\nm,device=d v=1,w=inf {stamp}\n")
    code, _, err = noc.run("store", "import", str(file), "--precision", "s")
    assert code == 0
    assert "1 number of 2 lines stored; 2 fields left out: NaN or infinity" in err


def test_texts_are_told_as_left_out(noc: Noc, tmp_path: Path) -> None:
    stamp = round(BEGIN.timestamp())
    file = tmp_path / "in.lp"
    lines = ('m,device=d v="up, a=\\"b\\"",w=1,x="y"', 'm,device=d,t=\\="\\ x v="only"', "m,device=d v=2")
    file.write_text("".join(f"{line} {stamp}\n" for line in lines))
    for _ in range(2):
        code, _, err = noc.run("store", "import", str(file), "--precision", "s")
        assert code == 0
        assert "2 numbers of 3 lines stored; 3 fields left out: text, and series are numbers" in err


def test_a_copy_makes_the_state_folder_that_is_not_there(noc: Noc) -> None:
    noc.fill(2)
    noc.config.write_text("state_dir: elsewhere\nstore: {kind: memory}\n")
    code, _, err = noc.run("store", "copy", "embedded", "memory", "--path", str(noc.series))
    assert code == 0, err
    assert (noc.folder / "elsewhere").stat().st_mode & 0o077 == 0


def test_an_export_into_a_folder_says_so(noc: Noc, tmp_path: Path) -> None:
    noc.fill(2)
    (tmp_path / "taken").mkdir()
    for form in ("csv", "parquet"):
        code, _, err = noc.run("store", "export", "-o", str(tmp_path / "taken"), "--format", form)
        assert code == 2
        assert "can't be written: Is a directory" in err


def test_a_store_that_another_process_has_is_not_written(noc: Noc, tmp_path: Path) -> None:
    (tmp_path / "in.lp").write_text("m,device=d v=1 1")

    async def beside() -> tuple[int, str, str]:
        store = embedded.build(embedded.Settings(), Surroundings(noc.folder, noc.folder / "state", SystemClock()))
        async with running([store]):
            return await asyncio.to_thread(noc.run, "store", "import", str(tmp_path / "in.lp"))

    code, _, err = asyncio.run(beside())
    assert code != 0
    assert "another noc is using it" in err


# --- copies -----------------------------------------------------------------------------------------------------------


class Failing(memory.MemoryStore):
    """A store that goes away after some writes."""

    def __init__(self, writes: int) -> None:
        super().__init__(1_000_000)
        self.left = writes

    async def write(self, body: bytes) -> tuple[memory.Refusal, ...]:
        self.left -= 1
        if self.left < 0:
            raise StoreError("the server is away")
        return await super().write(body)


def test_a_copy_that_was_broken_off_goes_on_where_it_was(noc: Noc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_copying, "DEVICES_AT_ONCE", 1)
    noc.fill()
    kept = noc.folder / "copy.json"
    target = Failing(2)
    told: list[int] = []
    with opened(noc.series, Retention()) as view:
        origin = ViewOrigin(view, Selection())
        with pytest.raises(StoreError, match="away"):
            asyncio.run(copy(origin, target, kept, lambda done: told.append(done.values)))
        target.left = 1000
        done = asyncio.run(copy(origin, target, kept, lambda done: told.append(done.values)))
    assert (done.values, done.refused, done.wrong) == (180, 0, [])
    assert told == sorted(told)
    assert target.left > 1000 - 5  # what was done was not done again
    assert Progress.read(kept).values == 180
    body = columns.encode([samples(number, device) for number in range(30) for device in "de"])
    assert len(columns.decode(body)) == 60


def test_what_does_not_arrive_is_told(noc: Noc) -> None:
    class Losing(memory.MemoryStore):
        async def write(self, body: bytes) -> tuple[memory.Refusal, ...]:
            return await super().write(columns.encode(columns.decode(body)[:-1]))

    noc.fill(5)
    with opened(noc.series, Retention()) as view:
        done = asyncio.run(
            copy(ViewOrigin(view, Selection()), Losing(1000), noc.folder / "copy.json", lambda done: None)
        )
    assert done.wrong
    assert "numbers here" in done.wrong[0]


def test_a_copy_needs_another_store_in_the_settings(noc: Noc) -> None:
    code, _, err = noc.run("store", "copy", "embedded", "influx")
    assert code == 2
    assert "write the new store into the settings" in err


# --- doctor -----------------------------------------------------------------------------------------------------------


def test_doctor_says_what_it_looked_at(noc: Noc) -> None:
    noc.fill(3)
    (noc.folder / "state").chmod(0o755)
    code, out, _ = noc.run("doctor", "--json")
    looks = {look["what"]: look for look in json.loads(out)}
    assert {"settings", "disk", "clock", "open files", "permissions", "size"} <= looks.keys()
    assert looks["permissions"]["level"] == "warning"
    assert code == (1 if any(look["level"] == "error" for look in looks.values()) else 0)


def test_the_forecast_is_by_class_and_length() -> None:
    retention = Retention.model_validate({"classes": {"switch": {"raw": "5d", "five_minutes": "5d", "hourly": "5d"}}})
    stored = {"router": Stored({"raw": 1000.0, "5m": 600.0, "1h": 50.0})}
    router, switch = forecast({"switch": 10, "router": 2}, stored, retention)
    assert router.bytes == {"raw": 2 * 30_000, "5m": 2 * 54_000, "1h": 2 * 36_500}
    assert (switch.device_class, switch.bytes, switch.measured) == ("switch", {"raw": 50_000}, False)
    (typical,) = forecast({"router": 1}, {}, Retention())
    assert typical.total > 1_000_000
    assert not math.isnan(typical.total)
