"""What keys mean on a timeline: every edit that the mouse can make."""

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import Qt

from ui.flythrough.axis import Axis
from ui.flythrough.deck import Chosen, Deck, Shown
from ui.flythrough.score import TRACKS, Bar
from ui.viewport.tools import Held

NONE: Held = frozenset()
SHIFT: Held = frozenset({"shift"})
CTRL: Held = frozenset({"ctrl"})
ALT: Held = frozenset({"alt"})


class Board(Protocol):
    """What keys need of the timeline."""

    now: Shown
    chosen: Chosen
    deck: Deck

    @property
    def axis(self) -> Axis:
        """Return the time axis."""
        ...

    def set_axis(self, axis: Axis) -> None:
        """Show another stretch of time."""
        ...

    def allowed(self, shift: float) -> float:
        """Return as much of a shift as leaves keyframes in their order."""
        ...


def _step(board: Board) -> float:
    return board.now.snap or 0.1


def _scrub(board: Board, t: float) -> None:
    board.deck.scrub(min(max(t, 0.0), board.now.score.duration))


def _by_step(board: Board, steps: float) -> None:
    """Go on by steps of the snap: from a step to a step."""
    step = _step(board)
    _scrub(board, round(board.now.t / step + steps) * step)


def _shift(board: Board, steps: int) -> None:
    """Move what is selected in time by the snap."""
    seconds = steps * _step(board)
    if board.chosen.keys:
        board.deck.move_keys(board.chosen.keys, board.allowed(seconds))
    for bar in _bars(board):
        if bar.start + seconds >= 0:
            board.deck.move_bar(bar.track, bar.key, bar.start + seconds, bar.end + seconds)


def _longer(board: Board, steps: int) -> None:
    """Let the selected bars end later or earlier by the snap."""
    for bar in _bars(board):
        end = bar.end + steps * _step(board)
        if end > bar.start:
            board.deck.move_bar(bar.track, bar.key, bar.start, end)


def _bars(board: Board) -> list[Bar]:
    return [b for bars in board.now.score.bars.values() for b in bars
            if (b.track, b.key) in board.chosen.bars]  # fmt: skip


def _track(board: Board, way: int) -> None:
    """Go to the track above or below."""
    at = TRACKS.index(board.now.track) + way
    board.now.track = TRACKS[min(max(at, 0), len(TRACKS) - 1)]


def _select_here(board: Board) -> None:
    """Select what the playhead stands on, in the track with the keyboard."""
    score, t, track = board.now.score, board.now.t, board.now.track
    board.chosen.clear()
    if track == "camera":
        board.chosen.keys = frozenset({score.at(t)} - {-1})
        return
    here = [b for b in score.on(track, t, t) if b.start <= t + 1e-6]
    board.chosen.bars = frozenset((b.track, b.key) for b in here[-1:])


def _select_all(board: Board) -> None:
    score, track = board.now.score, board.now.track
    board.chosen.clear()
    if track == "camera":
        board.chosen.keys = frozenset(range(len(score.keys)))
    else:
        board.chosen.bars = frozenset((b.track, b.key) for b in score.bars.get(track, ()))


def _open(board: Board) -> None:
    """Open the form of what is selected; where nothing is, make something new at the playhead."""
    track, keys, bars = board.now.track, sorted(board.chosen.keys), sorted(board.chosen.bars)
    if keys:
        board.deck.edit("camera", keys[0], board.now.t)
    elif bars:
        board.deck.edit(*bars[0], board.now.t)
    else:
        board.deck.edit(track, -1, board.now.t)


def _zoom(board: Board, factor: float) -> None:
    axis = board.axis
    board.set_axis(axis.zoomed(axis.x(board.now.t), factor, board.now.score.duration))


def _fit(board: Board) -> None:
    board.set_axis(board.axis.fitted(max(board.now.score.duration, 10.0)))


def _neighbour(board: Board, forward: bool) -> None:
    _scrub(board, board.now.score.next_key(board.now.t, forward))


_K = Qt.Key
KEYS: Mapping[tuple[Qt.Key, Held], Callable[[Board], None]] = {
    (_K.Key_Left, NONE): lambda b: _by_step(b, -1),
    (_K.Key_Right, NONE): lambda b: _by_step(b, 1),
    (_K.Key_PageUp, NONE): lambda b: _by_step(b, -10),
    (_K.Key_PageDown, NONE): lambda b: _by_step(b, 10),
    (_K.Key_Left, CTRL): lambda b: _neighbour(b, False),
    (_K.Key_Right, CTRL): lambda b: _neighbour(b, True),
    (_K.Key_Left, ALT): lambda b: _shift(b, -1),
    (_K.Key_Right, ALT): lambda b: _shift(b, 1),
    (_K.Key_Left, SHIFT): lambda b: _longer(b, -1),
    (_K.Key_Right, SHIFT): lambda b: _longer(b, 1),
    (_K.Key_Home, NONE): lambda b: _scrub(b, 0.0),
    (_K.Key_End, NONE): lambda b: _scrub(b, b.now.score.duration),
    (_K.Key_Up, NONE): lambda b: _track(b, -1),
    (_K.Key_Down, NONE): lambda b: _track(b, 1),
    (_K.Key_Return, NONE): _open,
    (_K.Key_Enter, NONE): _open,
    (_K.Key_F2, NONE): _open,
    (_K.Key_S, NONE): _select_here,
    (_K.Key_A, CTRL): _select_all,
    (_K.Key_Plus, NONE): lambda b: _zoom(b, 0.8),
    (_K.Key_Plus, SHIFT): lambda b: _zoom(b, 0.8),
    (_K.Key_Equal, NONE): lambda b: _zoom(b, 0.8),
    (_K.Key_Minus, NONE): lambda b: _zoom(b, 1.25),
    (_K.Key_0, NONE): _fit,
    (_K.Key_V, NONE): lambda b: b.deck.mute(b.now.track),
    (_K.Key_K, NONE): lambda b: b.deck.act("keyframe"),
    (_K.Key_Space, NONE): lambda b: b.deck.act("play"),
    (_K.Key_Delete, NONE): lambda b: b.deck.act("remove"),
    (_K.Key_Backspace, NONE): lambda b: b.deck.act("remove"),
    (_K.Key_C, CTRL): lambda b: b.deck.act("copy"),
    (_K.Key_X, CTRL): lambda b: b.deck.act("cut"),
    (_K.Key_V, CTRL): lambda b: b.deck.act("paste"),
    (_K.Key_D, CTRL): lambda b: b.deck.act("duplicate"),
}
"""Key and held modifiers -> what is done."""
CLAIMED = frozenset(KEYS)
"""Keys that the timeline takes before they are shortcuts of the window."""


def do_key(board: Board, key: Qt.Key, held: Held) -> bool:
    """Do what a key means on the timeline; return whether it means anything."""
    done = KEYS.get((key, held))
    if done is None:
        return False
    done(board)
    return True
