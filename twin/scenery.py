"""What stands in the view beside the layers: the blocks and moved objects of a scenario, the marks of a result.

It becomes part of the frame, so that it hides and is hidden, throws shadows, is cut and measured like the
city. It belongs to no object: its features are background.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from twin.analyses.findings import Marks
from twin.analyses.massing import STOREY, Block, body_of, storeys_of
from twin.analyses.scenarios import BUILT, Scenario, gone, left_out, moved, pivot, rows_named
from twin.features import Bool
from twin.geometry import F64, I32, U8, Drawable, Lines, Material, Mesh, Points, Rows, box_of
from twin.measuring.bodies import triangles_of
from twin.scene import Aspect, Change, LayerId, Twin
from twin.streaming import VISIBLE, Frame, LayerFrame, Resident, state_of
from twin.weighing import weight

RESULT = "result"
"""The layer of a frame that holds the marks of a result."""
PROPOSED = (0.029, 0.361, 0.300, 1.0)
"""Linear RGBA of what a scenario builds or moves: teal, #2FA195."""
INK = (0.003, 0.070, 0.056, 1.0)
"""Linear RGBA of the edges of blocks."""
RAMP = np.array([
    [241, 237, 224], [207, 227, 220], [163, 210, 202], [111, 186, 176], [63, 156, 148], [31, 122, 116],
    [10, 85, 80],
], np.uint8)  # fmt: skip
"""Colours of values from low to high: one hue, light to dark, told apart without seeing colours."""
RISE_AND_FALL = np.array([
    [146, 86, 8], [224, 160, 48], [243, 216, 160], [241, 237, 224], [163, 210, 202], [63, 156, 148],
    [10, 85, 80],
], np.uint8)  # fmt: skip
"""Colours of what is less and more than before: amber, pale about nothing, teal; told apart by colour-blind eyes."""
NAUGHT = {"rise"}
"""Marks whose values lie on both sides of nothing."""
ROLES = {"good": (63, 156, 148), "bad": (224, 160, 48), "plain": (61, 111, 143)}
"""Colours of marks without values."""
MISSING = (154, 162, 170)
SHEER = {"limit": 0.5, "water": 0.75, "ground": 0.8, "rise": 0.85}
"""Marks that the city is seen through, by name: how opaque they are."""
LIFT = 0.08
"""Metres by which marks stand off the surface they lie on."""


def classes(values: F64, scale: tuple[float, float]) -> I32:
    """Return the class i32(n) of values on a ramp from low to high, -1 = no value."""
    low, high = scale
    share = (values - low) / (high - low) if high > low else np.zeros(len(values))
    known = np.isfinite(values)
    number = np.floor(np.clip(np.where(known, share, 0.0), 0.0, 1.0) * len(RAMP)).astype(np.int32)
    return np.where(known, np.minimum(number, len(RAMP) - 1), -1).astype(np.int32)


def ramp_of(name: str) -> U8:
    """Return the ramp u8(7, 3) of a value or a mark: two-sided for changes."""
    return RISE_AND_FALL if name in NAUGHT or name.endswith(":change") else RAMP


def colors_of(marks: Marks) -> U8:
    """Return the colour u8(k, 4) of each shape."""
    k = len(marks.places)
    found = np.full((k, 4), 255, np.uint8)
    if marks.values is None:
        found[:, :3] = ROLES.get(marks.role, ROLES["plain"])
        return found
    number = classes(marks.values, scale_of(marks.values, marks.scale))
    found[:, :3] = np.where(
        (number < 0)[:, None], np.array(MISSING), ramp_of(marks.name)[np.maximum(number, 0)]
    )
    return found


def scale_of(values: F64, scale: tuple[float, float] | None) -> tuple[float, float]:
    """Return the scale that holds: the one said, else from the least value to the greatest."""
    if scale is not None:
        return scale
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


