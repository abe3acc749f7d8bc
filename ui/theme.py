"""Fusion, a palette and the design tokens, light and dark. Every colour of the chrome stands here."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import orjson
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication

from twin.style import FRESHNESS
from ui.qt_words import speak
from ui.stylesheet import STYLESHEET


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens of one theme. Fills of the statuses are the same in both; their texts are not."""

    name: str
    win: str
    panel: str
    raised: str
    hover: str
    selection: str
    input: str
    line: str
    line2: str
    t1: str
    t2: str
    t3: str
    accent: str
    on_accent: str
    accent_text: str
    caution: str
    caution_edge: str
    hatch: str
    glyph_edge: str
    status_text: dict[str, str]

    @property
    def dark(self) -> bool:
        """Return whether this is the dark theme."""
        return self.name == "dark"


DARK = Theme(
    name="dark", win="#12161B", panel="#1A2027", raised="#232A33", hover="#2B343F",
    selection="#17413F", input="#12161B", line="#2D3641", line2="#3D4854", t1="#E7EBF0",
    t2="#B2BCC8", t3="#9EA9B6", accent="#2FB8A8", on_accent="#06201D", accent_text="#4FD0C1",
    caution="#3A3220", caution_edge="#EAC865", hatch="#D5DBE2", glyph_edge="#A0FFFFFF",
    status_text={
        "fresh": "#6DB6E4", "due_soon": "#B9DAEA", "in_grace": "#EAC865", "stale": "#FF8A5C",
        "suspect": "#D3A1E8", "unknown": "#B2BCC8", "event_driven": "#8FB8B2", "retired": "#9EA9B6",
    },
)  # fmt: skip
LIGHT = Theme(
    name="light", win="#E6EAEE", panel="#FBFCFD", raised="#F0F3F6", hover="#E6EBEF",
    selection="#D5EEEB", input="#FFFFFF", line="#D5DCE3", line2="#B9C3CD", t1="#16202A",
    t2="#465361", t3="#5D6976", accent="#0B7A70", on_accent="#FFFFFF", accent_text="#0A6F66",
    caution="#FBF4E0", caution_edge="#B98A12", hatch="#D5DBE2", glyph_edge="#70000000",
    status_text={
        "fresh": "#1C6796", "due_soon": "#33657D", "in_grace": "#755600", "stale": "#A83507",
        "suspect": "#772B93", "unknown": "#525A63", "event_driven": "#3C6660", "retired": "#5D6976",
    },
)  # fmt: skip
THEMES = {"dark": DARK, "light": LIGHT}
SURFACES = ("win", "panel", "raised", "hover", "selection")
TEXTS = ("t1", "t2", "t3", "accent_text")
FAMILIES = (
    "Inter", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei UI", "PingFang SC",
    "WenQuanYi Micro Hei", "sans-serif",
)  # fmt: skip
"""Latin first, then the Chinese fallbacks in the order of preference."""
ICONS = {
    "explore": "cursor-default-outline", "walk": "walk", "fly_round": "rotate-orbit",
    "undo": "undo-variant", "redo": "redo-variant", "layers": "layers-outline",
    "objects": "file-tree-outline", "search": "magnify", "filter": "filter-variant",
    "shown": "eye-outline", "hidden": "eye-off-outline", "building": "office-building-outline",
    "terrain": "terrain", "mesh": "texture-box", "bim": "cube-outline", "custodian": "domain", "person": "account-outline", "areas": "vector-polygon",
    "date": "calendar-blank-outline", "as_of": "history", "due": "clock-outline",
    "late": "clock-alert-outline", "evidence": "alert-outline", "export": "export-variant",
    "copy": "content-copy", "play": "play", "pause": "pause", "more": "dots-horizontal",
    "settings": "cog-outline", "add": "plus", "close": "close", "home": "home-outline",
    "fit": "image-filter-center-focus", "folder": "folder-outline", "file": "file-outline",
    "drop": "tray-arrow-down", "chevron_down": "chevron-down", "chevron_right": "chevron-right",
    "order": "clipboard-check-outline", "board": "view-column-outline",
    "check": "check", "topics": "comment-text-multiple-outline", "import": "import", "camera": "camera-outline",
    "back": "chevron-left", "forth": "chevron-right", "group": "format-list-group", "isolate": "select-search",
    "table": "table", "north": "compass-outline", "help": "help-circle-outline",
    "hide": "eye-off-outline", "palette": "palette-outline", "save": "content-save-outline",
    "city": "home-city-outline", "road": "road-variant", "water": "waves", "tree": "tree-outline",
    "skip_previous": "skip-previous", "link": "link-variant", "compare": "compare", "section": "box-cutter", "step": "unfold-more-horizontal",
    "display": "monitor", "start": "monitor", "spotlight": "spotlight-beam", "laser": "laser-pointer", "freeze": "lock-outline",
    "black": "monitor-off", "notes": "note-text-outline", "up": "arrow-up", "down": "arrow-down", "skip_next": "skip-next",
    "annotate": "message-text-outline", "arrow": "arrow-bottom-right", "image": "image-outline",
    "bookmark": "bookmark-plus-outline", "bookmarks": "bookmark-multiple-outline",
    "place": "map-marker-check-outline", "measure": "ruler", "snap": "magnet", "remove": "trash-can-outline", "again": "sync-alert",
    "sight": "binoculars", "sun": "weather-sunny", "curvature": "earth", "profile": "chart-areaspline",
    "flythrough": "filmstrip", "caption": "closed-caption-outline", "route": "map-marker-path",
    "block": "cube-outline", "before_after": "compare",
}  # fmt: skip
"""Our names -> names of the mdi6 set (Material Design Icons, Apache-2.0, carried by qtawesome)."""


