"""Saved views and marks to and from files: KML, KMZ, GeoJSON and BCF by the ending of the name."""

import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.errors import NotFound, NotReadable, NotSaved, UsageError
from twin.exchange.bcf.reading import is_bcf, read
from twin.exchange.bcf.writing import packed
from twin.georeference import ProjectFrame
from twin.presenting.bcf_views import from_bcf, to_bcf
from twin.presenting.carried import MOST_BYTES, Carried
from twin.presenting.frames import AS_IS, ELLIPSOID, SEA, earth_of
from twin.presenting.geojson import from_geojson, to_geojson
from twin.presenting.kml import from_kml, to_kml
from twin.presenting.kmz import from_kmz, to_kmz
from twin.presenting.records import Annotation
from twin.records import Bookmark
from twin.scene import Twin
from twin.topics.places import Located

ENDINGS = (".kml", ".kmz", ".geojson", ".json", ".bcf", ".bcfzip")
OWN = "own"


@dataclass(frozen=True, slots=True)
class Outside:
    """What stands round the twin: where the project stands on Earth, where its layers do."""

    frame: ProjectFrame | None
    located: Located


@dataclass(frozen=True, slots=True)
class Written:
    """How many views and marks a file holds, and what its heights are above."""

    views: int
    marks: int
    heights: str
    left_out: Sequence[str] = ()


def export_views(twin: Twin, outside: Outside, path: Path, at: str) -> Written:
    """Write all saved views and marks in one step. Raises UsageError, NotSaved."""
    views = sorted(twin.records["bookmarks"].values(), key=lambda x: x.place)
    marks = sorted(twin.records["annotations"].values(), key=lambda x: x.place)
    if not views and not marks:
        raise UsageError(reason="there is no bookmark and no annotation to write")
    done, data = _packed(twin, outside, path, (views, marks, at))
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.draft")
    try:
        draft.write_bytes(data)
        os.replace(draft, path)  # noqa: PTH105 -- says what matters: atomic, also over an old file
    except OSError as error:
        raise NotSaved(location=str(path), reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return done


def _packed(
    twin: Twin,
    outside: Outside,
    path: Path,
    what: tuple[Sequence[Bookmark], Sequence[Annotation], str],
) -> tuple[Written, bytes]:
    views, marks, at = what
    ending = path.suffix.lower()
    here = [x for x in marks if x.crs == twin.crs]
    left = ["annotation in another system"] * (len(marks) - len(here))
    files = {x.picture: twin.records["files"].get(x.picture) for x in here if x.picture}
    carried = Carried(views, here, files={k: x.data for k, x in files.items() if x is not None})
    if ending in (".bcf", ".bcfzip"):
        data = packed(to_bcf(twin, carried, outside.located, at), at)
        return Written(len(views), len(here), OWN, left), data
    earth = earth_of(outside.frame, SEA if ending in (".kml", ".kmz") else ELLIPSOID)
    if ending == ".kmz":
        data = to_kmz(carried, earth, twin.title)
    elif ending == ".kml":
        data = to_kml(carried, earth, twin.title)
        left += ["picture"] * len(carried.files)
    elif ending in (".geojson", ".json"):
        data = to_geojson(carried, earth)
    else:
        raise UsageError(reason=f"{path.name}: the name has to end in {', '.join(ENDINGS)}")
    return Written(len(views), len(here), earth.heights, left), data


def import_views(twin: Twin, outside: Outside, path: Path) -> tuple[Carried, str]:
    """Return what a file holds, in the project's frame, and what its heights were above.

    Raises NotFound, NotReadable, BrokenFile, UsageError.
    """
    if is_bcf(str(path)):
        return from_bcf(twin, read(str(path)), outside.located), OWN
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(reason=f"{path.name}: the name has to end in {', '.join(ENDINGS)}")
    low = float(twin.bounds[2])
    ground = low if np.isfinite(low) else 0.0
    earth = earth_of(outside.frame, SEA if ending in (".kml", ".kmz") else ELLIPSOID, ground)
    if ending == ".kmz":
        return from_kmz(str(path), earth), earth.heights
    data = _bytes(path)
    reading = from_kml if ending == ".kml" else from_geojson
    return reading(data, str(path), earth), earth.heights


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UsageError(reason=f"{path.name}: {size} bytes are more than {MOST_BYTES}")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(location=str(path)) from error
    except OSError as error:
        raise NotReadable(location=str(path), reason=error.strerror or str(error)) from error


__all__ = [
    "AS_IS",
    "ELLIPSOID",
    "OWN",
    "SEA",
    "Outside",
    "Written",
    "export_views",
    "import_views",
]
