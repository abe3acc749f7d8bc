"""Small point clouds made from numbers: a hill, a house, a tree; written by laspy, as COPC by hand."""

import struct
from pathlib import Path
from typing import Any

import laspy
import lazrs
import numpy as np
from numpy.typing import NDArray

from twin.geometry import F64

PLACE = (84_000.0, 447_500.0, 0.0)


def town(count: int, seed: int = 1, side: float = 200.0) -> tuple[F64, NDArray[np.uint8]]:
    """Return places f64(n, 3) and classes u8(n): ground, houses, trees."""
    chance = np.random.default_rng(seed)
    x, y = chance.random((2, count)) * side
    z = 2 * np.sin(x / 30) * np.cos(y / 40) + chance.normal(0, 0.02, count)
    kind = np.full(count, 2, np.uint8)
    house = (x % 60 < 35) & (y % 50 < 30)
    z[house], kind[house] = 8 + (x[house] // 60), 6
    tree = ~house & (chance.random(count) < 0.12)
    z[tree] += chance.random(tree.sum()) * 8
    kind[tree] = 5
    return np.stack([x, y, z], axis=1) + PLACE, kind


def write(path: Path, count: int = 3000, **more: Any) -> str:
    """Write a town as LAS or LAZ (by the name). ``form`` is the point format, ``wide`` fills 16 bits of colour,
    ``wkt`` names the system, ``times`` are adjusted standard GPS times f64(n)."""
    form, scale = more.get("form", 7), more.get("scale", 0.01)
    places, kind = more.get("points") or town(count, more.get("seed", 1))
    header = laspy.LasHeader(version="1.4" if form >= 6 else "1.3", point_format=form)
    header.scales, header.offsets = [scale] * 3, list(more.get("offset", PLACE))
    header.creation_date = more.get("made")
    header.generating_software, header.system_identifier = "made from numbers", "none"
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = places.T
    cloud.classification = kind
    cloud.intensity = (1000 + 100 * kind.astype(np.uint16)).astype(np.uint16)
    if "red" in cloud.point_format.dimension_names:
        factor = 257 if more.get("wide", True) else 1
        cloud.red, cloud.green, cloud.blue = (
            np.stack([kind * 20, kind * 10, kind]).astype(np.uint16) * factor
        )
    if "times" in more:
        cloud.gps_time = more["times"]
        header.global_encoding.gps_time_type = laspy.header.GpsTimeType.STANDARD
    if more.get("wkt"):
        header.vlrs.append(laspy.vlrs.known.WktCoordinateSystemVlr(more["wkt"]))
        header.global_encoding.wkt = form >= 6
    cloud.write(str(path))
    return str(path)


def sample(path: Path) -> None:
    """Write the sample of the conformance tests: small, packed, dated."""
    times = 3.0e8 + np.linspace(0, 60, 900)
    write(path, 900, times=times, made=None, wkt=NETHERLANDS)


NETHERLANDS = """PROJCS["Amersfoort / RD New",GEOGCS["Amersfoort",DATUM["Amersfoort",SPHEROID["Bessel 1841",6377397.155,
299.1528128]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Oblique_Stereographic"],
PARAMETER["latitude_of_origin",52.15616055555555],PARAMETER["central_meridian",5.38763888888889],
PARAMETER["scale_factor",0.9999079],PARAMETER["false_easting",155000],PARAMETER["false_northing",463000],
UNIT["metre",1],AUTHORITY["EPSG","28992"]]""".replace("\n", "")
_ENTRY = struct.Struct("<4iQ2i")


def copc(path: Path, count: int = 4000, pages: bool = True) -> str:
    """Write a town as COPC of two levels; the four children stand on a page of their own."""
    plain = path.with_suffix(".tmp.las")
    write(plain, count, wkt=NETHERLANDS)
    cloud = laspy.read(str(plain))
    plain.unlink()
    raw = np.frombuffer(cloud.points.array.tobytes(), np.uint8).reshape(count, -1)
    low, high = cloud.header.mins, cloud.header.maxs
    half = float((high - low).max()) / 2 + 1.0
    center = (low + high) / 2
    key = (cloud.xyz > center).astype(int)
    root = np.arange(count) % 4 == 0
    vlr = lazrs.LazVlr.new_for_compression(cloud.header.point_format.id, 0, True)
    nodes = [((0, 0, 0, 0), raw[root])]
    for x, y, z in sorted({tuple(one) for one in key[~root].tolist()}):
        nodes.append(((1, x, y, z), raw[~root & (key == (x, y, z)).all(axis=1)]))
    return _assembled(path, cloud.header, vlr, nodes, (center, half, pages))


def _assembled(path: Path, header: Any, vlr: Any, nodes: Any, cube: Any) -> str:
    center, half, pages = cube
    packed = [_packed(vlr, rows) for _, rows in nodes]
    wkt = header.vlrs[0].record_data_bytes()
    laszip = bytes(vlr.record_data())
    start = 375 + 54 * 3 + 160 + len(laszip) + len(wkt)
    at, entries = start + 8, []
    for (key, rows), data in zip(nodes, packed, strict=True):
        entries.append((*key, at, len(data), len(rows)))
        at += len(data)
    body = struct.pack("<q", -1) + b"".join(packed)
    page = at + 60
    first, second = (entries[:1], entries[1:]) if pages else (entries, [])
    listed = b"".join(_ENTRY.pack(*one) for one in first)
    rest = b"".join(_ENTRY.pack(*one) for one in second)
    info = struct.pack(
        "<5d2Q2d11Q", *center, half, half / 8, page, len(listed), 3.0e8, 3.0e8 + 60, *[0] * 11
    )
    if (
        pages
    ):  # the first child's page holds it and its siblings: all pages but the root's have one root
        listed += b"".join(
            _pointer(one, page + 32 * (1 + len(second)) + 32 * n) for n, one in enumerate(second)
        )
        info = struct.pack(
            "<5d2Q2d11Q", *center, half, half / 8, page, len(listed), 3.0e8, 3.0e8 + 60, *[0] * 11
        )
    hierarchy = listed + rest
    head = _head(header, start, at, sum(len(rows) for _, rows in nodes))
    records = [
        ("copc", 1, info),
        ("laszip encoded", 22204, laszip),
        ("LASF_Projection", 2112, wkt),
    ]
    told = b"".join(
        struct.pack("<H16sHH32s", 0, user.encode(), n, len(d), b"") + d for user, n, d in records
    )
    after = struct.pack("<H16sHQ32s", 0, b"copc", 1000, len(hierarchy), b"")
    path.write_bytes(head + told + body + after + hierarchy)
    return str(path)


def _pointer(entry: Any, at: int) -> bytes:
    return _ENTRY.pack(*entry[:4], at, _ENTRY.size, -1)


def _packed(vlr: Any, rows: NDArray[np.uint8]) -> bytes:
    return bytes(lazrs.compress_points(vlr, np.ascontiguousarray(rows).reshape(-1), False))[8:]


def _head(header: Any, start: int, after: int, count: int) -> bytes:
    found = bytearray(375)
    found[:4] = b"LASF"
    struct.pack_into("<H", found, 6, 17)
    found[24], found[25] = 1, 4
    struct.pack_into("<HH", found, 90, 60, 2024)
    struct.pack_into("<HII", found, 94, 375, start, 3)
    struct.pack_into(
        "<BHI", found, 104, header.point_format.id | 0x80, header.point_format.size, count
    )
    struct.pack_into("<6d", found, 131, *header.scales, *header.offsets)
    (ax, ay, az), (bx, by, bz) = header.mins, header.maxs
    struct.pack_into("<6d", found, 179, bx, ax, by, ay, bz, az)
    struct.pack_into("<QIQ", found, 235, after, 1, count)
    return bytes(found)


if __name__ == "__main__":
    folder = Path(__file__).parent.parent / "data"
    sample(folder / "town.laz")
