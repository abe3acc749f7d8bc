"""A method of the window back to the text of a file: what a person changed there, over what the file said before."""

import tomllib
from collections.abc import Mapping
from typing import Any

from twin.maintenance.bim.method import PARTS, Method
from twin.maintenance.bim.method_files import method_of


def changed(
    text: str, weights: Mapping[str, float], cost: Mapping[str, float], currency: str
) -> str:
    """Return a text of weights (any sizes above 0: they are brought to add up to 1), costs and currency; what else
    ``text`` says stays. Raises BrokenFile for what makes no sense."""
    kept = tomllib.loads(text) if text else {}
    total = sum(weights.values()) or 1.0
    kept["weights"] = {part: weights[part] / total for part in PARTS}
    kept["cost"] = dict(cost)
    kept["settings"] = {**kept.get("settings", {}), "currency": currency}
    made = _document(kept)
    method_of(made, "bim.toml")
    return made


def _document(document: Mapping[str, Any]) -> str:
    """Return plain tables, and tables of tables one level deep, as TOML."""
    lines = [f"{key} = {_value(x)}" for key, x in document.items() if not _table(x)]
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{key}]", *(f"{_key(k)} = {_value(x)}" for k, x in value.items())]
        elif _table(value):
            for item in value:
                lines += ["", f"[[{key}]]", *(f"{_key(k)} = {_value(x)}" for k, x in item.items())]
    return "\n".join(lines).strip() + "\n"


def _table(value: Any) -> bool:
    whole = isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    return isinstance(value, Mapping) or whole


def _key(name: str) -> str:
    return (
        name
        if name.replace("_", "").isascii() and name.replace("_", "").isalnum()
        else _text(name)
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    return _text(str(value))


def _text(value: str) -> str:
    """Return a basic string: quotes, backslashes and control characters escaped."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"' + "".join(x if x >= " " and x != "\x7f" else f"\\u{ord(x):04X}" for x in escaped) + '"'
    )


def percents(method: Method) -> dict[str, float]:
    """Return the weights in hundredths."""
    return {part: 100.0 * method.weights[part] for part in PARTS}
