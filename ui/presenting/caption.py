"""How old what is shown is, in one line of the window's language."""

from twin.presenting.currency import surveyed
from ui.desk import Desk
from ui.presenting.line import line_of


class FreshnessLine:
    """The line and its status, asked for at every painting and kept while the verdicts are the same."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._key: tuple[object, ...] = ()
        self._said = ("", "")

    def now(self) -> tuple[str, str]:
        """Return the line and the status that its glyph shows; two empty texts without a city."""
        layers = self.desk.session.twin.layers.values()
        key = (
            self.desk.words.language,
            *((x.id, id(x.assessment), id(x.hidden), x.visible) for x in layers),
        )
        if key != self._key:
            found = surveyed(self.desk.session.twin)
            self._key = key
            self._said = (
                ("", "") if found is None else (line_of(self.desk.words, found), found.status)
            )
        return self._said
