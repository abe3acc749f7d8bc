"""The colours of points: their own, or by height, intensity, class or return."""

from dataclasses import dataclass

import numpy as np

from loaders.pointcloud.formats import Points, places
from loaders.pointcloud.header import Header
from loaders.pointcloud.tallying import Tally
from twin.choices import Option
from twin.geometry import F64, U8

COLOR = Option("color", ("auto", "rgb", "height", "intensity", "classification", "returns"))
_HEIGHTS = ("#2B4B8C", "#2F8FA8", "#5DB68B", "#B9CE6F", "#EFC45E", "#D9793F", "#A63A3A")
_CLASSES = {
    0: "#B9BEC4", 1: "#A5ABB2", 2: "#A98E66", 3: "#B5CB7A", 4: "#82B366", 5: "#4C8A4F", 6: "#C9705A",
    7: "#E0439A", 8: "#8C8C5A", 9: "#4A8FC7", 10: "#7A6A80", 11: "#6D7680", 12: "#C9C2A5", 13: "#E3B23C",
    14: "#D98E2B", 15: "#8A4FB0", 16: "#C77DD1", 17: "#5E7F9E", 18: "#F25C9B", 19: "#9A8F7D", 20: "#8FA3A0",
    21: "#DDE6EC", 22: "#C4A98C",
}  # fmt: skip
"""Colours of the classes of LAS 1.4, table 17."""
_RETURNS = ("#B9BEC4", "#3E7CB1", "#E3B23C", "#C9573F", "#7A4FA0", "#4C8A4F", "#8C5A3C", "#333A40")


def _rgb(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _table(texts: tuple[str, ...]) -> U8:
    """Return 256 colours u8(256, 3) between the given ones."""
    stops = np.array([_rgb(text) for text in texts], np.float64)
    at = np.linspace(0, len(stops) - 1, 256)
    found = [np.interp(at, np.arange(len(stops)), stops[:, k]) for k in range(3)]
    return np.stack(found, axis=1).round().astype(np.uint8)


_HEIGHT_TABLE = _table(_HEIGHTS)
_GREY_TABLE = _table(("#1E2329", "#F4F6F8"))
_CLASS_TABLE = np.array([_rgb(_CLASSES.get(k, "#A5ABB2")) for k in range(256)], np.uint8)
_RETURN_TABLE = np.array([_rgb(_RETURNS[min(k, 7)]) for k in range(256)], np.uint8)


@dataclass(frozen=True, slots=True)
class Look:
    """How the points of a cloud are coloured. ``mode`` is one of COLOR but auto.

    ``wide``: colours fill 16 bits (files that put 8 bits into them are told by their greatest value).
    ``heights`` and ``bright`` are where the ramps begin and end; heights count along ``up`` f64(3).
    """

    mode: str
    wide: bool
    heights: tuple[float, float]
    bright: tuple[float, float]
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)

    def colors(self, points: Points, header: Header) -> U8:
        """Return u8(n, 4) for points of a file."""
        found = np.full((len(points), 4), 255, np.uint8)
        if self.mode == "rgb":
            found[:, :3] = points["color"] >> np.uint16(8) if self.wide else points["color"]
        elif self.mode == "classification":
            found[:, :3] = _CLASS_TABLE[points["kind"]]
        elif self.mode == "returns":
            found[:, :3] = _RETURN_TABLE[points["returns"]]
        elif self.mode == "intensity":
            found[:, :3] = _GREY_TABLE[_steps(points["intensity"], self.bright)]
        else:
            found[:, :3] = _HEIGHT_TABLE[_steps(places(points, header) @ self.up, self.heights)]
        return found


def _steps(values: F64, ends: tuple[float, float]) -> U8:
    low, high = ends
    return np.clip((values - low) / max(high - low, 1e-9) * 255, 0, 255).astype(np.uint8)


def look_of(wanted: str, tally: Tally, places: F64, *, geocentric: bool) -> Look:
    """Return the look: what was asked for where the cloud has it, else what it has.

    ``places`` f64(n, 3) are some points of all over the cloud.
    """
    up = np.array([0.0, 0.0, 1.0])
    middle = places.mean(axis=0)
    if geocentric and np.linalg.norm(middle) > 1e6:
        up = middle / np.linalg.norm(middle)
    low, high = np.percentile(places @ up, [1.0, 99.0])
    modes = ["rgb"] if tally.color else []
    modes += ["height"] if high > low else []
    modes += ["intensity", "classification", "returns"]
    mode = wanted if wanted in modes else modes[0]
    return Look(
        mode, tally.color > 255, (float(low), float(high)), tally.bright(),
        (float(up[0]), float(up[1]), float(up[2])),
    )  # fmt: skip
