"""What can go wrong with a film, as errors that people read."""

import errno
from typing import ClassVar

from twin.errors import TwinError


class FilmError(TwinError):
    """A film cannot be made. Params: location, reason."""

    code: ClassVar[str] = "film"
    template: ClassVar[str] = "{location}: {reason}"


class DiskFull(FilmError):
    """There is no room for the film. Params: location, done."""

    code: ClassVar[str] = "film.disk_full"
    template: ClassVar[str] = (
        "{location}: the disk is full after {done} frames. They are kept: make room and make the film again into the "
        "same place (--resume): it goes on there."
    )


class NotWritten(FilmError):
    """A file of the film cannot be written. Params: location, reason, done."""

    code: ClassVar[str] = "film.not_written"
    template: ClassVar[str] = (
        "{location}: cannot be written ({reason}). {done} frames are kept: make the film again into the same place "
        "(--resume) and it goes on there."
    )


class EncoderEnded(FilmError):
    """The encoder ended half way. Params: location, reason, done."""

    code: ClassVar[str] = "film.encoder"
    template: ClassVar[str] = (
        "{location}: the encoder ended half way ({reason}). {done} frames are kept: make the film again into the same "
        "place (--resume) and it goes on there, or write pictures into a folder."
    )


class OtherFilm(FilmError):
    """What lies there belongs to another film. Params: location."""

    code: ClassVar[str] = "film.other"
    template: ClassVar[str] = (
        "{location}: the frames there are of another film (route, size or rate differ). Choose another place, or begin "
        "anew (without --resume, in the window without going on where a stopped film ended)."
    )


class HalfLoaded(FilmError):
    """Tiles of a frame did not come. Params: location, frame."""

    code: ClassVar[str] = "film.half_loaded"
    template: ClassVar[str] = (
        "{location}: the tiles of frame {frame} did not come. Run --check to see which are missing."
    )


class TooFine(FilmError):
    """The graphics library cannot draw pictures so large. Params: width, height, samples, drawn, limit."""

    code: ClassVar[str] = "film.too_fine"
    template: ClassVar[str] = (
        "{width} x {height} drawn {samples} times as fine needs pictures of {drawn} pixels; the graphics library "
        "here draws {limit} a side. Choose a smaller size or less supersampling."
    )


class NoRoom(FilmError):
    """The memory cannot hold a frame. Params: width, height, samples, needed, free."""

    code: ClassVar[str] = "film.no_room"
    template: ClassVar[str] = (
        "{width} x {height} drawn {samples} times as fine takes about {needed} MB of memory; {free} MB are free. "
        "Choose a smaller size or less supersampling."
    )


def written(error: OSError, location: str, done: int) -> FilmError:
    """Return the error for people of a write that failed after ``done`` frames."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(location=location, done=done)
    return NotWritten(location=location, reason=error.strerror or "no reason told", done=done)
