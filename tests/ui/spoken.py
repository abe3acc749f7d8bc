"""What a window says: texts that are not in its language, and things that a screen reader cannot name."""

import re
from collections.abc import Iterator

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollBar,
    QWidget,
)

from ui.window import Window

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{3,}")
TAG = re.compile(r"<[^>]*>")
SAID = (
    "text", "toolTip", "placeholderText", "accessibleName", "windowTitle", "title", "statusTip", "suffix", "prefix",
    "specialValueText",
)  # fmt: skip
NAMES = re.compile(
    r"(?:[\d.,]+\s)?(English|CAD|Blender|LoD|Esc|BCF( 3\.0)?|JSON|CSV|XLSX|PDF|PNG|JPEG|SVG|DXF|KML|GeoJSON|GeoPackage|IFC|CRS"
    r"|WGS 84|EPSG:\d+|UTC|[A-Z]\w+/[A-Z]\w+|min|.*\.twin\.gpkg|H\.264|MP4|MPEG|fps|kEUR|EUR|Space|Ctrl.*|Shift.*|Alt.*|F\d+|\*\..*|Inter)…?"
)
"""Names, units (after a number or alone) and keys that are the same in every language."""


def texts(thing: QObject) -> Iterator[str]:
    """Yield everything a widget or an action says."""
    for name in SAID:
        said = getattr(thing, name, None)
        if said is not None and isinstance(thing, QWidget | QAction):
            try:
                found = said()
            except TypeError:  # a property of that name that takes an argument
                continue
            if isinstance(found, str):
                yield found
    if isinstance(thing, QComboBox):
        yield from (thing.itemText(at) for at in range(thing.count()))


def widgets(window: Window) -> Iterator[QWidget]:
    """Yield the widgets of the window as it stands; those of before another language may linger."""
    for root in (
        *window.docks,
        window.bar,
        window.tools,
        window.strip.as_of,
        window.start,
        window.legend,
        window.status,
    ):
        yield from (root, *root.findChildren(QWidget))


def untranslated(window: Window, known: frozenset[str]) -> list[str]:
    """Return what a Chinese window says in Latin letters alone; ``known`` are words of the data."""
    found = set()
    for thing in (*widgets(window), *window.acts.by_name.values()):
        for said in texts(thing):
            plain = TAG.sub("", said).strip()
            foreign = LATIN.search(plain) and not CHINESE.search(plain)
            if foreign and not NAMES.fullmatch(plain) and not any(x in plain for x in known):
                found.add(f"{type(thing).__name__}: {plain}")
    return sorted(found)


CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView, QAbstractSlider, QAbstractSpinBox)  # fmt: skip
PARTS = re.compile(r"qt_.*")
"""Names of the parts that Qt builds its own widgets of."""


def nameless(window: Window) -> list[str]:
    """Return the controls that a screen reader can only call by their kind."""
    buddies = {id(one.buddy()) for one in widgets(window) if isinstance(one, QLabel)}
    found = []
    for thing in widgets(window):
        if not isinstance(thing, CONTROLS) or isinstance(thing, QHeaderView | QScrollBar):
            continue
        above = thing.parent()
        inner = isinstance(above, QComboBox | QAbstractSpinBox | QLineEdit)
        popup = type(above).__name__ == "QComboBoxPrivateContainer" or (
            isinstance(thing, QAbstractItemView)
            and isinstance(above, QWidget)
            and above.isWindow()
        )
        if (
            PARTS.fullmatch(thing.objectName())
            or inner
            or popup
            or id(thing) in buddies
            or thing.isHidden()
        ):
            continue
        if not any(
            getattr(thing, name, lambda: "")()
            for name in ("accessibleName", "text", "placeholderText")
        ):
            found.append(f"{type(thing).__name__} {thing.objectName()} in {type(above).__name__}")
    return found
