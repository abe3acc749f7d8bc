"""Take the pictures of docs/bim.md: plan, storeys apart, comparison, section, placement, topics, checks.

Run with a display (or under xvfb-run, or with QT_QPA_PLATFORM=offscreen): ``python scripts/take_bim.py FOLDER
[--theme light|dark] [--language en|zh] [--size 1280x720]``.
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("CITYTWIN_CONFIG_DIR", tempfile.mkdtemp())
os.environ.setdefault("CITYTWIN_AUTOSAVE_FOLDER", tempfile.mkdtemp())

import ifcopenshell
import numpy as np
from PySide6.QtWidgets import QToolButton

from scripts.take_screens import Camera
from twin.geometry import F64
from ui.panels.storeys import StoreysPanel
from ui.viewport.comparison import WAYS

MODEL = Path(__file__).resolve().parents[1] / "sample_models" / "duplex.ifc"


def grown(box: F64) -> F64:
    """Return a box so wide that its inside fits into half of the view."""
    reach = 0.45 * (box[3:] - box[:3])
    return np.concatenate([box[:3] - reach, box[3:] + reach])


def revised(folder: Path) -> str:
    """Return a second delivery of the sample house: a wall moved, a door gone, a window renamed."""
    file = ifcopenshell.open(str(MODEL))
    place = file.by_type("IfcWall")[3].ObjectPlacement.RelativePlacement.Location
    place.Coordinates = (place.Coordinates[0] + 0.8, *place.Coordinates[1:])
    file.remove(file.by_type("IfcDoor")[0])
    for window in file.by_type("IfcWindow")[:6]:
        window.Name = f"{window.Name} (revised)"
    path = folder / "duplex-2.ifc"
    file.write(str(path))
    return str(path)


def storeys(camera: Camera) -> None:
    """The storeys apart, and the plan of one."""
    window = camera.app.window
    window.acts.do("panel.storeys")
    camera.rest()
    panel = next(x for x in window.desk.panels if isinstance(x, StoreysPanel))
    panel.apart.setValue(16)
    camera.rest()
    window.desk.act("view.home")
    camera.rest()
    camera.take("apart")
    panel.plan(
        next(i for i, level in enumerate(panel.model.levels) if level.group.count > 100) + 1
    )
    camera.rest()
    camera.take("plan")
    panel.whole()
    camera.rest()


def section(camera: Camera) -> None:
    """The house cut open."""
    window, session = camera.app.window, camera.app.session
    box = session.twin.bounds.copy()
    middle = (box[:2] + box[3:5]) / 2
    plane = f"{middle[0]},{middle[1]},{box[2]},0.35,-0.9,0.1"
    window.desk.run("sections.add", title="A", planes=plane, id="a")
    window.desk.act("view.iso")
    camera.rest()
    window.desk.act("view.home")
    camera.rest()
    camera.take("section")
    window.desk.run("sections.remove", id="a")
    camera.rest()


def comparison(camera: Camera, folder: Path) -> None:
    """Both deliveries side by side, what differs below."""
    window, session = camera.app.window, camera.app.session
    session.open(revised(folder))
    camera.until(lambda: len(session.twin.layers) == 2)
    camera.rest()
    window.acts.do("tool.compare")
    tool = window.toolbox.tools["compare"]
    tool.list_differences()
    camera.until(lambda: session.comparison is not None and session.comparison.told)
    camera.rest()
    tool.options().findChildren(QToolButton)[WAYS.index("sides")].click()
    window.desk.act("view.south")
    camera.rest()
    camera.app.view.canvas.fit_box(grown(session.twin.bounds))
    camera.rest()
    camera.take("compare")
    camera.app.view.stop()


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", default="light")
    parser.add_argument("--language", default="en")
    parser.add_argument("--size", default="1280x720")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    camera = Camera(asked.folder, asked.size, asked.theme, asked.language)
    camera.app.session.open(str(MODEL))
    camera.until(lambda: bool(camera.app.session.twin.layers))
    camera.rest()
    camera.app.window.desk.run("view.color_by", column="")
    camera.app.window._choose_role("planner")
    camera.rest()
    storeys(camera)
    section(camera)
    with tempfile.TemporaryDirectory() as folder:
        comparison(camera, Path(folder))
    camera.app.close()


if __name__ == "__main__":
    main()
