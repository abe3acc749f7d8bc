"""Laws of CityGML: however the same blocks are written down, the same blocks are read."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loaders.citygml_files import building, model, opened, polygon
from tests.loaders.test_citygml import area
from twin.ports import Opened

Block = tuple[int, int, int, int, int]
block = st.tuples(*[st.integers(0, 1000)] * 2, *[st.integers(1, 50)] * 3)
blocks = st.lists(block, min_size=1, max_size=5)


def faces(x: int, y: int, w: int, d: int, h: int) -> list[tuple[str, str]]:
    """Return the kinds and coordinates of a block's six faces."""
    ring = [(x, y), (x + w, y), (x + w, y + d), (x, y + d)]
    found = [("GroundSurface", [(u, v, 0) for u, v in reversed(ring)])]
    found.append(("RoofSurface", [(u, v, h) for u, v in ring]))
    for (u, v), (s, t) in zip(ring, [*ring[1:], ring[0]], strict=True):
        found.append(("WallSurface", [(u, v, 0), (s, t, 0), (s, t, h), (u, v, h)]))
    return [(kind, " ".join(f"{a} {b} {c}" for a, b, c in [*ps, ps[0]])) for kind, ps in found]


def solid(members: list[str]) -> str:
    inside = "".join(members)
    return (
        "<bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface>"
        f"{inside}</gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod2Solid>"
    )


def written(number: int, said: Block, way: str) -> str:
    """Return a block as a solid alone, as walls that a solid links to, or the other way round."""
    kinds = faces(*said)
    keys = [f"p{number}_{at}" for at in range(len(kinds))]
    inline = [
        f"<gml:surfaceMember>{polygon(text, key)}</gml:surfaceMember>"
        for (_, text), key in zip(kinds, keys, strict=True)
    ]
    links = [f'<gml:surfaceMember xlink:href="#{key}"/>' for key in keys]
    own, theirs = (links, inline) if way == "walls" else (inline, links)
    bounded = "".join(
        f"<bldg:boundedBy><bldg:{kind}><bldg:lod2MultiSurface><gml:MultiSurface>{member}"
        f"</gml:MultiSurface></bldg:lod2MultiSurface></bldg:{kind}></bldg:boundedBy>"
        for (kind, _), member in zip(kinds, theirs, strict=True)
    )
    return building(solid(own) + ("" if way == "solid" else bounded), f"b{number}")


def read(city: list[Block], way: str) -> Opened:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gml"
        path.write_text(
            model(*(written(n, said, way) for n, said in enumerate(city)), srs="EPSG:25832")
        )
        return opened(path)


@settings(max_examples=25)
@given(blocks, st.sampled_from(["solid", "walls", "links"]))
def test_blocks_are_read_with_their_boxes_and_areas_however_they_are_written(
    city: list[Block], way: str
) -> None:
    found = read(city, way)
    assert found.problems == ()
    for row, (x, y, w, d, h) in enumerate(city):
        assert found.features.bounds[row].tolist() == [x, y, 0, x + w, y + d, h]
        assert area(found, f"b{row}") == pytest.approx(2 * (w * d + w * h + d * h), rel=1e-5)
        if way != "solid":
            assert found.features.columns["WallSurface count"][row] == 4
            assert found.features.columns["RoofSurface area"][row] == pytest.approx(w * d)


@given(blocks)
def test_every_wall_looks_outward(city: list[Block]) -> None:
    found = read(city, "walls")
    for content in found.ready.values():
        for mesh in content.drawables:
            corner = mesh.positions.astype(np.float64)[mesh.triangles] + mesh.origin  # type: ignore[union-attr]
            normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
            rows = mesh.feature[mesh.triangles[:, 0]]  # type: ignore[union-attr]
            boxes = found.features.bounds[rows]
            outward = corner.mean(axis=1) - (boxes[:, :3] + boxes[:, 3:]) / 2
            assert ((normal * outward).sum(axis=1) > 0).all()
