"""The parser of command output: a process that does nothing else (`python -m noc.wire.clitemplates FOLDER …`).

The one door to TextFSM and ntc-templates. A template is a list of regular expressions, and text of a hostile device can
keep one of them busy for ever, holding all of Python up with it; hence a process, which its parent ends
(`noc/wire/cliparser.py`) and which may not take more memory than `MEMORY_BYTES`.

Standard input and output: frames of four octets length, most significant first, and JSON. A question is
`[platform, command, template or null, text]`, the answer `[rows or null, reason or null]`. FOLDERs hold templates of
noc's own, which count before those of ntc-templates; a file is named `platform_command_with_underscores.textfsm`.
"""

from __future__ import annotations

import json
import re
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

import ntc_templates
import textfsm
from textfsm import clitable

MEMORY_BYTES: Final = 1024**3
ROWS_AT_MOST: Final = 20_000
SHIPPED: Final = Path(ntc_templates.__file__).parent / "templates"

Row = dict[str, object]


class ParseError(Exception):
    """Why a text gives no rows, in a sentence."""


class Templates:
    """Finds templates, and keeps those that were used."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = (*folders, SHIPPED)
        self._index: clitable.IndexTable | None = None
        self._kept: dict[str, textfsm.TextFSM] = {}

    def rows(self, platform: str, command: str, template: str | None, text: str) -> list[Row]:
        """Return the rows that a text holds, column names in small letters. Raises ParseError."""
        parser = self._parser(template or self._name(platform, command))
        parser.Reset()
        try:
            found = parser.ParseText(text)
        except textfsm.TextFSMError as error:
            raise ParseError(f"the text doesn't look as it should: {error}") from error
        except MemoryError:
            self._kept.clear()
            raise ParseError("it takes too much memory to read") from None
        if len(found) > ROWS_AT_MOST:
            raise ParseError(f"it gives {len(found)} rows, noc reads {ROWS_AT_MOST} at most")
        columns = [name.lower() for name in parser.header]
        return [dict(zip(columns, row, strict=True)) for row in found]

    def _name(self, platform: str, command: str) -> str:
        own = f"{platform}_{re.sub('[ /]', '_', command)}"
        if any((folder / f"{own}.textfsm").is_file() for folder in self._folders):
            return own
        if self._index is None:
            # The index knows also short forms, and templates for several commands.
            self._index = clitable.CliTable("index", str(SHIPPED)).index
        row = self._index.GetRowMatch({"Platform": platform, "Command": command})
        if not row:
            raise ParseError(f"there is no template for `{command}` on {platform}")
        return str(self._index.index[row]["Template"]).removesuffix(".textfsm")

    def _parser(self, name: str) -> textfsm.TextFSM:
        if name not in self._kept:
            path = next((path for folder in self._folders if (path := folder / f"{name}.textfsm").is_file()), None)
            if path is None:
                raise ParseError(f"there is no template '{name}'")
            with path.open(encoding="utf-8") as file:
                try:
                    self._kept[name] = textfsm.TextFSM(file)
                except textfsm.TextFSMTemplateError as error:
                    raise ParseError(f"{path}: not a TextFSM template: {error}") from error
        return self._kept[name]


def answer(templates: Templates, question: bytes) -> bytes:
    """Return the answer to one question."""
    platform, command, template, text = json.loads(question)
    try:
        return json.dumps([templates.rows(platform, command, template, text), None]).encode()
    except ParseError as error:
        return json.dumps([None, str(error)]).encode()


def serve(templates: Templates, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer until the source ends."""
    while len(head := source.read(4)) == 4:
        said = answer(templates, source.read(int.from_bytes(head)))
        sink.write(len(said).to_bytes(4) + said)
        sink.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; this one ends when its parent closes the pipe
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    serve(Templates([Path(folder) for folder in sys.argv[1:]]), sys.stdin.buffer, sys.stdout.buffer)
