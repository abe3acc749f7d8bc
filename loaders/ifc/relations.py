"""Relations between objects, both ways; what hangs in the tree (whole and part) is not repeated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loaders.ifc.structure import by_type
from loaders.ifc.unread import Unread
from loaders.ifc.values import named
from twin.details import MOST_LISTED

BOTH_WAYS = (
    ("IfcRelVoidsElement", 4, 5, "voided_by", "voids"),
    ("IfcRelFillsElement", 4, 5, "filled_by", "fills"),
    ("IfcRelProjectsElement", 4, 5, "projected_by", "projects"),
    ("IfcRelAdheresToElement", 4, 5, "adhered_by", "adheres_to"),
    ("IfcRelConnectsElements", 5, 6, "connected", "connected"),
    ("IfcRelConnectsPorts", 4, 5, "connected", "connected"),
    ("IfcRelConnectsPortToElement", 4, 5, "port_of", "ports"),
    ("IfcRelConnectsStructuralActivity", 4, 5, "connected", "connected"),
    ("IfcRelConnectsStructuralElement", 4, 5, "connected", "connected"),
    ("IfcRelConnectsStructuralMember", 4, 5, "connected", "connected"),
    ("IfcRelCoversBldgElements", 4, 5, "covered_by", "covers"),
    ("IfcRelCoversSpaces", 4, 5, "covered_by", "covers"),
    ("IfcRelSpaceBoundary", 4, 5, "bounded_by", "bounds"),
    ("IfcRelReferencedInSpatialStructure", 5, 4, "references", "referenced_in"),
    ("IfcRelFlowControlElements", 5, 4, "controlled_by", "controls"),
    ("IfcRelInterferesElements", 4, 5, "interferes", "interferes"),
    ("IfcRelPositions", 4, 5, "positions", "positioned_by"),
    ("IfcRelAssignsToProduct", 6, 4, "assigned", "assigned_to"),
)
"""Relation, places of its two sides, what the first side calls the second, and the other way."""
TO_NAMED = (
    ("IfcRelAssignsToProcess", "assigned_to"),
    ("IfcRelAssignsToControl", "assigned_to"),
    ("IfcRelAssignsToResource", "assigned_to"),
    ("IfcRelAssignsToActor", "acted_on_by"),
)
"""Assignments to what is no product: shown by name."""


@dataclass
class Relations:
    """``rows[i]``: kind -> rows related to row i in the order of the file; ``names[i]`` alike."""

    rows: dict[int, dict[str, dict[int, None]]] = field(default_factory=dict)
    names: dict[int, dict[str, dict[str, None]]] = field(default_factory=dict)

    def join(self, row: int, kind: str, other: int) -> None:
        """Note that a row has a relation of a kind to another."""
        self.rows.setdefault(row, {}).setdefault(kind, {})[other] = None

    def said(self, row: int) -> dict[str, Any]:
        """Return what ``twin.details`` keeps of a row's relations."""
        found: dict[str, Any] = {}
        mine = self.rows.get(row)
        if mine:
            found["relations"] = {kind: list(rows)[:MOST_LISTED] for kind, rows in mine.items()}
            totals = {kind: len(rows) for kind, rows in mine.items() if len(rows) > MOST_LISTED}
            if totals:
                found["totals"] = totals
        if row in self.names:
            found["named"] = {kind: list(names) for kind, names in self.names[row].items()}
        return found


def relate(file: Any, row_of: Mapping[int, int], unread: Unread) -> Relations:
    """Return the relations of all rows."""
    found = Relations()
    for name, first, second, forth, back in BOTH_WAYS:
        for relation in by_type(file, name):
            with unread.reading(relation):
                whole = _row(row_of, relation.get_argument(first))
                others = relation.get_argument(second) if whole >= 0 else ()
                for item in others if isinstance(others, tuple) else (others,):
                    part = _row(row_of, item)
                    if part >= 0:
                        found.join(whole, forth, part)
                        found.join(part, back, whole)
    _lift_ports(file, row_of, found, unread)
    for name, kind in TO_NAMED:
        for relation in by_type(file, name):
            with unread.reading(relation):
                _name(found, relation, kind, row_of)
    return found


def _row(row_of: Mapping[int, int], item: Any) -> int:
    return -1 if item is None else row_of.get(item.id(), -1)


def _lift_ports(file: Any, row_of: Mapping[int, int], found: Relations, unread: Unread) -> None:
    """Say of elements that they are connected where their ports are."""
    owners: dict[int, int] = {}
    for relation in by_type(file, "IfcRelConnectsPortToElement"):
        with unread.reading(relation):
            owners[_row(row_of, relation[4])] = _row(row_of, relation[5])
    for relation in by_type(file, "IfcRelNests"):
        with unread.reading(relation):
            whole = _row(row_of, relation[4])
            for item in relation[5] or ():
                if item.is_a("IfcPort") and whole >= 0:
                    port = _row(row_of, item)
                    owners[port] = whole
                    found.join(whole, "ports", port)
                    found.join(port, "port_of", whole)
    for relation in by_type(file, "IfcRelConnectsPorts"):
        with unread.reading(relation):
            ends = [owners.get(_row(row_of, relation[place]), -1) for place in (4, 5)]
            if min(ends) >= 0 and ends[0] != ends[1]:
                found.join(ends[0], "connected", ends[1])
                found.join(ends[1], "connected", ends[0])


def _name(found: Relations, relation: Any, kind: str, row_of: Mapping[int, int]) -> None:
    target = relation[6]
    if target is None:
        return
    actor = target[5] if kind == "acted_on_by" and target.is_a("IfcActor") else target
    name = named(actor) if actor is not None else None
    if not name:
        return
    for item in relation[4] or ():
        row = _row(row_of, item)
        if row >= 0:
            found.names.setdefault(row, {}).setdefault(kind, {})[name] = None
