"""Acceptance 3: on real scenes the pick is the nearest triangle on the ray, and the picture shows it.

The oracle shares nothing with the product but the arrays: its rays come from an inverted projection
matrix, its meetings from signed volumes in float64 over every triangle, instances multiplied out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.ui.viewport.frames import identities, rows_of
from twin.geometry import F64, I32, Drawable, Instances, Mesh
from twin.picking import pick
from twin.scene import LayerId
from twin.session import Session
from twin.streaming import Frame
from twin.tiles import View
from ui.cli.loading import opened
from ui.cli.opening import Opening
from ui.cli.render import Choice, settled
from ui.viewport.canvas import picture_of
from ui.viewport.look import Look

pytestmark = [pytest.mark.render, pytest.mark.slow]
SIZE = (320, 240)
FLAT = Look(flat=True)
PIXELS = 50
TOUCHING = 1e-6
"""Faces of two objects nearer than this (metres) lie on each other: either may be picked."""
DEPTH = 0.05
"""Metres that the depth buffer of a picture cannot tell apart on a whole district."""


@dataclass(frozen=True)
class Soup:
    """Every triangle of a frame seen from its eye: volumes ready for any ray, whose it is."""

    volumes: F64
    determinant: F64
    owner: I32

    def along(self, ray: F64) -> tuple[F64, I32]:
        """Return distances of all meetings, nearest first, and whose triangle each is."""
        w = self.volumes @ ray
        total = w.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = self.determinant / total
        met = ((w >= 0).all(axis=1) | (w <= 0).all(axis=1)) & (total != 0) & (distance > 0)
        order = np.flatnonzero(met)[np.argsort(distance[met])]
        return distance[order], self.owner[order]


def corners_of(item: Mesh | Instances) -> tuple[F64, I32]:
    if isinstance(item, Instances):
        own, _ = corners_of(item.mesh)
        moved = np.einsum("kij,nvj->knvi", item.transforms[:, :3, :3], own)
        moved += item.transforms[:, None, None, :3, 3]
        return moved.reshape(-1, 3, 3), np.repeat(item.feature, len(own))
    points = item.positions.astype(np.float64) + item.origin
    return points[item.triangles], item.feature[item.triangles[:, 0]]


def soup_of(frame: Frame, first: dict[LayerId, int], eye: F64) -> Soup:
    corners, owner, single = [], [], []
    for layer, part in frame.layers.items():
        for tile in part.tiles.values():
            for item in tile.drawables:
                if isinstance(item, Mesh | Instances):
                    found, feature = corners_of(item)
                    corners.append(found - eye)
                    mesh = item.mesh if isinstance(item, Instances) else item
                    single.append(np.full(len(found), not mesh.material.double_sided))
                    rows = np.append(tile.rows, -1)[feature]
                    owner.append(np.where(feature < 0, -1, rows + first[layer]))
    a, b, c = np.moveaxis(np.concatenate(corners), 1, 0)
    volumes = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=1)
    determinant = np.einsum("ni,ni->n", a, volumes[:, 0])
    seen = ~np.concatenate(single) | (determinant < 0)  # else only its back is towards the eye
    owners = np.concatenate(owner).astype(np.int32)
    return Soup(volumes[seen], determinant[seen], owners[seen])


def unprojected(view: View, x: float, y: float) -> F64:
    """Return the unit direction of a pixel by way of a 4 x 4 projection, inverted."""
    width, height = view.size
    back = -view.forward
    right = np.cross(view.up, back)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(back, right), back])
    near, far = 1.0, 2.0
    f = 1 / np.tan(np.radians(view.fov_y) / 2)
    projection = np.zeros((4, 4))
    projection[0, 0], projection[1, 1] = f * height / width, f
    projection[2, 2:] = (far + near) / (near - far), 2 * far * near / (near - far)
    projection[3, 2] = -1
    clip = np.linalg.inv(projection) @ [2 * x / width - 1, 1 - 2 * y / height, 1.0, 1.0]
    direction = rotation.T @ (clip[:3] / clip[3])
    return np.asarray(direction / np.linalg.norm(direction), np.float64)


def first_rows(session: Session, frame: Frame) -> dict[LayerId, int]:
    sizes = [len(session.twin.layers[layer].features) for layer in frame.layers]
    return dict(zip(frame.layers, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))


def opaque(item: Drawable) -> Drawable:
    if isinstance(item, Instances):
        mesh = opaque(item.mesh)
        assert isinstance(mesh, Mesh)
        return replace(item, mesh=mesh)
    if isinstance(item, Mesh):
        color = (*item.material.color[:3], 1.0)
        return replace(item, material=replace(item.material, color=color, alpha_mode="opaque"))
    return item


def identity_picture(frame: Frame, first: dict[LayerId, int], view: View) -> I32:
    """Return the object shown at each pixel i32(h, w): the product draws each in one colour, glass
    as if it were wood (a pick takes glass, a picture shows what is behind it too)."""
    layers = {}
    for layer, part in frame.layers.items():
        state = identities(first[layer] + len(part.state))[first[layer] :]
        state[:, 3] &= part.state[:, 3]
        tiles = {
            number: replace(tile, drawables=tuple(map(opaque, tile.drawables)))
            for number, tile in part.tiles.items()
        }
        layers[layer] = replace(part, tiles=tiles, state=state, version=part.version + 1)
    return rows_of(picture_of(replace(frame, layers=layers), view, FLAT)).astype(np.int32)


def agree(paths: Sequence[Path], seed: int) -> None:
    choice = Choice(size=f"{SIZE[0]}x{SIZE[1]}", color_by="kind")
    session = opened([str(path) for path in paths], Opening(), index=False)
    try:
        view, frame = settled(session, choice)
        assert frame.complete
        first = first_rows(session, frame)
        soup = soup_of(frame, first, view.eye)
        shown = identity_picture(frame, first, view)
        chance = np.random.default_rng(seed)
        spots = chance.permutation(np.argwhere(shown >= 0))[: PIXELS - 10].tolist()
        spots += chance.integers(0, SIZE[::-1], (10, 2)).tolist()
        hits = 0
        for y, x in spots:
            distance, owner = soup.along(unprojected(view, x + 0.5, y + 0.5))
            hit = pick(frame, view, x + 0.5, y + 0.5)
            assert (hit is None) == (not len(distance))
            if hit is not None:
                hits += 1
                found = -1 if hit.row < 0 else hit.row + first[hit.layer]
                assert hit.distance == pytest.approx(distance[0], rel=1e-9, abs=1e-7)
                assert found in owner[distance <= distance[0] + TOUCHING]
                assert np.linalg.norm(hit.world - view.eye) == pytest.approx(hit.distance)
            assert shown[y, x] in seen_near(soup, view, x, y)
        assert hits >= PIXELS - 12
    finally:
        session.close()


def seen_near(soup: Soup, view: View, x: int, y: int) -> set[int]:
    """Return what a pixel may show: a tenth of a pixel to each side, and what the depth cannot part."""
    allowed: set[int] = set()
    for dx in (-0.1, 0.0, 0.1):
        for dy in (-0.1, 0.0, 0.1):
            distance, owner = soup.along(unprojected(view, x + 0.5 + dx, y + 0.5 + dy))
            allowed |= set(owner[distance <= distance[:1].sum() + DEPTH].tolist()) or {-1}
    return allowed


def test_the_district_of_delft(sample_models: Path) -> None:
    agree([sample_models / "delft.city.json"], 1)


def test_the_duplex_house(sample_models: Path) -> None:
    agree([sample_models / "duplex.ifc"], 2)


def test_the_tileset_of_delft(sample_models: Path) -> None:
    agree([sample_models / "delft_tileset" / "tileset.json"], 3)


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "cityjson/safesoftware_fme-CityJSON/textures_building/msurface_buildings_semsrf_attributes.json",
        "3dtiles/Flying-Fish-1_taicang/js_3dtiles/tileset.json",
    ],
)
def test_textured_buildings(name: str, shared_data: Path) -> None:
    agree([shared_data / name], 4)


def test_two_sources_in_one_picture(sample_models: Path) -> None:
    agree([sample_models / "delft.city.json", sample_models / "delft_tileset"], 5)
