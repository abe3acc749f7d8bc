"""Files before they are handed to GDAL: plain names, not too large, their first bytes read.

GDAL reads some names as more than a name: addresses, members of archives, pipes, parts of a file.
"""

from pathlib import Path

from twin.errors import NotFound, NotReadable, NotSupported, TooLarge

UNPLAIN = ("!", ";", "?", "://", "{", ":SUBFILE")
"""What the library reads as more than a part of a name."""


def checked_file(location: str, limit: int, head: int) -> tuple[Path, bytes]:
    """Return the path of a plain file of at most ``limit`` bytes, and its first ``head`` bytes. Raises OpenError."""
    if location.startswith("/vsi") or any(mark in location for mark in UNPLAIN):
        advice = "Give a plain file; rename it if its name holds ! ; { or ?."
        raise NotSupported(location=location, what="this address", advice=advice)
    path = Path(location)
    try:
        if path.is_dir():
            raise NotReadable(location=location, reason="it is a folder")
        size = path.stat().st_size
        with path.open("rb") as stream:
            first = stream.read(head)
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error
    if size > limit:
        raise TooLarge(location=location, what="the file", size=size, limit=limit)
    return path, first
