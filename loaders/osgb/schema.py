"""Which fields the classes of OpenSceneGraph have, in order, and since and until which version.

A class is written as the fields of its bases and then its own. A field is a name and a type;
``objects.Reader`` has a method for every type. A type that starts with ``?`` is written only where a
truth value before it says so. Versions are those of the library (soversion): 80 is 3.0, 100 is 3.2,
130 and 131 are 3.4, 161 is 3.6. Between them developers' versions were used for years.
"""

from typing import NamedTuple


class Field(NamedTuple):
    """A field: ``since`` <= version < ``until``."""

    name: str
    type: str
    since: int = 0
    until: int = 1 << 30


class Base(NamedTuple):
    """The fields of a base class, which all versions or those from ``since`` on have."""

    name: str
    since: int = 0


ARRAY_OBJECTS = 112
"""From this version on arrays and primitive sets are objects like all others."""
PICTURE_CLASS = 95
INSTANCES = 97
OWN_STATE = 156
"""From this version on a drawable's state and callbacks are those of a node."""


def _fields(
    *rows: tuple[str, str] | tuple[str, str, int] | tuple[str, str, int, int],
) -> tuple[Field, ...]:
    return tuple(Field(*row) for row in rows)


def _bases(*names: str | Base) -> tuple[Base, ...]:
    return tuple(Base(name) if isinstance(name, str) else name for name in names)


_OLD_ARRAYS = ("Vertex", "Normal", "Color", "SecondaryColor", "FogCoord")
_CALLBACKS = ("UpdateCallback", "EventCallback")

