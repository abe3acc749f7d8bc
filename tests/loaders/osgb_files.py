"""A writer of small OSGB files, apart from the reader's schema: several versions, packed, bracketed, shared."""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image as Picture

VERSIONS = (70, 80, 91, 92, 96, 100, 112, 131, 147, 154, 161)
FOREVER = 1e30


@dataclass(eq=False)
class Obj:
    """An object: its class and how its fields are written."""

    kind: str
    write: Callable[["Writer"], None]


@dataclass
class Writer:
    version: int = 80
    brackets: bool = False
    order: str = "<"
    out: bytearray = field(default_factory=bytearray)
    ids: dict[int, int] = field(default_factory=dict)
    kept: list[object] = field(default_factory=list)

    def put(self, form: str, *values: Any) -> None:
        self.out += struct.pack(self.order + form, *values)

    def text(self, text: str | bytes) -> None:
        raw = text.encode() if isinstance(text, str) else text
        self.put("i", len(raw))
        self.out += raw

    def begin(self) -> int:
        start = len(self.out)
        if self.brackets:
            self.put("q" if self.version > 148 else "i", 0)
        return start

    def end(self, start: int) -> None:
        if self.brackets:
            form = self.order + ("q" if self.version > 148 else "i")
            struct.pack_into(form, self.out, start, len(self.out) - start)

    def number(self, item: object, base: int = 1) -> bool:
        """Write the number of an object; return whether it is a new one."""
        known = id(item) in self.ids
        self.kept.append(item)  # a freed object's identity would come again
        self.put("I", self.ids.setdefault(id(item), base + len(self.ids)))
        return not known

    def obj(self, item: Obj | None) -> None:
        if item is None:
            self.text("NULL")
            return
        self.text(item.kind)
        start = self.begin()
        if self.number(item):
            item.write(self)
        self.end(start)

    def maybe(self, item: Obj | None) -> None:
        self.put("?", item is not None)
        if item is not None:
            self.obj(item)

    def array(self, values: Any, dtype: str) -> None:
        self.out += np.ascontiguousarray(values).astype(self.order + dtype).tobytes()

    # --- bases ---------------------------------------------------------------------------------

    def object(self, name: str = "") -> None:
        self.text(name)
        self.put("i", 2)
        self.put("?", False)

    def node(self, state: Obj | None = None, callback: Obj | None = None) -> None:
        self.object()
        self.put("??", False, False)
        self.maybe(callback)
        self.put("??", False, False)
        self.put("?I", True, 0xFFFFFFFF)
        if self.version < 77:
            self.put("?", False)
        self.maybe(state)

    def children(self, items: list[Obj]) -> None:
        self.put("?", bool(items))
        if items:
            self.put("I", len(items))
            start = self.begin()
            for item in items:
                self.obj(item)
            self.end(start)


def scene(
    root: Obj,
    version: int = 80,
    *,
    brackets: bool = False,
    packed: bool = False,
    order: str = "<",
    domains: bool = False,
    schema: bool = False,
) -> bytes:
    """Return a file."""
    body = Writer(version, brackets, order)
    if schema:
        body.text("osg::Object=Name:0 ")
    body.obj(root)
    head = Writer(version, False, order)
    head.put("II", 0x6C910EA1, 0x1AFB4545)
    head.put("III", 1, version, 4 * brackets + 2 * schema + domains)
    if domains:
        head.put("I", 1)
        head.text("sensors")
        head.put("i", 3)
    head.text("zlib" if packed else "0")
    if packed:
        gzip = zlib.compressobj(wbits=31)
        return bytes(head.out) + gzip.compress(bytes(body.out)) + gzip.flush()
    return bytes(head.out + body.out)


# --- nodes ----------------------------------------------------------------------------------------


def group(*items: Obj, state: Obj | None = None, callback: Obj | None = None) -> Obj:
    def write(w: Writer) -> None:
        w.node(state, callback)
        w.children(list(items))

    return Obj("osg::Group", write)


def moved(matrix: Any, *items: Obj) -> Obj:
    """A transform by a matrix for column vectors."""

    def write(w: Writer) -> None:
        w.node()
        w.children(list(items))
        w.put("i", 0)
        start = w.begin()
        w.array(np.asarray(matrix, float).T, "f8")
        w.end(start)

    return Obj("osg::MatrixTransform", write)


def geode(*items: Obj, state: Obj | None = None) -> Obj:
    def write(w: Writer) -> None:
        w.node(state)
        w.children(list(items))

    return Obj("osg::Geode", write)


