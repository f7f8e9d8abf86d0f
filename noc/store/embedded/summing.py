"""From what is cut to its summaries: what is written at once of a day and measurement becomes one piece. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from noc.store._rows import DAY_MS
from noc.store.embedded.bounds import Cells
from noc.store.embedded.frame import Frame
from noc.store.embedded.gather import Alike
from noc.store.embedded.summary import Keys, Piece, Seen, key_of, stepped, text_of

WASTE: Final = 2
"""Steps in which nothing was seen may be so many times those in which something was, before pieces stay apart."""

Texts = Callable[[], Sequence[bytes]]


class Summing:
    """Gathers the pieces of a slice of cutting, of one measurement and day."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []

    def add_alike(self, alike: Alike, day: int) -> None:
        """Take rows of tables that are alike."""
        kind = alike.kind
        names = sorted(kind.fields)
        for tables, begin, seen, columns in stepped(alike.times, alike.cube, day * DAY_MS):
            numbers = [alike.tables[n] for n in tables.tolist()]
            keys = np.frombuffer(b"".join([kind.keys(number) for number in numbers]), "<u8")
            cells = iter(columns)
            none = _none(seen)
            rows = np.array([next(cells) if there else none for there in alike.present.tolist()], np.object_)
            fields = {
                name: _beside(list(of_field))
                for name, of_field, present in zip(
                    names, rows.reshape(-1, kind.rows), alike.present.reshape(-1, kind.rows), strict=True
                )
                if present.any()
            }
            own = keys.reshape(-1, kind.rows).T.reshape(-1)
            self._pieces.append(Piece(begin, own, _texts(alike, numbers), _seen_beside([seen] * kind.rows), fields))

    def add_frame(self, frame: Frame, day: int) -> None:
        """Take the rows of a frame, all of that day."""
        series = sorted({tags for _, tags in frame.shape.columns})
        texts = [text_of(tags) for tags in series]
        keys = np.frombuffer(b"".join([key_of(text) for text in texts]), "<u8")
        places = {tags: place for place, tags in enumerate(series)}
        ((_, begin, seen, columns),) = stepped(frame.times[None], frame.matrix[None], day * DAY_MS)
        fields: dict[str, list[Cells]] = {}
        for (field, tags), cells in zip(frame.shape.columns, columns, strict=True):
            fields.setdefault(field, [_none(seen)] * len(series))[places[tags]] = cells
        own = {field: _beside(cells) for field, cells in fields.items()}
        self._pieces.append(Piece(begin, keys, lambda: texts, _seen_beside([seen] * len(series)), own))

    def pieces(self) -> Iterator[Piece]:
        """Yield what was taken: as one piece, where its steps are much the same."""
        alike: dict[tuple[int, int], list[Piece]] = {}
        for piece in self._pieces:
            alike.setdefault((piece.begin, len(piece.seen.count)), []).append(piece)
        begin = min((first for first, _ in alike), default=0)
        span = max((first + steps for first, steps in alike), default=0) - begin
        taken = sum(piece.seen.count.size for piece in self._pieces)
        if span * sum(piece.keys.size for piece in self._pieces) <= WASTE * taken:
            if self._pieces:
                yield _one([_padded(piece, begin, span) for piece in self._pieces])
            return
        for pieces in alike.values():
            yield _one(pieces)


def _texts(alike: Alike, numbers: Sequence[int]) -> Texts:
    def texts() -> list[bytes]:
        found = [alike.kind.texts(number) for number in numbers]
        return [one[row] for row in range(alike.kind.rows) for one in found]

    return texts


def _none(seen: Seen) -> Cells:
    """Return the cells of a column without a number."""
    zeros = np.zeros(seen.count.shape, np.int32)
    return Cells(zeros, zeros, zeros.astype(np.uint16), zeros.astype(np.uint16))


def _beside(cells: Sequence[Cells]) -> Cells:
    """Return the cells of several series, steps × all."""
    if len(cells) == 1:
        return cells[0]
    return Cells(
        np.concatenate([one.count for one in cells], axis=1),
        np.concatenate([one.codes for one in cells], axis=1),
        np.concatenate([one.ups for one in cells], axis=1),
        np.concatenate([one.downs for one in cells], axis=1),
    )


def _seen_beside(seen: Sequence[Seen]) -> Seen:
    if len(seen) == 1:
        return seen[0]
    return Seen(
        np.concatenate([one.count for one in seen], axis=1),
        np.concatenate([one.first for one in seen], axis=1),
        np.concatenate([one.last for one in seen], axis=1),
    )


def _padded(piece: Piece, begin: int, span: int) -> Piece:
    """Return a piece with more steps, in which nothing was seen."""
    around = ((piece.begin - begin, begin + span - piece.begin - len(piece.seen.count)), (0, 0))
    if not any(around[0]):
        return piece
    seen, cells = piece.seen, piece.fields
    return replace(
        piece,
        begin=begin,
        seen=Seen(*(np.pad(each, around) for each in (seen.count, seen.first, seen.last))),
        fields={
            field: Cells(
                np.pad(own.count, around), np.pad(own.codes, around), np.pad(own.ups, around), np.pad(own.downs, around)
            )
            for field, own in cells.items()
        },
    )


def _one(pieces: Sequence[Piece]) -> Piece:
    """Return pieces with the same steps as one, series behind series."""
    if len(pieces) == 1:
        return pieces[0]
    fields: dict[str, None] = dict.fromkeys(field for piece in pieces for field in piece.fields)
    keys: Keys = np.concatenate([piece.keys for piece in pieces])
    return Piece(
        pieces[0].begin,
        keys,
        lambda: [text for piece in pieces for text in piece.texts()],
        _seen_beside([piece.seen for piece in pieces]),
        {
            field: _beside([piece.fields[field] if field in piece.fields else _none(piece.seen) for piece in pieces])
            for field in fields
        },
    )
