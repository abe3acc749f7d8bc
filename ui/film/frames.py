"""Where frames go: numbered pictures in a folder. Each is whole or not there, so that a film can be resumed."""

import hashlib
import json
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from twin.geometry import U8
from ui.film.faults import OtherFilm, written

NOTES = "film.json"
"""What the frames of a folder belong to, and their hashes."""
EVERY = 50
"""Frames after which the notes are written anew."""


def hash_of(picture: U8) -> str:
    """Return the SHA-256 of a picture's pixels u8(h, w, 3): what two runs must agree on."""
    return hashlib.sha256(np.ascontiguousarray(picture).data).hexdigest()


class Sink(Protocol):
    """Takes the frames of a film in their order."""

    @property
    def done(self) -> int:
        """Return how many frames are there already."""
        ...

    @property
    def hashes(self) -> list[str]:
        """Return the hashes of the frames that are there."""
        ...

    def room(self) -> bool:
        """Return whether a frame would be taken without waiting. Raises FilmError."""
        ...

    def put(self, picture: U8) -> None:
        """Take the next frame u8(h, w, 3). Raises FilmError; the frames before it stay."""
        ...

    def finish(self) -> Path:
        """Return the finished film. Raises FilmError."""
        ...

    def stop(self) -> None:
        """Let go of everything; the frames that are done stay."""
        ...


class Notes:
    """The notes of a film under way: whose it is, and the hash of every finished frame."""

    def __init__(self, folder: Path, fingerprint: str, resume: bool) -> None:
        """Begin, or go on where the notes in the folder end. Raises FilmError, OtherFilm."""
        self.path = folder / NOTES
        self.fingerprint = fingerprint
        self.hashes: list[str] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if resume and self.path.exists():
                self.hashes = self._known()
        except OSError as error:
            raise written(error, str(folder), 0) from error

    def _known(self) -> list[str]:
        try:
            said: Any = json.loads(self.path.read_text("utf-8"))
            mine, hashes = said["film"] == self.fingerprint, [str(x) for x in said["frames"]]
        except (ValueError, KeyError, TypeError):
            mine, hashes = False, []
        if not mine:
            raise OtherFilm(location=str(self.path.parent))
        return hashes

    def write(self) -> None:
        """Write the notes in one step. Raises OSError."""
        draft = self.path.with_suffix(".part")
        text = json.dumps({"film": self.fingerprint, "frames": self.hashes})
        draft.write_text(text, "utf-8")
        draft.replace(self.path)


class Pictures:
    """Numbered PNG files ``frame_000001.png``; equal pictures give equal bytes."""

    def __init__(self, folder: Path, fingerprint: str, resume: bool = False) -> None:
        """Open the folder; frames of the same film are kept with ``resume``. Raises FilmError."""
        self.folder = folder
        self.notes = Notes(folder, fingerprint, resume)
        del self.notes.hashes[:]
        if resume:
            self._found()
        self._forget()
        self._noted()

    def _found(self) -> None:
        """Take up the pictures that are whole: the notes may be older than they, whatever stopped the film."""
        while (file := self._file(self.done)).exists():
            try:
                with Image.open(file) as image:
                    self.notes.hashes.append(hash_of(np.asarray(image.convert("RGB"), np.uint8)))
            except (OSError, SyntaxError):  # damaged: it is made again
                break

    def _forget(self) -> None:
        """Remove pictures of an earlier film beyond those that are kept."""
        number = self.done
        while self._file(number).exists():
            self._file(number).unlink()
            number += 1

    def _file(self, number: int) -> Path:
        return self.folder / f"frame_{number + 1:06d}.png"

    @property
    def done(self) -> int:
        """Return how many frames are there already."""
        return len(self.notes.hashes)

    @property
    def hashes(self) -> list[str]:
        """Return the hashes of the frames that are there."""
        return self.notes.hashes

    def room(self) -> bool:
        """Return True: a picture is written at once."""
        return True

    def put(self, picture: U8) -> None:
        """Write the next picture. Raises FilmError."""
        file = self._file(self.done)
        draft = file.with_suffix(".part")
        try:
            Image.fromarray(np.ascontiguousarray(picture)).save(draft, "PNG", compress_level=1)
            draft.replace(file)
            self.notes.hashes.append(hash_of(picture))
            if self.done % EVERY == 0:
                self.notes.write()
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise written(error, str(file), self.done) from error

    def finish(self) -> Path:
        """Return the folder with everything in it. Raises FilmError."""
        self._noted()
        return self.folder

    def stop(self) -> None:
        """Note what is done."""
        self._noted()

    def _noted(self) -> None:
        try:
            self.notes.write()
        except OSError as error:
            raise written(error, str(self.notes.path), self.done) from error
