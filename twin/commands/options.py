"""Commands on what a person decides about a source among what its format offers."""

from twin.commands.registry import Context, command
from twin.edits import Edit, SetSource
from twin.options import with_option


@command("layers.option")
def choose_option(context: Context, layer: str, option: str, value: str) -> Edit:
    """Choose among what a layer's format offers ("spaces" "on"); its source is opened again."""
    found = context.twin.layer(layer)
    return SetSource(layer, with_option(found.source, found.about, option, value))
