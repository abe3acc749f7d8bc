"""Every case of the glTF validator's own tests through the reader: a table of what agrees and what not.

    python -m tests.malformed_gltf FOLDER [--all]

A case agrees when the validator finds errors and the reader names something, or neither does.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np

from loaders._gltf import read_model
from loaders._gltf.assembly import UP, assemble, instances
from twin.errors import NotFound, TwinError

UNSEEN = {
    "animations": "animations are not played",
    "skins": "skins are not bent",
    "cameras": "the window has its own camera",
    "targets": "shapes are not blended",
}
"""Parts of a document that a city's reader never looks at."""


class Verdict(NamedTuple):
    """One case: the validator's codes of severity error, what the reader said, how long it took."""

    name: str
    codes: tuple[str, ...]
    places: tuple[str, ...]
    said: tuple[str, ...]
    seconds: float

    @property
    def agrees(self) -> bool:
        """Return whether both or neither find fault."""
        return bool(self.codes) == bool(self.said)

    @property
    def reason(self) -> str:
        """Return why they differ."""
        if not self.codes:
            return "stricter here: " + self.said[0]
        for part, why in UNSEEN.items():
            if all(part in place.split("/") for place in self.places):
                return why
        return "not seen by a reader: " + ", ".join(sorted(set(self.codes)))


def verdicts(folder: Path) -> Iterator[Verdict]:
    """Yield all cases that have a report beside them."""
    for report in sorted(folder.rglob("*.report.json")):
        path = report.with_name(report.name.removesuffix(".report.json"))
        if path.is_file():
            found = json.loads(report.read_text("utf-8"))["issues"]["messages"]
            wrong = [item for item in found if item["severity"] == 0]
            started = time.perf_counter()
            said = tuple(read(path))
            yield Verdict(
                path.relative_to(folder).as_posix(),
                tuple(item["code"] for item in wrong),
                tuple(item.get("pointer", "") for item in wrong),
                said,
                time.perf_counter() - started,
            )


def read(path: Path) -> list[str]:
    """Return what the reader says of a file: the codes of its problems, or of its error."""

    def beside(uri: str) -> bytes:
        target = path.parent / unquote(uri)
        if "//" in uri or target.parent != path.parent or not target.is_file():
            raise NotFound(location=uri)
        return target.read_bytes()

    try:
        model = read_model(path.read_bytes(), path.name, beside)
        assemble(model, UP["Y"], lambda _: None, 0)
        for item in model.instanced:
            instances(model, [(item.part, np.eye(4))], item.matrices, item.numbers)
    except TwinError as error:
        return [f"{error.full_code}: {error}"]
    return [f"{problem.code}: {problem.text}" for problem in model.document.problems]


def main(folder: Path, every: bool) -> None:
    """Print the table."""
    found = list(verdicts(folder))
    bad = [case for case in found if case.codes]
    print(f"{len(found)} cases, slowest {max(case.seconds for case in found):.3f} s")
    print(f"invalid {len(bad)}, named {sum(case.agrees for case in bad)}")
    print(f"valid {len(found) - len(bad)}, loaded without a word "
          f"{sum(case.agrees for case in found if not case.codes)}")  # fmt: skip
    reasons = Counter(case.reason for case in found if not case.agrees)
    for reason, count in reasons.most_common():
        print(f"{count:4d}  {reason[:150]}")
    for case in found if every else []:
        print(case.name, "ok" if case.agrees else "DIFFERS", case.codes, case.said)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--all" in sys.argv)
