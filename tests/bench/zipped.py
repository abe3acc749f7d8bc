"""Documents of the shared data, plain or in an archive."""

import zipfile
from pathlib import Path
from typing import Any

import orjson


def document_of(path: Path) -> dict[str, Any]:
    """Return a JSON document; of an archive the first one in it."""
    data = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            data = archive.read(archive.namelist()[0])
    found: dict[str, Any] = orjson.loads(data)
    return found
