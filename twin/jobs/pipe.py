"""A program fed through its standard input, block by block, without ever blocking who feeds it.

The only place that starts programs. A thread of ours writes, so that a slow program and a fast caller
overlap; a few blocks wait at most, so memory stays flat. What the program complains of is kept.
"""

import contextlib
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twin.errors import TwinError

WAITING = 2
"""Blocks that may wait to be written."""
COMPLAINTS = 4000
"""Bytes of what a program said last that are kept."""


class ProgramEnded(TwinError):
    """A program that was started ended before it should. Params: program, reason."""

    code = "program.ended"
    template = "{program}: it ended unexpectedly ({reason})."


class Pipe:
    """One run of a program. ``command`` is a list of words: no shell reads it."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start the program. Raises ProgramEnded where it cannot be started."""
        self.program = Path(command[0]).name
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the program
        self._blocks: queue.Queue[Any] = queue.Queue(WAITING)
        self._failed = ""
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=os.name
                == "posix",  # Ctrl+C is for us: the program ends with its input
            )
        except OSError as error:
            self._said.close()
            reason = error.strerror or "it cannot be started"
            raise ProgramEnded(program=self.program, reason=reason) from error
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def offer(self, block: Any, seconds: float = 0.0) -> bool:
        """Hand a block of bytes over; False = there is no room yet. Raises ProgramEnded."""
        self._check()
        try:
            self._blocks.put(block, block=seconds > 0, timeout=seconds or None)
        except queue.Full:
            return False
        return True

    @property
    def room(self) -> bool:
        """Return whether a block would be taken at once. Raises ProgramEnded."""
        self._check()
        return not self._blocks.full()

    def finish(self) -> None:
        """End the input and wait for the program. Raises ProgramEnded."""
        while self._writer.is_alive():
            try:
                self._blocks.put(None, timeout=0.2)
                break
            except queue.Full:
                continue
        self._writer.join()
        code = self._process.wait()
        reason = self._failed or self._complaint(code)
        self._said.close()
        if code or self._failed:
            raise ProgramEnded(program=self.program, reason=reason)

    def kill(self) -> None:
        """End the program at once; nothing more is written."""
        self._process.kill()
        with contextlib.suppress(queue.Empty):
            while True:
                self._blocks.get_nowait()
        self._blocks.put(None)
        self._writer.join(5.0)
        self._process.wait()
        self._said.close()

    def _check(self) -> None:
        if self._failed or self._process.poll() is not None:
            self._process.kill()
            code = self._process.wait()
            raise ProgramEnded(program=self.program, reason=self._complaint(code) or self._failed)

    def _write(self) -> None:
        """Write what comes until None; runs on a thread of its own."""
        stream = self._process.stdin
        assert stream is not None
        try:
            while (block := self._blocks.get()) is not None:
                stream.write(block)
            stream.close()
        except OSError as error:
            self._failed = error.strerror or "its input was closed"
            with contextlib.suppress(OSError):
                stream.close()

    def _complaint(self, code: int) -> str:
        """Return the last line that the program said, else how it ended."""
        with contextlib.suppress(OSError, ValueError):
            size = self._said.seek(0, os.SEEK_END)
            self._said.seek(max(0, size - COMPLAINTS))
            lines = self._said.read().decode("utf-8", "replace").split("\n")
            told = [line.strip() for line in lines if line.strip()]
            if told and code > 0:
                return told[-1][:300]
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def run(command: Sequence[str], seconds: float = 600.0) -> str:
    """Run a program to its end without input and return what it printed. Raises ProgramEnded."""
    program = Path(command[0]).name
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or "it takes too long"
        raise ProgramEnded(program=program, reason=str(reason)) from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().split("\n")
        raise ProgramEnded(program=program, reason=lines[-1][:300])
    return done.stdout.decode("utf-8", "replace")
