"""A layer seen elsewhere than it stands: its actors moved by a matrix, nothing opened, nothing made."""

from collections.abc import Iterable

import numpy as np
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkActor

from twin.geometry import F64


class Moved:
    """Moves actors and remembers where they stood."""

    def __init__(self) -> None:
        self._home: dict[vtkActor, vtkMatrix4x4] = {}

    def show(self, actors: Iterable[vtkActor], origin: F64, motion: F64) -> None:
        """Move actors by f64(4, 4) of the project frame; ``origin`` f64(3) is the scene's."""
        shift = np.eye(4)
        shift[:3, 3] = origin
        back = np.eye(4)
        back[:3, 3] = -origin
        inner = back @ motion @ shift
        for actor in actors:
            home = self._home.setdefault(actor, actor.GetUserMatrix())
            there = vtkMatrix4x4()
            there.DeepCopy((inner @ _array(home)).ravel().tolist())
            actor.SetUserMatrix(there)

    def end(self) -> None:
        """Put everything back."""
        for actor, home in self._home.items():
            actor.SetUserMatrix(home)
        self._home.clear()


def _array(matrix: vtkMatrix4x4) -> F64:
    values = [matrix.GetElement(row, column) for row in range(4) for column in range(4)]
    return np.array(values, np.float64).reshape(4, 4)
