"""How a conversation on the wire can fail."""

from __future__ import annotations

import errno
import re
from typing import Final

from noc.model.errors import ReachError
from noc.model.reading import Failure, FailureKind

_OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_IN_WORDS: Final = re.compile(r"\(os error (\d{1,3})\)$")
"""As an extension in Rust tells an error of the system, without its number beside."""


def is_ours(error: OSError) -> bool:
    """Return whether this machine had no room for a question: no open file, no buffer, no memory."""
    if error.errno is None and (told := _IN_WORDS.search(str(error))):
        return int(told[1]) in _OURS
    return error.errno in _OURS


class WireError(ReachError):
    """A device did not answer, refused, or answered what can't be understood. Collectors turn it into a Failure.

    ours: noc itself could not ask (`is_ours`).
    """

    def __init__(self, kind: FailureKind, reason: str, *, ours: bool = False) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.ours = ours

    @property
    def failure(self) -> Failure:
        """Return the failure as data."""
        return Failure(self.kind, self.reason, self.ours)
