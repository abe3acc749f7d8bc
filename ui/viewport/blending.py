"""How an actor that one sees through turns blending on before it is drawn."""

import weakref
from collections.abc import Callable

from vtkmodules.vtkRenderingCore import vtkRenderer

GL_BLEND = 0x0BE2


def blending(renderer: vtkRenderer) -> Callable[[object, str], None]:
    """Return the observer that turns blending on.

    It does not hold the renderer: that holds its actors, and they the observer, where no garbage collection looks.
    """
    known = weakref.ref(renderer)

    def blend(_sender: object, _event: str) -> None:
        found = known()
        if found is not None:
            found.GetRenderWindow().GetState().vtkglEnable(GL_BLEND)

    return blend
