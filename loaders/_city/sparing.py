"""Sparing memory and time while whole cities are read, and the contents of the city last read."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twin.ports import Content
from twin.records import Problem

_KEPT: dict[tuple[Any, ...], Mapping[int, Content]] = {}
"""The contents of the file last fetched from; can be rebuilt at any time."""


def kept(key: tuple[Any, ...], made: Callable[[], Mapping[int, Content]]) -> Mapping[int, Content]:
    """Return the contents of a file by tile, made when it is not the one last asked for."""
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = made()
    return _KEPT[key]


def stamp(location: str) -> tuple[int, int]:
    """Return a file's size and time of change, zeros where there is none."""
    try:
        stat = Path(location).stat()
    except OSError:
        return (0, 0)
    return (stat.st_size, stat.st_mtime_ns)


@contextmanager
def without_collection() -> Iterator[None]:
    """Pause garbage collection: millions of small lists make it 3.5 times slower, and none is circular."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def afresh(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems as new objects: the old ones lie scattered where the parsed city was,
    and each holds a megabyte of it."""
    return tuple(
        Problem(p.code, p.text[:1] + p.text[1:], p.feature[:1] + p.feature[1:], dict(p.params))
        for p in problems
    )
