"""The error tree.

    NocError
    ├── UsageError           wrong use or invalid input, nothing was done            (exit 2)
    │   ├── InputError       a file is wrong: carries every Finding, with its place
    │   ├── TooManySeriesError  a query finds more series than it allows
    │   └── ConflictError    what was asked for can't be done to a thing as it is now, such as one that is over
    ├── UnknownPluginError   a name that no file answers to; names those that exist  (exit 2)
    ├── ReachError           could not reach or log in to what was asked for         (exit 3)
    ├── NoEvidenceError      noc itself was not fit to ask: nothing is known of what was asked
    └── StoreError           the store of time series can't do it now                (exit 3)

A device's failure is data (a Reading that says how it failed), never one of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from noc.model.finding import Finding


class NocError(Exception):
    """Root of all errors that noc raises on purpose. The text is a sentence for an operator."""

    exit_code: ClassVar[int] = 1


class UsageError(NocError):
    """Wrong use or invalid input; nothing was done."""

    exit_code: ClassVar[int] = 2


class InputError(UsageError):
    """A file that people wrote is wrong.

    findings: all that was found, in file order, at least one of level error.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class ConflictError(UsageError):
    """What was asked for can't be done to a thing as it is now; nothing was done. The text says how it is."""


class TooManySeriesError(UsageError):
    """A query finds more series than it allows; nothing was read. at_most: how many it allows."""

    def __init__(self, at_most: int) -> None:
        super().__init__(f"more than {at_most} series match; narrow the query by device, site or another tag")
        self.at_most = at_most


class UnknownPluginError(UsageError):
    """A plug-in was named that has no file. The text names those that exist."""


class ReachError(NocError):
    """What was asked for could not be reached, or refused the log-in."""

    exit_code: ClassVar[int] = 3


class NoEvidenceError(NocError):
    """A check came to nothing by noc's own fault, such as that it was too busy. That says nothing of what was asked."""


class StoreError(NocError):
    """A store of time series can't be asked or written now. The text names it and says what to do.

    retry_after_s: when it said so itself. refused: it answers, but refuses us (log-in, database): people must act.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, retry_after_s: float | None = None, *, refused: bool = False) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.refused = refused
