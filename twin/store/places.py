"""Where projects lie: addresses relative to them, shares told from local disks, autosaves."""

import os
import socket
import uuid
from pathlib import Path

import psutil

SUFFIX = ".twin.gpkg"
AUTOSAVE = ".autosave.gpkg"
SHARES = frozenset(
    {
        "9p", "afpfs", "afs", "cifs", "ceph", "davfs", "fuse.davfs", "fuse.rclone", "fuse.sshfs",
        "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs", "vboxsf", "webdav",
    }
)  # fmt: skip
"""File systems on which SQLite's shared memory (WAL) does not work between machines."""


def is_share(path: Path) -> bool:
    """Return whether a path lies on a network share (or looks so): no WAL there."""
    text = str(path.absolute())
    if text.startswith(("\\\\", "//")):
        return True
    found = ""
    kind = ("", "")
    for disk in psutil.disk_partitions(all=True):
        point = disk.mountpoint
        inside = text == point or text.startswith(point.rstrip("/\\") + os.sep)
        if inside and len(point) >= len(found):
            found, kind = point, (disk.fstype.lower(), disk.opts.lower())
    return kind[0] in SHARES or "remote" in kind[1].split(",")


def relative(address: str, folder: Path) -> str:
    """Return a source's address as it is kept: relative to the project's folder, with slashes.

    What is not absolute counts from the working directory, as on a command line. Web addresses and
    other drives stay as they are.
    """
    if not address or "://" in address:
        return address
    path = Path(address).absolute()
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def absolute(address: str, folder: Path) -> str:
    """Return the address to open: beside the project where it is relative."""
    if not address or "://" in address:
        return address
    return str(Path(os.path.normpath(folder / address)))


def here() -> tuple[str, int, float]:
    """Return (host, process number, when the process started): who holds a project open."""
    process = psutil.Process()
    return socket.gethostname(), process.pid, process.create_time()


def is_alive(host: str, pid: int, started: float) -> bool | None:
    """Return whether a process of this machine still runs; None for another machine's."""
    if host != socket.gethostname():
        return None
    try:
        return bool(abs(psutil.Process(pid).create_time() - started) < 1.0)
    except (psutil.Error, TypeError, ValueError, OverflowError):  # ended, or no number at all
        return False


def new_autosave(folder: Path) -> Path:
    """Return a fresh place for an unsaved project in the autosave folder (made if missing)."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"untitled-{uuid.uuid4().hex[:12]}{AUTOSAVE}"
