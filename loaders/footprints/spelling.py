"""Bytes to text when nobody says how they are to be read: marks, UTF-8, UTF-16, Chinese code pages."""

import codecs
from collections.abc import Sequence
from typing import NamedTuple

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; UTF-32 before UTF-16, whose mark it begins with."""
LAST = "latin-1"
"""What every byte is in: used when nothing else fits, and said."""
SAMPLE = 1 << 16


class Spelled(NamedTuple):
    """A text, the code page it was read in, and whether that was a guess."""

    text: str
    encoding: str
    guessed: bool


def decoded(data: bytes) -> Spelled:
    """Return bytes as text. A mark decides; then UTF-8 if all of it is, UTF-16 by its zero bytes,
    GB18030 (GBK and GB 2312 are parts of it) if all of it is, else Latin-1."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return Spelled(data.decode(encoding, "replace"), encoding, False)
    wide = _wide(data[:SAMPLE])
    if wide:
        return Spelled(data.decode(wide, "replace"), wide, True)
    try:
        return Spelled(data.decode("utf-8"), "utf-8", False)
    except UnicodeDecodeError:
        pass
    try:
        return Spelled(data.decode("gb18030"), "gb18030", True)
    except UnicodeDecodeError:
        return Spelled(data.decode(LAST), LAST, True)


def _wide(head: bytes) -> str:
    """Return UTF-16's byte order where every other byte of a head is mostly zero ('' = it is not)."""
    if len(head) < 8:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def named(code_page: str) -> str:
    """Return Python's name for what a .cpg file says ('' = none known): 936, CP936, GBK, UTF-8, 65001."""
    said = code_page.strip().strip("\x00").lower().replace("ansi ", "").replace("windows-", "cp")
    numbers = {"936": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
               "65001": "utf-8", "88591": "latin-1", "54936": "gb18030"}  # fmt: skip
    tried = numbers.get(said, f"cp{said}" if said.isdigit() else said)
    try:
        return codecs.lookup(tried).name if tried else ""
    except LookupError:
        return ""


def put_right(said: Sequence[str | None]) -> tuple[list[str | None], int]:
    """Return texts in which Chinese that was once read as Latin-1 (``ËÕÖÝ``) is Chinese again, and
    how many were. Only where nearly all texts with such letters turn out to be GB 2312."""
    found, broken, tried = list(said), 0, 0
    again: dict[int, str] = {}
    for row, text in enumerate(said):
        if text is None or text.isascii():
            continue
        tried += 1
        try:
            again[row] = text.encode("latin-1").decode("gb2312")
        except UnicodeError:
            broken += 1
    if not again or broken > 0.1 * tried:
        return found, 0
    for row, text in again.items():
        found[row] = text
    return found, len(again)
