"""The table of malformed 3D Tiles: every case of the validator's suite, opened with time and memory bounded.

    python -m tests.malformed_tiles3d FOLDER [--every N] [--all]

A case whose name starts with ``valid`` must load without a problem about itself; any other must be refused
or named. What differs is a disagreement, with its reason: most are rules of style that a reader which
draws what it can does not need.
"""

import argparse
import resource
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from loaders.tiles3d import LOADER
from twin.errors import OpenError, TwinError
from twin.ports import SILENT, Growth, Options
from twin.records import Problem

SECONDS = 20
MEMORY = 4 << 30
SUFFIXES = (".json", ".gltf", ".glb", ".b3dm", ".i3dm", ".pnts", ".cmpt", ".3tz")
NOT_CASES = ("Schema.json", "validSubtree", "subtree")
OUTSIDE = ("crs.missing", "tiles3d.degrees", "tiles3d.grid", "tiles3d.mercator")
REASONS = (
    ("schemas/", "a metadata schema by itself is no tileset: refused as one"),
    ("propertyTables/", "a property table by itself is no tileset: refused as one"),
    ("extensions/gpm", "rules of the vendor extension NGA_gpm, which is not drawn"),
    ("extensions/maxar", "rules of a vendor extension that is not drawn"),
    ("extensions/vricon", "rules of a vendor extension that is not drawn"),
    ("gltfExtensions/gpm", "rules of the vendor extension NGA_gpm_local, which is not drawn"),
    ("gltfExtensions/maxar", "rules of a vendor extension that is not drawn"),
    ("gltfExtensions/", "a rule of glTF metadata that changes nothing of what is read"),
    ("tilesets/statistics", "statistics are not read"),
    ("tilesets/properties", "the ranges in properties are not read"),
    (
        "tilesets/extension",
        "a rule of how extensions are declared: they are read where they stand",
    ),
    ("extensions/contentGltf", "a rule of how extensions are declared: glTF is read in any case"),
)


class Case(NamedTuple):
    """One case and what became of it: ``loaded``, ``named`` (problems), ``refused``, or a failure."""

    name: str
    valid: bool
    found: str
    said: str

    @property
    def agrees(self) -> bool:
        """Return whether it went as its name demands."""
        return (self.found == "loaded") == self.valid and self.found not in ("crash", "late")

    @property
    def reason(self) -> str:
        """Return why it differs."""
        known = (reason for start, reason in REASONS if self.name.startswith(start))
        return next(known, "a rule that a reader does not need" if self.found == "loaded" else "")


def cases(folder: Path) -> Iterator[Path]:
    """Yield the files that are tilesets or contents by themselves; parts of others are not."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in SUFFIXES and "subtrees/" not in name and not name.startswith("buffers/"):
            yield path


def subtree_cases(folder: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name of each subtree case, and a tileset around it."""
    template = (folder / "subtrees" / "validSubtreeImplicitTiling.json.input").read_text()
    for path in sorted((folder / "subtrees").iterdir()):
        if path.suffix in (".json", ".subtree"):
            made = scratch / path.stem / "tileset.json"
            yield f"subtrees/{path.name}", around(path, template, made)


def around(subtree: Path, tiling: str, made: Path) -> Path:
    """Write a tileset whose only subtree is a copy of one case, its buffers beside it.

    Further subtrees that the case names are missing: that is no fault of the case.
    """
    made.parent.mkdir(parents=True, exist_ok=True)
    for name in subtree.parent.glob("*.bin"):
        (made.parent / name.name).write_bytes(name.read_bytes())
    (made.parent / "case0").write_bytes(subtree.read_bytes())
    inner = tiling.strip().replace("subtrees/{level}.{x}.{y}.subtree", "case{level}")
    made.write_text(
        '{"asset":{"version":"1.1"},"geometricError":8,"root":{"geometricError":8,"refine":"ADD",'
        '"boundingVolume":{"box":[0,0,0,1,0,0,0,1,0,0,0,1]},"content":{"uri":"data:,%7B%22asset%22:%7B%22version%22:%222.0%22%7D%7D"},'
        f'"implicitTiling":{inner}}}}}'
    )
    return made


