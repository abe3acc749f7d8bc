"""Commands on the rules by which the city is judged."""

from twin.commands.registry import Context, command
from twin.edits import Edit
from twin.judging import rules_edit, rules_of, with_file


def _with_rules(context: Context, kind: str, path: str) -> Edit:
    return rules_edit(context.twin, with_file(rules_of(context.twin), kind, path))


@command("rules.policy")
def use_policy(context: Context, path: str) -> Edit:
    """Judge by the policies of a TOML file ("" = none)."""
    return _with_rules(context, "policy", path)


@command("rules.custodians")
def use_custodians(context: Context, path: str) -> Edit:
    """Take parties and responsibilities from a TOML file ("" = none)."""
    return _with_rules(context, "custodians", path)


@command("rules.evidence")
def use_evidence(context: Context, path: str) -> Edit:
    """Take evidence of change from a TOML file ("" = none)."""
    return _with_rules(context, "evidence", path)
