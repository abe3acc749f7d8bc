"""Ways to break a file, by number: the same number gives the same bytes on every machine."""

import gzip
import io
import json
import random
import re
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HUGE = (2**31 - 1, 2**32 - 1, -1, 10**9, 2**63, 10**400)
ODD: tuple[Any, ...] = (
    None,
    "",
    "x" * 5000,
    [],
    {},
    [[]],
    True,
    -1,
    0,
    1e308,
    "é\u0000",
    [None],
    {"": None},
)
_NUMBER = re.compile(rb"(?<![\w#.\"])-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_REFERENCE = re.compile(rb"#\d+")

Chance = random.Random
Mutation = Callable[[bytes, Chance], bytes]


def truncated(data: bytes, chance: Chance) -> bytes:
    return data[: chance.randrange(len(data))]


def flipped(data: bytes, chance: Chance) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 4, 40, 400))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def spliced(data: bytes, chance: Chance) -> bytes:
    low, high = sorted(chance.randrange(len(data)) for _ in range(2))
    high = min(high, low + 4000)
    where = chance.randrange(len(data))
    return data[:where] + data[low:high] + data[where:]


def without_a_piece(data: bytes, chance: Chance) -> bytes:
    low = chance.randrange(len(data))
    return data[:low] + data[low + chance.choice((1, 7, 64, 1000)) :]


def _number_replaced(data: bytes, chance: Chance, choices: tuple[bytes, ...]) -> bytes:
    found = list(_NUMBER.finditer(data))
    if not found:
        return flipped(data, chance)
    for place in sorted(chance.sample(found, min(len(found), 3)), key=lambda m: -m.start()):
        data = data[: place.start()] + chance.choice(choices) + data[place.end() :]
    return data


def huge_numbers(data: bytes, chance: Chance) -> bytes:
    return _number_replaced(data, chance, tuple(str(n).encode() for n in HUGE))


def not_numbers(data: bytes, chance: Chance) -> bytes:
    return _number_replaced(data, chance, (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"nan"))


def _nodes(tree: Any) -> list[tuple[Any, Any]]:
    found, open_nodes = [], [tree]
    while open_nodes:
        node = open_nodes.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node))
        for key in list(keys):
            found.append((node, key))
            if isinstance(node[key], dict | list):
                open_nodes.append(node[key])
    return found


def _edited(data: bytes, edit: Callable[[list[tuple[Any, Any]]], None]) -> bytes:
    tree = json.loads(data)
    edit(_nodes(tree))
    return json.dumps(tree).encode()


def values_swapped(data: bytes, chance: Chance) -> bytes:
    def edit(nodes: list[tuple[Any, Any]]) -> None:
        (a, i), (b, j) = chance.sample(nodes, 2)
        one, two = json.dumps(a[i]), json.dumps(b[j])
        a[i], b[j] = json.loads(two), json.loads(one)

    return _edited(data, edit)


def values_odd(data: bytes, chance: Chance) -> bytes:
    def edit(nodes: list[tuple[Any, Any]]) -> None:
        for node, key in chance.sample(nodes, min(len(nodes), chance.choice((1, 3)))):
            node[key] = chance.choice((*ODD, chance.choice(HUGE)))

    return _edited(data, edit)


def structure_odd(data: bytes, chance: Chance) -> bytes:
    """Odd values near the root, where they hurt most."""

    def edit(nodes: list[tuple[Any, Any]]) -> None:
        node, key = chance.choice(nodes[:60])
        node[key] = chance.choice((*ODD, chance.choice(HUGE)))

    return _edited(data, edit)


def key_lost(data: bytes, chance: Chance) -> bytes:
    def edit(nodes: list[tuple[Any, Any]]) -> None:
        node, key = chance.choice([n for n in nodes if isinstance(n[0], dict)])
        del node[key]

    return _edited(data, edit)


def deeply_nested(data: bytes, chance: Chance) -> bytes:
    depth = chance.choice((200, 5000, 200_000))
    found = list(_NUMBER.finditer(data))
    if not found:
        return b"[" * depth
    place = chance.choice(found)
    shut = b"]" * depth if chance.random() < 0.5 else b""
    return data[: place.start()] + b"[" * depth + b"1" + shut + data[place.end() :]


