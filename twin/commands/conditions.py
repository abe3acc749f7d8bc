"""Which rows a command is about: a condition on a column, else the selection."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.commands.registry import Context
from twin.errors import UsageError
from twin.features import Bool, Column, FeatureTable, absent
from twin.geometry import Rows
from twin.shown import with_parts


@dataclass(frozen=True, slots=True)
class Where:
    """A condition ``column op value`` with op one of eq ne lt le gt ge contains missing."""

    column: str
    op: str
    value: str = ""

    def mask(self, table: FeatureTable) -> Bool:
        """Return bool(n); a missing value fulfils nothing but ``missing`` (and ``ne``)."""
        values = table[self.column]
        if values.dtype.kind == "T":
            return _text_mask(values, self.op, self.value)
        if values.dtype.kind == "M":
            return _compare(values, self.op, np.datetime64(self.value, "ms"))
        try:
            number = float(self.value or "nan")
        except ValueError:
            raise UsageError(reason=f"{self.column}: {self.value!r} is not a number") from None
        if self.op == "missing":
            return np.isnan(values.astype(np.float64))
        return _compare(values.astype(np.float64), self.op, number)


_OPS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}


def _compare(values: Column, op: str, value: Any) -> Bool:
    if op == "missing":
        return np.isnat(values)
    if op not in _OPS:
        raise UsageError(reason=f"{op!r} is none of {', '.join([*_OPS, 'contains', 'missing'])}")
    return np.asarray(_OPS[op](values, value), np.bool_)


def _text_mask(values: Column, op: str, value: str) -> Bool:
    missing = absent(values)
    if op == "missing":
        return np.asarray(missing | (values == ""), np.bool_)
    plain = np.where(missing, "", values).astype(np.dtypes.StringDType())
    if op == "contains":
        folded = np.strings.lower(plain)
        return np.asarray(np.strings.find(folded, value.lower()) >= 0, np.bool_) & ~missing
    found = _compare(plain, op, np.array(value, np.dtypes.StringDType()))
    return found | missing if op == "ne" else found & ~missing


def selected_rows(context: Context, layer: str) -> dict[str, Rows]:
    """Return what is selected, parts included; of one layer when one is named."""
    found = {
        key: with_parts(context.twin.layer(key).features, rows)
        for key, rows in context.selected.items()
        if len(rows) and key in context.twin.layers and layer in ("", key)
    }
    if not found:
        raise UsageError(reason="nothing is selected")
    return found


def chosen_rows(context: Context, layer: str, column: str, op: str, value: str) -> dict[str, Rows]:
    """Return rows by condition, else the selection."""
    if not column:
        return selected_rows(context, layer)
    table = context.twin.layer(layer).features
    return {layer: with_parts(table, table.where(Where(column, op, value)))}
