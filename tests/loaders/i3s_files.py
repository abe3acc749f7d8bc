"""Small scene layers made from numbers: blocks of known size at known places, as 1.6 and 1.7 store them."""

import gzip
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

F64 = NDArray[np.float64]
ROOT = "root"
LON, LAT, GROUND = 4.36, 52.01, 3.0
"""Where the layer's middle stands: degrees, metres above EGM96."""
A, E2 = 6378137.0, 0.0066943799901413165
UPDATED = 1_700_000_000_000
SURVEYED = 1_600_000_000_000
USES = {1: "dwelling", 2: "office"}
CUBE = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], np.float64)
FACES = [
    (0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4),
    (2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5),
]  # fmt: skip


def degree(lat: float = LAT) -> F64:
    """Return metres per degree of longitude and latitude by the radii of curvature, and 1."""
    sine = np.sin(np.radians(lat))
    normal = A / np.sqrt(1 - E2 * sine**2)
    meridian = A * (1 - E2) / (1 - E2 * sine**2) ** 1.5
    return np.array(
        [np.radians(normal * np.cos(np.radians(lat))), np.radians(meridian), 1.0], np.float64
    )


def quaternion(lon: float, lat: float) -> list[float]:
    """Return the turn x, y, z, w from geocentric axes to east, north, up."""
    a, b = np.radians(lon) + np.pi / 2, np.pi / 2 - np.radians(lat)
    turn_z = np.array([0, 0, np.sin(a / 2), np.cos(a / 2)])
    turn_x = np.array([np.sin(b / 2), 0, 0, np.cos(b / 2)])
    x1, y1, z1, w1 = turn_z
    x2, y2, z2, w2 = turn_x
    return [
        w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
        w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
        w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
        w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
    ]


def block(x: float, y: float, size: tuple[float, float, float] = (8.0, 6.0, 10.0)) -> F64:
    """Return the 36 corners f64(36, 3) of a block's triangles, metres around the node's centre."""
    corners = CUBE * size + [x, y, -size[2] / 2]
    return np.asarray(corners[np.array(FACES).ravel()], np.float64)


