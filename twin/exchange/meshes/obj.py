"""Wavefront OBJ with its MTL: a group an object, metres, z up, positions relative to a round origin that is said."""

import re
from collections.abc import Iterator

from twin.exchange.meshes.pieces import Color, Scene


def write_obj(scene: Scene, library: str) -> tuple[bytes, bytes]:
    """Return (OBJ, MTL); ``library`` is the file name of the second, as the first calls it."""
    names: dict[tuple[Color, str], str] = {}
    for piece in scene.pieces:
        names.setdefault((piece.color, piece.material), f"m{len(names) + 1}")
    lines = [
        "# CityTwin",
        f"# crs {scene.crs}",
        "# origin {} {} {}".format(*(f"{x:.3f}" for x in scene.origin)),
        f"mtllib {_word(library)}",
        *_body(scene, names),
    ]
    looks = [line for key, name in names.items() for line in _look(key, name)]
    return "\n".join(lines).encode() + b"\n", "\n".join(looks).encode() + b"\n"


def _body(scene: Scene, names: dict[tuple[Color, str], str]) -> Iterator[str]:
    start, last = 1, None
    for piece in scene.pieces:
        if piece.key != last:
            last = piece.key
            about = scene.objects[piece.key]
            yield f"o {_word(about.get('id', str(piece.key)))}"
            yield f"# {about.get('kind', '')} {_line(about.get('name', ''))}"
        yield f"usemtl {names[piece.color, piece.material]}"
        points = piece.positions - scene.origin
        yield from (f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in points.tolist())
        faces = piece.triangles + start
        yield from (f"f {a} {b} {c}" for a, b, c in faces.tolist())
        start += len(points)


def _look(key: tuple[Color, str], name: str) -> list[str]:
    (red, green, blue, alpha), title = key
    shown = [_screen(value) for value in (red, green, blue)]
    return [
        f"# {_line(title)}",
        f"newmtl {name}",
        "Kd {:.4f} {:.4f} {:.4f}".format(*shown),
        f"d {alpha:.4f}",
    ]


def _screen(value: float) -> float:
    """Return a linear share of light as screens show it (sRGB), as OBJ's readers take it."""
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _word(text: str) -> str:
    return re.sub(r"\s+", "_", text.strip()) or "_"


def _line(text: str) -> str:
    return " ".join(text.split())
