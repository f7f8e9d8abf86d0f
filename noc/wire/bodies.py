"""The forms in which batches wait and are sent. Whoever holds a body of any form can read it: docs/adr/0017. Pure.

`columns`: noc/wire/columns.py, for the stores without a server. `lp-ms`: lines with times in milliseconds, gzip
level 1, as InfluxDB and VictoriaMetrics take them with `precision=ms`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from noc.model.samples import Samples
from noc.wire import columns
from noc.wire.columns import BodyError
from noc.wire.lineparser import samples_of
from noc.wire.lineprotocol import lines

COLUMNS: Final = "columns"
LINES: Final = "lp-ms"

_GZIP: Final = 31  # zlib's window bits for the gzip format
_LARGEST: Final = 1024 * 1024 * 1024


def packed(text: Iterable[str]) -> bytes:
    """Return lines as one body. Level 1: level 6 saves a quarter of the bytes for 3.5 times the CPU."""
    packer = zlib.compressobj(1, wbits=_GZIP)
    return packer.compress("\n".join(text).encode()) + packer.flush()


def unpacked(body: bytes) -> list[str]:
    """Return the lines of a body. Raises BodyError."""
    try:
        unpacker = zlib.decompressobj(wbits=_GZIP)
        text = unpacker.decompress(body, _LARGEST)
        if not unpacker.eof or unpacker.unused_data:
            raise BodyError("cut off, or more than one body")
        return text.decode().split("\n") if text else []
    except (zlib.error, UnicodeDecodeError) as error:
        raise BodyError(f"not a body of lines: {error}") from error


def encode_lines(batch: Sequence[Samples]) -> bytes:
    """Return a batch as a body of lines."""
    return packed(line for samples in batch for line in lines(samples))


def decode_lines(body: bytes) -> list[Samples]:
    """Return the batch of a body of lines. Raises BodyError."""
    try:
        return samples_of(unpacked(body))
    except BodyError:
        raise
    except ValueError as error:
        raise BodyError(str(error)) from error


_DECODERS: Final[Mapping[str, Callable[[bytes], list[Samples]]]] = {COLUMNS: columns.decode, LINES: decode_lines}


def decode(form: str, body: bytes) -> list[Samples]:
    """Return the batch of a body. Raises BodyError, also for a form that no noc of this version knows."""
    decoder = _DECODERS.get(form)
    if decoder is None:
        raise BodyError(f"a body of the form {form!r}, which this noc doesn't know: was it written by a newer one?")
    return decoder(body)


def decode_one(form: str, body: bytes, measurement: str) -> list[Samples]:
    """Return the samples of one measurement of a body: much less work than all of them. Raises BodyError.

    measurement: a plain word. Those of one moment may be in several tables.
    """
    if form == COLUMNS:
        text = measurement.encode()
        parts = [part for part in columns.unpack(body) if part.text.split(columns.WITHIN.encode(), 1)[0] == text]
        try:
            return [part.samples(number) for part in parts for number in range(len(part.heads))]
        except (ValueError, OverflowError) as error:
            raise BodyError(f"not a batch of samples: {error}") from error
    if form == LINES:
        wanted = tuple(measurement + end for end in ", ")
        try:
            return samples_of(line for line in unpacked(body) if line.startswith(wanted))
        except BodyError:
            raise
        except ValueError as error:
            raise BodyError(str(error)) from error
    return [samples for samples in decode(form, body) if samples.measurement == measurement]
