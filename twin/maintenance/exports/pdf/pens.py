"""What sheets are drawn with: points from the page's top left, text, status marks, stacked bars, hatches."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

from twin.maintenance.exports.pdf.fonts import Letters
from twin.style import FRESHNESS

WIDTH, HEIGHT = 595.28, 841.89
"""A4 in points."""
MARGIN = 42.0
INNER = WIDTH - 2 * MARGIN
INK, SOFT, FAINT = "#16202A", "#465361", "#5D6976"
LINE, PALE = "#D5DCE3", "#F0F3F6"
ACCENT = "#0B7A70"
ORDER = ("fresh", "event_driven", "due_soon", "in_grace", "stale", "suspect", "unknown", "retired")
"""How statuses follow each other in bars and legends."""
TEXT = {"fresh": "#1C6796", "due_soon": "#33657D", "in_grace": "#755600", "stale": "#A83507", "suspect": "#772B93",
        "unknown": "#525A63", "event_driven": "#3F6B65", "retired": "#5D6976"}  # fmt: skip
"""Inks of the statuses' words on white."""


class Pen:
    """Draws on a canvas; y counts down from the top of the page."""

    def __init__(self, canvas: Any, letters: Letters) -> None:
        self.canvas, self.letters = canvas, letters

    def text(
        self, at: tuple[float, float], said: str, size: float = 8.5, ink: str = INK, *,
        right: bool = False, room: float = 0.0,
    ) -> None:  # fmt: skip
        """Write one line with its baseline at y; ``right``: x is its end; ``room`` shortens it."""
        shown = self.letters.fitted(said, size, room) if room else said
        x = at[0] - self.letters.width(shown, size) if right else at[0]
        self._write((x, at[1]), self.letters.runs(shown), size, ink)

    def strong(
        self,
        at: tuple[float, float],
        said: str,
        size: float = 9.0,
        ink: str = INK,
        room: float = 0.0,
    ) -> None:
        """Write one line in bold."""
        shown = self.letters.fitted(said, size, room, bold=True) if room else said
        self._write(at, self.letters.runs(shown, bold=True), size, ink)

    def _write(
        self, at: tuple[float, float], runs: Iterable[tuple[str, str]], size: float, ink: str
    ) -> None:
        x = at[0]
        self.canvas.setFillColor(color(ink))
        for font, run in runs:
            self.canvas.setFont(font, size)
            self.canvas.drawString(x, HEIGHT - at[1], run)
            x += self.letters.measured(run, font, size)

    def line(self, start: tuple[float, float], end: tuple[float, float], ink: str = LINE, width: float = 0.5) -> None:  # fmt: skip
        """Draw a line."""
        self.canvas.setStrokeColor(color(ink))
        self.canvas.setLineWidth(width)
        self.canvas.line(start[0], HEIGHT - start[1], end[0], HEIGHT - end[1])

    def box(
        self, box: Sequence[float], fill: str = "", edge: str = "", width: float = 0.5
    ) -> None:
        """Draw a rectangle (left, top, width, height)."""
        left, top, wide, high = box
        if fill:
            self.canvas.setFillColor(color(fill))
        if edge:
            self.canvas.setStrokeColor(color(edge))
            self.canvas.setLineWidth(width)
        self.canvas.rect(left, HEIGHT - top - high, wide, high, stroke=int(bool(edge)), fill=int(bool(fill)))  # fmt: skip

    def hatched(self, box: Sequence[float], step: float = 3.0, ink: str = "#D5DBE2") -> None:
        """Draw stripes of 45 degrees within a rectangle: what is unknown is never told by colour alone."""
        left, top, wide, high = box
        path = self.canvas.beginPath()
        path.rect(left, HEIGHT - top - high, wide, high)
        self.clipped(path)
        self.canvas.setStrokeColor(color(ink))
        self.canvas.setLineWidth(0.7)
        stripes = self.canvas.beginPath()
        x = left - high
        while x < left + wide:
            stripes.moveTo(x, HEIGHT - top - high)
            stripes.lineTo(x + high, HEIGHT - top)
            x += step
        self.canvas.drawPath(stripes, stroke=1, fill=0)
        self.canvas.restoreState()

    def clipped(self, path: Any) -> None:
        """Draw within a path only, until the canvas' state is restored."""
        self.canvas.saveState()
        self.canvas.clipPath(path, stroke=0, fill=0)

    def mark(self, at: tuple[float, float], status: str, size: float = 7.0) -> None:
        """Draw a status' mark, its top left corner at a point: shape, colour and edge."""
        x, y, fill = at[0], at[1], FRESHNESS[status]
        canvas, half = self.canvas, size / 2
        canvas.setFillColor(color("#FFFFFF" if status == "retired" else fill))
        canvas.setStrokeColor(color(fill if status == "retired" else "#5A6470"))
        canvas.setLineWidth(0.5)
        if status in ("in_grace", "suspect"):
            diamond = ((half, 0), (size, half), (half, size), (0, half))
            corners = diamond if status == "in_grace" else ((half, 0), (size, size), (0, size))
            self._polygon([(x + dx, y + dy) for dx, dy in corners])
        elif status in ("stale", "unknown"):
            self.box((x, y, size, size), fill, "#5A6470")
            if status == "unknown":
                self.hatched((x, y, size, size), 2.2)
        else:
            canvas.circle(x + half, HEIGHT - y - half, half, stroke=1, fill=1)
        self._inside(x, y, status, size)

    def _inside(self, x: float, y: float, status: str, size: float) -> None:
        canvas, half = self.canvas, size / 2
        canvas.setFillColor(color("#FFFFFF"))
        if status == "due_soon":
            path = canvas.beginPath()
            path.moveTo(x + half, HEIGHT - y)
            path.arcTo(x, HEIGHT - y - size, x + size, HEIGHT - y, 90, -180)
            path.close()
            canvas.drawPath(path, stroke=0, fill=1)
        elif status == "event_driven":
            canvas.circle(x + half, HEIGHT - y - half, half * 0.6, stroke=0, fill=1)
            canvas.setFillColor(color(FRESHNESS[status]))
            canvas.circle(x + half, HEIGHT - y - half, half * 0.28, stroke=0, fill=1)
        elif status == "suspect":
            self.line((x + half, y + size * 0.36), (x + half, y + size * 0.68), "#FFFFFF", 0.9)
            canvas.circle(x + half, HEIGHT - y - size * 0.84, 0.5, stroke=0, fill=1)

    def _polygon(self, corners: Sequence[tuple[float, float]]) -> None:
        path = self.canvas.beginPath()
        path.moveTo(corners[0][0], HEIGHT - corners[0][1])
        for x, y in corners[1:]:
            path.lineTo(x, HEIGHT - y)
        path.close()
        self.canvas.drawPath(path, stroke=1, fill=1)

    def bar(self, box: Sequence[float], counts: Mapping[str, int]) -> None:
        """Draw a stacked bar of statuses with a white gap between them; the unknown share is hatched."""
        left, top, wide, high = box
        total = sum(counts.get(key, 0) for key in ORDER)
        if not total:
            self.box(box, PALE)
            return
        x = left
        for key in ORDER:
            part = wide * counts.get(key, 0) / total
            if part <= 0:
                continue
            self.box((x, top, max(part - 0.6, 0.4), high), FRESHNESS[key])
            if key == "unknown":
                self.hatched((x, top, max(part - 0.6, 0.4), high))
            x += part


@lru_cache(maxsize=64)
def color(said: str) -> Any:
    """Return a colour, #RRGGBB."""
    return import_module("reportlab.lib.colors").HexColor(said)
