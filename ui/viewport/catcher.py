"""A shadow catcher: where the city brings no ground, shadows fall on one that is seen only where it is dark."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from twin.geometry import F64, Material
from ui.viewport.actors import Drawn, Lens, Scene, TileActors, actor_of
from ui.viewport.batches import Batch
from ui.viewport.ground import Ground, Mask, feet, ground, reached
from ui.viewport.look import Sun
from ui.viewport.shaders import Kind
from ui.viewport.shadows import Sunshine
from ui.viewport.states import StateTexture
from ui.viewport.vertex_data import cell_array

ROOM = (100.0, 300.0)
"""The least and the most metres that the ground reaches beyond the city."""
STEP = 50.0
CAUGHT = {False: 0.36, True: 0.62}
"""How dark a shadow is on ground that is not there, of 1, in the light and in the dark theme."""


@dataclass
class Catcher:
    """Keeps the ground on the stage. ``put`` and ``drop`` bring its actor on and off."""

    put: Callable[[Drawn], None]
    drop: Callable[[Drawn], None]
    box: F64 | None = None
    """Where it lies f64(6), in the project frame."""
    _drawn: Drawn | None = None
    _of: object = None
    _ground: Ground | None = None
    _heights: F64 = field(default_factory=lambda: np.zeros((0, 0)))
    """How far what stands in each cell of the ground rises above it."""
    _kept: Mask | None = None
    """The cells that are drawn."""
    _trimmed: Sun | None = None
    """The sun that they were chosen for."""

    def stand(
        self, tiles: Iterable[TileActors], boxes: F64, scene: Scene | None, sun: Sun | None
    ) -> None:
        """Lay the ground under tiles with boxes f64(n, 6), in the light of a sun; none at night."""
        if sun is None or sun[2] <= 0 or scene is None:
            self._lay(None, [], scene)
            return
        high = float(np.ptp(boxes[:, [2, 5]])) if len(boxes) else 0.0
        length = high * float(np.hypot(*sun[:2])) / max(sun[2], 1e-3)
        room = float(np.clip(np.ceil(length / STEP + 1) * STEP, *ROOM))
        standing = [(tile, tile.stood[0]) for tile in tiles]
        of = (room, tuple((id(t.resident), lift) for t, lift in standing))
        if self._lay(of, standing, scene) and self._ground is not None:
            self._heights = self._ground.heights_of(boxes)
        self._trim(sun)

    def _trim(self, sun: Sun) -> None:
        """Leave out the ground that no shadow can reach: looking for one costs as much as shading a wall."""
        if self._drawn is None or self._ground is None or sun == self._trimmed:
            return
        kept, self._trimmed = reached(self._heights, self._ground.size, sun), sun
        if self._kept is None or not np.array_equal(kept, self._kept):
            self._kept = kept
            self._drawn.data.SetPolys(cell_array(self._ground.triangles(kept)))

    def _lay(
        self,
        of: tuple[float, object] | None,
        standing: list[tuple[TileActors, float]],
        scene: Scene | None,
    ) -> bool:
        """Lay another ground; return whether it is one."""
        if of == self._of:
            return False
        self._of, self._kept, self._trimmed = of, None, None
        if self._drawn is not None:
            self.drop(self._drawn)
        self._drawn = self.box = self._ground = None
        if of is None or scene is None:
            return False
        parts = []
        for tile, lift in standing:
            if tile.feet is None:
                tile.feet = feet(tile.resident)
            parts.append(replace(tile.feet, low=tile.feet.low + lift))
        found = ground(parts, of[0])
        if found is None:
            return False
        self._ground = found
        self._drawn = _actor(found, scene)
        ends = found.origin + found.places[[0, -1], [0, -1]]
        low, high = found.places[..., 2].min(), found.places[..., 2].max()
        self.box = np.array(
            [*ends[0, :2], found.origin[2] + low, *ends[1, :2], found.origin[2] + high]
        )
        self.put(self._drawn)
        return True

    def shine(self, light: Sunshine | None, origin: F64, *, dark: bool) -> None:
        """Let shadows fall on it."""
        if self._drawn is not None:
            self._drawn.shine(light, origin, 0.0, 1.0)
            uniforms = self._drawn.actor.GetShaderProperty().GetFragmentCustomUniforms()
            uniforms.SetUniformf("caught", CAUGHT[dark])

    def focus(self, lens: Lens) -> None:
        """Tell it about the camera."""
        if self._drawn is not None:
            self._drawn.focus(lens)


def _actor(found: Ground, scene: Scene) -> Drawn:
    positions = found.places.reshape(-1, 3)
    count = len(positions)
    batch = Batch(
        Kind.GROUND,
        found.origin,
        positions,
        found.triangles(),
        np.full(count, -1.0, np.float32),
        np.full((count, 4), 255, np.uint8),
        Material(alpha_mode="blend"),
    )
    drawn = actor_of(batch, StateTexture(1), scene)
    ends = (*positions[:, :2].min(axis=0).tolist(), *positions[:, :2].max(axis=0).tolist())
    uniforms = drawn.actor.GetShaderProperty().GetFragmentCustomUniforms()
    uniforms.SetUniform4f("groundBox", ends)
    uniforms.SetUniformf("caught", CAUGHT[False])
    return drawn
