"""The same tileset, camera, screen-space error and software GL beside CesiumJS and 3d-tiles-renderer.

Runs where ``CITYTWIN_PEERS`` names the built peers. All sides run in turns, several rounds; the fastest
round of each counts (other programs only ever add). ``CITYTWIN_PEER_OUT`` keeps figures and pictures.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.bench import peers

pytestmark = [pytest.mark.bench, pytest.mark.shared, pytest.mark.slow]
TILESETS = {
    "Mars (textured)": "3dtiles/NASA_3DTilesRendererJS/example/public/data/tileset.json",
    "Delaware (implicit, Draco)": "3dtiles/Geodan_pg2b3dm/delaware/cesium/tileset.json",
    "AGI (KTX2 textures)": (
        "3dtiles/visgl_loaders.gl/modules/3d-tiles/test/data/CesiumJS/VNext/agi-ktx2/tileset.json"
    ),
}


@pytest.mark.parametrize("name", TILESETS)
def test_a_tileset_beside_the_browsers(name: str, shared_data: Path, tmp_path: Path) -> None:
    built = peers.folder()
    if built is None:
        pytest.skip("CITYTWIN_PEERS names no folder with the built peers")
    tileset = shared_data / TILESETS[name]
    said = peers.cameras(built, tileset, tmp_path / "views.json")
    files = peers.camera_files(said, peers.project_of(tileset), tmp_path)
    rounds = []
    for number in range(peers.ROUNDS):
        row: dict[str, Any] = {}
        for engine in ("cesium", "three"):
            row[engine] = peers.browser(built, engine, tileset, tmp_path / f"{engine}.json")
        row["render"] = [
            peers.pictured(tileset, file, tmp_path / f"{file.stem}.png") for file in files
        ]
        row["window"] = peers.windowed(tileset, said)
        rounds.append(row)
        print(f"\n{name}: round {number + 1} of {peers.ROUNDS} done", flush=True)
    table = figures(rounds)
    print(f"\n{name}\n" + "\n".join(f"  {line}" for line in lines(table)))
    _keep(name, table, tmp_path)
    for view in table["views"]:
        assert view["triangles"][0] == pytest.approx(view["triangles"][1], rel=0.01)


def figures(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the best figures of all rounds: (ours, Cesium, three, ratio to the faster, target)."""

    def browsers(read: Any) -> tuple[float, float]:
        cesium, three = (min(read(r[e]) for r in rounds) for e in ("cesium", "three"))
        return cesium, three

    def row(ours: float, theirs: tuple[float, float], target: float) -> dict[str, float]:
        best = min(value for value, there in zip(theirs, drawing(rounds), strict=True) if there)
        return {
            "ours": ours, "cesium": theirs[0], "three": theirs[1],
            "ratio": ours / best, "target": target,
        }  # fmt: skip

    views = []
    for at, view in enumerate(rounds[0]["window"].said["views"]):
        mine = [r["window"].said["views"][at] for r in rounds]
        loads = browsers(lambda e, i=at: e["views"][i]["loadMs"])
        starts = browsers(lambda e: e["marks"]["root"])
        launch = browsers(lambda e: e["launchMs"])
        found: dict[str, Any] = {
            "name": view["name"],
            "triangles": (
                view["triangles"],
                rounds[0]["cesium"]["views"][at]["info"]["trianglesSelected"],
                rounds[0]["three"]["views"][at]["info"]["trianglesSelected"],
            ),
        }
        reached = (starts[0] + loads[0], starts[1] + loads[1])
        if at == 0:
            started = min(r["render"][at].seconds for r in rounds) * 1000
            found["from process start, ms"] = row(
                started, (launch[0] + reached[0], launch[1] + reached[1]), 0.5
            )
            found["from open command, ms"] = row(
                min(m["milliseconds"] for m in mine), reached, 0.5
            )
        else:
            found["from camera jump, ms"] = row(min(m["milliseconds"] for m in mine), loads, 0.5)
        for part in ("median", "p95"):
            turn = browsers(lambda e, i=at, p=part: e["views"][i]["orbit"][p])
            found[f"orbit {part}, ms"] = row(min(m["full"][part] for m in mine), turn, 0.8)
            found[f"moving {part}, ms"] = row(min(m["moving"][part] for m in mine), turn, 0.5)
            bare = min(m["bare"][part] for m in mine)
            found[f"orbit {part} / bare VTK"] = {
                "ours": min(m["fixed"][part] for m in mine), "bare": bare,
                "ratio": min(m["fixed"][part] / m["bare"][part] for m in mine), "target": 1.1,
            }  # fmt: skip
        views.append(found)
    peak = row(
        min(r["window"].said["peak_mb"] for r in rounds), browsers(lambda e: e["peak_pss_mb"]), 0.5
    )
    return {"views": views, "peak memory of the window with both views and orbits, MB": peak}


def drawing(rounds: list[dict[str, Any]]) -> tuple[bool, bool]:
    """Return which of the two draw anything of the tileset: who does not is not the faster one."""
    cesium, three = (
        all(v["info"]["trianglesSelected"] for v in rounds[0][e]["views"])
        for e in ("cesium", "three")
    )
    return cesium, three


def lines(table: dict[str, Any]) -> list[str]:
    """Return the table as lines of text, each with its target and whether it was met."""
    found = []
    for view in table["views"]:
        found.append(f"{view['name']}: triangles ours, Cesium, three {view['triangles']}")
        found += [_line(name, value) for name, value in view.items() if isinstance(value, dict)]
    found += [_line(name, value) for name, value in table.items() if isinstance(value, dict)]
    return found


def _line(name: str, value: dict[str, float]) -> str:
    others = ", ".join(
        f"{key} {number:.0f}" for key, number in value.items() if key not in ("ratio", "target")
    )
    verdict = "met" if value["ratio"] <= value["target"] else "MISSED"
    return f"{name}: {others}; ratio {value['ratio']:.2f}, target {value['target']} {verdict}"


def _keep(name: str, table: dict[str, Any], made: Path) -> None:
    if peers.KEPT:
        kept = Path(peers.KEPT) / name.partition(" ")[0].lower()
        shutil.copytree(made, kept, dirs_exist_ok=True)
        (kept / "figures.json").write_text(json.dumps(table, indent=1))
