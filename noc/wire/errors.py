"""How a conversation on the wire can fail."""

from __future__ import annotations

from noc.model.errors import ReachError
from noc.model.reading import Failure, FailureKind


class WireError(ReachError):
    """A device did not answer, refused, or answered what can't be understood. Collectors turn it into a Failure."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason

    @property
    def failure(self) -> Failure:
        """Return the failure as data."""
        return Failure(self.kind, self.reason)
