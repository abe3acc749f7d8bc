"""Every setting, declared once: the form, ``--set``, the environment, the TOML file and the manual follow.

Precedence: defaults < file < environment (``CITYTWIN_MAX_ERROR``) < command line (``--set``).
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from twin.errors import UsageError


def setting(
    default: Any,
    group: str,
    help_text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a setting: default, group, one English sentence, range or choices."""
    metadata = {"group": group, "help": help_text, "low": low, "high": high, "choices": choices}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings as one value. A changed setting is a new value."""

    language: str = setting(
        "en", "general", "Language of the window and reports.", choices=("en", "zh")
    )
    theme: str = setting(
        "system", "general", "Colours of the window.", choices=("system", "light", "dark")
    )
    workspace: str = setting(
        "custodian", "general", "Panel layout.", choices=("planner", "custodian", "presenter")
    )
    author: str = setting("", "general", "Name written into the journal for your edits.")
    reduced_motion: bool = setting(False, "general", "Camera flights become cuts; no fly-around.")
    tour_seen: bool = setting(False, "general", "The tour of the window was seen or left.")
    touch: bool = setting(False, "general", "Controls of the presenter are larger, for fingers.")
    audience: str = setting(
        "auto",
        "general",
        "Where the audience's picture is shown; auto = on another display where there is one.",
        choices=("auto", "window", "display_1", "display_2", "display_3"),
    )
    navigation: str = setting(
        "gis", "view", "Mouse habits in the 3D view.", choices=("gis", "earth", "blender", "cad")
    )
    background: str = setting(
        "sky", "view", "Background of the 3D view.", choices=("light", "sky", "plain")
    )
    ground_grid: bool = setting(False, "view", "Draw a grid on the ground.")
    point_size: float = setting(
        0.0, "view", "Size of a point, metres; 0 = as far as points lie apart.", low=0, high=100
    )
    point_attenuation: bool = setting(
        True, "view", "Points grow as one comes nearer; off: two pixels each."
    )
    eye_dome: bool = setting(
        False, "view", "Darken what lies behind its neighbours (eye-dome lighting, for points)."
    )
    quality: str = setting(
        "auto",
        "view",
        "Quality of the picture while the view moves; auto = as fast as this machine allows.",
        choices=("auto", "low", "medium", "high"),
    )
    contact_shading: bool = setting(
        False, "view", "Darken pictures at rest where surfaces meet (ambient occlusion)."
    )
    edges: bool = setting(True, "view", "Draw the outlines of surfaces.")
    section_caps: str = setting(
        "hatch",
        "view",
        "Faces of sections: material colour with a hatch, solid ink, or material colour.",
        choices=("hatch", "solid", "material"),
    )
    field_of_view: float = setting(
        45.0, "view", "Vertical field of view, degrees.", low=10, high=110
    )
    length_unit: str = setting(
        "m", "view", "Unit of measured lengths; areas of mm stay in m².", choices=("m", "mm", "ft")
    )
    snapping: bool = setting(True, "view", "Measuring snaps to corners, middles, edges and faces.")
    labels: bool = setting(False, "view", "Show names of objects over the picture.")
    label_column: str = setting(
        "", "view", "Attribute that names are taken from; empty = the name of the object."
    )
    show_measurements: bool = setting(True, "view", "Show kept measurements in the 3D view.")
    max_error: float = setting(
        16.0,
        "streaming",
        "Screen-space error at which a tile is refined, pixels.",
        low=1,
        high=256,
    )
    moving_frame_ms: float = setting(
        33.0,
        "streaming",
        "Frame time aimed at while the camera moves, milliseconds.",
        low=5,
        high=1000,
    )
    memory_mb: int = setting(
        2048, "streaming", "Memory for loaded tiles, megabytes.", low=64, high=262144
    )
    upload_ms: float = setting(
        8.0,
        "streaming",
        "Time spent per frame on bringing new tiles to the screen, ms.",
        low=1,
        high=200,
    )
    show_hud: bool = setting(False, "streaming", "Show what streaming does, in numbers.")
    show_tile_boxes: bool = setting(False, "streaming", "Draw the boxes of the tiles.")
    workers: int = setting(
        0, "streaming", "Threads that fetch tiles; 0 = by the machine.", low=0, high=64
    )
    analysis_mb: int = setting(
        2048,
        "streaming",
        "Memory an analysis may take for geometry, megabytes.",
        low=64,
        high=262144,
    )
    worker_mb: int = setting(
        0,
        "streaming",
        "Memory a worker process may take, megabytes; 0 = two thirds of the machine's.",
        low=0,
        high=1048576,
    )
    cache_mb: int = setting(
        4096, "streaming", "Size limit of the tile cache on disk, megabytes.", low=0, high=1048576
    )
    cache_folder: str = setting(
        "", "streaming", "Folder of the tile cache; empty = the platform's."
    )
    answers_mb: int = setting(
        1024,
        "streaming",
        "Size limit of the kept answers of servers, megabytes; 0 = none are kept.",
        low=0,
        high=1048576,
    )
    offline: bool = setting(False, "streaming", "Ask no server; use the kept answers only.")
    allowed_hosts: str = setting(
        "", "streaming", "Hosts that sources of other hosts may name, comma separated."
    )
    autosave_folder: str = setting(
        "", "project", "Folder of unsaved projects; empty = the platform's."
    )
    default_policy: str = setting("", "maintenance", "Policy file used when a project names none.")
    default_custodians: str = setting(
        "", "maintenance", "Custodians file used when a project names none."
    )
    area_before_dataset: bool = setting(
        False,
        "maintenance",
        "Areas of responsibility come before the dataset's custodian (R3 before R2).",
    )
    change_height: float = setting(
        1.2,
        "maintenance",
        "Deliveries of a city: metres that a roof or a base may rise and is the same.",
        low=0,
        high=1000,
    )
    change_overlap: float = setting(
        0.99,
        "maintenance",
        "Deliveries of a city: overlap from which footprints are the same, 0..1.",
        low=0.5,
        high=1,
    )
    change_replaced: float = setting(
        0.5,
        "maintenance",
        "Deliveries of a city: overlap below which it is another building, 0..1.",
        low=0,
        high=1,
    )
    change_area: float = setting(
        0.0,
        "maintenance",
        "Deliveries of a city: square metres below which shapes are not judged; 0 = all are.",
        low=0,
        high=10000,
    )
    time_zone: str = setting("UTC", "maintenance", "Zone of dates that name none (IANA name).")
    monthly_snapshots: bool = setting(
        True, "maintenance", "Store the totals of a saved project once a month, for the trend."
    )


def declared() -> Iterator[Field[Any]]:
    """Yield the declared fields: name, default, metadata (group, help, low, high, choices)."""
    yield from fields(Settings)


def with_values(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    """Return settings with some values replaced, parsed from text where needed.

    Raises UsageError naming ``where`` for an unknown name or a value outside its domain.
    """
    known = {entry.name: entry for entry in declared()}
    parsed: dict[str, Any] = {}
    for name, value in values.items():
        entry = known.get(name)
        if entry is None:
            raise UsageError(reason=f"{where}: there is no setting {name!r}")
        parsed[name] = _parsed(entry, value, where)
    return replace(settings, **parsed)


def _parsed(entry: Field[Any], value: Any, where: str) -> Any:
    kind: Any = type(entry.default)
    try:
        if kind is bool and isinstance(value, str):
            result: Any = {
                "true": True,
                "1": True,
                "on": True,
                "false": False,
                "0": False,
                "off": False,
            }[value.lower()]
        else:
            result = kind(value)
    except (ValueError, KeyError, TypeError):
        raise UsageError(
            reason=f"{where}: {entry.name} = {value!r} is not a {kind.__name__}"
        ) from None
    meta = entry.metadata
    if meta["choices"] and result not in meta["choices"]:
        raise UsageError(
            reason=f"{where}: {entry.name} must be one of {', '.join(meta['choices'])}"
        )
    if meta["low"] is not None and not meta["low"] <= result <= meta["high"]:
        raise UsageError(
            reason=f"{where}: {entry.name} must lie between {meta['low']} and {meta['high']}"
        )
    return result


def settings_file() -> Path:
    """Return the path of the user's settings file (it need not exist)."""
    folder = os.environ.get("CITYTWIN_CONFIG_DIR")
    return (
        Path(folder) if folder else platformdirs.user_config_path("citytwin")
    ) / "settings.toml"


