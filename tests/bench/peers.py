"""Cameras and runs of the comparison with CesiumJS and 3d-tiles-renderer.

The scripts that drive the browsers are not part of the product: ``CITYTWIN_PEERS`` names a folder where
they were built (``bench_web.py``, ``peerlib.py``, ``.venv``). Every run is a process of its own; peak
memory is the sampled sum of proportional set sizes over its process tree, for all sides alike.
"""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from pyproj import Transformer

from twin.georeference import ProjectFrame
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings
from ui.viewport.camera import Pose, pose_of

SIZE = (1280, 720)
FOV = float(2 * np.degrees(np.arctan(np.tan(np.radians(30.0)) * SIZE[1] / SIZE[0])))
"""The comparison's horizontal 60 degrees as a vertical angle."""
SSE = 16.0
VIEWS = [
    {"name": "whole", "heading": 200, "pitch": -35, "range": 2.2},
    {"name": "close", "heading": 165, "pitch": -25, "range": 0.45},
]
"""Headings clockwise from north, pitches, ranges in radii of the tileset. From the north: the Mars
tileset is a wall that shows its front there, and single-sided materials have no back."""
ON_EARTH = 6.2e6
BUILT = os.environ.get("CITYTWIN_PEERS", "")
KEPT = os.environ.get("CITYTWIN_PEER_OUT", "")
ROUNDS = int(os.environ.get("CITYTWIN_PEER_ROUNDS", "3"))


def folder() -> Path | None:
    """Return where the peers were built, None without them."""
    return Path(BUILT) if BUILT and (Path(BUILT) / "bench_web.py").is_file() else None


def cameras(peers: Path, tileset: Path, views: Path) -> dict[str, Any]:
    """Return the comparison's cameras for a tileset: frame, radius, views (also written to a file)."""
    views.write_text(json.dumps(VIEWS))
    command = [
        str(peers / ".venv/bin/python"), str(peers / "bench_web.py"), "cesium", str(tileset),
        "--out", os.devnull, "--print-views", "--views", str(views),
    ]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=peers)
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "sse": SSE}


def poses(said: dict[str, Any], project: ProjectFrame) -> list[tuple[str, Pose]]:
    """Return the cameras in the project frame, metres."""
    frame = np.array(said["frame"], np.float64).reshape(4, 4).T
    found = []
    for view in said["views"]:
        heading, pitch = np.radians(view["heading"]), np.radians(view["pitch"])
        away = -np.array(
            [np.sin(heading) * np.cos(pitch), np.cos(heading) * np.cos(pitch), np.sin(pitch)]
        )
        points = np.stack([frame[:3, :3] @ (away * view["range"]), np.zeros(3)]) + frame[:3, 3]
        if np.linalg.norm(frame[:3, 3]) > ON_EARTH:
            points = _projected(points, project.crs)
        found.append((view["name"], pose_of(points[0], points[1], FOV)))
    return found


def _projected(points: np.ndarray[Any, np.dtype[np.float64]], crs: str) -> Any:
    degrees = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
    plan = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    lon, lat, height = degrees.transform(*points.T)
    return np.stack([*plan.transform(lon, lat), height], axis=1)


def project_of(tileset: Path) -> ProjectFrame:
    """Return the frame in which a tileset stands."""
    session = Session(Settings(), Jobs(inline=True))
    session.open(str(tileset))
    session.finish()
    found = session.project or ProjectFrame("")
    session.close()
    return found


def camera_files(said: dict[str, Any], project: ProjectFrame, where: Path) -> list[Path]:
    """Write each camera as ``citytwin render --view`` wants it and return the files."""
    files = []
    for name, pose in poses(said, project):
        path = where / f"{name}.json"
        target = pose.eye + pose.forward * pose.focus
        camera = {"eye": pose.eye.tolist(), "target": target.tolist(), "fov": pose.fov_y}
        path.write_text(json.dumps(camera))
        files.append(path)
    return files


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process printed last, how long it took and how much memory its tree held at most."""

    said: Any
    seconds: float
    peak_mb: float


def ran(command: list[str], cwd: Path | None = None) -> Ran:
    """Run a process to its end and return what its last line of JSON said."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=cwd
    ) as process:
        peak = _Peak(process.pid)
        peak.start()
        out, _ = process.communicate(timeout=600)
        seconds = time.perf_counter() - begun
        peak.over.set()
        peak.join()
    lines = [line for line in out.splitlines() if line.startswith(("{", "["))]
    assert lines, f"{command[:4]} said nothing"
    return Ran(json.loads(lines[-1]), seconds, peak.most / 1e6)


class _Peak(threading.Thread):
    """Samples the proportional memory of a process tree."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.over = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.15):
            with suppress(psutil.Error):
                root = psutil.Process(self.pid)
                self.most = max(
                    self.most, sum(_share(p) for p in [root, *root.children(recursive=True)])
                )


def _share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def browser(
    peers: Path, engine: str, tileset: Path, out: Path, frames: int = 100
) -> dict[str, Any]:
    """Return one run of a browser engine as ``bench_web.py`` tells it."""
    command = [
        str(peers / ".venv/bin/python"), str(peers / "bench_web.py"), engine, str(tileset),
        "--out", str(out), "--runs", "1", "--sse", str(SSE), "--shots", str(out.parent / "shots"),
        "--views", str(out.parent / "views.json"), "--frames", str(frames),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, cwd=peers, timeout=600)
    row: dict[str, Any] = json.loads(out.read_text())["rows"][0]
    assert row["ok"], row.get("error")
    return row


def pictured(tileset: Path, camera: Path, out: Path) -> Ran:
    """Return the run of ``citytwin render`` from process start to the written picture."""
    return ran(
        [
            sys.executable,
            "-m",
            "ui",
            "render",
            str(tileset),
            "--view",
            str(camera),
            "--out",
            str(out),
            "--color-by",
            "own",
            "--sse",
            str(SSE),
            "--json",
        ]
    )


def windowed(tileset: Path, said: dict[str, Any]) -> Ran:
    """Return the run of the window and its orbits."""
    return ran([sys.executable, "-m", "tests.bench.peer_side", str(tileset), json.dumps(said)])
