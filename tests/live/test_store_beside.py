"""Other processes read while one writes, cuts, merges and deletes: all that was acknowledged, once, and no damage."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded.view import Selection, opened

pytestmark = pytest.mark.live

BEGIN = datetime(2026, 11, 20, 20, tzinfo=UTC)
DEVICES = 7
SECONDS = 8
KEPT_DAYS = 3

# Time goes by half an hour a batch: days are cut, merged, rolled up, and deleted when they are three days old.
WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from noc.model.samples import Samples
from noc.store._retention import Retention
from noc.store._rows import floor_ms
from noc.store.embedded import cut, log
from noc.store.embedded.engine import Engine
from noc.wire import columns

cut.SLICE_CELLS = 30
log.PART_BYTES = 400
BEGIN = datetime(2026, 11, 20, 20, tzinfo=UTC)
engine = Engine(Path(sys.argv[1]), Retention.model_validate({"raw": "3d"}), 64 * 1024 * 1024)
engine.open()
for number in count():
    at = BEGIN + timedelta(minutes=30 * number)
    batch = [
        Samples("m", at, ("device", "site"), ("v",), ((f"d{n}", "x"),), ((number + n / 10,),)) for n in range(7)
    ]
    engine.write([columns.encode(batch)], floor_ms(at))
    print(number, engine.tally.damaged, flush=True)
    while engine.tick(floor_ms(at)) is not None:
        pass
"""


class Writer:
    """A process that writes. last: the batch that it acknowledged last; told: what it said besides."""

    def __init__(self, folder: Path) -> None:
        self.last = -1
        self.damaged = 0
        command = [sys.executable, "-c", WRITER, str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ})
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            number, damaged = line.split()
            self.last, self.damaged = int(number), int(damaged)

    def stop(self) -> str:
        """Kill it; return what it complained of."""
        self.process.kill()
        self._thread.join()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        said = self.process.stderr.read().decode()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        return said


def test_readers_see_all_that_was_acknowledged_and_disturb_nobody(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    looks = 0
    most_days = 0
    try:
        deadline = time.monotonic() + 60
        while writer.last < 0 and time.monotonic() < deadline:
            assert writer.process.poll() is None
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            acknowledged = writer.last
            with opened(tmp_path, Retention()) as view:
                pieces = list(view.pieces(Selection(device=f"d{looks % DEVICES}")))
                damaged = view.source.shelves.damaged
            numbers = [
                (int(at), float(value))
                for piece in pieces
                for at, value in zip(piece.frame.times, piece.frame.matrix[0], strict=True)
            ]
            found = dict(numbers)
            assert len(found) == len(numbers), "a number twice"
            assert damaged == 0
            # A day that the writer deletes meanwhile may be there or not; half of it is left alone by the next one.
            first = max(0, writer.last - (KEPT_DAYS - 1) * 48)
            device = looks % DEVICES
            expected = {
                floor_ms(BEGIN + timedelta(minutes=30 * number)): number + device / 10
                for number in range(first, acknowledged + 1)
            }
            assert expected.items() <= found.items()
            looks += 1
            most_days = max(most_days, len({piece.day for piece in pieces}))
        assert writer.process.poll() is None
    finally:
        said = writer.stop()
    assert said == ""
    assert writer.damaged == 0
    assert looks >= 5
    assert most_days >= 3, "the writer came no further than two days: nothing was merged meanwhile"