FIELDS: dict[str, tuple[Field, ...]] = {
    "Object": _fields(
        ("Name", "text"), ("DataVariance", "i32"), ("UserData", "?inner", 0, 77),
        ("UserDataContainer", "optional", 77),
    ),
    "Node": _fields(
        ("Bound", "?sphere"), ("ComputeBoundingSphereCallback", "optional"),
        ("UpdateCallback", "optional"), ("EventCallback", "optional"), ("CullCallback", "optional"),
        ("CullingActive", "flag"), ("NodeMask", "u32"), ("Descriptions", "?texts", 0, 77),
        ("StateSet", "optional"),
    ),
    "Group": _fields(("Children", "?children")),
    "Geode": _fields(("Children", "?children")),
    "LOD": _fields(
        ("CenterMode", "i32"), ("Center", "?place"), ("RangeMode", "i32"), ("Ranges", "?ranges"),
    ),
    "PagedLOD": _fields(
        ("Folder", "?folder"), ("FrameNumberOfLastTraversal", "u32", 0, 70),
        ("NumChildrenThatCannotBeExpired", "u32"), ("DisableExternalChildrenPaging", "flag"),
        ("Files", "?files"), ("Children", "?children"),
    ),
    "Transform": _fields(("ReferenceFrame", "i32")),
    "MatrixTransform": _fields(("Matrix", "matrix")),
    "Drawable": _fields(
        ("StateSet", "optional", 0, OWN_STATE), ("InitialBound", "?box"),
        ("ComputeBoundingBoxCallback", "optional"), ("Shape", "optional"),
        ("SupportsDisplayList", "flag"), ("UseDisplayList", "flag"),
        ("UseVertexBufferObjects", "flag"),
        *((name, "optional", 0, OWN_STATE) for name in
          (*_CALLBACKS, "CullCallback", "DrawCallback")),
        ("NodeMask", "u32", 142), ("CullingActive", "flag", 145),
    ),
    "Geometry": _fields(
        ("Primitives", "old_primitives", 0, ARRAY_OBJECTS),
        *((name, "?old_array", 0, ARRAY_OBJECTS) for name in _OLD_ARRAYS),
        ("TexCoords", "?old_arrays", 0, ARRAY_OBJECTS), ("Attributes", "?old_arrays", 0, ARRAY_OBJECTS),
        ("FastPathHint", "flag", 0, ARRAY_OBJECTS), ("Primitives", "objects", ARRAY_OBJECTS),
        *((name, "optional", ARRAY_OBJECTS) for name in _OLD_ARRAYS),
        ("TexCoords", "objects", ARRAY_OBJECTS), ("Attributes", "objects", ARRAY_OBJECTS),
    ),
    "BufferData": _fields(("BufferObject", "optional", 147)),
    "BufferObject": _fields(("Target", "u32"), ("Usage", "u32"), ("CopyData", "flag")),
    "Array": _fields(("Binding", "i32"), ("Normalize", "flag"), ("PreserveDataType", "flag")),
    "PrimitiveSet": _fields(("NumInstances", "i32"), ("Mode", "u32")),
    "DrawArrays": _fields(("First", "i32"), ("Count", "i32")),
    "First": _fields(("First", "i32")),
    "StateSet": _fields(
        ("Modes", "?modes"), ("States", "?states"), ("UnitModes", "?unit_modes"),
        ("UnitStates", "?unit_states"), ("Uniforms", "?uniforms"), ("RenderingHint", "i32"),
        ("RenderBinMode", "i32"), ("BinNumber", "i32"), ("BinName", "text"),
        ("NestRenderBins", "flag"), ("UpdateCallback", "optional"), ("EventCallback", "optional"),
        ("Defines", "?defines", 151),
    ),
    "StateAttribute": _fields(*((name, "optional") for name in _CALLBACKS)),
    "Material": _fields(
        ("ColorMode", "i32"), ("Ambient", "?colors"), ("Diffuse", "?colors"),
        ("Specular", "?colors"), ("Emission", "?colors"), ("Shininess", "?pair"),
    ),
    "Texture": _fields(
        *((name, "?u32") for name in ("WrapS", "WrapT", "WrapR", "MinFilter", "MagFilter")),
        ("MaxAnisotropy", "f32"), ("UseHardwareMipMapGeneration", "flag"),
        ("UnRefImageDataAfterApply", "flag"), ("ClientStorageHint", "flag"),
        ("ResizeNonPowerOfTwoHint", "flag"), ("BorderColor", "vec4d"), ("BorderWidth", "i32"),
        ("InternalFormatMode", "i32"), ("InternalFormat", "?u32"), ("SourceFormat", "?u32"),
        ("SourceType", "?u32"), ("ShadowComparison", "flag"), ("ShadowCompareFunc", "i32"),
        ("ShadowTextureMode", "i32"), ("ShadowAmbient", "f32"),
        ("ImageAttachment", "?attachment", 95, 154), ("Swizzle", "?text", 98),
        ("MinLOD", "f32", 155), ("MaxLOD", "f32", 155), ("LODBias", "f32", 155),
    ),
    "Texture2D": _fields(("Image", "picture"), ("TextureWidth", "i32"), ("TextureHeight", "i32")),
    "TexEnv": _fields(("Mode", "i32"), ("Color", "vec4f")),
    "CullFace": _fields(("Mode", "i32")),
    "BlendFunc": _fields(
        *((name, "u32") for name in ("SourceRGB", "SourceAlpha", "TargetRGB", "TargetAlpha")),
    ),
    "UserData": _fields(
        ("UserData", "?inner"), ("Descriptions", "?texts"), ("UserObjects", "?children"),
    ),
    "TextValue": _fields(("Value", "text")),
    "I32Value": _fields(("Value", "i32")),
    "F32Value": _fields(("Value", "f32")),
    "F64Value": _fields(("Value", "f64")),
    "FlagValue": _fields(("Value", "flag")),
}  # fmt: skip
"""Fields by base, in the order in which they are written."""

_NODE = ("Object", "Node")
_STATE = ("Object", "StateAttribute")
_PART = ("Object", Base("Node", 154), "Drawable")
_DATA = ("Object", Base("BufferData", 147))

