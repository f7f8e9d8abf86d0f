"""Rehearsals asked for by page and API: each in a process of its own, one at a time, so that polling never waits."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

from noc.http.rehearsals import Rehearsed
from noc.model.errors import ConflictError, UsageError

SLOWEST_S: Final = 25.0
"""Below the time that a request may take (`http: request_timeout`)."""
SAID_AT_MOST: Final = 4_000


class Rehearsing:
    """Runs `noc rehearse` on the settings as they are written now. with_state: and on what people have planned."""

    def __init__(self, config: Path, *, with_state: bool = False) -> None:
        self._config = config
        self._with_state = with_state
        self._one = asyncio.Lock()

    async def __call__(self, scenario: str, lang: str) -> Rehearsed:
        """Return what a scenario, as YAML, answers. lang: of its time line, a language that there is.

        Raises ConflictError while another one runs, UsageError with what is wrong, or where it takes too long.
        """
        if self._one.locked():
            raise ConflictError("another rehearsal is running; ask again in a minute")
        async with self._one:
            code, body, said = await self._run(scenario, lang)
        words = tuple(said.decode(errors="replace")[:SAID_AT_MOST].splitlines())
        if code not in (0, 1) or not body:
            raise UsageError("\n".join(words) or "the rehearsal ended without an answer; see the log")
        answer: dict[str, object] = json.loads(body)
        return Rehearsed(code == 0, answer, words)

    async def _run(self, scenario: str, lang: str) -> tuple[int, bytes, bytes]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "noc", "rehearse", "-", "--config", str(self._config), "--json", "--lang", lang),
            *(("--with-state",) if self._with_state else ()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            body, said = await asyncio.wait_for(process.communicate(scenario.encode()), SLOWEST_S)
        except TimeoutError as error:
            message = f"the rehearsal took longer than {SLOWEST_S:g} s; shorten it, or run it on a shell"
            raise UsageError(message) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, body, said