STYLED = "fusion"
"""Property of an application that was started with ``-style fusion``: ``setStyle`` makes PySide build
the classes and enumerations of QStyle, which costs a start 50 ms."""


def chosen(setting: str) -> Theme:
    """Return the theme of a setting; ``system`` follows the desktop."""
    if setting in THEMES:
        return THEMES[setting]
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def apply(app: QApplication, theme: Theme, language: str = "en") -> None:
    """Dress the application: Fusion, palette, style sheet, bundled fonts with tabular figures; Qt's own
    words speak the language."""
    speak(app, language)
    _load_fonts()
    if not app.property(STYLED):
        app.setStyle("Fusion")
    tokens = {name: getattr(theme, name) for name in _token_names()}
    sheet = STYLESHEET.substitute(tokens, **_drawn(theme))
    if app.styleSheet() == sheet:
        return  # another language only: dressing every widget anew takes seconds
    app.setPalette(_palette(theme))
    app.setFont(font())
    app.setStyleSheet(sheet)


@cache
def font(pixels: int = 12, *, bold: bool = False) -> QFont:
    """Return the typeface in a size; weights 400 and 600 only, figures of one width.

    Made once a size: PySide 6.12's ``QFont.setFeature`` takes a reference to None away with each
    call (measured), and thousands of calls end the interpreter.
    """
    face = QFont()
    face.setFamilies(list(FAMILIES))
    face.setPixelSize(pixels)
    face.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    face.setFeature(QFont.Tag("tnum"), 1)
    face.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return face


def icon(name: str, color: str, active: str = "") -> QIcon:
    """Return a 16 px icon by our name; ``active`` colours its checked state."""
    made = QIcon()
    for state, ink in ((QIcon.State.Off, color), (QIcon.State.On, active or color)):
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
            made.addPixmap(glyph_pixmap(name, ink, 16), mode, state)
    return made


def glyph_pixmap(name: str, color: str, pixels: int) -> QPixmap:
    """Return an icon as a pixmap at the screen's resolution."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    return _pixmap(name, color, pixels, float(ratio))


@cache
def _pixmap(name: str, color: str, pixels: int, ratio: float) -> QPixmap:
    picture = QPixmap(QSize(round(pixels * ratio), round(pixels * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    family, points = _icon_font()
    face = QFont(family)
    face.setPixelSize(pixels)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(face)
    painter.setPen(QColor(color))
    box = QRectF(0, 0, pixels, pixels)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, chr(points[ICONS[name]]))
    painter.end()
    return picture


@cache
def _icon_font() -> tuple[str, dict[str, int]]:
    """Load only the mdi6 face of qtawesome: importing the package loads every set it has (0.3 s)."""
    found = find_spec("qtawesome")
    folder = Path(next(iter(found.submodule_search_locations or ()))) if found else Path()
    face = next(iter(sorted((folder / "fonts").glob("materialdesignicons6-webfont-*.ttf"))))
    charmap = next(iter(sorted((folder / "fonts").glob("materialdesignicons6-*charmap*.json"))))
    number = QFontDatabase.addApplicationFont(str(face))
    names: dict[str, str] = orjson.loads(charmap.read_bytes())
    wanted = set(ICONS.values())
    points = {key: int(value, 16) for key, value in names.items() if key in wanted}
    return QFontDatabase.applicationFontFamilies(number)[0], points


@cache
def _load_fonts() -> None:
    folder = files("ui").joinpath("assets", "fonts")
    for entry in folder.iterdir():
        if entry.name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
            QFontDatabase.addApplicationFontFromData(entry.read_bytes())


def _token_names() -> tuple[str, ...]:
    return tuple(name for name in Theme.__slots__ if name not in ("name", "status_text"))


def _drawn(theme: Theme) -> dict[str, str]:
    panel = QColor(theme.panel)
    plate = f"rgba({panel.red()}, {panel.green()}, {panel.blue()}, 240)"
    tick = files("ui").joinpath("assets", "marks", f"tick_{theme.name}.svg")
    return {
        "plate": plate, "stale_text": theme.status_text["stale"], "stale": FRESHNESS["stale"],
        "tick": Path(str(tick)).as_posix(),
    }  # fmt: skip


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.panel,
        role.WindowText: theme.t1,
        role.Base: theme.panel,
        role.AlternateBase: theme.raised,
        role.Text: theme.t1,
        role.Button: theme.raised,
        role.ButtonText: theme.t1,
        role.BrightText: theme.on_accent,
        role.Highlight: theme.selection,
        role.HighlightedText: theme.t1,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.t1,
        role.PlaceholderText: theme.t3,
        role.Link: theme.accent_text,
        role.LinkVisited: theme.accent_text,
        role.Light: theme.line,
        role.Midlight: theme.line,
        role.Mid: theme.line,
        role.Dark: theme.line2,
        role.Shadow: theme.line,
        role.Accent: theme.accent,
    }
    palette = QPalette()
    for which, color in colors.items():
        palette.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.t3))
    return palette
