"""What is done with one layer: zoom, retry, another address or system, its problems as a file."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog

from twin.edits import SetSource
from twin.explaining import problem_rows
from twin.scene import LayerId
from ui.city_view import CityView
from ui.desk import Desk
from ui.packing import ask_pack
from ui.panels.crs_dialog import CrsDialog
from ui.panels.drape_dialog import DrapeDialog
from ui.panels.mapping_dialog import MappingDialog
from ui.panels.swap_dialog import SwapDialog

CSV = ("layer", "address", "code", "place", "text")


class LayerHandlers:
    """The functions behind the actions of a layer, by name; each takes the layer's id."""

    def __init__(self, desk: Desk, view: CityView, show_page: Callable[[], None]) -> None:
        self.desk, self.view, self.show_page = desk, view, show_page

    def table(self) -> dict[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "view.fit_layer": self.fit,
            "layers.page": self.page,
            "layers.retry": self.retry,
            "layers.swap": self.swap,
            "layers.crs": self.assign_crs,
            "layers.map": self.map_properties,
            "layers.problems": self.export_problems,
            "layers.drape": self.drape,
            "file.pack": partial(ask_pack, self.desk, self.view),
        }

    def page(self, layer: LayerId = "") -> None:
        """Show the page of a layer; without a name that of the one chosen last, else the first."""
        layers = self.desk.session.twin.layers
        known = self.desk.layer if self.desk.layer in layers else next(iter(layers), "")
        self.desk.layer = layer or known
        self.show_page()

    def fit(self, layer: LayerId) -> None:
        """Fly to a layer."""
        box = self.desk.session.twin.layer(layer).bounds
        if np.isfinite(box).all():
            self.view.fit(box)

    def retry(self, layer: LayerId = "") -> None:
        """Ask again for the tiles that failed, of one layer or of all."""
        session = self.desk.session
        keys = [layer] if layer else list(session.twin.layers)
        count = sum(session.retry(key) for key in keys)
        told = "layer_page.retried" if count else "layer_page.retry_none"
        self.desk.tell(self.desk.say(told, count=self.desk.words.count(count)), "info")

    def swap(self, layer: LayerId) -> None:
        """Ask for another address of a layer; it is opened before the old one goes."""
        dialog = SwapDialog(self.desk, self.view.widget(), self.desk.session.twin.layer(layer))
        if dialog.exec():
            self.desk.session.swap(layer, dialog.address())

    def drape(self, layer: LayerId) -> None:
        """Ask which imagery lies on terrain; its source is opened again under it."""
        dialog = DrapeDialog(self.desk, self.view.widget(), self.desk.session.twin.layer(layer))
        if dialog.exec():
            self.desk.run("layers.drape", layer=layer, imagery=dialog.address())

    def assign_crs(self, layer: LayerId) -> None:
        """Ask for coordinate system and vertical datum of a layer; it is opened again with them."""
        dialog = CrsDialog(self.desk, self.view.widget(), self.desk.session.twin.layer(layer))
        if not dialog.exec():
            return
        before = self.desk.session.twin.layer(layer).source
        ref = replace(before, crs=dialog.crs(), vertical=dialog.vertical())
        self.desk.session.do("layers.crs", SetSource(layer, ref))

    def map_properties(self, layer: LayerId) -> None:
        """Ask which property of a layer is what."""
        found = self.desk.session.twin.layer(layer)
        MappingDialog(self.desk, self.view.widget().window(), found).exec()

    def problems_text(self, layer: LayerId = "") -> str:
        """Return the problems of a layer (of all, without a name) as CSV."""
        layers = self.desk.session.twin.layers
        chosen = [layers[layer]] if layer else list(layers.values())
        out = io.StringIO()
        writer = csv.DictWriter(out, CSV)
        writer.writeheader()
        writer.writerows(problem_rows(chosen, self.desk.words.language))
        return out.getvalue()

    def export_problems(self, layer: LayerId = "") -> None:
        """Ask where and write the problems as CSV."""
        desk = self.desk
        title = desk.say("layer_page.export")
        path, _ = QFileDialog.getSaveFileName(
            self.view.widget(), title, "problems.csv", "CSV (*.csv)"
        )
        if not path:
            return
        try:
            Path(path).write_text(self.problems_text(layer), "utf-8-sig")
        except OSError as error:
            desk.tell(desk.say("save_failed", path=path, reason=str(error)), "error")
            return
        desk.tell(desk.say("saved_to", path=path), "info")