@dataclass
class Scenery:
    """The scenery of one session. ``marks`` are those of the result that is shown."""

    twin: Twin
    marks: tuple[Marks, ...] = ()
    shown: bool = True
    """Whether the scenario is seen; off while the city is shown as it stands."""
    versions: int = 0
    _parts: dict[str, tuple[Any, LayerFrame]] = field(default_factory=dict)
    _before: dict[LayerId, tuple[U8, U8]] = field(default_factory=dict)
    _gone: tuple[Any, dict[LayerId, Rows]] = ((), {})

    def show(self, marks: tuple[Marks, ...]) -> None:
        """Show these marks and no others."""
        if marks is not self.marks:
            self.marks = marks
            self.twin.changed.emit(Change(Aspect.STYLE))

    @property
    def scenario(self) -> Scenario | None:
        """Return the scenario that is seen."""
        found: Scenario | None = self.twin.records["scenarios"].get(self.twin.scenario)
        return found if self.shown else None

    def gone(self) -> Mapping[LayerId, Rows]:
        """Return the rows by layer that the scenario takes away or moves elsewhere."""
        scenario = self.scenario
        if scenario is None:
            return {}
        tables = {key: layer.features for key, layer in self.twin.layers.items()}
        key = (scenario, *(id(table) for table in tables.values()))
        if self._gone[0] != key:
            found = {}
            for name, table in tables.items():
                moving = [
                    x for e in scenario.of_kind("move") if e.layer == name for x in e.objects
                ]
                rows = np.union1d(gone(table, name, scenario), rows_named(table, moving))
                if len(rows):
                    found[name] = rows.astype(np.int32)
            self._gone = (key, found)
        return self._gone[1]

    def apart(self) -> frozenset[LayerId]:
        """Return the layers that are not there: they replace objects in scenarios that are not seen."""
        return left_out(self.twin.records["scenarios"].values(), self.scenario)

    def added(self, frame: Frame) -> Frame:
        """Return the frame with the scenery in it, and without what stands in other scenarios."""
        away = self.apart()
        layers = {key: part for key, part in frame.layers.items() if key not in away}
        scenario = self.scenario
        if scenario is not None:
            self._add(layers, BUILT, self._scenario_key(scenario, layers))
        for opacity in {SHEER.get(one.name.partition(":")[0], 1.0) for one in self.marks}:
            name = RESULT if opacity == 1.0 else f"{RESULT}:{opacity:g}"
            self._add(layers, name, tuple(id(one) for one in self.marks), opacity)
        unchanged = len(layers) == len(frame.layers) and not away
        return frame if unchanged else replace(frame, layers=layers)

    def as_it_stands(self, frame: Frame, there: Mapping[LayerId, Bool]) -> Frame:
        """Return a frame with what the scenario takes away, as far as rows bool(n) by layer are there."""
        layers = dict(frame.layers)
        for key, rows in self.gone().items():
            part = layers.get(key)
            if part is not None and len(part.state):
                back = rows[there[key][rows]]
                known = self._before.get(key)
                if known is None or known[0] is not part.state:
                    state = part.state.copy()
                    state[back, 3] |= VISIBLE
                    known = (part.state, state)
                    self._before[key] = known
                layers[key] = replace(part, state=known[1], version=-part.version - 1)
        return replace(frame, layers=layers)

    def _scenario_key(self, scenario: Scenario, layers: Mapping[LayerId, LayerFrame]) -> Any:
        moving = {edit.layer for edit in scenario.of_kind("move")}
        seen = [tuple(layers[key].tiles) for key in sorted(moving) if key in layers]
        return (scenario, *seen)

    def _add(
        self, layers: dict[LayerId, LayerFrame], name: str, key: Any, opacity: float = 1.0
    ) -> None:
        known = self._parts.get(name)
        if known is None or known[0] != key:
            alike = [
                one for one in self.marks if SHEER.get(one.name.partition(":")[0], 1.0) == opacity
            ]
            drawables = self._drawn(layers) if name == BUILT else drawn_marks(alike)
            self.versions += 1
            known = (key, replace(part_of(drawables, self.versions), opacity=opacity))
            self._parts[name] = known
        if known[1].tiles:
            layers[name] = known[1]

    def _drawn(self, layers: Mapping[LayerId, LayerFrame]) -> list[Drawable]:
        scenario = self.scenario
        found: list[Drawable] = []
        for edit in () if scenario is None else scenario.edits:
            if edit.kind == "block":
                found += drawn_block(edit.block())
            elif edit.kind == "move" and edit.layer in layers and edit.layer in self.twin.layers:
                layer = self.twin.layers[edit.layer]
                rows = rows_named(layer.features, edit.objects)
                body = triangles_of(layers[edit.layer], rows)
                middle = pivot(layer.boxes(rows)) if len(rows) else np.full(3, np.nan)
                if len(body) and np.isfinite(middle).all():
                    found.append(_mesh(moved(body.reshape(-1, 3), middle, edit).reshape(-1, 3, 3)))
        return found


