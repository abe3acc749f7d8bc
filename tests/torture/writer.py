"""A program that commits edits to a project as fast as it can, until it is killed.

``python -m tests.torture.writer PROJECT FIRST``: from number FIRST on, commit n puts the order
``last`` to state n, puts three more records of the same number and appends one journal entry; every
tenth commit also saves a copy beside the project. Each finished commit is told on standard output.
"""

import sys
from pathlib import Path

from twin.maintenance.orders.records import WorkOrder
from twin.records import Party, Policy
from twin.store import ProjectFile, Put, open_project

COPY = "copy.twin.gpkg"


def changes(number: int) -> list[Put]:
    """Return what commit ``number`` puts."""
    return [
        Put("orders", "last", WorkOrder("last", state=str(number))),
        Put("orders", f"wo-{number}", WorkOrder(f"wo-{number}", title="x" * 5000)),
        Put("policies", f"p-{number}", Policy(f"p-{number}", title=str(number))),
        Put("parties", f"q-{number}", Party(f"q-{number}", "A. Person", organisation=False)),
    ]


def write(project: ProjectFile, number: int) -> None:
    """Commit one numbered step."""
    words = {"action": "orders.set", "object": "last", "after": {"state": str(number)}}
    done = project.commit(changes(number), [words], by="writer")
    if done.conflicts:
        raise SystemExit(f"conflict at {number}")


def main(path: Path, first: int) -> None:
    """Commit until killed."""
    project = open_project(path)
    project.load()
    number = first
    while True:
        write(project, number)
        if number % 10 == 0:
            project.save_as(path.with_name(COPY))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
