"""A setting changed in the window: it holds at once and is kept."""

from twin import settings as settings_file
from twin.errors import TwinError
from twin.settings import with_values
from ui.desk import Desk


def set_setting(desk: Desk, name: str, value: object) -> bool:
    """Set a setting, keep it, and return whether it is another one now; what goes wrong is told."""
    try:
        changed = with_values(desk.session.settings, {name: value}, name)
    except TwinError as error:
        desk.tell(desk.error_text(error), "error")
        return False
    if changed == desk.session.settings:
        return False
    desk.session.set_settings(changed)
    try:
        settings_file.save(changed)
    except OSError as error:
        path = str(settings_file.settings_file())
        desk.tell(desk.say("save_failed", path=path, reason=str(error)), "error")
    return True
