"""The words that Qt itself brings: buttons of dialogs, menus of fields, its file dialog."""

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

KEPT = "citytwin_translator"
"""The property of the application under which its translator stands: it must live as long."""
FILES = {"zh": "qtbase_zh_CN"}
LOCALES = {
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    "zh": QLocale(QLocale.Language.Chinese, QLocale.Country.China),
}


def speak(app: QApplication, language: str) -> None:
    """Let Qt's own words and fields of dates and numbers speak the language of the window."""
    QLocale.setDefault(LOCALES.get(language, LOCALES["en"]))
    old = app.property(KEPT)
    if isinstance(old, QTranslator):
        app.removeTranslator(old)
    made = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language in FILES and made.load(FILES[language], folder):
        app.installTranslator(made)
    app.setProperty(KEPT, made)
