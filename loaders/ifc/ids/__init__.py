"""IDS 1.0 (buildingSMART Information Delivery Specification): rules for what an IFC must say."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint

from twin.checks.report import CheckReport
from twin.ports import Feedback


@dataclass(frozen=True, slots=True)
class Ids:
    """The checker. Picklable: ``run`` is work for a worker process."""

    name: str = "ids"
    suffixes: tuple[str, ...] = ("ids",)
    formats: tuple[str, ...] = ("ifc",)

    def run(self, location: str, rules_path: str, feedback: Feedback) -> CheckReport:
        """Check a model by an IDS file. Raises OpenError (rules or model), Cancelled."""
        where = "loaders.ifc.ids.running:check"
        report: CheckReport = EntryPoint(where, where, "").load()(location, rules_path, feedback)
        return report


CHECKER = Ids()