def is_valid(name: str) -> bool:
    """Return whether a case is sound by its name, or a sound part of another case."""
    last = Path(name).name
    if name.startswith("Samples/"):
        return "Error" not in name and "Padding" not in name
    parts = (
        "Triangle.gltf",
        "Box.glb",
        "external.json",
        "simple.3tz",
        "i3dmWithUri.i3dm",
        "binarySubtreeValid.subtree",
    )
    sound = ("tilesetWithMultipleExternal", "tilesetWithUnicodeBOM")
    bad_inside = any(word in last for word in ("Invalid", "Errors", "Error", "Unresolvable"))
    return last in parts or last.startswith(sound) or (last.startswith("valid") and not bad_inside)


def tried(name: str, path: Path) -> Case:
    """Return what became of one case."""
    valid = is_valid(name)
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(SECONDS)
    try:
        ours = (*OUTSIDE, "missing.file") if name.startswith("subtrees/") else OUTSIDE
        problems = [item for item in walked(path) if item.code not in ours]
        said = "; ".join(f"{item.code}: {item.text}" for item in problems[:3])
        return Case(name, valid, "named" if problems else "loaded", said)
    except TimeoutError:
        return Case(name, valid, "late", "")
    except TwinError as error:
        return Case(name, valid, "refused", str(error))
    except Exception as error:  # noqa: BLE001 - a crash is what the table looks for
        return Case(name, valid, "crash", repr(error))
    finally:
        signal.alarm(0)


def walked(path: Path) -> list[Problem]:
    """Open a location, fetch every tile, return every problem. Raises TwinError."""
    source = LOADER.source(str(path), Options())
    found = source.open(SILENT)
    problems, tokens, content = (
        list(found.problems),
        list(found.tokens),
        found.tree.content.tolist(),
    )
    tile = 0
    while tile < len(content):
        if content[tile] and tile not in found.ready:
            try:
                got = source.fetch(tile, tokens[tile], SILENT)
            except OpenError as error:
                problems.append(Problem(error.full_code, str(error)))
                got = None
            if isinstance(got, Growth):
                content += got.tree.content.tolist()
                tokens += list(got.tokens)
            problems += () if got is None else got.problems
        tile += 1
    return [*problems, *(p for item in found.ready.values() for p in item.problems)]


def _late(signum: int, frame: FrameType | None) -> None:
    raise TimeoutError


def table(found: list[Case]) -> str:
    """Return the table as text: counts, then the disagreements by reason."""
    count = Counter((case.valid, case.found) for case in found)
    lines = [f"{len(found)} cases"]
    for valid, name in ((True, "valid"), (False, "invalid")):
        parts = [f"{n} {what}" for (v, what), n in sorted(count.items()) if v is valid]
        lines.append(f"{name}: {', '.join(parts) or 'none'}")
    differ = [case for case in found if not case.agrees]
    lines.append(f"as they should be: {len(found) - len(differ)}; disagreements: {len(differ)}")
    for reason, n in Counter(case.reason for case in differ).most_common():
        lines.append(f"{n:5d}  {reason or 'valid by its name, with problems'}")
    return "\n".join(lines)


def main() -> None:
    """Run the suite and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scratch", type=Path, required=True, help="an empty folder for copies")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="list every disagreement")
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    named = [(path.relative_to(given.folder).as_posix(), path) for path in cases(given.folder)]
    named += subtree_cases(given.folder, given.scratch)
    found = [tried(*item) for item in named[:: given.every]]
    print(table(found))
    for case in found:
        if given.all and not case.agrees:
            print(f"{case.name}: {case.found} {case.said[:200]}")


if __name__ == "__main__":
    main()
