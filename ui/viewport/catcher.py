"""A shadow catcher: where the city brings no ground, shadows fall on one that is seen only where it is dark."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from twin.geometry import F64, Material
from ui.viewport.actors import Drawn, Lens, Scene, TileActors, actor_of
from ui.viewport.batches import Batch
from ui.viewport.ground import feet, ground
from ui.viewport.look import Sun
from ui.viewport.shaders import Kind
from ui.viewport.shadows import Sunshine
from ui.viewport.states import StateTexture

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

    def stand(
        self, tiles: Iterable[TileActors], scene: Scene | None, sun: Sun | None, high: float
    ) -> None:
        """Lay the ground under tiles that reach ``high`` metres, in the light of a sun; none at night."""
        if sun is None or sun[2] <= 0 or scene is None:
            self._lay(None, [], scene)
            return
        length = high * float(np.hypot(*sun[:2])) / max(sun[2], 1e-3)
        room = float(np.clip(np.ceil(length / STEP + 1) * STEP, *ROOM))
        standing = [(tile, tile.stood[0]) for tile in tiles]
        self._lay((room, tuple((id(t.resident), lift) for t, lift in standing)), standing, scene)

    def _lay(
        self,
        of: tuple[float, object] | None,
        standing: list[tuple[TileActors, float]],
        scene: Scene | None,
    ) -> None:
        if of == self._of:
            return
        self._of = of
        if self._drawn is not None:
            self.drop(self._drawn)
        self._drawn = self.box = None
        if of is None or scene is None:
            return
        parts = []
        for tile, lift in standing:
            if tile.feet is None:
                tile.feet = feet(tile.resident)
            parts.append(replace(tile.feet, low=tile.feet.low + lift))
        found = ground(parts, of[0])
        if found is None:
            return
        origin, positions, triangles = found
        count = len(positions)
        batch = Batch(
            Kind.GROUND,
            origin,
            positions,
            triangles,
            np.full(count, -1.0, np.float32),
            np.full((count, 4), 255, np.uint8),
            Material(alpha_mode="blend"),
        )
        self.box = np.concatenate([positions.min(axis=0) + origin, positions.max(axis=0) + origin])
        self._drawn = actor_of(batch, StateTexture(1), scene)
        ends = (*positions[:, :2].min(axis=0).tolist(), *positions[:, :2].max(axis=0).tolist())
        uniforms = self._drawn.actor.GetShaderProperty().GetFragmentCustomUniforms()
        uniforms.SetUniform4f("groundBox", ends)
        uniforms.SetUniformf("caught", CAUGHT[False])
        self.put(self._drawn)

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
