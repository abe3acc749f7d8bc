"""Commands on results of analyses that are kept in the project."""

from dataclasses import replace

from twin.analyses.results import Result
from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError


@command("results.keep")
def keep_result(context: Context, id: str, title: str = "") -> Edit:
    """Keep a result of this session in the project, with its stamp."""
    found = context.answers.get(id)
    if not isinstance(found, Result):
        raise UsageError(reason=f"there is no result {id!r} in this session")
    return SetRecord("results", id, replace(found, title=title.strip() or found.title))


@command("results.rename")
def rename_result(context: Context, id: str, title: str) -> Edit:
    """Give a kept result another title."""
    if not title.strip():
        raise UsageError(reason="a title cannot be empty")
    return SetRecord("results", id, replace(_known(context, id), title=title.strip()))


@command("results.remove")
def remove_result(context: Context, id: str) -> Edit:
    """Remove a kept result; several at once as "id,id"."""
    ids = [one for one in (part.strip() for part in id.split(",")) if one]
    for one in ids:
        _known(context, one)
    return Together(tuple(SetRecord("results", one, None) for one in ids))


def _known(context: Context, key: str) -> Result:
    found = context.twin.records["results"].get(key)
    if not isinstance(found, Result):
        raise UsageError(reason=f"there is no kept result {key!r}")
    return found
