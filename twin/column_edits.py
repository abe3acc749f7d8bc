"""A whole column as one reversible step: what an analysis, a check or a comparison found of every object."""

from dataclasses import dataclass, replace
from typing import Any

from twin.edits import Edit
from twin.features import Column
from twin.scene import Aspect, LayerId, Twin


@dataclass(frozen=True, slots=True)
class SetColumn:
    """Put a column into a layer's table, or take it out (None). Results are derived: not journalled.

    Rows that came after the values were made have none. A layer that was opened anew with other rows
    than these loses the column.
    """

    layer: LayerId
    column: str
    values: Column | None
    journal: bool = False

    def apply(self, twin: Twin) -> Edit:
        """Set it; the inverse holds the one before."""
        layer = twin.layer(self.layer)
        before = layer.features.columns.get(self.column)
        left = {name: x for name, x in layer.features.columns.items() if name != self.column}
        if self.values is not None and len(self.values) == len(layer.features):
            left[self.column] = self.values
        twin.put_layer(
            replace(layer, features=replace(layer.features, columns=left)), Aspect.FEATURES
        )
        return SetColumn(self.layer, self.column, before)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Not journalled; said for completeness."""
        return {"action": "column.set", "object": self.layer, "after": self.column}
