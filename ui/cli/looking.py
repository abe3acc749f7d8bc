"""Options of the verbs that draw: how large, in which colours, how fine."""

from typing import Annotated

import typer

from twin.style import PLAIN

OWN = {"own": "", "material": "", "clay": PLAIN}
"""Words of ``--color-by`` for the models' own colours, and for a city of clay."""

Size = Annotated[str, typer.Option(help="Width x height, pixels.")]
By = Annotated[
    str, typer.Option(help="freshness, custodian, kind, source, own, clay or an attribute.")
]
Sse = Annotated[float, typer.Option(help="Screen-space error at which tiles are refined, pixels.")]