def integers_overwritten(data: bytes, chance: Chance) -> bytes:
    """Lengths and offsets of binary headers."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2))):
        at = 4 * chance.randrange(min(len(data) // 4, chance.choice((8, 64, 4096))))
        value = chance.choice((0, 1, 3, 2**31 - 1, 2**31, 2**32 - 1, len(data), len(data) * 2))
        changed[at : at + 4] = struct.pack("<I", value)
    return bytes(changed[: len(data)])


def embedded_json(data: bytes, chance: Chance) -> bytes:
    """The JSON of a GLB inside a tile, changed and measured anew."""
    at = data.find(b"glTF")
    if at < 0:
        return flipped(data, chance)
    length = int(struct.unpack_from("<I", data, at + 12)[0])
    text = data[at + 20 : at + 20 + length]
    change = chance.choice((values_swapped, values_odd, structure_odd, key_lost, huge_numbers))
    new = change(text, chance)
    new += b" " * (-len(new) % 4)
    rest = data[at + 20 + length :]
    glb = struct.pack("<4sII", b"glTF", 2, 20 + len(new) + len(rest))
    glb += struct.pack("<I4s", len(new), b"JSON") + new + rest
    head = bytearray(data[:at])
    if at >= 28:
        head[8:12] = struct.pack("<I", at + len(glb))
    return bytes(head) + glb


def batch_table(data: bytes, chance: Chance) -> bytes:
    """The JSON of a batch table, changed and measured anew."""
    if data[:4] != b"b3dm":
        return flipped(data, chance)
    sizes = [int(size) for size in struct.unpack_from("<6I", data, 4)]
    start = 28 + sizes[2] + sizes[3]
    text = data[start : start + sizes[4]]
    change = chance.choice((values_odd, structure_odd, key_lost, huge_numbers, truncated))
    new = change(text, chance)
    new += b" " * (-(start + len(new)) % 8)
    rest = data[start + sizes[4] :]
    sizes[4] = len(new)
    sizes[1] = start + len(new) + len(rest)
    return data[:4] + struct.pack("<6I", *sizes) + data[28:start] + new + rest


def references_crossed(data: bytes, chance: Chance) -> bytes:
    found = list(_REFERENCE.finditer(data))
    for place in sorted(chance.sample(found, min(len(found), 5)), key=lambda m: -m.start()):
        other = chance.choice((chance.choice(found).group(), b"#0", b"#99999999", b"$", b"*"))
        data = data[: place.start()] + other + data[place.end() :]
    return data


def lines_shuffled(data: bytes, chance: Chance) -> bytes:
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 5, 30))):
        low = chance.randrange(len(lines))
        what = chance.randrange(3)
        if what == 0 and len(lines) > 1:
            del lines[low]
        elif what == 1:
            lines.insert(low, chance.choice(lines))
        else:
            other = chance.randrange(len(lines))
            lines[low], lines[other] = lines[other], lines[low]
    return b"\n".join(lines)


ANY: tuple[Mutation, ...] = (truncated, flipped, spliced, without_a_piece)
TEXT: tuple[Mutation, ...] = (huge_numbers, not_numbers, deeply_nested)
JSON: tuple[Mutation, ...] = (*TEXT, values_swapped, values_odd, structure_odd, key_lost)
BINARY: tuple[Mutation, ...] = (integers_overwritten, embedded_json, batch_table)
STEP: tuple[Mutation, ...] = (*TEXT, references_crossed, lines_shuffled)


def _inner(plain: bytes) -> tuple[Mutation, ...]:
    """Return the mutations of what a member of an archive is."""
    if plain[:1] == b"{":
        return JSON
    return STEP if b"ISO-10303-21" in plain[:200] else (integers_overwritten,)


def member_broken(data: bytes, chance: Chance) -> bytes:
    """Break one member of an archive (unpacked, if it is gzip) and leave the archive sound."""
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(broken, "w") as new:
        victim = chance.choice(sorted(old.namelist()))
        for name in old.namelist():
            member = old.read(name)
            if name == victim and member:
                packed = member.startswith(b"\x1f\x8b")
                plain = gzip.decompress(member) if packed else member
                mutations = (*ANY, *_inner(plain))
                member = chance.choice(mutations)(plain, chance)
                member = gzip.compress(member, mtime=0) if packed else member
            new.writestr(zipfile.ZipInfo(name), member)
    return broken.getvalue()


_ELEMENT = re.compile(rb"<([\w:]+)([^<>]*)>[^<>]*</\1>")
_ATTRIBUTE = re.compile(rb'="([^"]*)"')


def element_moved(data: bytes, chance: Chance) -> bytes:
    """Put an innermost element somewhere else, or twice, or nowhere."""
    found = list(_ELEMENT.finditer(data))
    if len(found) < 2:
        return flipped(data, chance)
    one, other = sorted(chance.sample(found, 2), key=lambda m: m.start())
    kept = chance.choice((b"", one.group(), one.group() * 3))
    return (
        data[: one.start()]
        + kept
        + data[one.end() : other.end()]
        + one.group()
        + data[other.end() :]
    )


def attributes_swapped(data: bytes, chance: Chance) -> bytes:
    """Give an attribute the value of another one: links that lead astray or in circles."""
    found = list(_ATTRIBUTE.finditer(data))
    if not found:
        return flipped(data, chance)
    for place in sorted(chance.sample(found, min(len(found), 5)), key=lambda m: -m.start()):
        other = chance.choice(found).group(1)
        value = chance.choice((other, b"#" + other, b"", b"&lol;", b"x" * 3000))
        data = data[: place.start(1)] + value + data[place.end(1) :]
    return data


BY_SUFFIX = {
    ".gml": (*ANY, huge_numbers, not_numbers, *2 * (element_moved, attributes_swapped)),
    ".json": (*ANY, *JSON),
    ".geojson": (*ANY, *JSON),
    ".gpkg": (*ANY, integers_overwritten),
    ".fgb": (*ANY, integers_overwritten),
    ".shp": (*ANY, integers_overwritten),
    ".ifc": (*ANY, *STEP),
    ".ifczip": (*ANY, member_broken, member_broken, member_broken),
    ".b3dm": (*ANY, *BINARY),
    ".osgb": (*ANY, integers_overwritten),
    ".laz": (*ANY, *2 * (integers_overwritten,)),
    ".tif": (*ANY, integers_overwritten),
    ".slpk": (*ANY, member_broken, member_broken, member_broken),
}
ODD_PLACES = ("empty", "folder", "missing", "unreadable", "wrong_suffix", "zeros")


def _odd_place(target: Path, original: Path, kind: str) -> Path:
    """Make a location that is no such file at all."""
    if kind == "missing":
        return target
    if kind == "folder":
        target.mkdir()
    elif kind == "wrong_suffix":
        target = target.with_name("wrong.xyz.png")
        shutil.copyfile(original, target)
    elif kind == "zeros":
        target.write_bytes(bytes(100_000))
    else:
        target.write_bytes(b"" if kind == "empty" else original.read_bytes())
        if kind == "unreadable":
            target.chmod(0)
    return target


def broken(sample: Path, number: int, folder: Path) -> tuple[Path, str]:
    """Write mutation ``number`` of a sample into an empty folder; return the location and a name.

    A sample that lies in a folder of its own (a tileset) is copied whole and one of its files broken.
    """
    chance = random.Random(f"{sample.name}:{number}")
    family = sample.parent.name.endswith("_tileset")
    if number < len(ODD_PLACES):
        kind = ODD_PLACES[number]
        return _odd_place(folder / sample.name, sample, kind), kind
    parts = sorted(p for p in sample.parent.iterdir() if p.is_file()) if family else [sample]
    for part in parts:
        shutil.copyfile(part, folder / part.name)
    victim = folder / chance.choice(parts).name
    mutation = chance.choice(BY_SUFFIX[victim.suffix.lower()])
    victim.write_bytes(mutation(victim.read_bytes(), chance))
    return folder / sample.name, f"{victim.name}:{mutation.__name__}"
