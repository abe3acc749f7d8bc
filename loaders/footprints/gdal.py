"""Vector files through GDAL (pyogrio), with no other driver, no other file and no network in reach.

GDAL chooses a driver by a file's content: a file named .geojson may be a document that names other
files, a command line or an address. All drivers but four are switched off before the library is
loaded, and what would start one of the others is refused by its mark.
"""

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._gdal_files import checked_file
from loaders.footprints import spelling
from loaders.footprints.shapes import from_binary
from twin.errors import (
    BrokenFile,
    NotSupported,
    OpenError,
    TooLarge,
    UsageError,
)
from twin.features import texts
from twin.maintenance.telling import Told
from twin.ports import VectorTable

DRIVERS = {
    "geojson": "GeoJSON", "json": "GeoJSON", "gpkg": "GPKG", "shp": "ESRI Shapefile", "fgb": "FlatGeobuf",
}  # fmt: skip
"""Suffix -> the one driver that reads it."""
SKIPPED = (
    "OGR_VRT GDALG ESRIJSON TopoJSON JSONFG STACIT STACTA HTTP WFS OAPIF OGCAPI CSW EEDA Elasticsearch Carto "
    "AmigoCloud PLSCENES NGW GeoJSONSeq SQLite PCIDSK PDS4 VICAR PDF MBTiles LVBAG S57 DGN CSV GML GPX LIBKML KML "
    "OGR_GMT WAsP OpenFileGDB DXF GeoRSS VFK PGDUMP OSM GPSBabel OGR_PDS EDIGEO Idrisi ODS XLSX SXF Selafin JML "
    "VDV MVT MapML GTFS PMTiles MiraMonVector ADBC AVCBin AVCE00 AIVector"
).replace(" ", ",")
"""Drivers that are switched off: they open other files, ask servers, or are not wanted here."""
MARKS = (b"<OGRVRTDataSource", b"gdal_streamed_alg", b"<OGRWFSDataSource")
"""What begins a document of a driver that would open something else."""
MOST_BYTES = 8 << 30
MOST_ROWS = 20_000_000
MOST_CELLS = 400_000_000
HEAD = 1 << 16
BUILDINGS = re.compile(r"build|footprint|bldg|pand|geb(ae|ä)ud|houses?$|建筑|房屋", re.I)
"""Names of layers that are wanted before others."""
SQLITE = b"SQLite format 3\x00"
_MAGIC = {"gpkg": SQLITE, "fgb": b"fgb\x03", "shp": b"\x00\x00\x27\x0a"}


def _library() -> Any:
    """Return pyogrio with only the wanted drivers and nothing that reaches out."""
    os.environ["GDAL_SKIP"] = SKIPPED  # read when the library is loaded
    import pyogrio
    import pyogrio.raw

    pyogrio.set_gdal_config_options(
        {
            "GDAL_HTTP_PROXY": "127.0.0.1:9",
            "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
            "OGR_SQLITE_PRAGMA": "trusted_schema=0",
            "OGR_GEOJSON_MAX_OBJ_SIZE": "256",
        }
    )
    return pyogrio


@contextmanager
def _said(location: str, told: Told) -> Iterator[None]:
    """Raise what the library raises as an error of the twin; what it warns of is told."""
    try:
        with warnings.catch_warnings(record=True, action="always") as heard:
            yield
        for said in dict.fromkeys(str(one.message) for one in heard):
            told.file("vector.warning", reason=said.replace(location, Path(location).name))
    except OpenError:
        raise
    except (UnicodeError, RuntimeError, ValueError, OSError, AttributeError, KeyError) as error:
        name = Path(location).suffix.lstrip(".").lower()
        reason = str(error).replace(location, Path(location).name).splitlines()
        short = (reason[0] if reason else type(error).__name__).split("; It might help")[0]
        shown = DRIVERS.get(name, "vector").replace("ESRI ", "")
        raise BrokenFile(location=location, format=shown, reason=short.rstrip(". ")) from error


def checked(location: str) -> Path:
    """Return the path of a file that may be handed to the library. Raises OpenError."""
    path, head = checked_file(location, MOST_BYTES, HEAD)
    suffix = path.suffix.lstrip(".").lower()
    _refuse(location, suffix, head)
    return path


