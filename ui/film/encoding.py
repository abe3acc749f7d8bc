"""Frames to H.264 in MP4 through ffmpeg, piece by piece: what is finished is never lost.

Frames are encoded in pieces of a few seconds, each a file of its own beside the film. A piece is whole or
does not count; the last step joins them without encoding again and gives the film its name.
"""

import shutil
from importlib import import_module
from pathlib import Path

from twin.errors import TwinError
from twin.geometry import U8
from twin.jobs.pipe import Pipe, ProgramEnded, run
from ui.film.faults import DiskFull, EncoderEnded, written
from ui.film.frames import Notes, hash_of
from ui.film.plan import Plan

PIECE = 8.0
"""Seconds of film in a piece: what a killed encoder or a full disk costs at most."""
QUALITY = 18
"""Constant rate factor of x264: visually lossless."""
FULL = ("no space left", "enospc", "disk full", "quota")


def ffmpeg() -> str:
    """Return the ffmpeg that can write H.264: the system's, else that of the ``movie`` extra; '' = none."""
    for found in (shutil.which("ffmpeg") or "", _extra()):
        if found:
            try:
                if "libx264" in run([found, "-hide_banner", "-encoders"], 30.0):
                    return found
            except ProgramEnded:
                continue
    return ""


def _extra() -> str:
    try:
        return str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return ""


class Movie:
    """An MP4 file in the making. Between the pieces and their notes nothing is lost."""

    def __init__(
        self, out: Path, plan: Plan, fingerprint: str, program: str, resume: bool = False
    ) -> None:
        """Begin, or go on after the last whole piece with ``resume``. Raises FilmError."""
        self.out, self.plan, self.program = out, plan, program
        self.folder = out.with_name(f"{out.name}.parts")
        if not resume:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.length = max(1, round(PIECE * plan.fps))
        self.notes = Notes(self.folder, fingerprint, resume)
        whole = 0
        while (whole + 1) * self.length <= len(self.notes.hashes) and self._file(whole).exists():
            whole += 1
        del self.notes.hashes[whole * self.length :]
        self._pipe: Pipe | None = None

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05d}.mkv"

    @property
    def done(self) -> int:
        """Return how many frames are there already."""
        return len(self.notes.hashes)

    @property
    def hashes(self) -> list[str]:
        """Return the hashes of the frames that are there."""
        return self.notes.hashes

    @property
    def kept(self) -> int:
        """Return how many frames lie in whole pieces: what is left when everything stops now."""
        return self.done - self.done % self.length

    def room(self) -> bool:
        """Return whether the encoder takes a frame without waiting. Raises FilmError."""
        try:
            return self._pipe is None or self._pipe.room
        except ProgramEnded as error:
            raise self._ended(error) from error

    def put(self, picture: U8) -> None:
        """Give the next frame to the encoder. Raises FilmError."""
        try:
            if self._pipe is None:
                self._pipe = Pipe(self._encoding(self.done // self.length))
            while not self._pipe.offer(picture.data.cast("B"), 0.5):
                pass
            self.notes.hashes.append(hash_of(picture))
            if self.done % self.length == 0:
                self._close()
        except ProgramEnded as error:
            raise self._ended(error) from error
        except OSError as error:
            raise written(error, str(self.folder), self.kept) from error

    def _close(self) -> None:
        """Finish the piece under way and note its frames."""
        if self._pipe is not None:
            pipe, self._pipe = self._pipe, None
            pipe.finish()
            number = (self.done - 1) // self.length
            self._file(number).with_suffix(".part").replace(self._file(number))
        self.notes.write()

    def finish(self) -> Path:
        """Join the pieces and give the film its name; the pieces go. Raises FilmError."""
        draft = self.out.with_name(f"{self.out.name}.part")
        try:
            self._close()
            pieces = -(-self.done // self.length)
            listed = self.folder / "pieces.txt"
            listed.write_text("".join(f"file {n:05d}.mkv\n" for n in range(pieces)), "utf-8")
            run(self._joining(listed, draft))
            draft.replace(self.out)
        except ProgramEnded as error:
            draft.unlink(missing_ok=True)
            raise self._ended(error) from error
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise written(error, str(self.out), self.kept) from error
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.out

    def stop(self) -> None:
        """End the encoder; whole pieces stay, the piece under way goes."""
        if self._pipe is not None:
            pipe, self._pipe = self._pipe, None
            pipe.kill()
        for draft in self.folder.glob("*.part"):
            draft.unlink(missing_ok=True)

    def _ended(self, error: ProgramEnded) -> TwinError:
        kept, reason = self.kept, str(error.params["reason"])
        self.stop()
        if any(word in reason.lower() for word in FULL):
            return DiskFull(location=str(self.folder), done=kept)
        return EncoderEnded(location=str(self.out), reason=reason, done=kept)

    def _encoding(self, number: int) -> list[str]:
        width, height = self.plan.size
        return [
            self.program, "-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo",
            "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{self.plan.fps:g}", "-i", "-",
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
            "-c:v", "libx264", "-preset", "veryfast", "-crf", str(QUALITY), "-bf", "0",
            "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
            "-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "matroska",
            str(self._file(number).with_suffix(".part")),
        ]  # fmt: skip

    def _joining(self, listed: Path, draft: Path) -> list[str]:
        return [
            self.program, "-hide_banner", "-loglevel", "error", "-y", "-f", "concat", "-safe", "0",
            "-i", str(listed), "-c", "copy", "-video_track_timescale", "90000", "-fflags", "+bitexact",
            "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", str(draft),
        ]  # fmt: skip
