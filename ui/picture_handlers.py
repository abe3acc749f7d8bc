"""What is done with the picture by action name: names over it, pages of it."""

from collections.abc import Callable, Mapping

from ui.city_view import CityView
from ui.desk import Desk
from ui.name_labels import label_table
from ui.poster.exporting import page_table


def picture_table(desk: Desk, shell: object, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of the picture by action name."""
    return {**label_table(desk, shell, view), **page_table(desk, shell, view)}
