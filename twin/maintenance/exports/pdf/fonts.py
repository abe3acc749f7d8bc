"""Letters of a sheet: Inter for Latin, a Chinese font of this machine, text measured and drawn run by run.

The documents embed what they use, so that they look alike everywhere; only where no Chinese font is found
does a document name one that the reader's program must have, and that is told.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from twin.messages import text
from twin.records import Problem

LATIN, BOLD, WIDE = "CityTwin", "CityTwin-Bold", "CityTwin-Wide"
FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "C:/Windows/Fonts", "/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts",
)  # fmt: skip
CHINESE = ("NotoSansSC*.ttf", "NotoSansSC*.otf", "wqy-microhei.tt?", "msyh.tt?", "PingFang.ttc", "simhei.ttf",
           "STHeiti*.tt?", "DroidSansFallback*.ttf")  # fmt: skip
"""Files of Chinese fonts, best first; those with outlines that cannot be embedded are passed over."""
READERS = "STSong-Light"
"""A font that readers of PDF bring for Chinese; it is named, not embedded."""


class Letters:
    """The fonts of one document. ``problem`` is set where Chinese could not be embedded."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._metrics: Any = import_module("reportlab.pdfbase.pdfmetrics")
        kind: Any = import_module("reportlab.pdfbase.ttfonts").TTFont
        folder = files("twin").joinpath("data", "fonts")
        for name, file in ((LATIN, "Inter-Regular.ttf"), (BOLD, "Inter-SemiBold.ttf")):
            self._metrics.registerFont(kind(name, str(folder.joinpath(file))))
        self._known = frozenset(self._metrics.getFont(LATIN).face.charToGlyph)
        self._wide, self._others = "", frozenset[int]()
        self.problem: Problem | None = None
        if any(ord(letter) not in self._known for said in texts for letter in said):
            self._find_wide(kind)

    def _find_wide(self, kind: Any) -> None:
        path = chinese_font()
        if path:
            font = kind(WIDE, path, subfontIndex=0)
            self._metrics.registerFont(font)
            self._wide, self._others = WIDE, frozenset(font.face.charToGlyph)
            return
        named: Any = import_module("reportlab.pdfbase.cidfonts").UnicodeCIDFont
        self._metrics.registerFont(named(READERS))
        self._wide = READERS
        code = "report.no_chinese_font"
        self.problem = Problem(code, text(f"problem.{code}", font=READERS), "", {"font": READERS})

    def runs(self, said: str, *, bold: bool = False) -> Iterator[tuple[str, str]]:
        """Yield (font, letters): a letter that no font has becomes a question mark."""
        plain = BOLD if bold else LATIN
        font, run = plain, ""
        for letter in said:
            code = ord(letter)
            if code in self._known or not self._wide:
                wanted = plain
                letter = letter if code in self._known else "?"
            else:
                wanted = self._wide
                letter = letter if self._wide == READERS or code in self._others else "?"
            if wanted != font and run:
                yield font, run
                run = ""
            font = wanted
            run += letter
        if run:
            yield font, run

    def measured(self, run: str, font: str, size: float) -> float:
        """Return the width of a run in points."""
        return float(self._metrics.stringWidth(run, font, size))

    def width(self, said: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text in points."""
        return sum(self.measured(run, font, size) for font, run in self.runs(said, bold=bold))

    def fitted(self, said: str, size: float, room: float, *, bold: bool = False) -> str:
        """Return a text that fits, shortened in its middle by an ellipsis."""
        if self.width(said, size, bold=bold) <= room:
            return said
        low, high = 0, len(said)
        while low < high:
            kept = (low + high + 1) // 2
            if self.width(_shortened(said, kept), size, bold=bold) <= room:
                low = kept
            else:
                high = kept - 1
        return _shortened(said, low)

    def lines(self, said: str, size: float, room: float) -> list[str]:
        """Return a text broken into lines at spaces, and between Chinese letters."""
        found, line = [], ""
        for word in _words(said):
            if line and self.width((line + word).rstrip(), size) > room:
                found.append(line.rstrip())
                line = word.lstrip()
            else:
                line += word
        return [*found, line.rstrip()] if line.strip() or not found else found


def _shortened(said: str, kept: int) -> str:
    head = (kept + 1) // 2
    tail = kept - head
    return f"{said[:head]}…{said[len(said) - tail :] if tail else ''}"


_CLOSING = "，。；：、？！）》」"
"""Letters that no line begins with."""
_OPENING = "（《「"
"""Letters that no line ends with."""


def _words(said: str) -> Iterator[str]:
    """Yield pieces between which a line may break: after spaces and Chinese letters."""
    word = ""
    for letter, after in zip(said, f"{said[1:]} ", strict=True):
        word += letter
        wide = ord(letter) >= 0x2E80 or ord(after) >= 0x2E80
        if letter == " " or (wide and after not in _CLOSING and letter not in _OPENING):
            yield word
            word = ""
    if word:
        yield word


@lru_cache(maxsize=1)
def chinese_font() -> str:
    """Return the path of a Chinese font that can be embedded; '' where this machine has none."""
    kind: Any = import_module("reportlab.pdfbase.ttfonts").TTFont
    broken: Any = import_module("reportlab.pdfbase.ttfonts").TTFError
    for pattern in CHINESE:
        for folder in FOLDERS:
            place = Path(folder).expanduser()
            for path in sorted(place.rglob(pattern)) if place.is_dir() else ():
                try:
                    kind("CityTwin-Tried", str(path), subfontIndex=0)
                except (broken, OSError, ValueError, KeyError):
                    continue  # outlines of another kind, or damaged
                return str(path)
    return ""
