"""Text files that people wrote: read whole, bounded, as UTF-8; unprintable characters are found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from noc.model.errors import InputError
from noc.model.finding import Finding

MAX_BYTES: Final = 256 * 1024 * 1024

# c-printable of https://yaml.org/spec/1.2.2/#51-character-set
NOT_PRINTABLE: Final = re.compile("[^\t\n\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def read_text(path: Path) -> str:
    """Return a file's text, without a byte order mark, line ends as line feeds. Raises InputError."""
    name = str(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                [Finding(name, 0, 0, "error", f"{size} bytes is more than the {MAX_BYTES} a file may have")]
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError([Finding(name, 0, 0, "error", f"can't be read: {reason}")]) from error
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
        raise InputError([Finding(name, 0, 0, "error", message)]) from error


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return where an offset stands, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def unprintable(text: str, file: str) -> Finding | None:
    """Return the first control character of a text as a finding, None where there is none."""
    found = NOT_PRINTABLE.search(text)
    if found is None:
        return None
    line, column = line_and_column(text, found.start())
    return Finding(
        file, line, column, "error", f"the control character U+{ord(found[0]):04X} is not allowed; remove it"
    )
