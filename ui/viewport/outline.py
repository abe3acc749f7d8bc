"""Outlines of selected and hovered objects from the marks in the picture's alpha. Pure numpy.

The marks were written by the very fragments that are seen, so an outline follows what is visible,
costs only its own rectangle, and never covers the status fill inside.
"""

import numpy as np
from numpy.typing import NDArray

from twin.geometry import U8
from ui.viewport.look import Tones, rgb

WIDTH, HALO = 3.0, 1.6
"""Pixels: the line, and the dark or white halo round it."""
Mask = NDArray[np.bool_]


def outlined(picture: U8, tones: Tones, ratio: float, selected: bool, hovered: bool) -> U8:
    """Return the picture with outlines, alpha 255 everywhere. ``ratio``: device per logical pixel."""
    result = np.ascontiguousarray(picture)
    alpha = result[..., 3].copy() if selected or hovered else None
    result[..., 3] = 255
    if alpha is None:
        return result
    if hovered:
        marked = (alpha > 96) & (alpha < 160)
        # thin runs are where a selection's mark is averaged with its surroundings: not hovered
        _draw(
            result,
            dilated_by(eroded(marked), 1.5) & marked,
            tones.hovered,
            None,
            (1.5 * ratio, 0.0),
        )
    if selected:
        _draw(result, alpha < 64, tones.outline, tones.halo, (WIDTH * ratio, HALO * ratio))
    return result


def _draw(
    picture: U8, mask: Mask, line: str, halo: str | None, widths: tuple[float, float]
) -> None:
    box = extent(mask, int(np.ceil(sum(widths))) + 1)
    if box is None:
        return
    inside = mask[box]
    region = picture[box][..., :3]
    core = dilated_by(inside, widths[0])
    if halo is not None:
        _fill(region, dilated_by(core, widths[1]) & ~core, halo, 0.85)
    _fill(region, core & ~inside, line, 1.0)


def _fill(region: U8, mask: Mask, color: str, cover: float) -> None:
    tone = np.array(rgb(color)) * 255
    region[mask] = np.round(region[mask] * (1 - cover) + tone * cover).astype(np.uint8)


def extent(mask: Mask, margin: int) -> tuple[slice, slice] | None:
    """Return the rectangle of the set pixels, widened by a margin; None when none is set."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(axis=0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )


def dilated_by(mask: Mask, radius: float) -> Mask:
    """Return the pixels within ``radius`` of a set pixel: one run per row of the disc."""
    reach = int(radius)
    result = mask.copy()
    height = mask.shape[0]
    spans = {dy: int(np.sqrt(max(radius * radius - dy * dy, 0.0))) for dy in range(reach + 1)}
    widened: dict[int, Mask] = {}
    for span in set(spans.values()):
        widened[span] = _run(mask, span)
    for dy, span in spans.items():
        if dy >= height:
            continue
        source = widened[span]
        result[dy:] |= source[: height - dy]
        result[: height - dy] |= source[dy:]
    return result


def _run(mask: Mask, span: int) -> Mask:
    """Return the mask widened by ``span`` pixels to both sides, in about log2(span) steps."""
    right, left = mask.copy(), mask.copy()
    done = 0
    while done < span:
        step = min(max(done, 1), span - done)
        right[:, step:] |= right[:, :-step].copy()
        left[:, :-step] |= left[:, step:].copy()
        done += step
    return right | left


def eroded(mask: Mask) -> Mask:
    """Return the pixels whose four neighbours are set too."""
    result = mask.copy()
    result[1:] &= mask[:-1]
    result[:-1] &= mask[1:]
    result[:, 1:] &= mask[:, :-1]
    result[:, :-1] &= mask[:, 1:]
    return result


def shrunk(picture: U8) -> U8:
    """Return the picture at half the size, each pixel the mean of four (bytewise in 32-bit words)."""
    even = np.ascontiguousarray(picture[: picture.shape[0] & ~1, : picture.shape[1] & ~1])
    words = even.view(np.uint32)[..., 0]
    rows = _mean(words[0::2], words[1::2])
    mean = _mean(rows[:, 0::2], rows[:, 1::2])
    return np.ascontiguousarray(mean)[..., None].view(np.uint8)


def _mean(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> NDArray[np.uint32]:
    odd = (a ^ b) & np.uint32(0xFEFEFEFE)
    return np.asarray((a & b) + (odd >> np.uint32(1)), np.uint32)
