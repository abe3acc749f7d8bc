"""The reader of tables and vector files: what it reads is decided by the suffix, then by the content."""

from dataclasses import dataclass

from loaders.footprints import csv_rows, gdal
from twin.ports import Feedback, VectorReader, VectorTable

TABLES = ("csv", "tsv", "txt")


@dataclass(frozen=True, slots=True)
class VectorFiles:
    """CSV by plain Python, everything else by GDAL."""

    suffixes: tuple[str, ...] = ("csv", "tsv", "txt", *gdal.DRIVERS)

    def read(self, location: str, layer: str, feedback: Feedback) -> VectorTable:
        """Return the rows of a layer. Raises OpenError, UsageError, Cancelled."""
        feedback.progress(0.0, "read")
        if location.rpartition(".")[2].lower() in TABLES:
            return csv_rows.read(location, feedback)
        return gdal.read(location, layer)


READER: VectorReader = VectorFiles()
