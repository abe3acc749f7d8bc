"""Run buildingSMART's own IDS test cases: ``python -m tests.ids_cases FOLDER``.

FOLDER is a checkout of Documentation/ImplementersDocumentation/TestCases of buildingSMART/IDS (its
licence keeps the files out of this repository). Every ``pass-X.ids`` lies beside its ``X.ifc``; pass-
means that all rules pass, fail- that one fails, invalid- that one fails or the IDS is refused. Prints
what disagrees, then "agree n of m". Exit code 1 when anything disagrees.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from loaders.ifc.ids import CHECKER
from loaders.ifc.ids.document import read_rules
from loaders.ifc.ids.running import plain, run
from tests.loaders.ids_table import ifc_file
from twin.errors import OpenError
from twin.ports import SILENT

EXPECTED = {"pass": "passed", "fail": "failed", "invalid": "failed"}


def cases(folder: Path) -> Iterator[tuple[Path, Path, str]]:
    """Yield (ids, ifc, expected) of every complete pair below a folder."""
    for rules in sorted(folder.rglob("*.ids")):
        expected = EXPECTED.get(rules.name.partition("-")[0])
        model = rules.with_suffix(".ifc")
        if expected and model.exists():
            yield rules, model, expected


def found(rules: Path, model: Path) -> str:
    """Return passed or failed; a refused IDS has failed. The cases need no project, so no loader."""
    try:
        said = read_rules(str(rules))
    except OpenError as error:
        return f"failed ({error.params.get('reason', error)})"
    report = run(ifc_file(model), said, plain(SILENT), (str(model), str(rules)))
    return "failed" if report.status == "failed" else "passed"


def main(folder: Path) -> int:
    """Print the disagreements and the count."""
    agree = total = 0
    for rules, model, expected in cases(folder):
        total += 1
        got = found(rules, model)
        if got.startswith(expected):
            agree += 1
        else:
            print(f"{rules.relative_to(folder)}: expected {expected}, found {got}")
    print(f"{CHECKER.name}: agree {agree} of {total}")
    return int(agree != total)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
