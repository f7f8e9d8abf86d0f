"""Which reports there are: the file name is the name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable
from typing import Final, Protocol, cast

from noc import plugins
from noc.i18n.language import Language
from noc.reports.frame.asked import Answer, Asked, By, Frozen, Issue
from noc.reports.frame.document import Document
from noc.reports.frame.material import Material

PACKAGE: Final = "noc.reports"
_ROOMS: Final = ("frame", "render")


class Report(Protocol):
    """A module of this package.

    PURPOSE: one sentence in the imperative, for help. BY: what its rows can be, the default first; empty: it has no
    choice. PERIOD: which one where none is named: `month`, `biennium`, the last that is over. FROM_LEDGER: its figures
    come from the ledger and the policies in it, so that `noc ledger verify` can make it again. ANSWER: the class of its
    answers.
    """

    PURPOSE: str
    BY: tuple[By, ...]
    PERIOD: str
    FROM_LEDGER: bool
    ANSWER: type[Answer]

    def gather(self, material: Material, asked: Asked) -> Awaitable[Answer]:
        """Read what is asked. Raises UsageError, StateError."""
        ...

    def document(self, answer: Answer, issue: Issue | None, language: Language) -> Document:
        """Return the answer as a document. Pure: the same for the same arguments. issue: None for a draft."""
        ...


def names() -> list[str]:
    """Return the names of the reports, sorted."""
    return [name for name in plugins.names(PACKAGE) if name not in _ROOMS]


def report(name: str) -> Report:
    """Return a report. Raises UnknownPluginError, which names those that there are."""
    return cast("Report", plugins.load(PACKAGE, name))


def written(answer: Frozen) -> str:
    """Return an answer, or what was asked, as canonical JSON: keys sorted, no blanks."""
    return json.dumps(answer.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str) -> str:
    """Return the digest of a written answer: SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
