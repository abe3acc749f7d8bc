"""Arrays of a batch as VTK data, without a copy."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from twin.geometry import F64, I32
from ui.viewport.batches import Batch
from ui.viewport.shaders import Kind


def cell_array(cells: I32) -> vtkCellArray:
    """Return cells of equal size without copying their connectivity."""
    array = vtkCellArray()
    array.SetData(cells.shape[1], numpy_to_vtk(np.ascontiguousarray(cells).ravel()))
    return array


def translation(offset: F64) -> vtkMatrix4x4:
    """Return the float64 matrix that moves by ``offset`` f64(3)."""
    matrix = vtkMatrix4x4()
    for axis in range(3):
        matrix.SetElement(axis, 3, float(offset[axis]))
    return matrix


def poly_data(batch: Batch) -> vtkPolyData:
    """Return the arrays as VTK data; numpy keeps the memory alive through VTK's reference."""
    data = vtkPolyData()
    points = vtkPoints()
    points.SetData(numpy_to_vtk(np.ascontiguousarray(batch.positions)))
    data.SetPoints(points)
    cells = cell_array(batch.cells)
    if batch.kind in (Kind.FACES, Kind.CAPS, Kind.GROUND):
        data.SetPolys(cells)
    elif batch.kind is Kind.POINTS:
        data.SetVerts(cells)
    else:
        data.SetLines(cells)
    arrays = data.GetPointData()
    for name, values in (("feature", batch.feature), ("normal", batch.normals), ("uv", batch.uv)):
        if values is not None:
            array = numpy_to_vtk(np.ascontiguousarray(values, np.float32))
            array.SetName(name)
            arrays.AddArray(array)
    if not _one_color(batch):
        colors = numpy_to_vtk(np.ascontiguousarray(batch.colors))
        colors.SetName("color")
        arrays.AddArray(colors)
        arrays.SetActiveScalars("color")
    return data


def _one_color(batch: Batch) -> bool:
    """Return whether all vertices have one colour: then it is no attribute, and the GPU does less."""
    return bool((batch.colors == batch.colors[0]).all())
