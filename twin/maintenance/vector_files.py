"""Tables and vector files for evidence, areas, registers and side-cars: read here, in a worker or not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import UnknownFormat
from twin.ports import SILENT, Feedback, VectorReader, VectorTable, registered


def reader_of(location: str) -> VectorReader:
    """Return the reader that a file's suffix belongs to. Raises UnknownFormat."""
    suffix = location.rpartition(".")[2].lower()
    readers = registered("citytwin.tables").values()
    for reader in readers:
        if suffix in reader.suffixes:
            found: VectorReader = reader
            return found
    known = sorted({name for reader in readers for name in reader.suffixes})
    raise UnknownFormat(location=location, formats=", ".join(known))


def read_vector(location: str, layer: str = "", feedback: Feedback = SILENT) -> VectorTable:
    """Return the rows of a layer of a vector file, or of a table of text, here and now.

    Raises OpenError, UsageError for a layer that is not there, Cancelled.
    """
    return reader_of(location).read(location, layer, feedback)


@dataclass(frozen=True, slots=True)
class Reading:
    """The same as work of a worker process, whose crash takes nothing along: ``jobs.submit(Reading(...))``."""

    location: str
    layer: str = ""

    def __call__(self, feedback: Feedback) -> VectorTable:
        """Read. Raises OpenError, UsageError, Cancelled."""
        return read_vector(self.location, self.layer, feedback)


def typed(values: NDArray[Any]) -> NDArray[Any]:
    """Return a column of text as numbers where every cell that says something is one; else as it is.

    Numbers that begin with a zero (keys of municipalities, telephone numbers) stay text.
    """
    if values.dtype.kind != "T":
        return values
    said = values.tolist()
    found = np.full(len(said), np.nan)
    for row, cell in enumerate(said):
        if cell is None or not cell.strip():
            continue
        plain = cell.strip()
        if (
            len(plain) > 1
            and plain.lstrip("+-").startswith("0")
            and plain.lstrip("+-0")[:1] not in ".,"
        ):
            return values
        try:
            found[row] = float(plain)
        except ValueError:
            return values
    return values if np.isnan(found).all() else found
