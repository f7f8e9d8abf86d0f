"""A spool as the first version of noc left it: what waits in it is drained, what had arrived is not sent again."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.spool import spool as spool_module
from noc.spool.drain import Drain
from noc.spool.letters import Letters
from noc.spool.report import report
from noc.spool.spool import Spool
from tests.spools import Shelf, conserved, emptied, numbered

# Written by it: five batches of the numbers n and, where n is even, 1.5; two of them acknowledged.
SEGMENT = (
    "9W5vYwAAAD0iy6t9AAAAAAAAAAEAAAGh/y8uVVMxeAEzYmBgiI5WylXSMTS3NDUytDQyAAGdaKWU1LLM5FSlWCCzTElHqRzEAooq"
    "xQIBUBMS+GEPACSoDqz1bm9jAAAAQ3OXolcAAAAAAAAAAgAAAaH/Ly5VUzF4ATNiYGCIjlbKVdIxNLc0NTK0NDIwNDAw0IlWSkkt"
    "y0xOVYoFMsuUdJTKQSygqFIsEAA1AcEHewj9ox4AMLIQHPVub2MAAABDcK4ouAAAAAAAAAADAAABof8vLlVTMXgBM2JgYIiOVspV"
    "0jE0tzQ1MrQ0MjAyMDDQiVZKSS3LTE5VigUyy5R0lMpBLKCoUiwQADWBgAOYZPhhDwAnTg7u9W5vYwAAAERko0P8AAAAAAAAAAQA"
    "AAGh/y8uVVMxeAEzYmBgiI5WylXSMTS3NDUytDQyMDYwMNCJVkpJLctMTlWKBTLLlHSUykEsoKhSLBAANQEBhwOYYvhRDwAoEQ83"
    "9W5vYwAAAETNkXSEAAAAAAAAAAUAAAGh/y8uVVMxeAEzYmBgiI5WylXSMTS3NDUytDQyMDEwMNCJVkpJLctMTlWKBTLLlHSUykEs"
    "oKhSLBAANQGBgAOYYvhhDwAoVA8A"
)
CURSOR = "2"


async def test_it_is_drained_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.001)
    (tmp_path / f"{1:020d}.seg").write_bytes(b64decode(SEGMENT))
    (tmp_path / "cursor").write_text(CURSOR)
    (tmp_path / "dead-letters.jsonl").write_text(
        '{"time": "2026-11-21T00:00:00Z", "reason": "old", "rows": "m v=1 1"}\n'
    )
    assert report(tmp_path, bodies=True).queued.batches == 3
    spool, shelf = Spool(tmp_path, SystemClock(), 10_000_000), Shelf()
    await spool.start()
    assert (spool.tally.found.batches, spool.tally.found.values, spool.tally.lost) == (3, 5, 0)
    assert spool.put(numbered(9.0)) == 6
    await spool.durable(6)
    await emptied(spool, Drain(spool, shelf, SystemClock(), Letters(tmp_path)))
    assert sorted(shelf.taken) == [1.5, 1.5, 2.0, 3.0, 4.0, 9.0]
    await conserved(spool)
    await spool.stop()
    assert report(tmp_path).adds_up
    assert [letter.reason for letter in Letters(tmp_path).read()] == ["old"]
