"""An object's state -> one texel of a texture that the shaders read."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTexture

from twin.geometry import U8
from ui.viewport.shaders import STATE_WIDTH


class StateTexture:
    """One RGBA8 texel per object of a tile; written in place, four bytes an object."""

    def __init__(self, count: int) -> None:
        """Make room for ``count`` objects."""
        self._count = count
        height = max(1, -(-count // STATE_WIDTH))
        width = STATE_WIDTH if height > 1 else max(1, count)
        self._texels = np.zeros((height * width, 4), np.uint8)
        self._scalars = numpy_to_vtk(self._texels)
        self._image = vtkImageData()
        self._image.SetDimensions(width, height, 1)
        self._image.GetPointData().SetScalars(self._scalars)
        self.texture = vtkTexture()
        self.texture.SetInputData(self._image)
        self.texture.InterpolateOff()
        self.texture.MipmapOff()
        self.texture.RepeatOff()
        self.texture.SetColorModeToDirectScalars()

    def write(self, states: U8) -> bool:
        """Write the states u8(count, 4); return whether they differed."""
        if np.array_equal(self._texels[: self._count], states):
            return False
        self._texels[: self._count] = states
        self._scalars.Modified()
        self._image.Modified()
        return True
