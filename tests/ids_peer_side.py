"""What ifctester finds, as JSON: run by an interpreter that has it (``python ids_peer_side.py IDS IFC``).

Prints [{"name", "status", "applicable": [steps], "requirements": [{"passed": [steps], "failed": [steps]}]}].
"""

import json
import sys

import ifcopenshell
import ifctester.ids


def main(rules: str, model: str) -> None:
    """Check and print."""
    file = ifcopenshell.open(model)
    found = ifctester.ids.open(rules)
    found.validate(file)
    print(json.dumps([_rule(one) for one in found.specifications]))


def _rule(one: ifctester.ids.Specification) -> dict[str, object]:
    return {
        "name": one.name,
        "status": one.status,
        "applicable": sorted(item.id() for item in one.applicable_entities),
        "requirements": [
            {
                "passed": sorted(item.id() for item in wanted.passed_entities),
                "failed": sorted({failure["element"].id() for failure in wanted.failures}),
            }
            # its reader puts facets of one kind together
            for wanted in sorted(one.requirements, key=lambda facet: type(facet).__name__.lower())
        ],
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
