"""The sun on a stage: which actors it lights, what casts its shadows, and the ground that catches them."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderWindow

from twin.geometry import F64
from twin.scene import LayerId
from twin.streaming import Frame
from twin.tiles import View
from ui.viewport.actors import LIT_KINDS, Drawn, Scene, TileActors
from ui.viewport.casters import caster, shown
from ui.viewport.catcher import Catcher
from ui.viewport.detail import Thrift
from ui.viewport.lens import Lens
from ui.viewport.look import Look
from ui.viewport.reconcile import Key
from ui.viewport.shadows import Shadows

Tiles = Mapping[Key, TileActors]


class Lighting:
    """Lights the tiles of a stage. ``put`` and ``drop`` bring actors on the stage and off."""

    def __init__(
        self,
        window: Callable[[], vtkRenderWindow],
        put: Callable[[Drawn], None],
        drop: Callable[[Drawn], None],
        tiles: Tiles,
    ) -> None:
        """Start without a sun; ``tiles`` are those of the stage, now and later."""
        self._tiles = tiles
        self.shadows = Shadows(window)
        self._catcher = Catcher(put, drop)
        self._left_out: frozenset[LayerId] = frozenset()

    def lay_ground(
        self, sunken: Collection[Key], boxes: F64, scene: Scene | None, look: Look
    ) -> None:
        """Lay a ground under a city that brings none; ``boxes`` f64(n, 6) are the tiles'."""
        sun = None if look.flat else look.sun
        standing = [tile for key, tile in self._tiles.items() if key not in sunken]
        self._catcher.stand(standing, boxes, scene, sun)

    def with_ground(self, boxes: F64) -> F64:
        """Return the boxes f64(n, 6) of all that is there, the ground that catches shadows too."""
        ground = self._catcher.box
        return boxes if ground is None else np.concatenate([boxes, ground[None]])

    def shine(
        self,
        sunken: Collection[Key],
        boxes: F64,
        view: View,
        look: Look,
        origin: F64,
        thrift: Thrift,
    ) -> bool:
        """Let the sun of the look shine on everything; return whether its shadows changed."""
        sun = None if look.flat else look.sun
        around = self.with_ground(boxes) - np.tile(origin, 2)
        casting = tuple((key, t.casting, key in sunken) for key, t in self._tiles.items())
        at = View(view.eye - origin, view.forward, view.up, view.fov_y, view.size)
        changed = self.shadows.aim(sun, at, around, casting, thrift)
        for tile in self._tiles.values():
            tile.shine(self.shadows.light, origin)
        self._catcher.shine(self.shadows.light, origin, dark=look.dark)
        return changed

    def leave_out(self, layers: frozenset[LayerId], told: Frame | None) -> None:
        """Let some layers cast no shadows in the pictures to come: their actors are out of sight. Rows are
        shown as a frame tells."""
        for key, tile in self._tiles.items():
            if told is not None and key[0] in told.layers:
                tile.paint(told.layers[key[0]])
        self._left_out = layers
        self.shadows.again()

    def focus(self, lens: Lens) -> None:
        """Tell the ground about the camera."""
        self._catcher.focus(lens.for_faces)

    def draw(self, sunken: Collection[Key]) -> None:
        """Draw the depth picture of the sun if it is due."""
        self.shadows.draw(lambda thin: self._casters(sunken, thin))

    def _casters(self, sunken: Collection[Key], thin: bool) -> list[vtkActor]:
        """Return what casts shadows, at full detail or (``thin``) as it is in sight.

        What lies beneath others casts none.
        """
        return [
            caster(shown(part) if thin else part)
            for key, tile in self._tiles.items()
            if key not in sunken and key[0] not in self._left_out
            for part in (*tile.parts, *tile.caps)
            if part.batch.kind in LIT_KINDS and not part.gone and not part.translucent
        ]

    def close(self) -> None:
        """Let the depth picture go."""
        self.shadows.close()
