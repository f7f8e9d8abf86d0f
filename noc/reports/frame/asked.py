"""What is asked of a report, and what every answer says of itself: period, as known at, checksum. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from noc.availability.periods import Named, named
from noc.availability.policy import Period
from noc.availability.times import parse
from noc.model.errors import UsageError

By = Literal["network", "region", "site", "device", "circuit", "service"]
BY: Final[tuple[By, ...]] = ("network", "region", "site", "device", "circuit", "service")

EVERYTHING: Final = "network"
"""Of what a report tells where nothing is named."""


class Frozen(BaseModel):
    """The base of answers: frozen, and the same JSON again for the same values."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(Frozen):
    """What is asked. period: `2026-10`, or two times of ISO 8601 with a slash between. zone: IANA.

    by: what the rows are. of: an entity, whose part alone is told; `network` for all. known: as of this record of the
    ledger; None: the last.
    """

    report: str
    period: str
    zone: str = "UTC"
    by: By = "site"
    of: str = EVERYTHING
    known: int | None = None

    @property
    def subject(self) -> str:
        """Return what issues of the same thing have in common."""
        return f"{self.period} {self.zone} by {self.by} of {self.of}"

    def named(self, now: datetime) -> Named:
        """Return the period. now: the end of rolling days. Raises UsageError."""
        try:
            if "/" not in self.period:
                return named(self.period, self.zone, now)
            start, _, end = self.period.partition("/")
            return Named(self.period, "rolling", self.zone, Period(parse(start), parse(end)))
        except ValueError as error:
            raise UsageError(str(error)) from error


class KnownAt(Frozen):
    """Up to which record of the ledger is told. time_ms: of that record. hash: hexadecimal, of the chain so far."""

    record: int
    hash: str
    time_ms: int


class Slice(Frozen):
    """The records of the ledger that begin in the period, up to the last that is known.

    digest: SHA-256, hexadecimal, over their hashes (32 bytes each), in order. first, last: numbers; 0 where none is.
    """

    digest: str
    records: int
    first: int
    last: int


def is_none(value: object) -> bool:
    """Return whether a value is left out of an answer: one of before there was such a field is the same bytes again."""
    return value is None


class Head(Frozen):
    """What every answer begins with. start_ms, end_ms: of the period. until_ms: of it, what is over.

    looked_until_ms: where evidence ends, if that is before until_ms: what came then is unknown, for nobody looked.
    """

    asked: Asked
    unit: Literal["month", "quarter", "year", "biennium", "rolling"]
    start_ms: int
    end_ms: int
    until_ms: int
    known_at: KnownAt
    slice: Slice
    looked_until_ms: Annotated[int | None, Field(exclude_if=is_none)] = None
    simulated: Annotated[Literal[True] | None, Field(exclude_if=is_none)] = None
    """None of it is real."""

    @property
    def period(self) -> Period:
        """Return the period."""
        return Period(self.start_ms, self.end_ms)

    @property
    def named(self) -> Named:
        """Return the period with its name."""
        return Named(self.asked.period, self.unit, self.asked.zone, self.period)

    @property
    def is_running(self) -> bool:
        """Return whether some of the period is still to come."""
        return self.until_ms < self.end_ms


class Answer(Frozen):
    """The base of a report's answer: plain data, kept as JSON."""

    head: Head


class Issue(Frozen):
    """An answer that was issued, and kept. number: of the issues of its subject, from 1. digest: of the answer.

    id: of all issues. issued_ms: when; it stands in no file that is made of it.
    """

    id: int
    number: int
    issued_ms: int
    digest: str
