"""What casts shadows, drawn for its depth alone.

A shader that leaves pixels out must run for each of them, and software drawing pays for every line of it. So most
things have a second actor over the very same vertex buffers, whose fragments do nothing: an object that casts no
shadow is put out of the picture by its vertices.
"""

from vtkmodules.vtkCommonDataModel import vtkDataObject, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from twin.streaming import VISIBLE
from ui.viewport.actors import CASTS, Drawn
from ui.viewport.shaders import STATE_OF

_DECLARED = "//VTK::PositionVC::Dec\nin float featureIn;\nuniform sampler2D objectStates;\n"
_PLACED = f"""{STATE_OF.replace("stateOf =", "vec4 stateOf =")}
  // all corners of a triangle have one object: a triangle without an extent is not drawn
  if ((int(stateOf.a * 255.0 + 0.5) & {CASTS}) != {VISIBLE}) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
"""
_NOTHING = "//VTK::Color::Impl\n  ambientColor = diffuseColor = vec3(0.0);\n  opacity = 1.0;\n"


def caster(part: Drawn) -> vtkActor:
    """Return the actor that draws a part's depth as the sun sees it: its own where pixels decide on that."""
    assert part.variant is not None
    if not part.variant.whole:
        return part.actor
    if part.caster is None:
        part.caster = _caster(part)
    if part.caster.GetPosition() != part.actor.GetPosition():
        part.caster.SetPosition(*part.actor.GetPosition())
    return part.caster


def shown(part: Drawn) -> Drawn:
    """Return what stands for a part in the picture: itself, or the stand-in of fewer triangles in sight."""
    return next((stand_in for stand_in in part.coarse.values() if stand_in.wanted), part)


def _caster(part: Drawn) -> vtkActor:
    data = vtkPolyData()
    data.SetPoints(part.data.GetPoints())
    data.SetPolys(part.data.GetPolys())
    data.GetPointData().AddArray(part.data.GetPointData().GetArray("feature"))
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    mapper.SetStatic(1)
    mapper.SetVBOShiftScaleMethod(0)
    mapper.ScalarVisibilityOff()
    on_points = vtkDataObject.FIELD_ASSOCIATION_POINTS
    mapper.MapDataArrayToVertexAttribute("featureIn", "feature", on_points, -1)
    actor, own = vtkActor(), part.actor.GetProperty()
    actor.SetMapper(mapper)
    actor.SetUserMatrix(part.actor.GetUserMatrix())
    actor.ForceOpaqueOn()
    look = actor.GetProperty()
    look.LightingOff()
    look.SetBackfaceCulling(own.GetBackfaceCulling())
    look.SetTexture("objectStates", own.GetTexture("objectStates"))
    shader = actor.GetShaderProperty()
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Dec", True, _DECLARED, False)
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _PLACED, False)
    shader.AddFragmentShaderReplacement("//VTK::Color::Impl", True, _NOTHING, False)
    return actor
