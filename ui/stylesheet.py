"""The style sheet as one template over the tokens; sizes in logical pixels, no shadow, no gradient."""

from string import Template

STYLESHEET = Template(
    """
QMainWindow, QDialog { background: $win; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QWidget#panel, QWidget#centre, QStackedWidget#panel, QScrollArea#panel, QFrame#panel {
  background: $panel; border: none; }
QScrollArea { background: transparent; border: none; }
QLabel { background: transparent; color: $t1; }
QLabel[tone="t2"] { color: $t2; }
QLabel[tone="t3"] { color: $t3; }
QLabel[tone="accent"] { color: $accent_text; }
QLabel[tone="stale"] { color: $stale_text; }
QToolTip { background: $raised; color: $t1; border: 1px solid $line2; padding: 4px 6px; }

QMenuBar { background: $win; color: $t1; padding: 0 8px; spacing: 0; }
QMenuBar::item { padding: 7px 9px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $panel; color: $t1; border: 1px solid $line2; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 10px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $t3; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }

QWidget#toolbar { background: $panel; border-bottom: 1px solid $line; }
QWidget#statusbar { background: $win; border-top: 1px solid $line; }
QWidget#strip { background: $panel; border-top: 1px solid $line; }
QWidget#strip[past="true"] { border-top: 1px solid $line; border-bottom: 2px solid $caution_edge; }
QWidget#dockhead { background: $panel; border-bottom: 1px solid $line; }
QWidget#footer { background: $panel; border-top: 1px solid $line; }
QFrame#hline { background: $line; max-height: 1px; min-height: 1px; border: none; }
QFrame#vline { background: $line; max-width: 1px; min-width: 1px; border: none; }
QDockWidget { background: $panel; border: none; }

QToolButton { background: transparent; color: $t2; border: none; border-radius: 5px; padding: 0 9px;
  min-height: 28px; }
QToolButton:hover { background: $hover; color: $t1; }
QToolButton:checked { background: $selection; color: $accent_text; }
QToolButton:disabled { color: $t3; }
QToolButton:focus { border: 2px solid $accent; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[kind="icon"] { padding: 0; min-width: 26px; max-width: 26px; min-height: 26px;
  max-height: 26px; }
QToolButton[kind="link"] { color: $accent_text; padding: 0 2px; min-height: 20px; }
QToolButton[kind="link"]:disabled { color: $t3; }
QToolButton[kind="link"]:hover { background: transparent; text-decoration: underline; }
QToolButton[kind="segment"] { border: 1px solid $line2; border-radius: 0; background: transparent;
  padding: 0 12px; min-height: 26px; margin-left: -1px; color: $t1; }
QToolButton[kind="segment"]:checked { background: $selection; color: $accent_text; }
QToolButton[kind="segment"]:hover:!checked { background: $hover; }
QToolButton[kind="segment"][place="first"] { border-top-left-radius: 5px;
  border-bottom-left-radius: 5px; margin-left: 0; }
QToolButton[kind="segment"][place="last"] { border-top-right-radius: 5px;
  border-bottom-right-radius: 5px; }
QToolButton[kind="segment"]:focus { border: 2px solid $accent; }
QToolButton[kind="go"] { background: $accent; border: 1px solid $accent; padding: 0; }
QToolButton[kind="go"]:hover { border-color: $t1; }
QToolButton[kind="go"]:disabled { background: $raised; border-color: $line2; }
QToolButton[kind="go"]:focus { border: 2px solid $t1; }
QToolButton[kind="plate"] { background: $plate; border: 1px solid $line; border-radius: 6px;
  color: $t2; min-height: 30px; padding: 0 10px; }
QToolButton[kind="plate"]:hover { background: $raised; }

QToolButton#viewpoint { background: $raised; border: 1px solid $line2; border-radius: 5px; padding: 0;
  color: $t3; }
QToolButton#viewpoint:hover { border-color: $accent; }
QToolButton#viewpoint:focus { border: 2px solid $accent; }

QPushButton { background: $raised; color: $t1; border: 1px solid $line2; border-radius: 5px;
  padding: 0 12px; min-height: 26px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $selection; }
QPushButton:disabled { color: $t3; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border: 1px solid $accent; }
QPushButton[primary="true"]:hover { border-color: $t1; }
QPushButton[primary="true"]:disabled { background: $raised; color: $t3; border: 1px solid $line2; }
QPushButton:focus { border: 2px solid $accent; padding: 0 11px; min-height: 24px; }
QPushButton[primary="true"]:focus { border: 2px solid $t1; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QDateTimeEdit, QPlainTextEdit {
  background: $input; color: $t1; border: 1px solid $line2; border-radius: 5px; padding: 0 8px;
  min-height: 26px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QDateTimeEdit:focus,
QPlainTextEdit:focus { border: 2px solid $accent; padding: 0 7px; min-height: 24px; }
QLineEdit:disabled { color: $t3; }
QComboBox::drop-down, QDateTimeEdit::drop-down { border: none; width: 22px; }
QComboBox QAbstractItemView { background: $panel; color: $t1; border: 1px solid $line2;
  selection-background-color: $selection; selection-color: $t1; padding: 4px; outline: none; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
  width: 16px; border: none; background: transparent; }
QCheckBox, QRadioButton { color: $t1; spacing: 8px; background: transparent; min-height: 24px; }
QCheckBox:focus, QRadioButton:focus { color: $accent_text; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $line2; border-radius: 3px;
  background: $input; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
  image: url("$tick"); }
QCheckBox::indicator:indeterminate { background: $t3; border-color: $line2; }
QRadioButton::indicator { width: 13px; height: 13px; border: 1px solid $line2; border-radius: 7px;
  background: $input; }
QRadioButton::indicator:checked { border: 4px solid $accent; width: 7px; height: 7px; }

QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; color: $t2; padding: 0 2px; margin: 0 14px 0 0; height: 32px;
  border: none; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $t1; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $t1; }
QTabBar::tab:focus { color: $accent_text; }

QTableView, QTreeView, QListView { background: $panel; color: $t1; border: none; outline: none;
  gridline-color: $line; selection-background-color: $selection; selection-color: $t1; }
QTableView:focus, QListView:focus { border: 1px solid $accent; }
QTableView#mapping::item { padding: 0 5px; border: none; border-bottom: 1px solid $line; }
QListView#groups { padding: 8px; }
QListView#groups::item { padding: 7px 10px; border-radius: 5px; color: $t1; }
QListView#groups::item:selected { background: $selection; color: $accent_text; }
QListView#systems { border: 1px solid $line2; border-radius: 4px; }
QListView#systems::item { padding: 4px 8px; color: $t1; }
QListView#systems::item:selected { background: $selection; color: $accent_text; }
QListView#choices::item { padding: 5px 6px; border-radius: 5px; color: $t1; }
QListView#choices::item:selected { background: $selection; color: $t1; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $t2; border: none; border-bottom: 1px solid $line;
  padding: 0 8px; height: 27px; }
QTableCornerButton::section { background: $panel; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $line2; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $t3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSlider { min-height: 22px; background: transparent; }
QSlider::groove:horizontal { height: 4px; background: $line2; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $t1; border: 2px solid $panel; width: 14px; height: 14px;
  margin: -7px 0; border-radius: 9px; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; }
QProgressBar { background: $line2; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QFrame#plate { background: $plate; border: 1px solid $line; border-radius: 6px; }
QFrame#toast { background: $raised; border: 1px solid $line2; border-radius: 6px; }
QFrame#toast[kind="error"] { border-left: 4px solid $stale; }
QFrame#note { background: $raised; border: 1px solid $line; border-left: 4px solid $line2;
  border-radius: 5px; }
QFrame#note[kind="caution"] { background: $caution; border: 1px solid $caution_edge;
  border-left: 4px solid $caution_edge; }
QWidget#lane, QListView#lane { background: $win; border: none; border-radius: 5px; }
QWidget#board, QScrollArea#board { background: $panel; }
QFrame#card { background: $panel; border: 1px solid $line2; border-radius: 6px; }
QFrame#card:hover { border-color: $accent; }
QFrame#card[primary="true"] { background: $accent; border-color: $accent; }
QFrame#card[primary="true"] QLabel { color: $on_accent; }
QFrame#card:focus { border: 2px solid $t1; }
QFrame#drop { background: transparent; border: 1px dashed $line2; border-radius: 6px; }
QFrame#startpage { background: $panel; border: 1px solid $line2; border-radius: 6px; }
QLabel#key { border: 1px solid $line2; border-radius: 4px; color: $t2; padding: 1px 5px; }
QLabel#chip { background: $raised; border: 1px solid $line; border-radius: 4px; padding: 2px 7px; }
QPushButton#chip { background: transparent; border: 1px solid $accent; border-radius: 4px;
  color: $accent_text; padding: 0 7px; min-height: 20px; }
QPushButton#search { background: $input; color: $t3; text-align: left; padding: 0 10px 0 30px; }
"""
)
"""Filled with the tokens of a ``Theme`` by ``ui.theme.apply``."""