def load(overrides: Mapping[str, Any] | None = None, path: Path | None = None) -> Settings:
    """Return the settings from file, environment and overrides. Raises UsageError."""
    settings = Settings()
    path = path or settings_file()
    if path.is_file():
        try:
            settings = with_values(settings, tomllib.loads(path.read_text("utf-8")), str(path))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(reason=f"{path}: {error}") from error
    found = {
        entry.name: os.environ[f"CITYTWIN_{entry.name.upper()}"]
        for entry in declared()
        if f"CITYTWIN_{entry.name.upper()}" in os.environ
    }
    settings = with_values(settings, found, "environment")
    return with_values(settings, overrides or {}, "--set")


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the values that differ from the defaults, atomically."""
    path = path or settings_file()
    lines = [
        f"{entry.name} = {_toml(getattr(settings, entry.name))}"
        for entry in declared()
        if getattr(settings, entry.name) != entry.default
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text("\n".join([*lines, ""]), "utf-8")
    draft.replace(path)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


def cache_folder(settings: Settings) -> Path:
    """Return the folder of the tile cache."""
    return Path(settings.cache_folder or platformdirs.user_cache_path("citytwin") / "tiles")


def answers_folder(settings: Settings) -> Path:
    """Return the folder of the kept answers of servers."""
    if settings.cache_folder:
        return Path(settings.cache_folder) / "web"
    return Path(platformdirs.user_cache_path("citytwin") / "web")


def autosave_folder(settings: Settings) -> Path:
    """Return the folder of unsaved projects."""
    return Path(settings.autosave_folder or platformdirs.user_data_path("citytwin") / "autosave")
