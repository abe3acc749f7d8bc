"""The objects of one file by the schema: classes, shared objects, brackets, arrays old and new."""

from dataclasses import dataclass, field
from typing import Any

from loaders.osgb.octets import Octets, opened
from loaders.osgb.schema import (
    CLASSES,
    FIELDS,
    INSTANCES,
    OLD_ARRAYS,
    OLD_PRIMITIVES,
    PICTURE_CLASS,
    VECTORS,
    Base,
)
from twin.errors import NotSupported
from twin.geometry import F64

MOST_DEPTH = 64
"""How deep objects may lie in each other."""
INLINE_PIXELS, INLINE_FILE = 0, 1


@dataclass(slots=True, eq=False)
class Thing:
    """An object: its class and its fields by name. ``done`` is False while it is being read."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    done: bool = False

    def get(self, name: str) -> Any:
        """Return a field, None where it was not written."""
        return self.fields.get(name)

    def things(self, name: str) -> list["Thing"]:
        """Return the objects of a list field."""
        found = self.fields.get(name)
        return [x for x in found if isinstance(x, Thing)] if isinstance(found, list) else []


@dataclass(slots=True)
class Reader:
    """Reads objects from a place. ``skipped`` counts, by class, what is not known here."""

    octets: Octets
    known: dict[int, Thing] = field(default_factory=dict)
    arrays: dict[int, Any] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    cycles: int = 0
    depth: int = 0

    def thing(self) -> Thing | None:
        """Return the next object; None for none, an unknown class or one that contains itself."""
        octets = self.octets
        start = octets.at
        kind = octets.text()
        if kind == "NULL":
            return None
        end = octets.bracket()
        number = octets.u32()
        found = self.known.get(number)
        if found is None:
            found = self._fresh(kind, number, start, end)
        elif not found.done:
            self.cycles += 1
            found = None
        self._leave(end)
        return found

    def _fresh(self, kind: str, number: int, start: int, end: int) -> Thing | None:
        bases = CLASSES.get(kind)
        if bases is None:
            if end < 0:
                shown = kind[:60] if kind.isprintable() else "?"
                raise NotSupported(
                    location=self.octets.location,
                    what=f"the OSGB class {shown!r} at byte {start}",
                    advice="Convert the file with osgconv, which leaves out what it does not need.",
                )
            self.skipped[kind] = self.skipped.get(kind, 0) + 1
            return None
        if self.depth >= MOST_DEPTH:
            raise self.octets.broken(f"objects lie more than {MOST_DEPTH} deep in each other")
        found = self.known[number] = Thing(kind)
        self.depth += 1
        self.fill(found, bases)
        if kind in VECTORS:
            dtype, width = VECTORS[kind]
            found.fields["Values"] = self.octets.array(dtype, self.octets.u32(), width)
        self.depth -= 1
        found.done = True
        return found

    def fill(self, thing: Thing, bases: tuple[Base, ...]) -> None:
        """Read the fields of some bases into an object."""
        version = self.octets.version
        for base in bases:
            if version < base.since:
                continue
            for name, kind, since, until in FIELDS[base.name]:
                if since <= version < until:
                    thing.fields[name] = self._field(kind)

    def _field(self, kind: str) -> Any:
        if kind.startswith("?"):
            if not self.octets.flag():
                return None
            kind = kind[1:]
        return getattr(self, f"_{kind}")()

    def _leave(self, end: int) -> None:
        """Go to the end of a bracket, past what a newer version has added."""
        if end >= 0:
            if self.octets.at > end:
                raise self.octets.broken("an object is longer than its bracket")
            self.octets.at = end

    # --- types of fields -----------------------------------------------------------------------

    def _text(self) -> str:
        return self.octets.text()

    def _i32(self) -> int:
        return self.octets.i32()

    def _u32(self) -> int:
        return self.octets.u32()

    def _f32(self) -> float:
        return float(self.octets.numbers("f")[0])

    def _f64(self) -> float:
        return float(self.octets.numbers("d")[0])

    def _flag(self) -> bool:
        return self.octets.flag()

    def _vec4d(self) -> tuple[Any, ...]:
        return self.octets.numbers("4d")

    def _vec4f(self) -> tuple[Any, ...]:
        return self.octets.numbers("4f")

    def _matrix(self) -> F64:
        """Return a 4 x 4 matrix as it is written: for row vectors."""
        self.octets.bracket()
        found: F64 = self.octets.array("f8", 4, 4)
        return found

    def _sphere(self) -> tuple[Any, ...]:
        self.octets.bracket()
        return self.octets.numbers("4d")

    def _place(self) -> tuple[Any, ...]:
        return self.octets.numbers("4d")

    def _box(self) -> tuple[Any, ...]:
        self.octets.bracket()
        return self.octets.numbers("6d")

    def _optional(self) -> Thing | None:
        return self.thing() if self.octets.flag() else None

    def _inner(self) -> Thing | None:
        self.octets.bracket()
        return self.thing()

    def _objects(self) -> list[Thing | None]:
        return [self.thing() for _ in range(self.octets.u32())]

    def _children(self) -> list[Thing | None]:
        count = self.octets.u32()
        if count:
            self.octets.bracket()
        return [self.thing() for _ in range(count)]

    def _texts(self) -> list[str]:
        count = self.octets.u32()
        self.octets.bracket()
        return [self.octets.text() for _ in range(count)]

    def _ranges(self) -> list[list[float]]:
        count = self.octets.u32()
        self.octets.bracket()
        found: list[list[float]] = self.octets.array("f4", count, 2).tolist()
        return found

    def _folder(self) -> str:
        return self.octets.text() if self.octets.flag() else ""

    def _files(self) -> list[str]:
        names = self._texts()
        self._ranges()  # offset and scale of each one's priority
        return names

    # --- states --------------------------------------------------------------------------------

    def _modes(self) -> dict[int, int]:
        count = self.octets.u32()
        if not count:
            return {}
        self.octets.bracket()
        return dict(self.octets.array("u4", count, 2).tolist())

    def _states(self) -> list[Thing | None]:
        count = self.octets.u32()
        if count:
            self.octets.bracket()
        found = []
        for _ in range(count):
            found.append(self.thing())
            self.octets.i32()
        return found

    def _unit_modes(self) -> list[dict[int, int]]:
        count = self.octets.u32()
        self.octets.bracket()
        return [self._modes() for _ in range(count)]

    def _unit_states(self) -> list[list[Thing | None]]:
        count = self.octets.u32()
        self.octets.bracket()
        return [self._states() for _ in range(count)]

    def _uniforms(self) -> None:
        count = self.octets.u32()
        self.octets.bracket()
        for _ in range(count):
            self.thing()
            self.octets.i32()

    def _defines(self) -> None:
        count = self.octets.u32()
        self.octets.bracket()
        for _ in range(count):
            self.octets.text()
            self.octets.text()
            self.octets.i32()

    def _colors(self) -> tuple[Any, ...]:
        """Return the front's RGBA; the back's follows it."""
        self.octets.flag()
        return self.octets.numbers("8f")[:4]

    def _pair(self) -> None:
        self.octets.flag()
        self.octets.numbers("2f")

    def _attachment(self) -> None:
        self.octets.numbers("IiBiII")

    # --- pictures ------------------------------------------------------------------------------

    def _picture(self) -> Thing | None:
        octets = self.octets
        if not octets.flag():
            return None
        if octets.version >= PICTURE_CLASS:
            octets.text()
        number = octets.u32()
        if number in self.known:
            return self.known[number]
        found = self.known[number] = Thing("osg::Image", done=True)
        found.fields["FileName"] = octets.text()
        _, how = octets.numbers("ii")
        if how == INLINE_PIXELS:
            names = (
                "Origin",
                "S",
                "T",
                "R",
                "InternalFormat",
                "PixelFormat",
                "DataType",
                "Packing",
            )
            found.fields |= zip(names, octets.numbers("9i"), strict=False)
            found.fields["Pixels"] = octets.take(octets.u32())
            octets.array("u4", octets.u32())
        elif how == INLINE_FILE:
            found.fields["Encoded"] = octets.take(octets.u32())
        self.fill(found, (Base("Object"),))
        return found

    # --- arrays and primitive sets before they were objects ------------------------------------

    def _old_array(self) -> Thing | None:
        self.octets.bracket()
        return self._old_array_data()

    def _old_arrays(self) -> list[Thing | None]:
        count = self.octets.u32()
        self.octets.bracket()
        return [self._old_array() for _ in range(count)]

    def _old_array_data(self) -> Thing | None:
        octets = self.octets
        values = self._old_values() if octets.flag() else None
        index = self._old_values() if octets.flag() else None
        binding, normalize = octets.numbers("ii")
        if values is None:
            return None
        found = {"Values": values, "Index": index, "Binding": binding, "Normalize": normalize != 0}
        return Thing("array", found, done=True)

    def _old_values(self) -> Any:
        octets = self.octets
        number = octets.u32()
        if number not in self.arrays:
            kind = octets.u32()
            if kind >= len(OLD_ARRAYS):
                raise octets.broken(f"an array of the unknown type {kind}")
            size = octets.i32()
            octets.bracket()
            dtype, width = OLD_ARRAYS[kind]
            self.arrays[number] = octets.array(dtype, size, width)
        return self.arrays[number]

    def _old_primitives(self) -> list[Thing]:
        return [self._old_primitive() for _ in range(self.octets.u32())]

    def _old_primitive(self) -> Thing:
        octets = self.octets
        number, mode = octets.numbers("II")
        kind = OLD_PRIMITIVES.get(number)
        if kind is None:
            raise octets.broken(f"a primitive set of the unknown type {number}")
        if octets.version >= INSTANCES:
            octets.u32()
        found = Thing(kind, {"Mode": mode}, done=True)
        if kind == "osg::DrawArrays":
            found.fields["First"], found.fields["Count"] = octets.numbers("ii")
            return found
        if kind == "osg::DrawArrayLengths":
            found.fields["First"] = octets.i32()
        size = octets.u32()
        octets.bracket()
        found.fields["Values"] = octets.array(VECTORS[kind][0], size)
        return found


def read(data: bytes, location: str) -> tuple[Thing | None, Reader]:
    """Return a file's root object and the reader, which tells what was left out. Raises OpenError."""
    reader = Reader(opened(data, location))
    return reader.thing(), reader


def placed_bound(head: bytes, location: str) -> tuple[float, float, float, float] | None:
    """Return centre and radius that the beginning of a file tells of its root, None for none.

    Raises OpenError where the beginning is no OSGB or too short to tell.
    """
    octets = opened(head, location, partly=True)
    kind = octets.text()
    octets.bracket()
    octets.u32()
    found = Thing(kind)
    reader = Reader(octets)
    bases = CLASSES.get(kind, ())
    names = [base.name for base in bases]
    if "LOD" in names and "Group" not in names:
        reader.fill(found, bases[: names.index("LOD") + 1])
    elif "Node" in names:
        reader.fill(found, bases[: names.index("Node") + 1])
    bound = found.get("Center") or found.get("Bound")
    return None if bound is None or not bound[3] > 0 else bound