def part_of(drawables: Sequence[Drawable], version: int) -> LayerFrame:
    """Return drawables as what one layer shows, a tile each."""
    tiles = {}
    for number, item in enumerate(drawables):
        box = box_of(item)
        tiles[number + version * 100_000] = Resident(
            (item,), np.zeros(0, np.int32), box, weight((item,))
        )
    return LayerFrame(tiles, state_of(0), version)


def _background(n: int) -> I32:
    return np.full(n, -1, np.int32)


def _mesh(corners: F64, material: Material | None = None, colors: U8 | None = None) -> Mesh:
    """Return triangles f64(t, 3, 3) as a mesh."""
    flat = corners.reshape(-1, 3)
    origin = flat.mean(axis=0)
    faces = np.arange(len(flat), dtype=np.int32).reshape(-1, 3)
    made = material or Material(color=PROPOSED)
    positions = (flat - origin).astype(np.float32)
    return Mesh(origin, positions, faces, _background(len(flat)), made, colors=colors)


def drawn_block(block: Block) -> list[Drawable]:
    """Return a block with its edges and the lines of its storeys."""
    corners, faces = body_of(block)
    ring = np.asarray(block.ring, np.float64)
    levels = storeys_of(block)
    storey = block.height / levels if block.storeys else STOREY
    heights = [block.base + k * storey for k in range(levels)] + [block.base + block.height]
    segments: list[F64] = []
    for z in heights:
        level = np.column_stack([ring, np.full(len(ring), z)])
        segments.append(np.stack([level, np.roll(level, -1, axis=0)], axis=1))
    upright = np.stack([corners[: len(ring)], corners[len(ring) :]], axis=1)
    lines = np.concatenate([*segments, upright])
    return [_mesh(corners[faces]), _lines(lines, Material(color=INK, unlit=True))]


def _lines(segments: F64, material: Material, colors: U8 | None = None) -> Lines:
    """Return segments f64(s, 2, 3) as lines."""
    flat = segments.reshape(-1, 3)
    origin = flat.mean(axis=0)
    pairs = np.arange(len(flat), dtype=np.int32).reshape(-1, 2)
    positions = (flat - origin).astype(np.float32)
    return Lines(origin, positions, pairs, _background(len(flat)), material, colors)


def drawn_marks(marks: Sequence[Marks]) -> list[Drawable]:
    """Return marks as drawables; places that are no numbers are left out."""
    found: list[Drawable] = []
    plain = Material(unlit=True)
    for one in marks:
        places = np.asarray(one.places, np.float64)
        sound = np.isfinite(places).all(axis=(1, 2))
        places = places[sound] + np.array([0.0, 0.0, LIFT])
        colors = colors_of(one)[sound]
        if not len(places):
            continue
        spread = np.repeat(colors, places.shape[1], axis=0)
        if one.kind == "areas":
            found.append(_mesh(places, plain, spread))
        elif one.kind == "lines":
            found.append(_lines(places, plain, spread))
        else:
            origin = places[:, 0].mean(axis=0)
            at = (places[:, 0] - origin).astype(np.float32)
            found.append(Points(origin, at, _background(len(at)), plain, colors))
    return found