def paged(
    levels: list[tuple[float, float, Obj | str | bytes]],
    *,
    sphere: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 10.0),
    mode: int = 1,
    folder: str = "",
    state: Obj | None = None,
) -> Obj:
    """A PagedLOD: (from, to, node or file name) a level."""
    names = ["" if isinstance(item, Obj) else item for _, _, item in levels]
    nodes = [item for _, _, item in levels if isinstance(item, Obj)]

    def write(w: Writer) -> None:
        w.node(state)
        w.put("i?4d", 1, True, *sphere)
        w.put("i?I", mode, True, len(levels))
        start = w.begin()
        for low, high, _ in levels:
            w.put("2f", low, high)
        w.end(start)
        w.put("??", True, bool(folder))
        if folder:
            w.text(folder)
        w.put("I?", 0, False)
        w.put("?I", True, len(names))
        start = w.begin()
        for name in names:
            w.text(name)
        w.end(start)
        w.put("I", len(names))
        start = w.begin()
        for _ in names:
            w.put("2f", 0.0, 1.0)
        w.end(start)
        w.children(nodes)

    return Obj("osg::PagedLOD", write)


def unknown(kind: str = "osgSim::Impostor", size: int = 37) -> Obj:
    return Obj(kind, lambda w: w.out.extend(b"\x07" * size))


# --- shapes ---------------------------------------------------------------------------------------

QUAD = np.array([[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 1.0]])
QUAD_UV = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
TWO = (4, [0, 1, 2, 0, 2, 3], "u2")
"""Mode, numbers and type of a primitive set (type '' = vertices from, count; 'n' = from, lengths)."""
KINDS = {"u1": ("UByte", 52), "u2": ("UShort", 53), "u4": ("UInt", 54)}
NAMES = {"f4": "", "f8": "d", "u1": "ub"}
OLD_TYPES = {
    ("u1", 4): 11, ("f4", 2): 15, ("f4", 3): 16, ("f4", 4): 17, ("f8", 3): 19, ("u2", 1): 3,
}  # fmt: skip


def geometry(
    points: Any = QUAD,
    uv: Any = QUAD_UV,
    *,
    primitives: tuple[tuple[int, Any, str], ...] = (TWO,),
    normals: Any = None,
    colors: tuple[Any, str, int] | None = None,
    dtype: str = "f4",
    state: Obj | None = None,
) -> Obj:
    """A geometry; ``colors`` are values, type and binding (1 overall, 4 per vertex)."""
    arrays = [
        (points, dtype, 4),
        None if normals is None else (normals, "f4", 4),
        colors,
        None,
        None,
    ]
    units = [] if uv is None else [(uv, "f4", 4)]

    def write(w: Writer) -> None:
        if w.version >= 154:
            w.node(state if w.version >= 156 else None)
        else:
            w.object()
        if w.version < 156:
            w.maybe(state)
        w.put("????", False, False, False, True)
        w.put("??", True, False)
        if w.version < 156:
            w.put("????", False, False, False, False)
        if w.version >= 142:
            w.put("I", 0xFFFFFFFF)
        if w.version >= 145:
            w.put("?", True)
        (_new_shape if w.version >= 112 else _old_shape)(w, primitives, arrays, units)

    return Obj("osg::Geometry", write)


def _old_shape(w: Writer, primitives: Any, arrays: Any, units: Any) -> None:
    w.put("I", len(primitives))
    for mode, values, kind in primitives:
        w.put("II", {"": 50, "n": 51}.get(kind) or KINDS[kind][1], mode)
        if w.version > 96:
            w.put("I", 0)
        if kind == "":
            w.put("ii", *values)
            continue
        if kind == "n":
            w.put("i", values[0])
            values, kind = values[1:], "i4"
        w.put("I", len(values))
        start = w.begin()
        w.array(values, kind)
        w.end(start)
    for item in arrays:
        w.put("?", item is not None)
        if item is not None:
            _old_array(w, item)
    w.put("?", bool(units))
    if units:
        w.put("I", len(units))
        start = w.begin()
        for item in units:
            _old_array(w, item)
        w.end(start)
    w.put("??", False, False)


def _old_array(w: Writer, item: Any) -> None:
    values, dtype, binding = item
    start = w.begin()
    w.put("?", True)
    if w.number(values, 1000):
        values = np.asarray(values)
        w.put("Ii", OLD_TYPES[dtype, values.shape[1]], len(values))
        inner = w.begin()
        w.array(values, dtype)
        w.end(inner)
    w.put("?ii", False, binding, 0)
    w.end(start)


def _new_shape(w: Writer, primitives: Any, arrays: Any, units: Any) -> None:
    w.put("I", len(primitives))
    for item in primitives:
        w.obj(_primitive(*item))
    for item in arrays:
        w.maybe(None if item is None else _array(*item))
    w.put("I", len(units))
    for item in units:
        w.obj(_array(*item))
    w.put("I", 0)


def _data(w: Writer) -> None:
    w.object()
    if w.version >= 147:
        w.put("?", False)


def _primitive(mode: int, values: Any, kind: str) -> Obj:
    def write(w: Writer) -> None:
        _data(w)
        w.put("iI", 0, mode)
        if kind == "":
            w.put("ii", *values)
        elif kind == "n":
            w.put("iI", values[0], len(values) - 1)
            w.array(values[1:], "i4")
        else:
            w.put("I", len(values))
            w.array(values, kind)

    named = {"": "DrawArrays", "n": "DrawArrayLengths"}
    return Obj(f"osg::{named.get(kind) or 'DrawElements' + KINDS[kind][0]}", write)


