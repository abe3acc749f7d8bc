"""Orders as drafts of letters: one a custodian (RFC 5322, ``X-Unsent: 1``), with a table. Nothing is sent.

To and Cc come from the parties of the project: the custodian, who works for it, and from the second
level of escalation on the roles of MAINTENANCE.md 2. Equal orders give equal bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import NAMESPACE_URL, uuid5

from twin.maintenance.exports.order_calendar import moment
from twin.maintenance.orders.book import Book, sentence, table
from twin.maintenance.orders.due import level
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import is_open
from twin.messages import text
from twin.tables import as_csv

TOLD = {2: ("supervisor",), 3: ("supervisor", "owner"), 4: ("supervisor", "owner", "steering")}
"""Level of escalation -> the roles whose parties get a copy."""
_STAMP = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[^\w.-]+")
_BREAK = re.compile(r"[\r\n]+")


def letters(book: Book) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, bytes) of a draft for each party that answers for open orders."""
    groups: dict[str, list[WorkOrder]] = {}
    for order in sorted(book.orders, key=lambda x: (x.number, x.id)):
        if is_open(order):
            groups.setdefault(order.accountable, []).append(order)
    used: set[str] = set()
    for party in sorted(groups):
        stem = _NAME.sub("-", party).strip("-.") or "nobody"
        name, number = stem, 2
        while name.casefold() in used:
            name, number = f"{stem}-{number}", number + 1
        used.add(name.casefold())
        yield f"{name}.eml", _letter(replace(book, orders=tuple(groups[party])), party)


def write(book: Book) -> bytes:
    """Return a zip archive of all drafts; its members have one time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in letters(book):
            member = zipfile.ZipInfo(name, _STAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return stream.getvalue()


def _letter(book: Book, party: str) -> bytes:
    say, orders = book.language, book.orders
    who = book.shown(party) or text("orders.mail.nobody", say)
    letter = EmailMessage(policy=SMTP)
    letter["X-Unsent"] = "1"
    letter["Date"] = format_datetime(moment(book.at))
    letter["Message-ID"] = f"<{uuid5(NAMESPACE_URL, _key(book, party))}@citytwin>"
    addressed = _addresses(book, [party])
    if addressed:
        letter["To"] = addressed
    copied = _addresses(book, _copied(book, party))
    if copied:
        letter["Cc"] = copied
    subject = text("orders.mail.subject", say, count=len(orders), project=book.project)
    letter["Subject"] = _BREAK.sub(" ", subject)
    lines = [text("orders.mail.greeting", say, party=who), ""]
    lines += [text("orders.mail.text", say, count=len(orders)), ""]
    lines += [sentence(book, order) for order in orders]
    lines += ["", text("orders.mail.end", say)]
    if not addressed:
        lines += ["", text("orders.mail.no_address", say, party=who)]
    letter.set_content("\n".join(lines) + "\n", charset="utf-8", cte="quoted-printable")
    content = as_csv(table(book), bom=True)
    letter.add_attachment(content, maintype="text", subtype="csv", filename="orders.csv")
    letter.set_boundary(f"=={uuid5(NAMESPACE_URL, _key(book, party)).hex}==")
    return letter.as_bytes()


def _key(book: Book, party: str) -> str:
    return f"{party}:{book.at}:{','.join(f'{x.id}.{x.revision}' for x in book.orders)}"


def _copied(book: Book, party: str) -> list[str]:
    """Return who gets a copy: who works on the orders, and the roles that late ones go up to."""
    found = [order.assignee for order in book.orders]
    highest = max((level(order, book.at) for order in book.orders), default=-1)
    for role in TOLD.get(highest, ()):
        found += book.roles.get(role, ())
    return [x for x in dict.fromkeys(found) if x and x != party]


def _addresses(book: Book, parties: Iterable[str]) -> list[Address]:
    found = []
    for party in parties:
        email = book.email(party)
        local, at, domain = email.rpartition("@")
        if at and local and domain and not _BREAK.search(email):
            found.append(Address(_BREAK.sub(" ", book.shown(party)), local, domain))
    return found
