"""The verb ``keys``: secrets that go to servers, kept in the platform's keyring and never printed."""

import sys
from typing import Annotated

import typer

from twin.errors import UsageError
from twin.files.keys import delete_key, kept, set_key, variable

keys_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Host = Annotated[str, typer.Argument(help="The server: HOST or HOST:PORT.")]
Header = Annotated[str, typer.Option(help="Name of the header that carries the value.")]
Query = Annotated[str, typer.Option(help="Name of the query value.")]


@keys_app.callback()
def keys_() -> None:
    """Keys that go to servers. Where no keyring is, ``CITYTWIN_KEY_<HOST>`` stands for it."""


@keys_app.command("set")
def set_(host: Host, header: Header = "", query: Query = "") -> None:
    """Keep a key for a host; its value is asked for, or read from the standard input."""
    if bool(header) == bool(query):
        raise UsageError(reason="name --header NAME or --query NAME")
    if sys.stdin.isatty():
        value = str(typer.prompt("Value", hide_input=True))
    else:
        value = sys.stdin.readline().rstrip("\r\n")
    set_key(host, header or query, value, header=bool(header))
    print(f"{host}: kept")


@keys_app.command("list")
def list_() -> None:
    """List hosts and the names, never the values, of what goes there."""
    for host, names in sorted(kept().items()):
        print(f"{host}  {', '.join(names)}  ({variable(host)} comes before)")


@keys_app.command("delete")
def delete_(host: Host) -> None:
    """Forget the keys of a host."""
    delete_key(host)
    print(f"{host}: forgotten")
