"""Commands that put a model in the place of a city object, and take it out again."""

from twin.commands.registry import Context, command
from twin.edits import Edit
from twin.errors import UsageError
from twin.replacing import Thing, replace_edit, restore_edit
from twin.scene import Twin


def _thing(twin: Twin, layer: str, id: str) -> Thing:
    found = twin.layer(layer)
    if not id and len(found.assessment.unit_rows()) == 1:
        return Thing(layer, int(found.assessment.unit_rows()[0]))
    row = found.features.rows_by_id.get(id)
    if row is None:
        raise UsageError(reason=f"{found.title} has no object {id!r}")
    return Thing(layer, row)


@command("objects.replace")
def replace_object(context: Context, layer: str, id: str, by: str, by_id: str = "") -> Edit:
    """Replace an object by a model: hidden in every level, its custodian and history taken over.

    ``by`` is the model's layer, ``by_id`` its building ("" = the only one).
    """
    twin = context.twin
    return replace_edit(twin, _thing(twin, by, by_id), _thing(twin, layer, id))


@command("objects.restore")
def restore_object(context: Context, layer: str, id: str = "") -> Edit:
    """Show again what a model replaced: its layer, and its building ("" = the only one)."""
    return restore_edit(context.twin, _thing(context.twin, layer, id))
