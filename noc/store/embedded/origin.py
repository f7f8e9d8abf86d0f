"""The embedded store as the origin of a copy, and as what is exported. Blocking."""

from __future__ import annotations

from collections.abc import Iterator

from noc.store._copying import Chunk
from noc.store._exports import Writer
from noc.store.embedded.view import Piece, Selection, View


class ViewOrigin:
    """Numbers of a view, for `noc.store._copying`."""

    def __init__(self, view: View, selection: Selection) -> None:
        self._view = view
        self._selection = selection

    def days(self) -> list[int]:
        """Return the days that there are numbers of, ascending."""
        return self._view.days(self._selection)

    def chunks(self, day: int, after: tuple[str, str] | None) -> Iterator[Chunk]:
        """Yield the numbers of a day, sorted by device and measurement, those behind `after` alone."""
        for piece in self._view.pieces(self._selection, [day], after):
            device, measurement = piece.block
            yield Chunk(device, measurement, piece.frame.shape.columns, piece.frame.times, piece.frame.matrix)


def export(view: View, selection: Selection, writer: Writer) -> Iterator[tuple[Piece, int]]:
    """Write all that is selected; yield each piece that was written, and how many numbers. Raises OSError."""
    for piece in view.pieces(selection):
        yield piece, writer.write(piece.block[1], piece.frame.shape.columns, piece.frame.times, piece.frame.matrix)