def _refuse(location: str, suffix: str, head: bytes) -> None:
    """Raise BrokenFile where a file's first bytes are not those of its suffix."""
    name = DRIVERS.get(suffix)
    if name is None:
        raise NotSupported(
            location=location,
            what=f"a file that ends with .{suffix}",
            advice=f"Vector files end with {', '.join(sorted(DRIVERS))}, tables with csv.",
        )
    if suffix in _MAGIC:
        if not head.startswith(_MAGIC[suffix]):
            reason = "the file is empty" if not head else "its first bytes are others"
            raise BrokenFile(location=location, format=name.replace("ESRI ", ""), reason=reason)
        return
    if any(mark in head for mark in MARKS):
        raise NotSupported(
            location=location,
            what="a document that names other files",
            advice="Give the file itself.",
        )
    if not spelling.decoded(head).text.lstrip("\ufeff \t\r\n").startswith("{"):
        reason = "the file is empty" if not head.strip() else "it does not begin with {"
        raise BrokenFile(location=location, format="GeoJSON", reason=reason)


def layers(location: str) -> tuple[tuple[str, str], ...]:
    """Return (name, type of geometry, '' = none) of every layer. Raises OpenError."""
    path = checked(location)
    pyogrio = _library()
    with _said(location, Told()):
        found = pyogrio.list_layers(_openable(path, Told())[0])
    return tuple((str(name), str(kind or "")) for name, kind in found.tolist())


def _openable(path: Path, told: Told) -> tuple[Any, str]:
    """Return what is handed to the library, and the code page to read texts in ('' = its own).

    A GeoJSON in another code page is given as UTF-8 bytes.
    """
    suffix = path.suffix.lstrip(".").lower()
    if suffix in ("geojson", "json"):
        with path.open("rb") as stream:
            head = stream.read(HEAD)
        try:
            head[: len(head) - 4].decode("utf-8")
        except UnicodeDecodeError:
            return _utf8(path, told), ""
        return str(path.resolve()), ""
    if suffix == "shp":
        return str(path.resolve()), _code_page(path, told)
    return str(path.resolve()), ""


def _utf8(path: Path, told: Told) -> bytes:
    found = spelling.decoded(path.read_bytes())
    if found.guessed:
        told.file("vector.encoding_guessed", encoding=found.encoding)
    return found.text.encode()


def _code_page(path: Path, told: Told) -> str:
    """Return how the texts of a Shapefile are to be read: as its .cpg says, else by looking at them."""
    table, said = _beside(path, "dbf"), _beside(path, "cpg")
    if table is None:
        told.file("vector.no_table")
        return ""
    own = spelling.named(said.read_text("ascii", "replace")[:40]) if said is not None else ""
    with table.open("rb") as stream:
        data = stream.read(16 << 20)
    if own and _fits(data, own):
        return own
    if said is None and data[29:30] not in (b"\x00", b"\x57"):
        return ""  # the table names its code page itself
    rows = data[int.from_bytes(data[8:10], "little") :]
    found = spelling.decoded(rows)
    if found.guessed or own:
        told.file("vector.encoding_guessed", encoding=found.encoding)
    return found.encoding


def _fits(data: bytes, encoding: str) -> bool:
    """Return whether a table's rows can be read in a code page; the last may be cut."""
    begin = int.from_bytes(data[8:10], "little")
    try:
        data[begin:-8].decode(encoding)
    except UnicodeDecodeError as error:
        return error.start > len(data) - begin - 16
    return True


def _beside(path: Path, suffix: str) -> Path | None:
    """Return the file of a Shapefile with another suffix, in capitals or not."""
    for spelled in (suffix, suffix.upper()):
        found = path.with_suffix(f".{spelled}")
        if found.is_file():
            return found
    return None


