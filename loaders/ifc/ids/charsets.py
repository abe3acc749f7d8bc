"""Sets of characters as XML Schema's regular expressions name them (XSD part 2, appendix F).

A set is a function from a character to a truth value; Python's own character tables answer.
"""

import unicodedata
from collections.abc import Callable

CharSet = Callable[[str], bool]

_KINDS = {
    "L": "ultmo",
    "M": "nce",
    "N": "dlo",
    "P": "cdseifo",
    "Z": "slp",
    "S": "mcko",
    "C": "cfon",
}
CATEGORIES = frozenset({*_KINDS, *(big + small for big, rest in _KINDS.items() for small in rest)})
BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Thai": (0x0E00, 0x0E7F),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7A3),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}
"""The blocks that ``\\p{Is...}`` may name here."""
CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


def any_char(char: str) -> bool:
    """Tell what ``.`` takes: all but the ends of lines."""
    return char not in "\n\r"


def single(wanted: str) -> CharSet:
    """Return the set of one character."""
    return lambda char: char == wanted


def span(low: str, high: str) -> CharSet:
    """Return the set from one character to another, both in it."""
    return lambda char: low <= char <= high


def union(parts: list[CharSet]) -> CharSet:
    """Return what is in any of some sets."""
    return parts[0] if len(parts) == 1 else lambda char: any(part(char) for part in parts)


def inverse(part: CharSet) -> CharSet:
    """Return what is not in a set."""
    return lambda char: not part(char)


def minus(part: CharSet, without: CharSet) -> CharSet:
    """Return a set without another."""
    return lambda char: part(char) and not without(char)


def category(name: str) -> CharSet | None:
    """Return ``\\p{name}``: a general category or a block; None for names nobody knows."""
    if name.startswith("Is"):
        block = BLOCKS.get(name[2:])
        return None if block is None else span(chr(block[0]), chr(block[1]))
    if name not in CATEGORIES:
        return None
    return lambda char: unicodedata.category(char).startswith(name)


def _is_digit(char: str) -> bool:
    return unicodedata.category(char) == "Nd"


def _is_word(char: str) -> bool:
    return unicodedata.category(char)[0] not in "PZC"


def _is_space(char: str) -> bool:
    return char in " \t\n\r"


def _begins_name(char: str) -> bool:
    return char in "_:" or unicodedata.category(char)[0] == "L"


def _in_name(char: str) -> bool:
    return _begins_name(char) or char in ".-·" or unicodedata.category(char) in ("Nd", "Mn", "Mc")


MULTI: dict[str, CharSet] = {
    "d": _is_digit,
    "w": _is_word,
    "s": _is_space,
    "i": _begins_name,
    "c": _in_name,
}
"""The sets that a backslash and a small letter name; the capital names the rest."""