CLASSES: dict[str, tuple[Base, ...]] = {
    "osg::Node": _bases(*_NODE),
    "osg::Group": _bases(*_NODE, "Group"),
    "osg::Geode": _bases(*_NODE, "Geode"),
    "osg::LOD": _bases(*_NODE, "Group", "LOD"),
    "osg::PagedLOD": _bases(*_NODE, "LOD", "PagedLOD"),
    "osg::MatrixTransform": _bases(*_NODE, "Group", "Transform", "MatrixTransform"),
    "osg::Drawable": _bases(*_PART),
    "osg::Geometry": _bases(*_PART, "Geometry"),
    "osg::StateSet": _bases("Object", "StateSet"),
    "osg::Material": _bases(*_STATE, "Material"),
    "osg::Texture2D": _bases(*_STATE, "Texture", "Texture2D"),
    "osg::TexEnv": _bases(*_STATE, "TexEnv"),
    "osg::CullFace": _bases(*_STATE, "CullFace"),
    "osg::BlendFunc": _bases(*_STATE, "BlendFunc"),
    "osg::VertexBufferObject": _bases("Object", "BufferObject"),
    "osg::ElementBufferObject": _bases("Object", "BufferObject"),
    "osg::DrawArrays": _bases(*_DATA, "PrimitiveSet", "DrawArrays"),
    "osg::DrawArrayLengths": _bases(*_DATA, "PrimitiveSet", "First"),
    "osg::DrawElementsUByte": _bases(*_DATA, "PrimitiveSet"),
    "osg::DrawElementsUShort": _bases(*_DATA, "PrimitiveSet"),
    "osg::DrawElementsUInt": _bases(*_DATA, "PrimitiveSet"),
    "osg::DefaultUserDataContainer": _bases("Object", "UserData"),
    "osg::StringValueObject": _bases("Object", "TextValue"),
    "osg::IntValueObject": _bases("Object", "I32Value"),
    "osg::UIntValueObject": _bases("Object", "I32Value"),
    "osg::FloatValueObject": _bases("Object", "F32Value"),
    "osg::DoubleValueObject": _bases("Object", "F64Value"),
    "osg::BoolValueObject": _bases("Object", "FlagValue"),
}
"""Classes by name: whose fields they write."""

VECTORS: dict[str, tuple[str, int]] = {
    "osg::DrawArrayLengths": ("i4", 1),
    "osg::DrawElementsUByte": ("u1", 1),
    "osg::DrawElementsUShort": ("u2", 1),
    "osg::DrawElementsUInt": ("u4", 1),
}
"""Classes that end with a run of numbers: type and numbers an element."""

OLD_ARRAYS: tuple[tuple[str, int], ...] = (
    ("i1", 1), ("u1", 1), ("i2", 1), ("u2", 1), ("i4", 1), ("u4", 1), ("f4", 1), ("f8", 1),
    ("i1", 2), ("i1", 3), ("i1", 4), ("u1", 4), ("i2", 2), ("i2", 3), ("i2", 4),
    ("f4", 2), ("f4", 3), ("f4", 4), ("f8", 2), ("f8", 3), ("f8", 4),
    ("u1", 2), ("u1", 3), ("u2", 2), ("u2", 3), ("u2", 4),
    ("i4", 2), ("i4", 3), ("i4", 4), ("u4", 2), ("u4", 3), ("u4", 4), ("u8", 1), ("i8", 1),
)  # fmt: skip
"""Array types by the number that old files give them."""
OLD_PRIMITIVES = {
    50: "osg::DrawArrays",
    51: "osg::DrawArrayLengths",
    52: "osg::DrawElementsUByte",
    53: "osg::DrawElementsUShort",
    54: "osg::DrawElementsUInt",
}

for _scalar, _kind, _short in (
    ("Byte", "i1", "b"), ("UByte", "u1", "ub"), ("Short", "i2", "s"), ("UShort", "u2", "us"),
    ("Int", "i4", "i"), ("UInt", "u4", "ui"), ("Float", "f4", ""), ("Double", "f8", "d"),
):  # fmt: skip
    for _name, _width in (
        (f"osg::{_scalar}Array", 1),
        *((f"osg::Vec{n}{_short}Array", n) for n in (2, 3, 4)),
    ):
        CLASSES[_name] = _bases(*_DATA, "Array")
        VECTORS[_name] = (_kind, _width)
