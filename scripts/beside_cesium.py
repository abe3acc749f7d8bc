"""Pictures of tilesets beside CesiumJS's, same cameras: ``CITYTWIN_PEERS=... python scripts/beside_cesium.py OUT TILESET...``.

Writes ``NAME_VIEW.png`` for each tileset and view: CesiumJS on the left, CityTwin on the right.
"""

import sys
from pathlib import Path

from PIL import Image

from tests.bench import peers


def pairs(out: Path, tileset: Path) -> list[Path]:
    """Draw one tileset with both and return the pictures written."""
    built = peers.folder()
    if built is None:
        raise SystemExit("CITYTWIN_PEERS names no folder with the built peers")
    work = out / "-".join(tileset.resolve().parts[-4:-1])
    work.mkdir(parents=True, exist_ok=True)
    said = peers.cameras(built, tileset, work / "views.json")
    files = peers.camera_files(said, peers.project_of(tileset), work)
    row = peers.browser(built, "cesium", tileset, work / "cesium.json", frames=1)
    found = []
    for file, view in zip(files, row["views"], strict=True):
        own = work / f"{file.stem}.png"
        told = peers.pictured(tileset, file, own).said
        print(f"{work.name} {file.stem}: triangles {told['triangles']} beside {view['info']}")
        found.append(out / f"{work.name}_{file.stem}.png")
        _beside(Path(view["shot"]), own, found[-1])
    return found


def _beside(left: Path, right: Path, target: Path) -> None:
    pictures = [Image.open(path).convert("RGB") for path in (left, right)]
    sheet = Image.new("RGB", (sum(p.width for p in pictures), pictures[0].height))
    sheet.paste(pictures[0], (0, 0))
    sheet.paste(pictures[1], (pictures[0].width, 0))
    sheet.save(target)


if __name__ == "__main__":
    for name in sys.argv[2:]:
        pairs(Path(sys.argv[1]), Path(name))