def read(location: str, layer: str = "") -> VectorTable:
    """Return the rows of a layer. Raises OpenError, UsageError for a layer that is not there."""
    path = checked(location)
    pyogrio = _library()
    told = Told()
    with _said(location, told):
        opened, encoding = _openable(path, told)
        known = [(str(n), str(k or "")) for n, k in pyogrio.list_layers(opened).tolist()]
    if isinstance(opened, bytes):  # a name of the library's own, another each time
        known = [(path.stem, known[0][1])] if known else []
    name = _wanted(location, layer, known, told)
    called = 0 if isinstance(opened, bytes) else name
    with _said(location, told):
        info = pyogrio.read_info(
            opened, layer=called, force_feature_count=True, **_encoded(encoding)
        )
        _limit(location, path.stat().st_size, int(info["features"]), len(info["fields"]))
        more = {"DATE_AS_STRING": "YES"} if info["driver"] == "GeoJSON" else {}
        meta, keys, binary, values = pyogrio.raw.read(
            opened,
            layer=called,
            return_fids=True,
            datetime_as_string=True,
            **_encoded(encoding),
            **more,
        )
    kept = np.asarray(keys, np.int64)
    geometry = None if binary is None else from_binary(binary, kept, told)
    columns: dict[str, NDArray[Any]] = {}
    for field, column in zip(meta["fields"].tolist(), values, strict=True):
        free = _free(str(field), columns)
        columns[free] = _column(free, column, told)
    crs = _system(path, meta["crs"], told) if geometry is not None else ""
    names = tuple(item for item, _ in known)
    return VectorTable(columns, geometry, crs, kept, name, names, told.problems())


def _encoded(encoding: str) -> dict[str, str]:
    return {"encoding": encoding} if encoding else {}


def _limit(location: str, size: int, rows: int, fields: int) -> None:
    """Refuse more rows than the file has bytes or than fit: before anything is allocated."""
    most = min(MOST_ROWS, max(size, 1))
    if rows > most:
        raise TooLarge(location=location, what="the number of rows", size=rows, limit=most)
    if rows * max(fields, 1) > MOST_CELLS:
        raise TooLarge(
            location=location, what="the number of cells", size=rows * fields, limit=MOST_CELLS
        )


def _wanted(location: str, layer: str, known: list[tuple[str, str]], told: Told) -> str:
    """Return the layer to read: the named one, else the usual one."""
    names = [name for name, _ in known]
    if not names:
        raise BrokenFile(location=location, format="vector", reason="it has no layer")
    if layer:
        if layer not in names:
            reason = f"{location}: there is no layer {layer!r}; layers: {', '.join(names)}"
            raise UsageError(reason=reason)
        return layer
    chosen = usual(known)
    if len(names) > 1:
        others = ", ".join(name for name in names if name != chosen)
        told.file("vector.layers", layer=chosen, others=others)
    return chosen


def usual(known: Sequence[tuple[str, str]]) -> str:
    """Return the layer that is read when nobody chose: buildings first, then areas, then the first."""
    areas = [name for name, kind in known if "Polygon" in kind]
    placed = [name for name, kind in known if kind]
    built = [name for name in areas or placed if BUILDINGS.search(name)]
    return (built or areas or placed or [name for name, _ in known])[0]


def last_change(location: str, layer: str) -> str:
    """Return when a GeoPackage says that a layer was last changed ('' = it does not say)."""
    if not location.lower().endswith(".gpkg"):
        return ""
    name = layer.replace("'", "''")
    sql = f"SELECT last_change FROM gpkg_contents WHERE table_name = '{name}'"
    try:
        with _said(location, Told()):
            _, _, _, values = _library().raw.read(
                str(checked(location).resolve()), sql=sql, datetime_as_string=True
            )
    except OpenError:
        return ""
    return str(values[0][0]) if values and len(values[0]) and values[0][0] else ""


def _system(path: Path, crs: Any, told: Told) -> str:
    if crs:
        return str(crs)
    told.file("vector.no_crs", name=path.name)
    return ""


def _free(name: str, known: dict[str, Any]) -> str:
    free, number = name or "column", 2
    while free in known:
        free, number = f"{name}#{number}", number + 1
    return free


def _column(name: str, values: NDArray[Any], told: Told) -> NDArray[Any]:
    """Return a column as the twin keeps it: texts as StringDType with None."""
    if values.dtype.kind != "O":
        return values
    said = [None if value is None else _spelled(value) for value in values.tolist()]
    said, count = spelling.put_right(said)
    if count:
        told.file("vector.mojibake", name=name, count=count)
    return texts(said)


def _spelled(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, np.ndarray):
        return str(value.tolist())
    return str(value)
