"""The description of the API (OpenAPI) for the page that shows it: API and pages both know this, not each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Document = Mapping[str, object]


class Described:
    """Holds who makes the document; it is made when somebody first asks."""

    def __init__(self) -> None:
        self._make: Callable[[], Document] | None = None
        self._made: Document | None = None

    def put(self, make: Callable[[], Document]) -> None:
        """Say who makes it."""
        self._make, self._made = make, None

    def document(self) -> Document | None:
        """Return it; None where there is no API."""
        if self._made is None and self._make is not None:
            self._made = self._make()
        return self._made
