"""Options of the verbs that draw: how large, in which colours, how fine."""

from typing import Annotated

import typer

OWN = {"own": "", "material": ""}
"""Words of ``--color-by`` for the models' own colours."""

Size = Annotated[str, typer.Option(help="Width x height, pixels.")]
By = Annotated[str, typer.Option(help="freshness, custodian, kind, source, own or an attribute.")]
Sse = Annotated[float, typer.Option(help="Screen-space error at which tiles are refined, pixels.")]
