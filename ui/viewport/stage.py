"""The stage shows a frame: it keeps one set of actors per tile and nothing else.

``show`` is idempotent and does as little as the difference asks for. It needs only a renderer: a
window, a picture off screen, a film and the tests use this same class.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer

from twin.geometry import F64
from twin.scene import LayerId
from twin.streaming import Frame, Resident
from twin.tiles import View
from ui.viewport.actors import Drawn, Lens, Scene, StateTexture, TileActors, actor_of
from ui.viewport.batches import batches, origin_of, outlines
from ui.viewport.blending import GL_BLEND, blending
from ui.viewport.camera import clip_range
from ui.viewport.cutting import Cutting
from ui.viewport.detail import LAVISH
from ui.viewport.detailing import Detailing
from ui.viewport.lens import lens_of
from ui.viewport.lighting import Lighting
from ui.viewport.look import Look
from ui.viewport.parking import Parking
from ui.viewport.pictures import Pictures
from ui.viewport.reconcile import Counts, Key, Shown, beneath, plan
from ui.viewport.shaders import Kind
from ui.viewport.surroundings import WHOLE, Surroundings

EDGE_TRIANGLES = 200_000
"""Tiles with more triangles get no computed outlines: they would be a grey mass."""
UPLOAD_BYTES = 1_000_000.0
"""Bytes of a tile that the graphics library takes over in a millisecond, in the picture after."""
SINK = 30.0
"""How many times as far away a tile is drawn that lies beneath others, or lingers until its successors
stand: seen from the eye it stays where it is, but whatever else is there hides it."""


class Stage:
    """Shows frames in a ``vtkRenderer``."""

    def __init__(self, renderer: vtkRenderer, look: Look | None = None) -> None:
        """Take over the renderer: background, lights and the blending of its pictures."""
        self.look = look or Look()
        self._renderer = renderer
        self._tiles: dict[Key, TileActors] = {}
        self._scene: Scene | None = None
        self._pending = 0
        self._surroundings = Surroundings(renderer)
        self.hurried = False  # no outlines are made: pictures are due at a steady rate
        self.thrift = LAVISH  # what the pictures to come do without
        self._detailing = Detailing(self._put)
        self._sunken: set[Key] = set()
        self._parking = Parking(self._destroy)
        self._cutting = Cutting(self._put, self._take_off)
        self.lighting = Lighting(renderer.GetRenderWindow, self._put, self._take_off, self._tiles)
        self._stacked: tuple[F64, tuple[object, ...]] = (np.zeros((0, 6)), ())
        self._view: tuple[object, ...] = ()
        self._lifts: tuple[float, ...] = ()
        self._stale = True
        self._lens: Lens | None = None
        renderer.AutomaticLightCreationOff()
        # what is near hides what is far before that is shaded
        renderer.GetCullers().GetItemAsObject(0).SetSortingStyleToFrontToBack()
        renderer.SetBackgroundAlpha(1.0)
        renderer.AddObserver("StartEvent", self._begin)

    # ------------------------------------------------------------------ what others ask

    @property
    def standing(self) -> frozenset[Key]:
        """Return the tiles that are drawn now."""
        return frozenset(self._tiles)

    def actors_of(self, layers: frozenset[LayerId]) -> list[vtkActor]:
        """Return everything that stands for some layers."""
        return [x.actor for key, t in self._tiles.items() if key[0] in layers for x in t.drawn]

    @property
    def origin(self) -> F64:
        """Return where the scene's zero lies in the project frame, f64(3)."""
        return np.zeros(3) if self._scene is None else self._scene.origin

    @property
    def counts(self) -> Counts:
        """Return what stands on the stage."""
        tiles = self._tiles.values()
        waiting = sum(not t.edges_known for t in tiles) if self._wants_edges() else 0
        return Counts(len(tiles), sum(t.triangles for t in tiles), self._pending, waiting)

    @property
    def settled(self) -> bool:
        """Return whether nothing is left to be built for the last frame."""
        counts = self.counts
        return not counts.pending and not counts.edges_pending and not self._cutting.waiting

    def set_look(self, look: Look) -> None:
        """Change the look; the next ``show`` asks for a picture. ``flat`` is chosen once, at the start."""
        if look != self.look:
            self.look = replace(look, flat=self.look.flat)
            self._stale = True

    # ------------------------------------------------------------------ showing

    def show(
        self,
        frame: Frame,
        view: View,
        upload_ms: float = 8.0,
        triangle_budget: float = np.inf,
        pixel_ratio: float = 1.0,
    ) -> bool:
        """Bring the frame on stage as seen by ``view``; return whether a new picture is needed.

        New tiles are built for at most about ``upload_ms`` milliseconds (one at least); call again
        while ``settled`` is false. With a ``triangle_budget`` (moving camera) far tiles are drawn
        with their largest triangles only.
        """
        before, sunken = set(self._tiles), self._sunken
        changed = self._reconcile(frame, upload_ms)
        self._sunken = {key for key in self._tiles if beneath(frame, key)}
        outlined = not (self._pending or self.hurried) and self._edges_due(upload_ms)
        cut = self._cutting.apply(frame, self._tiles, self._boxes(), self._scene, upload_ms)
        changed |= cut
        self.lighting.lay_ground(self._sunken, self._boxes(), self._scene, self.look)
        # other tiles, other clipping planes; new outlines stand as far away as their tile, new water looks at the eye
        again = changed or outlined or before != set(self._tiles) or sunken != self._sunken
        changed |= self._aim(view, pixel_ratio, again=again)
        tiles, boxes = self._tiles, self._boxes()
        edges = self._wants_edges() and self.thrift.edges
        scene, most = self._scene, triangle_budget
        changed |= self._detailing.choose(tiles, boxes, view, most, scene, edges)
        changed |= self.lighting.shine(
            self._sunken, boxes, view, self.look, self.origin, self.thrift
        )
        changed |= self._stale
        self._stale = False
        return changed

    def _reconcile(self, frame: Frame, upload_ms: float) -> bool:
        shown = {key: Shown(t.resident, t.version) for key, t in self._tiles.items()}
        todo = plan(shown, frame)
        self._lifts = tuple(part.lift for part in frame.layers.values())
        if not self._tiles and todo.add:
            self._parking.clear()  # they were placed in another scene
            self._start_scene(frame, todo.add[0])
        for key in todo.drop:
            self._park(key)
        changed = bool(todo.drop)
        for key in todo.paint:
            changed |= self._tiles[key].paint(frame.layers[key[0]])
        changed |= self._bring(frame, todo.add, upload_ms)
        if changed and not self._pending:
            for key in todo.linger:
                self._park(key)
        self._parking.release(frame)
        return changed

    def _bring(self, frame: Frame, keys: Sequence[Key], upload_ms: float) -> bool:
        """Put tiles on the stage, built ones for about so long; return whether any came."""
        started, made, ahead = time.perf_counter(), 0, 0.0
        waiting = []
        for key in keys:
            part = frame.layers[key[0]]
            if not self._back(key, part.tiles[key[1]]):
                # the next picture pays for these
                ahead += part.tiles[key[1]].nbytes / UPLOAD_BYTES
                if made and (time.perf_counter() - started) * 1000 + ahead > upload_ms:
                    waiting.append(key)
                    continue
                self._remove(key)
                self._add(key, part.tiles[key[1]])
                made += 1
            self._tiles[key].paint(part)
        self._pending = len(waiting)
        return len(waiting) < len(keys)

    def _start_scene(self, frame: Frame, key: Key) -> None:
        # a round number of kilometres: the same wherever in the city the first tile lies
        origin = np.round(origin_of(frame.layers[key[0]].tiles[key[1]]) / 1000.0) * 1000.0
        self._scene = Scene(origin, blending(self._renderer), Pictures(), self.look.flat)

    def _add(self, key: Key, resident: Resident) -> None:
        assert self._scene is not None
        states = StateTexture(len(resident.rows))
        parts = [actor_of(batch, states, self._scene) for batch in batches(resident)]
        tile = TileActors(resident, states, parts)
        tile.edges_known = tile.triangles > EDGE_TRIANGLES or not tile.triangles
        self._tiles[key] = tile
        self._stacked = (self._stacked[0], ())
        for part in parts:
            self._put(part)

    def _put(self, part: Drawn) -> None:
        if self._lens is not None:
            dry = part.batch.kind is Kind.FACES and not part.wet
            part.focus(self._lens.for_faces if dry else self._lens)
        self._renderer.AddActor(part.actor)

    def _park(self, key: Key) -> None:
        self._detailing.forget(key)
        self._parking.park(key, self._tiles.pop(key))

    def _back(self, key: Key, resident: Resident) -> bool:
        """Bring a parked tile back on the stage; return whether it was there."""
        tile = self._parking.back(key, resident)
        if tile is not None:
            self._tiles[key] = tile
            self._stacked = (self._stacked[0], ())
        return tile is not None

    def _remove(self, key: Key) -> None:
        tile = self._tiles.pop(key, None)
        if tile is None:
            return
        self._detailing.forget(key)
        self._destroy(tile)

    def _destroy(self, tile: TileActors) -> None:
        for part in tile.drawn:
            self._take_off(part)

    def _take_off(self, part: Drawn) -> None:
        part.shade_off()
        self._renderer.RemoveActor(part.actor)
        for actor in (part.actor, part.caster):
            if actor is not None:
                actor.ReleaseGraphicsResources(self._renderer.GetRenderWindow())

    def _wants_edges(self) -> bool:
        return self.look.edges and not self.look.flat

    def _edges_due(self, upload_ms: float) -> bool:
        """Build outlines of tiles that lack them, nearest to done first, within the time."""
        started, built = time.perf_counter(), 0
        for tile in self._tiles.values():
            wanted = self._wants_edges() or tile.outlined
            if not wanted or tile.edges_known:
                continue
            if built and (time.perf_counter() - started) * 1000 > upload_ms:
                break
            batch = outlines(tile.resident)
            tile.edges_known = True
            built += 1
            if batch is not None and self._scene is not None:
                tile.edges = actor_of(batch, tile.states, self._scene)
                tile.join(tile.edges)
                self._put(tile.edges)
        return built > 0

    # ------------------------------------------------------------------ camera

    def _aim(self, view: View, pixel_ratio: float, *, again: bool) -> bool:
        aim = (*view.eye, *view.forward, *view.up, view.fov_y, view.size, pixel_ratio, self.look)
        aim = (*aim, self._lifts)
        if aim == self._view and not (self._stale or again):
            return False
        self._view = aim
        near, far = clip_range(view, self.lighting.with_ground(self._boxes()))
        far *= SINK if self._sunken else 1.0
        origin = self._scene.origin if self._scene else np.zeros(3)
        for key, tile in self._tiles.items():
            tile.recede(view.eye, SINK if key in self._sunken else 1.0)
        camera = self._renderer.GetActiveCamera()
        eye = view.eye - origin
        camera.SetPosition(*eye)
        camera.SetFocalPoint(*(eye + view.forward * max(near * 10, 1.0)))
        camera.SetViewUp(*view.up)
        camera.SetViewAngle(view.fov_y)
        camera.SetClippingRange(near, far)
        self._surroundings.show(view, self.look, self._boxes(), origin, pixel_ratio)
        self._lens = lens_of(self.look, view, self._boxes(), near, pixel_ratio)
        self._focus(self._lens)
        return True

    @property
    def has_points(self) -> bool:
        """Return whether any point is on stage."""
        parts = (part for tile in self._tiles.values() for part in tile.parts)
        return any(part.batch.kind is Kind.POINTS for part in parts)

    def aim_at_block(self, view: View, column: int, row: int) -> None:
        """Let the next picture be one quarter of ``view``, drawn as large as the whole.

        ``column`` 0 is left, ``row`` 0 is below. ``aim_at_whole`` ends it.
        """
        (width, height), fine = view.size, (2 * view.size[0], 2 * view.size[1])
        self.aim_at_part(view, fine, (column * width, row * height, width, height))

    def aim_at_part(
        self, view: View, fine: tuple[int, int], part: tuple[int, int, int, int]
    ) -> None:
        """Let the next picture be a part of ``view`` seen as ``fine`` pixels: left, below, width, height.

        A part may reach beyond the edges of the view. ``aim_at_whole`` ends it.
        """
        camera = self._renderer.GetActiveCamera()
        half = np.tan(np.radians(view.fov_y) / 2)
        left, low, width, height = part
        camera.SetViewAngle(float(np.degrees(2 * np.arctan(half * height / fine[1]))))
        across = (2 * left + width - fine[0]) / width
        along = (2 * low + height - fine[1]) / height
        camera.SetWindowCenter(across, along)
        edges = [2 * x / fine[0] - 1 for x in (left, left + width)]
        edges += [2 * y / fine[1] - 1 for y in (low, low + height)]
        self._surroundings.show_part(view, self.look, (edges[0], edges[1], edges[2], edges[3]))
        if self._lens is not None:
            self._focus(replace(self._lens, corner=(float(left), float(low))))

    def aim_at_whole(self, view: View) -> None:
        """Let the next picture be the whole view again."""
        camera = self._renderer.GetActiveCamera()
        camera.SetViewAngle(view.fov_y)
        camera.SetWindowCenter(0.0, 0.0)
        self._surroundings.show_part(view, self.look, WHOLE)
        if self._lens is not None:
            self._focus(self._lens)

    def _focus(self, lens: Lens) -> None:
        beneath = replace(lens, haze=(lens.haze[0] * SINK, lens.haze[1] * SINK))
        self.lighting.focus(lens)
        seen = {False: (lens, lens.for_faces), True: (beneath, beneath.for_faces)}
        for key, tile in self._tiles.items():
            whole, faces = seen[key in self._sunken]
            for part in tile.drawn:
                dry = part.batch.kind is Kind.FACES and not part.wet
                part.focus(faces if dry else whole)

    def _boxes(self) -> F64:
        stacked, of = self._stacked
        now = (tuple(self._tiles), tuple(tile.stood[0] for tile in self._tiles.values()))
        if of != now:
            stacked = np.array([tile.box for tile in self._tiles.values()]).reshape(-1, 6)
            self._stacked = (stacked, now)
        return stacked

    def leave_out(self, layers: frozenset[LayerId], told: Frame | None = None) -> None:
        """Let some layers cast no shadows in the pictures to come: their actors are out of sight. Rows are
        shown as a frame tells."""
        self.lighting.leave_out(layers, told)

    def close(self) -> None:
        """Let everything go that stands here or is parked, and the depth picture."""
        for key in self.standing:
            self._remove(key)
        self._parking.clear()
        self.lighting.close()

    # ------------------------------------------------------------------ detail while moving

    @property
    def drawn_triangles(self) -> int:
        """Return the triangles in view at the detail chosen last."""
        return self._detailing.drawn_triangles

    def prepare(self, view: View, budget: float, milliseconds: float) -> bool:
        """Build the stand-ins that a motion from here would need; return whether all are there."""
        tiles, boxes = self._tiles, self._boxes()
        return self._detailing.prepare(tiles, boxes, view, budget, self._scene, milliseconds)

    def _begin(self, _sender: object, _event: str) -> None:
        self.lighting.draw(self._sunken)
        self._renderer.GetRenderWindow().GetState().vtkglDisable(GL_BLEND)
