"""Bundled policy packs: examples to check against one's own rules, each with the sources it follows."""

from importlib.resources import files

from twin.errors import UsageError
from twin.maintenance.rule_files import read_text
from twin.maintenance.rules import Rules

PRESETS = ("european", "chinese")


def preset(name: str) -> Rules:
    """Return the policies of a bundled pack. Raises UsageError for an unknown name."""
    return read_text(preset_text(name), "policy", f"{name}.toml")


def preset_text(name: str) -> str:
    """Return a bundled pack as it is written, sources in its comments. Raises UsageError."""
    if name not in PRESETS:
        raise UsageError(reason=f"there is no preset {name!r}; there are: {', '.join(PRESETS)}")
    folder = files("twin.maintenance").joinpath("packs")
    return folder.joinpath(f"{name}.toml").read_text("utf-8")
