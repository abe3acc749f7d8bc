"""Numbers that are none, found in the text before a kernel sees them.

ISO 10303-21 has no NaN and no infinity, but programs write them; an infinite coordinate keeps a
geometry kernel busy for ever, and nothing outside of the process could tell that from work.
"""

import mmap
import re
from pathlib import Path

from twin.errors import BrokenFile, NotReadable

_SUSPECT = re.compile(rb"[(,]\s*[-+]?(?:1\.#|nan\b|inf\b|infinity\b)", re.IGNORECASE)
_TEXT = re.compile(rb"'[^']*'")
_REACH = 1 << 16
"""No statement with a number that is none was seen to be longer; only its own text is looked at."""


def refuse_non_numbers(path: str, location: str) -> None:
    """Raise BrokenFile naming the line of the first NaN or infinity outside of texts."""
    try:
        with Path(path).open("rb") as stream:
            if not stream.seek(0, 2):
                return
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                _look(data, location)
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error


def _look(data: mmap.mmap, location: str) -> None:
    for found in _SUSPECT.finditer(data):
        start = max(data.rfind(b";", 0, found.start()), found.start() - _REACH, 0)
        end = data.find(b";", found.end())
        statement = data[start : end if 0 < end < found.end() + _REACH else found.end()]
        if _SUSPECT.search(_TEXT.sub(b"''", statement)):
            line = data[: found.start()].count(b"\n") + 1
            word = found.group().lstrip(b"(, ").decode("ascii", "replace")
            reason = f"line {line}: {word} is no number"
            raise BrokenFile(location=location, format="IFC", reason=reason)