def _array(values: Any, dtype: str, binding: int) -> Obj:
    values = np.asarray(values)

    def write(w: Writer) -> None:
        _data(w)
        w.put("i??I", binding, False, False, len(values))
        w.array(values, dtype)

    return Obj(f"osg::Vec{values.shape[1]}{NAMES[dtype]}Array", write)


# --- states ---------------------------------------------------------------------------------------


def state(*, texture: Obj | None = None, material: Obj | None = None, modes: Any = ()) -> Obj:
    def write(w: Writer) -> None:
        w.object()
        w.put("?", bool(modes))
        if modes:
            w.put("I", len(modes))
            start = w.begin()
            for mode, value in modes:
                w.put("Ii", mode, value)
            w.end(start)
        _states(w, [material] if material else [], wrapped=False)
        w.put("?", False)
        _states(w, [texture] if texture else [], wrapped=True)
        w.put("?iii", False, 0, 0, 0)
        w.text("")
        w.put("???", True, False, False)
        if w.version >= 151:
            w.put("?", False)

    return Obj("osg::StateSet", write)


def _states(w: Writer, items: list[Obj], *, wrapped: bool) -> None:
    w.put("?", bool(items))
    if not items:
        return
    if wrapped:
        w.put("I", 1)
        outer = w.begin()
    w.put("I", len(items))
    start = w.begin()
    for item in items:
        w.obj(item)
        w.put("i", 1)
    w.end(start)
    if wrapped:
        w.end(outer)


def material(diffuse: tuple[float, ...] = (1, 1, 1, 1)) -> Obj:
    def write(w: Writer) -> None:
        w.object()
        w.put("??i", False, False, 0x1602)
        for color in ((1, 1, 1, 1), diffuse, (0, 0, 0, 1), (0, 0, 0, 1)):
            w.put("??8f", True, True, *color, *color)
        w.put("??2f", True, True, 0, 0)

    return Obj("osg::Material", write)


def texture(image: Callable[[Writer], None] | None, wrap: int = 0x812F) -> Obj:
    def write(w: Writer) -> None:
        w.object()
        w.put("??", False, False)
        for value in (wrap, wrap, wrap, 0x2601, 0x2601):
            w.put("?I", True, value)
        w.put("f????4dii", 1.0, True, True, False, False, 0, 0, 0, 0, 0, 0)
        w.put("???", False, False, False)
        w.put("?iif", False, 0x0203, 0x1909, 0.0)
        if 95 <= w.version < 154:
            w.put("?", False)
        if w.version >= 98:
            w.put("?", True)
            w.text("RGBA")
        if w.version >= 155:
            w.put("3f", 0.0, -1.0, 0.0)
        w.put("?", image is not None)
        if image is not None:
            image(w)
        w.put("ii", 0, 0)

    return Obj("osg::Texture2D", write)


def _image(w: Writer, name: str | bytes, how: int, key: object) -> bool:
    if w.version > 94:
        w.text("osg::Image")
    fresh = w.number(key)
    if fresh:
        w.text(name)
        w.put("ii", 0, how)
    return fresh


def picture_file(data: bytes, name: str | bytes = "a.jpg") -> Callable[[Writer], None]:
    """A picture stored as a whole file."""

    def write(w: Writer) -> None:
        if _image(w, name, 1, write):
            w.put("I", len(data))
            w.out += data
            w.object()

    return write


def picture_beside(name: str | bytes) -> Callable[[Writer], None]:
    """A picture in a file of its own."""

    def write(w: Writer) -> None:
        if _image(w, name, 2, write):
            w.object()

    return write


def picture_pixels(
    data: bytes, size: tuple[int, int], form: int = 0x1907, packing: int = 1
) -> Callable[[Writer], None]:
    """A picture stored as pixels, the lowest row first."""

    def write(w: Writer) -> None:
        if _image(w, "", 0, write):
            w.put("9i", 0, *size, 1, form - 2**32 * (form > 2**31), form, 0x1401, packing, 1)
            w.put("I", len(data))
            w.out += data
            w.put("I", 0)
            w.object()

    return write


def encoded(form: str = "JPEG", size: tuple[int, int] = (8, 8)) -> bytes:
    """Return a picture whose upper half is red and whose lower half is blue."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[: size[1] // 2, :, 0] = 255
    pixels[size[1] // 2 :, :, 2] = 255
    stream = io.BytesIO()
    Picture.fromarray(pixels).save(stream, form)
    return stream.getvalue()


def photo(wrap: int = 0x812F) -> Obj:
    """The state of a photographed surface."""
    return state(texture=texture(picture_file(encoded()), wrap), material=material())


def metadata(srs: str = "EPSG:4547", origin: str = "500000,2490000,10", more: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<ModelMetadata version="1">\n'
        f"<SRS>{srs}</SRS>\n<SRSOrigin>{origin}</SRSOrigin>\n{more}</ModelMetadata>\n"
    ).encode()
