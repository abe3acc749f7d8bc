"""Texts of coordinates -> numbers: all at once, and one by one where something is no number."""

import warnings
from collections.abc import Sequence

import numpy as np

from loaders.citygml.faces import Ring
from twin.geometry import F64, I32

FARTHEST = 1e12
"""A coordinate beyond this many metres is no place, and no float32 offset."""


def spelled(ring: Ring) -> tuple[str, int, str]:
    """Return a ring's coordinates as a text of triples, their number, and what is wrong with them ('' nothing)."""
    tokens = ring.text.split()
    count = len(tokens)
    flat = ring.dimension == 2 or (not ring.dimension and count % 3 and not count % 2)
    if count % (2 if flat else 3) or not count:
        return "", 0, f"{count} numbers are not a multiple of {2 if flat else 3}"
    if flat:
        pairs = zip(tokens[::2], tokens[1::2], strict=True)
        return " ".join(f"{x} {y} 0" for x, y in pairs), count // 2, ""
    return ring.text, count // 3, ""


def backwards(text: str, each: int = 3) -> str:
    """Return a text of points in reverse, ``each`` numbers a point."""
    tokens = text.split()
    turned = range(len(tokens) - each, -1, -each)
    return " ".join(" ".join(tokens[at : at + each]) for at in turned)


def numbers(texts: Sequence[str], count: int) -> F64 | None:
    """Return the numbers of texts f64(count), None when one of them is none."""
    try:
        with warnings.catch_warnings(action="error"):
            found = np.fromstring(" ".join(texts), np.float64, sep=" ")
    except (ValueError, DeprecationWarning):
        return None
    return found if len(found) == count else None


def coordinates(texts: Sequence[str], size: I32) -> F64:
    """Return points f64(n, 3) of texts of triples (``size`` points each); what is no number is NaN."""
    total = int(size.sum())
    found = numbers(texts, 3 * total)
    if found is None:
        parts = [_each(text, 3 * int(count)) for text, count in zip(texts, size, strict=True)]
        found = np.concatenate([np.zeros(0), *parts])
    points = found.reshape(-1, 3)
    points[~(np.abs(points) <= FARTHEST).all(axis=1)] = np.nan
    return points


def _each(text: str, count: int) -> F64:
    found = numbers([text], count)
    if found is not None:
        return found
    return np.array([_float(token) for token in text.split()], np.float64)


def _float(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        return float("nan")
