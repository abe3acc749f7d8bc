"""The menus of the fly-through: routes and what is done with them, keyframes, bars, snap."""

from functools import partial
from typing import Protocol

from PySide6.QtWidgets import QMenu, QWidget

from ui.desk import Desk
from ui.flythrough.control import Flythrough
from ui.panels.parts import offer

SNAPS = (0.0, 0.1, 0.25, 0.5, 1.0, 5.0)
TEMPLATES = ("orbit", "line", "tour", "descend")


class Host(Protocol):
    """What menus need of the panel."""

    desk: Desk
    control: Flythrough | None

    def act(self, what: str) -> None:
        """Do something by name."""
        ...

    def edit(self, track: str, key: int, t: float) -> None:
        """Open a form."""
        ...


def _menu(host: Host) -> tuple[QMenu, Flythrough]:
    control = host.control
    assert control is not None
    parent = host if isinstance(host, QWidget) else None
    return QMenu(parent), control


def route_menu(host: Host) -> QMenu:
    """Return the routes to choose from, and what is done with them."""
    menu, control = _menu(host)
    say, act = host.desk.say, host.desk.act
    for key, route in control.routes.items():
        entry = offer(menu, route.title, partial(control.choose, key))
        entry.setCheckable(True)
        entry.setChecked(key == control.kept.route)
    if control.routes:
        menu.addSeparator()
    offer(menu, say("flythrough.new"), partial(act, "flythrough.new"))
    inside = menu.addMenu(say("flythrough.templates"))
    for name in TEMPLATES:
        offer(
            inside, say(f"flythrough.template.{name}"), partial(act, "flythrough.template", name)
        )
    offer(inside, say("flythrough.template.file"), partial(act, "flythrough.follow"))
    offer(menu, say("flythrough.import"), partial(act, "flythrough.import"))
    stored = control.stored
    if stored is None:
        return menu
    for name in ("rename", "duplicate", "export"):
        offer(menu, say(f"flythrough.{name}"), partial(act, f"flythrough.{name}"))
    offer(menu, say("flythrough.remove"), partial(act, "flythrough.remove"))
    menu.addSeparator()
    loop = offer(
        menu,
        say("flythrough.loop"),
        lambda: control.set_route("routes.set", loop=not stored.loop),
    )
    loop.setCheckable(True)
    loop.setChecked(stored.loop)
    wait = offer(menu, say("flythrough.hold"), lambda: control.hold(not control.kept.patient))
    wait.setCheckable(True)
    wait.setChecked(control.kept.patient)
    offer(menu, say("flythrough.check"), partial(act, "flythrough.check"))
    return menu


def key_menu(host: Host, number: int) -> QMenu:
    """Return what is done with a keyframe."""
    menu, control = _menu(host)
    say = host.desk.say
    offer(menu, say("flythrough.edit"), partial(host.edit, "camera", number, 0.0))
    offer(menu, say("flythrough.recapture"), partial(control.recapture, number))
    for name in ("copy", "cut", "paste", "duplicate_keys", "remove_keys"):
        what = {"duplicate_keys": "duplicate", "remove_keys": "remove"}.get(name, name)
        entry = offer(menu, say(f"flythrough.{name}"), partial(host.act, what))
        entry.setEnabled(name != "paste" or bool(control.kept.copied))
    return menu


def bar_menu(host: Host, track: str, number: int) -> QMenu:
    """Return what is done with a bar."""
    menu, control = _menu(host)
    say = host.desk.say
    offer(menu, say("flythrough.edit"), partial(host.edit, track, number, control.t))
    offer(menu, say("flythrough.remove_bar"), partial(host.act, "remove"))
    return menu


def row_menu(host: Host, track: str, t: float) -> QMenu:
    """Return what is done with a place in a track where nothing is."""
    menu, control = _menu(host)
    say = host.desk.say
    if track == "camera":
        offer(menu, say("flythrough.key_here"), partial(control.capture, t))
        offer(menu, say("flythrough.key_on_way"), partial(control.insert, t))
        paste = offer(menu, say("flythrough.paste"), partial(host.act, "paste"))
        paste.setEnabled(bool(control.kept.copied))
    else:
        offer(menu, say(f"flythrough.say.{track}"), partial(host.edit, track, -1, t))
    muted = track in control.kept.muted
    words = "flythrough.unmute" if muted else "flythrough.mute"
    offer(menu, say(words), partial(control.mute, track))
    return menu


def snap_menu(host: Host) -> QMenu:
    """Return the steps that dragged things fall into."""
    menu, control = _menu(host)
    for step in SNAPS:
        words = host.desk.say("flythrough.snap", step=f"{step:g}") if step else ""
        entry = offer(
            menu, words or host.desk.say("flythrough.snap_off"), partial(control.set_snap, step)
        )
        entry.setCheckable(True)
        entry.setChecked(control.kept.snap == step)
    return menu