def buffer(blocks: list[F64], ids: list[int], unit: F64) -> bytes:
    """Return a geometry buffer of the default schema: header, positions, normals, uv, colours, features."""
    metres = np.concatenate(blocks)
    positions = (metres / unit).astype("<f4")
    n = len(positions)
    uv = np.tile(np.array([[0, 0], [1, 0], [1, 1]], "<f4"), (n // 3, 1))
    ends = np.cumsum([len(b) // 3 for b in blocks])
    ranges = np.array([[e - len(b) // 3, e - 1] for b, e in zip(blocks, ends, strict=True)], "<u4")
    return b"".join(
        (
            struct.pack("<II", n, len(ids)),
            positions.tobytes(),
            np.zeros((n, 3), "<f4").tobytes(),
            uv.tobytes(),
            np.full((n, 4), 255, np.uint8).tobytes(),
            np.array(ids, "<u8").tobytes(),
            ranges.tobytes(),
        )
    )


def numbers(values: list[Any], dtype: str) -> bytes:
    """Return an attribute buffer of numbers, aligned to their size."""
    size = np.dtype(dtype).itemsize
    return (
        struct.pack("<I", len(values)).ljust(max(4, size), b"\0")
        + np.array(values, dtype).tobytes()
    )


def strings(values: list[str | None]) -> bytes:
    """Return an attribute buffer of texts; None has no bytes at all."""
    raw = [b"" if v is None else v.encode() + b"\0" for v in values]
    head = struct.pack("<II", len(raw), sum(map(len, raw)))
    return head + np.array([len(r) for r in raw], "<u4").tobytes() + b"".join(raw)


def stored(key: str, name: str, kind: str) -> dict[str, Any]:
    """Return an entry of attributeStorageInfo."""
    header = [{"property": "count", "valueType": "UInt32"}]
    entry: dict[str, Any] = {"key": key, "name": name, "header": header}
    entry["ordering"] = ["attributeValues"]
    entry["attributeValues"] = {"valueType": kind, "valuesPerElement": 1}
    if kind == "String":
        header.append({"property": "attributeValuesByteCount", "valueType": "UInt32"})
        entry["ordering"] = ["attributeByteCounts", "attributeValues"]
        entry["attributeByteCounts"] = {"valueType": "UInt32", "valuesPerElement": 1}
    return entry


def layer(**changes: Any) -> dict[str, Any]:
    """Return a layer document of 1.7 with two nodes a page."""
    kinds = {"position": ("Float32", 3), "normal": ("Float32", 3), "uv0": ("Float32", 2)}
    vertex = {**kinds, "color": ("UInt8", 4)}
    coded = [{"name": text, "code": code} for code, text in USES.items()]
    found: dict[str, Any] = {
        "id": 0,
        "name": "Blocks",
        "layerType": "3DObject",
        "copyrightText": "Nobody",
        "serviceUpdateTimeStamp": {"lastUpdate": UPDATED},
        "spatialReference": {"wkid": 4326, "latestWkid": 4326, "vcsWkid": 5773},
        "heightModelInfo": {"heightModel": "gravity_related_height", "heightUnit": "meter"},
        "popupInfo": {"title": "{NAME}"},
        "fields": [
            {"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "OBJECTID"},
            {"name": "NAME", "type": "esriFieldTypeString", "alias": "Name of the block"},
            {"name": "survey_date", "type": "esriFieldTypeDate", "alias": "survey_date"},
            {
                "name": "use",
                "type": "esriFieldTypeInteger",
                "domain": {"type": "codedValue", "name": "use", "codedValues": coded},
            },
        ],
        "attributeStorageInfo": [
            stored("f_0", "OBJECTID", "Oid32"),
            stored("f_1", "NAME", "String"),
            stored("f_2", "survey_date", "Float64"),
            stored("f_3", "use", "Int32"),
        ],
        "store": {
            "profile": "meshpyramids",
            "version": "1.7",
            "rootNode": "./nodes/root",
            "normalReferenceFrame": "earth-centered",
            "defaultGeometrySchema": {
                "topology": "PerAttributeArray",
                "header": [
                    {"property": "vertexCount", "type": "UInt32"},
                    {"property": "featureCount", "type": "UInt32"},
                ],
                "ordering": list(vertex),
                "vertexAttributes": {
                    name: {"valueType": kind, "valuesPerElement": width}
                    for name, (kind, width) in vertex.items()
                },
                "featureAttributeOrder": ["id", "faceRange"],
                "featureAttributes": {
                    "id": {"valueType": "UInt64", "valuesPerElement": 1},
                    "faceRange": {"valueType": "UInt32", "valuesPerElement": 2},
                },
            },
        },
        "nodePages": {"nodesPerPage": 2, "lodSelectionMetricType": "maxScreenThresholdSQ"},
        "materialDefinitions": [{"doubleSided": True}],
        "geometryDefinitions": [
            {
                "geometryBuffers": [
                    {
                        "offset": 8,
                        **{
                            name: {"type": kind, "component": width}
                            for name, (kind, width) in vertex.items()
                        },
                        "featureId": {"type": "UInt64", "component": 1, "binding": "per-feature"},
                        "faceRange": {"type": "UInt32", "component": 2, "binding": "per-feature"},
                    }
                ]
            }
        ],
    }
    found.update(changes)
    return {key: value for key, value in found.items() if value is not None}


def center(number: int) -> F64:
    """Return the centre of node ``number``: degrees and metres."""
    return np.array([LON + 0.001 * number, LAT, GROUND + 5.0])


def obb(at: F64, half: list[float]) -> dict[str, Any]:
    """Return an upright box around a place given in degrees."""
    return {
        "center": at.tolist(),
        "halfSize": half,
        "quaternion": quaternion(float(at[0]), float(at[1])),
    }


def page(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a node page."""
    return {"nodes": nodes}


def blocks_of(number: int) -> tuple[list[F64], list[int]]:
    """Return the two blocks of a node and their object ids; block 11 stands in nodes 1 and 2."""
    shapes = [block(-12.0, -3.0), block(4.0, -3.0)]
    return shapes, [10 * number, 10 * number + 1] if number == 1 else [11, 21]


def members(**changes: Any) -> dict[str, Any]:
    """Return address -> document or bytes of a layer of 1.7 with a root and two nodes."""
    found: dict[str, Any] = {"3dSceneLayer.json": layer(**changes)}
    nodes: list[dict[str, Any]] = [
        {
            "index": 0,
            "lodThreshold": 0,
            "obb": obb(center(1), [150.0, 20.0, 8.0]),
            "children": [1, 2],
        }
    ]
    for number in (1, 2):
        nodes.append(
            {
                "index": number,
                "parentIndex": 0,
                "lodThreshold": 40_000.0 * np.pi / 4,
                "obb": obb(center(number), [13.0, 4.0, 5.5]),
                "mesh": {
                    "material": {"definition": 0, "resource": number + 4},
                    "geometry": {
                        "definition": 0,
                        "resource": number + 4,
                        "vertexCount": 72,
                        "featureCount": 2,
                    },
                    "attribute": {"resource": number + 4},
                },
            }
        )
        shapes, ids = blocks_of(number)
        home = f"nodes/{number + 4}"
        found[f"{home}/geometries/0.bin"] = buffer(shapes, ids, degree())
        found[f"{home}/attributes/f_0/0.bin"] = numbers(ids, "<u4")
        found[f"{home}/attributes/f_1/0.bin"] = strings([f"Block {i}" for i in ids])
        found[f"{home}/attributes/f_2/0.bin"] = numbers([SURVEYED, np.nan], "<f8")
        found[f"{home}/attributes/f_3/0.bin"] = numbers([1, 2], "<i4")
    found["nodepages/0.json"] = page(nodes[:2])
    found["nodepages/1.json"] = page(nodes[2:])
    return found


def dumped(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def slpk(path: Path, held: dict[str, Any]) -> Path:
    """Write a package: stored members, each packed by itself; the same input gives the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, value in held.items():
            data = value if isinstance(value, bytes) else dumped(value)
            info = zipfile.ZipInfo(f"{name}.gz", (2024, 1, 1, 0, 0, 0))
            archive.writestr(info, gzip.compress(data, mtime=0))
    return path


def folder(path: Path, held: dict[str, Any]) -> Path:
    """Write a layer's folder as a mirrored service has it: no suffixes, ``index.json`` for the layer."""
    for name, value in held.items():
        plain = "index.json" if name == "3dSceneLayer.json" else name.rpartition(".")[0] or name
        target = path / plain
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(value if isinstance(value, bytes) else dumped(value))
    return path


def documents(**changes: Any) -> dict[str, Any]:
    """Return the same layer as 1.6 stores it: node documents with spheres and a shared resource."""
    held = members(nodePages=None, materialDefinitions=None, geometryDefinitions=None, **changes)
    held = {key: value for key, value in held.items() if not key.startswith("nodepages/")}
    children = [
        {"id": f"{n + 4}", "href": f"../{n + 4}", "mbs": [*center(n).tolist(), 14.0]}
        for n in (1, 2)
    ]
    root = {"id": "root", "level": 0, "mbs": [*center(1).tolist(), 150.0], "children": children}
    held[f"nodes/{ROOT}/3dNodeIndexDocument.json"] = root
    for number in (1, 2):
        home = f"nodes/{number + 4}"
        held[f"{home}/3dNodeIndexDocument.json"] = {
            "id": f"{number + 4}",
            "level": 1,
            "mbs": [*center(number).tolist(), 14.0],
            "lodSelection": [{"metricType": "maxScreenThreshold", "maxError": 200.0}],
            "sharedResource": {"href": "./shared"},
            "geometryData": [{"href": "./geometries/0"}],
            "attributeData": [{"href": "./attributes/f_0/0"}],
            "parentNode": {"id": "root", "href": "../root"},
        }
        params = {"diffuse": [1.0, 0.5, 0.0], "cullFace": "none", "renderMode": "solid"}
        held[f"{home}/shared/sharedResource.json"] = {
            "materialDefinitions": {"Mat": {"type": "standard", "params": params}}
        }
    return held


def points(**changes: Any) -> dict[str, Any]:
    """Return a point layer of 1.6: three points in the root's feature document."""
    held: dict[str, Any] = {
        "3dSceneLayer.json": layer(
            layerType="Point",
            nodePages=None,
            geometryDefinitions=None,
            attributeStorageInfo=[stored("f_0", "OBJECTID", "Oid32")],
            **changes,
        )
    }
    spots = [center(0) + np.array([0.0001 * i, 0.0, i]) for i in range(3)]
    held[f"nodes/{ROOT}/3dNodeIndexDocument.json"] = {
        "id": "root",
        "mbs": [*center(0).tolist(), 100.0],
        "lodSelection": [{"metricType": "maxScreenThreshold", "maxError": 500.0}],
        "featureData": [{"href": "./features/0"}],
    }
    held[f"nodes/{ROOT}/features/0.json"] = {
        "featureData": [{"id": 7 + i, "position": spot.tolist()} for i, spot in enumerate(spots)]
    }
    held[f"nodes/{ROOT}/attributes/f_0/0.bin"] = numbers([7, 8, 9], "<u4")
    return held


def building() -> dict[str, Any]:
    """Return a building layer of two sublayers with something, one empty and one of another type."""
    leaves = [
        {"id": 0, "layerType": "3DObject", "name": "walls", "modelName": "Walls"},
        {"id": 1, "layerType": "3DObject", "name": "doors", "modelName": "Doors"},
        {"id": 2, "layerType": "3DObject", "name": "none", "isEmpty": True},
        {"id": 3, "layerType": "Voxel", "name": "air"},
    ]
    full = {"id": 10, "layerType": "group", "name": "Full Model", "sublayers": leaves}
    overview = {"id": 9, "layerType": "3DObject", "name": "Overview", "modelName": "Overview"}
    top = layer(layerType="Building", name="House", sublayers=[overview, full])
    held: dict[str, Any] = {
        "3dSceneLayer.json": {k: v for k, v in top.items() if k not in ("store", "nodePages")}
    }
    for number in (0, 1):
        for name, value in members(name=leaves[number]["name"]).items():
            held[f"sublayers/{number}/{name}"] = value
    held["sublayers/3/3dSceneLayer.json"] = layer(layerType="Voxel")
    return held


def draco(blocks: list[F64], ids: list[int], unit: F64) -> bytes:
    """Return the blocks as Draco with I3S's notes, which the encoder cannot write by itself."""
    import DracoPy

    metres = np.concatenate(blocks)
    numbers_of = np.repeat(np.arange(len(ids), dtype=np.uint32), [len(b) for b in blocks])
    data = bytes(
        DracoPy.encode(
            (metres / unit * [1e5, 1e5, 1.0]).astype(np.float32),
            np.arange(len(metres), dtype=np.uint32).reshape(-1, 3),
            quantization_bits=20,
            generic_attributes={1: numbers_of[:, None]},
        )
    )
    return annotated(data, {2: {"i3s-scale_x": 1e-5, "i3s-scale_y": 1e-5}, 1: {"ids": ids}})


def annotated(data: bytes, notes: dict[int, dict[str, Any]]) -> bytes:
    """Return a Draco file with attribute metadata put in after its header."""

    def entry(key: str, value: bytes) -> bytes:
        return bytes([len(key)]) + key.encode() + bytes([len(value)]) + value

    body = bytes([len(notes)])
    for number, held in notes.items():
        entries = [
            entry(key, struct.pack("<d", value)) for key, value in held.items() if key != "ids"
        ]
        if "ids" in held:
            entries.append(entry("i3s-attribute-type", b"feature-index"))
            entries.append(entry("i3s-feature-ids", np.array(held["ids"], "<i4").tobytes()))
        body += bytes([number, len(entries)]) + b"".join(entries) + b"\0"
    flags = int.from_bytes(data[9:11], "little") | 0x8000
    return data[:9] + flags.to_bytes(2, "little") + body + b"\0\0" + data[11:]
