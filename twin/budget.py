"""The memory of all layers together: who may come, who must go, and at which error all of it fits.

What memory holds never exceeds the budget by more than ``SLACK``: a tile is asked for only when what
the view needs, what is drawn, and what is on its way leave room for it, and is kept only if it fits
once it is here. Tiles that are drawn, or that the view needs, never go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np

from twin.geometry import Rows, distinct, without
from twin.scene import LayerId
from twin.selection import Selection
from twin.streaming import Arrived, Stream
from twin.tiles import View

SLACK = 1.08
"""Share of the budget up to which a coarse tile, or one larger than thought, may come."""
SPARE = 0.85
"""Share of the budget up to which tiles come that only the next view needs."""
EASY = 0.8
"""Share of the budget that a lower error may need: as much as raised it would bring it back."""
STEP = 1.25
"""Factor by which the error is raised or lowered at once."""
COARSEST = 1e5
"""Screen-space error (pixels) that is never exceeded."""
IN_FLIGHT = 8
"""Tiles asked for at once per worker thread: enough to keep them busy, few enough to cancel."""
AHEAD = 4
"""One in so many of the free places goes to tiles that only coming views need."""
PICTURES = 24
"""A picture may take one part in so many of the budget."""

_NONE = np.zeros(0, np.int32)
_NOTHING = Selection(_NONE, _NONE, _NONE)
_NOBODY: Mapping[LayerId, Rows] = {}


@dataclass
class Budget:
    """Bytes for the tiles of all streams. ``tight`` is the error that the budget asks for (0: none)."""

    streams: Mapping[LayerId, Stream]
    limit: int = 1 << 31
    tight: float = 0.0
    _bar: float = 0.0
    """The lowest error for this view: what was tried below it did not fit."""
    _stuck: int = 0
    _seen: tuple[object, ...] = ()
    _shown: dict[LayerId, Stream] = field(default_factory=dict)

    def begin(self, shown: Mapping[LayerId, Stream], view: View, limit: int) -> None:
        """Take the streams that are looked at, and the view; a new one may try everything again."""
        self._shown, self.limit = dict(shown), limit
        seen: tuple[object, ...] = (
            *view.eye,
            *view.forward,
            *view.up,
            view.fov_y,
            view.size,
            limit,
        )
        seen += tuple((key, s.lift, s.coarser) for key, s in shown.items())
        if seen != self._seen:
            self._seen, self._bar, self._stuck = seen, 0.0, 0
        for key, stream in self.streams.items():
            stream.room, stream.most_picture = self._room_for(stream), limit / PICTURES
            if key not in shown:
                stream.rest()

    @property
    def held(self) -> int:
        """Return the bytes in memory: tiles, and those that came and wait for their objects."""
        return sum(s.nbytes + sum(s.landing.values()) for s in self.streams.values())

    def select(self, view: View, max_error: float, tick: int) -> float:
        """Select on every layer at the lowest error that fits; return that error (pixels)."""
        error = max(max_error, self.tight)
        found = self._tried(view, error)
        if self._needed(found) > self.limit:
            while self._needed(found) > self.limit and error < COARSEST:
                error *= STEP
                found = self._tried(view, error)
            self.tight = error
        else:
            error, found = self._finer(view, max_error, error, found)
        for key, selection in found.items():
            self._shown[key].use(selection, tick)
        return error

    def _finer(
        self, view: View, least: float, error: float, found: dict[LayerId, Selection]
    ) -> tuple[float, dict[LayerId, Selection]]:
        """Return the lowest error that leaves some room, and what it selects.

        What is tried is nothing that this view has shown not to fit: so this comes to an end.
        """
        while error > least:
            lower = max(least, error / STEP)
            finer = self._tried(view, lower) if lower >= self._bar else {}
            if not finer or self._needed(finer) > EASY * self.limit:
                break
            error, found = lower, finer
            self.tight = error if error > least else 0.0
        return error, found

    def _tried(self, view: View, error: float) -> dict[LayerId, Selection]:
        return {key: stream.tried(view, error) for key, stream in self._shown.items()}

    def _needed(self, found: Mapping[LayerId, Selection]) -> float:
        return sum(
            float(self._shown[key].ledger.expected(selection.need).sum())
            for key, selection in found.items()
        )

    # -- asking -----------------------------------------------------------------------------

    def request(
        self, arrived: Callable[[LayerId], Arrived], coming: Mapping[LayerId, Rows] = _NOBODY
    ) -> bool:
        """Ask for what is missing, layers by turns, coarse tiles first; return whether all is here.

        Where threads have nothing else to do, tiles that are ``coming`` into use are asked for, into
        memory nobody needs now.

        What cannot come although nothing is on its way is given up: first what was drawn before and
        stands in, then the error, so that a still camera always comes to an end.
        """
        lacking = {key: _selected(stream).fetch for key, stream in self._shown.items()}
        whole = not any(map(len, lacking.values()))
        for key, stream in self._shown.items():
            wanted = np.concatenate([lacking[key], coming.get(key, _NONE)])
            stream.cancel_but(frozenset(wanted.tolist()))
        if whole:
            self._stuck = 0
            self._ahead(coming, arrived)
            return True
        self._ask(lacking, arrived)
        self._ahead(coming, arrived)
        return not self._under_way() and self._give_up()

    def _ask(self, lacking: Mapping[LayerId, Rows], arrived: Callable[[LayerId], Arrived]) -> None:
        room = self.limit - self._fixed() - sum(s.reserved() for s in self.streams.values())
        slots = self._slots()
        for key, place in self._turns(lacking):
            if slots <= 0:
                break
            stream, tile = self._shown[key], int(lacking[key][place])
            if stream.on_its_way(tile):
                continue
            size = float(stream.ledger.expected(lacking[key][place : place + 1])[0])
            coarse = place < _selected(stream).coarse
            if size <= room + (SLACK - 1) * self.limit * coarse:
                stream.fetch(tile, arrived(key))
                room, slots = room - size, slots - 1

    def _ahead(
        self, wanted: Mapping[LayerId, Rows], arrived: Callable[[LayerId], Arrived]
    ) -> None:
        fixed = self._fixed() + sum(s.reserved() for s in self.streams.values())
        room, slots = SPARE * self.limit - fixed, self._slots() // AHEAD
        for key, tiles in wanted.items():
            stream = self._shown[key]
            for tile, size in zip(tiles.tolist(), stream.ledger.expected(tiles), strict=True):
                if slots <= 0 or size > room:
                    break
                if not stream.on_its_way(tile):
                    stream.fetch(tile, arrived(key))
                    room, slots = room - size, slots - 1

    def _turns(self, lacking: Mapping[LayerId, Rows]) -> list[tuple[LayerId, int]]:
        """Return (layer, place in its list): the coarse ones of all layers, then by rank."""
        most = self._slots() + sum(s.in_flight + len(s.landing) for s in self._shown.values())
        rows = [[(key, k) for k in range(min(len(t), most))] for key, t in lacking.items()]
        turns = [turn for rank in zip_longest(*rows) for turn in rank if turn is not None]
        return sorted(turns, key=lambda turn: turn[1] >= _selected(self._shown[turn[0]]).coarse)

    def _slots(self) -> int:
        if not self._shown:
            return 0
        threads = max(stream.jobs.threads for stream in self._shown.values())
        return IN_FLIGHT * threads - sum(s.in_flight for s in self._shown.values())

    def _under_way(self) -> bool:
        return any(s.pending or s.landing for s in self._shown.values())

    def _give_up(self) -> bool:
        """Make way when nothing more can come; return whether there is nothing left to give up."""
        self._stuck += 1
        if self._stuck == 1 and self._forget():
            return False
        error = max(self.tight, 1.0) * STEP
        if error >= COARSEST:
            return True
        self.tight = self._bar = error
        return False

    def _forget(self) -> bool:
        """Let what was drawn before go where something coarser is here to stand in."""
        changed = False
        for stream in self._shown.values():
            chosen = _selected(stream)
            stray = without(chosen.draw, chosen.need)
            changed |= len(stray) > 0
            stream.drawn = without(stream.drawn, stray)
        return changed

    # -- keeping ----------------------------------------------------------------------------

    def _fixed(self) -> float:
        """Return the bytes of what may not go."""
        return float(sum(s.ledger.nbytes[_held(s)].sum() for s in self.streams.values()))

    def _room_for(self, stream: Stream) -> Callable[[int, int], bool]:
        return lambda tile, nbytes: self.fit(nbytes)

    def fit(self, more: int = 0) -> bool:
        """Drop what is least useful until ``more`` bytes fit; return whether they do (within SLACK)."""
        held = self.held
        if held + more <= self.limit:
            return True
        for _, _, stream, tile in sorted(self._droppable(), key=lambda item: item[:2]):
            held -= stream.drop(tile)
            if held + more <= self.limit:
                return True
        return held + more <= SLACK * self.limit

    def _droppable(self) -> list[tuple[bool, int, Stream, int]]:
        found = []
        for stream in self.streams.values():
            tiles = np.fromiter(stream.resident, np.int32, len(stream.resident))
            free = without(tiles, _held(stream))
            kept = _NONE if stream.selection is None else stream.selection.keep
            later, used = np.isin(free, kept), stream.ledger.used[free]
            found += [
                (bool(a), int(b), stream, int(c))
                for a, b, c in zip(later, used, free, strict=True)
            ]
        return found


def _selected(stream: Stream) -> Selection:
    return stream.selection or _NOTHING


def _held(stream: Stream) -> Rows:
    """Return the tiles in memory that are on the screen or that the view needs."""
    chosen = _selected(stream)
    needed = chosen.need[stream.ledger.here[chosen.need]]
    return distinct(np.concatenate([needed, chosen.draw, chosen.under]))
