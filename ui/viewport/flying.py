"""What can be asked of the camera of a view: flights to standard views, boxes and back; tools of the mouse."""

from abc import abstractmethod
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from twin.geometry import F64
from twin.tiles import View
from ui.viewport.camera import STANDARD, Pose, fit, roomy, standard
from ui.viewport.navigation import Navigator


class Flying(QWidget):
    """A widget with a camera that takes commands; whoever draws says what it sees."""

    navigator: Navigator
    _home: F64 | None

    @property
    @abstractmethod
    def view(self) -> View:
        """Return the camera now, its size in device pixels."""

    @property
    @abstractmethod
    def covered(self) -> float:
        """Return the device pixels at the right that a tall plate takes from a wide picture."""

    @abstractmethod
    def _touched(self) -> None:
        """Note that the camera moves."""

    @abstractmethod
    def _pivot(self, x: float, y: float) -> F64:
        """Return the point under the cursor."""

    def go(self, pose: Pose, seconds: float = 0.35) -> None:
        """Fly to a pose."""
        self.navigator.fly(pose, seconds)
        self._touched()

    def fit_box(self, box: F64) -> None:
        """Fly until a box f64(6) just fills the picture; the direction stays."""
        if np.isfinite(box).all():
            size, pose = self.view.size, self.navigator.pose
            self.go(fit(pose, roomy(box), size, 1.5, self.covered))

    def home(self) -> None:
        """Fly to the whole city."""
        if self._home is not None:
            size, pose = self.view.size, self.navigator.pose
            self.go(fit(pose, self._home, size, covered=self.covered))

    def standard_view(self, name: str, box: F64 | None = None) -> None:
        """Fly to a standard view (iso, top, north, south, east, west)."""
        box = self._home if box is None else box
        if box is not None and name in STANDARD:
            fov = self.navigator.pose.fov_y
            self.go(standard(name, box, self.view.size, fov, self.covered))

    def north_up(self) -> None:
        """Turn until north is up, round the middle of the picture."""
        pose = self.navigator.pose
        turned = replace(pose, yaw=0.0)
        self.go(replace(turned, eye=pose.target - turned.forward * pose.focus))

    def last_view(self) -> None:
        """Fly back to the view before the last jump."""
        self.navigator.fly_back()
        self._touched()

    def set_tool(self, tool: str) -> None:
        """Choose what a plain left drag does: ``explore``, ``walk`` or ``band``."""
        self.navigator.tool = tool
        self.navigator.keys = frozenset()
        self.setCursor(
            Qt.CursorShape.CrossCursor if tool == "band" else Qt.CursorShape.ArrowCursor
        )

    def fly_round(self, on: bool) -> None:
        """Start or stop a slow lap round the middle of the picture."""
        self.navigator.fly_round(self._pivot(self.width() / 2, self.height() / 2) if on else None)
        self._touched()
