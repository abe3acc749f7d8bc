"""``orders proposals`` and ``orders accept``: newer deliveries held against open orders."""

from collections import Counter
from typing import Any

import orjson

from twin.errors import UsageError
from twin.maintenance.orders.finding import order_of
from twin.maintenance.orders.parties import party_id
from twin.maintenance.orders.verdicts import LOST, Proposal
from twin.maintenance.orders.wording import state_word
from twin.messages import text
from twin.proposals import Note, Proposing
from twin.session import Session
from ui.cli.loading import opened
from ui.cli.opening import AsJson, At, Lang, Opening
from ui.cli.orders_shared import By, ProjectFile, Which, answer, book_of, checked, orders_app


@orders_app.command("proposals")
def proposals(
    project: ProjectFile, at: At = "", as_json: AsJson = False, lang: Lang = "en"
) -> None:
    """Say what newer deliveries mean for open orders; nothing is changed."""
    session = opened([str(checked(project))], Opening(lang=lang, at=at), index=False)
    try:
        found = _found(session)
        orders = dict(session.twin.records["orders"])
    finally:
        session.close()
    if as_json:
        told = {
            "proposals": [_document(one, orders[one.order].number) for one in found.found],
            "notes": [_note(one, lang) for one in found.notes],
        }
        print(orjson.dumps(told).decode())
        return
    for one in found.found:
        order = orders[one.order]
        counts = ", ".join(f"{n} {name}" for name, n in Counter(one.objects.values()).items())
        facts = {"number": order.number, "state": state_word(order.state, lang), "counts": counts,
                 "delivery": one.delivery, "verdict": text(f"orders.proposal.{one.verdict}", lang)}  # fmt: skip
        print(text("orders.proposal.line", lang, **facts))
    for note in found.notes:
        print(_note(note, lang)["text"])
    if not found.found:
        print(text("orders.proposal.none", lang))


def _found(session: Session) -> Proposing:
    work = session.proposing()
    work.finish()
    return work


def _document(one: Proposal, number: int) -> dict[str, Any]:
    return {
        "order": one.order,
        "number": number,
        "proposal": one.verdict,
        "state": one.state or None,
        "needs_person": one.needs_person,
        "text": text(f"orders.proposal.{one.verdict}"),
        "base": one.base,
        "delivery": one.delivery,
        "objects": [{"uid": uid, "verdict": verdict} for uid, verdict in one.objects.items()],
    }


def _note(note: Note, lang: str) -> dict[str, Any]:
    facts = {"base": note.base, "delivery": note.delivery, "reason": note.reason}
    said = text(f"orders.proposal.{note.code}", lang, **facts)
    return {"dataset": note.dataset, "base": note.base, "delivery": note.delivery,
            "code": note.code, "text": said}  # fmt: skip


@orders_app.command("accept")
def accept(
    project: ProjectFile,
    order: Which,
    by: By,
    at: At = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Accept what is proposed for an order now; four eyes and roles are checked as by hand."""
    session = opened([str(checked(project))], Opening(lang=lang, at=at), index=False)
    try:
        one = order_of(session.twin.records["orders"], order)
        party_id(session.rules, by)
        found = next((x for x in _found(session).found if x.order == one.id), None)
        if found is None:
            raise UsageError(reason=text("orders.refused.no_proposal", order=one.number))
        lost = ",".join(uid for uid, verdict in found.objects.items() if verdict == LOST)
        before = set(session.twin.records["orders"])
        words = {"order": one.id, "verdict": found.verdict, "delivery": found.delivery, "by": by,
                 "lost": lost, "at": str(session.at)}  # fmt: skip
        session.run("orders.accept", **words)
        kept = session.twin.records["orders"]
        told = [kept[key] for key in kept if key == one.id or key not in before]
        book = book_of(session.twin, session.rules, told, str(session.at), lang)
        party = party_id(session.rules, by)
    finally:
        session.close()
    answer(book, told, party, as_json)
