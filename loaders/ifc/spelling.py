"""Texts of a STEP file that are not spelled as the standard says, spelled anew.

ISO 10303-21 writes what is not ASCII as ``\\X2\\...\\X0\\`` (characters of the first plane) or
``\\X4\\...\\X0\\``. Programs also write raw UTF-8, raw GB18030 or Windows' Latin, and surrogate pairs
in ``\\X2\\``; ifcopenshell drops all of these, and a raw GBK character whose second byte is a backslash
makes it refuse the whole file.
"""

import mmap
import re
from collections.abc import Sequence
from typing import NamedTuple

from twin.messages import text
from twin.records import Problem

UTF8, CHINESE, WESTERN = "UTF-8", "GB18030", "Windows-1252"
BLOCK = 1 << 20
EXAMPLE = 60
_PIECE = re.compile(rb"/\*.*?\*/|'[^']*'", re.DOTALL)
"""A comment (left alone: it may hold an apostrophe) or a text up to its next apostrophe."""
_UNIT = rb"[0-9A-Fa-f]{4}"
_PAIRS = re.compile(
    rb"\\X2\\((?:%b)*?[Dd][89ABab]%b(?:%b)*)\\X0\\" % (_UNIT, _UNIT[:-3] + b"{2}", _UNIT)
)
_OTHER = re.compile(r"[^\x00-\x7f]")


class Edit(NamedTuple):
    """The bytes [start, end) of a file are read as ``new``."""

    start: int
    end: int
    new: bytes


def respelled(data: mmap.mmap, encoding: str = "") -> tuple[list[Edit], tuple[Problem, ...]]:
    """Return what to read in the place of raw and wrongly paired characters, and what was assumed.

    ``encoding`` is what somebody who knows the file says; '' takes it from the bytes.
    """
    if _is_ascii(data):
        return [Edit(*found.span(), _paired(found)) for found in _PAIRS.finditer(data)], ()
    pieces = [
        (found.start(), found.group())
        for found in _PIECE.finditer(data)
        if found.group()[:1] == b"'"
        and not (found.group().isascii() and _PAIRS.search(found.group()) is None)
    ]
    raw = [piece for _, piece in pieces if not piece.isascii()]
    named = encoding or encoding_of(raw)
    edits = [Edit(at, at + len(piece), _spelled(piece, named)) for at, piece in pieces]
    if named == UTF8 or not raw:
        return edits, ()
    example = next(piece for piece in raw if not _is_utf8(piece) or piece is raw[-1])
    shown = example.decode(named, "replace").strip("'")[:EXAMPLE]
    params = {"encoding": named, "count": len(raw), "example": shown}
    return edits, (Problem("ifc.encoding", text("problem.ifc.encoding", **params), "", params),)


def encoding_of(pieces: Sequence[bytes]) -> str:
    """Return what raw texts are written in, all of them heard.

    Hardly anything that is not UTF-8 passes for it. Between Chinese and Latin the second bytes decide:
    in Chinese most are above 127; after a Latin letter beyond ASCII a small letter follows.
    """
    wrong = [piece for piece in pieces if not _is_utf8(piece)]
    if not wrong:
        return UTF8
    try:
        signs = [sign for piece in wrong for sign in piece.decode(CHINESE) if ord(sign) > 127]
    except UnicodeDecodeError:
        return WESTERN
    return CHINESE if sum(map(_chinese, signs)) > 0 else WESTERN


def _chinese(sign: str) -> int:
    """Return 1 for what only Chinese looks like in GB18030, -1 for what Latin looks like, or 0."""
    packed = sign.encode(CHINESE)
    if len(packed) == 4 or packed[1] > 127:
        return 1
    return -1 if ord("a") <= packed[1] <= ord("z") or packed[1] in b" -" else 0


def escaped(words: str) -> bytes:
    """Return a text as ISO 10303-21 (6.4.3) spells it; what is ASCII stays as it is."""
    return _OTHER.sub(_escape, words).encode("ascii")


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\X2\\{code:04X}\\X0\\" if code < 0x10000 else f"\\X4\\{code:08X}\\X0\\"


def _paired(found: re.Match[bytes]) -> bytes:
    """Return UTF-16 code units as characters; half a pair is none (U+FFFD)."""
    return escaped(bytes.fromhex(found.group(1).decode()).decode("utf-16-be", "replace"))


def _spelled(piece: bytes, encoding: str) -> bytes:
    """Return a text of a file in the standard's spelling.

    Single texts may be UTF-8 in a file that is not; by chance a Chinese one (a wall's 0xC7BD) passes
    for two bytes of UTF-8, but not for three.
    """
    if _is_utf8(piece) and (encoding != CHINESE or max(piece.decode()) >= "\u0800"):
        words = piece.decode()
    else:
        words = piece.decode(encoding, "replace")
    return _PAIRS.sub(_paired, escaped(words))


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_ascii(data: mmap.mmap) -> bool:
    return all(data[at : at + BLOCK].isascii() for at in range(0, len(data), BLOCK))
