"""What a topic's page says, as items of a sheet: what is missing, words, comments, objects, documents."""

from twin.exchange.bcf.model import Component, Topic, Viewpoint
from twin.scene import CityObject
from twin.topics.changes import frame_of, topics_of
from twin.topics.links import SYSTEM, components_in, found_in
from ui.desk import Desk
from ui.panels.sheet_items import Field, Heading, Item, Link
from ui.panels.topic_rows import day_of

MOST_OBJECTS = 200
"""Objects of a topic that are listed one by one."""


def items_of(desk: Desk, topic: Topic) -> list[Item]:
    """Return the items of a topic's page, without what stands in its head."""
    words = topic.description
    return [
        *([Field(desk.say("topics.description"), words)] if words else []),
        *_comments(desk, topic),
        *_objects(desk, topic),
        Heading(desk.say("topics.details")),
        *_facts(desk, topic),
        *_documents(desk, topic),
        *_related(desk, topic),
    ]


def _facts(desk: Desk, topic: Topic) -> list[Item]:
    rows = (
        ("type", topic.type),
        ("priority", topic.priority),
        ("assigned", topic.assigned),
        ("due", desk.words.date(day_of(topic.due)) if topic.due else ""),
        ("stage", topic.stage),
        ("labels", ", ".join(topic.labels)),
        ("created", _signed(desk, topic.created, topic.author)),
        ("modified", _signed(desk, topic.modified, topic.modified_by)),
        ("models", ", ".join(x.filename or x.reference for x in topic.models)),
    )
    return [Field(desk.say(f"topics.{name}"), text) for name, text in rows if text]


def _signed(desk: Desk, date: str, author: str) -> str:
    parts = [desk.words.date(day_of(date)) if date else "", author]
    return ", ".join(filter(None, parts))


def _comments(desk: Desk, topic: Topic) -> list[Item]:
    found: list[Item] = [
        Heading(desk.say("topics.comments"), desk.words.count(len(topic.comments)))
    ]
    for comment in topic.comments:
        who = desk.say(
            "topics.said", author=comment.author or desk.say("topics.nobody"), text=comment.text
        )
        day = desk.words.table_date(day_of(comment.date))
        if comment.text:
            found.append(Field(day, who))
        view = topic.viewpoint(comment.viewpoint)
        if view is not None:
            found.append(
                Link("" if comment.text else day, view_name(desk, topic, view), uri=view_uri(view))
            )
    return (
        found if topic.comments else [*found, Field("", desk.say("topics.no_comments"), tone="t3")]
    )


def view_name(desk: Desk, topic: Topic, view: Viewpoint) -> str:
    """Return how a viewpoint is called: by its place in the list."""
    return desk.say("topics.viewpoint", number=topic.viewpoints.index(view) + 1)


def view_uri(view: Viewpoint) -> str:
    """Return the address by which a sheet leads to a viewpoint."""
    return f"viewpoint:{view.guid}"


def _objects(desk: Desk, topic: Topic) -> list[Item]:
    """Return the objects a topic is about: those found lead to themselves, the others say so."""
    components = components_in(topic)
    if not components:
        return []
    found: list[Item] = [Heading(desk.say("topics.objects"), desk.words.count(len(components)))]
    found += [_object(desk, item) for item in components[:MOST_OBJECTS]]
    more = len(components) - MOST_OBJECTS
    if more > 0:
        found.append(
            Field("", desk.say("topics.more_objects", count=desk.words.count(more)), tone="t3")
        )
    return found


def _object(desk: Desk, item: Component) -> Item:
    for layer in desk.session.twin.layers.values():
        rows = found_in(layer, item)
        if rows:
            thing = CityObject(layer, rows[0])
            return Link(desk.kind(thing.kind), desk.title(thing), layer=layer.id, row=rows[0])
    name = item.ifc_guid or (
        item.tool_id.partition(" ")[2] if item.system == SYSTEM else item.tool_id
    )
    return Field(desk.say("topics.not_open"), name, tone="t3")


def _documents(desk: Desk, topic: Topic) -> list[Item]:
    named = {x.guid: x.filename for x in frame_of(desk.session.twin).documents}
    found: list[Item] = [_web(desk, "link", link, link) for link in topic.links]
    for item in topic.documents:
        title = item.description or named.get(item.document, item.document)
        found.append(_web(desk, "document", item.url or title, item.url))
    if topic.snippet is not None:
        found.append(_web(desk, "snippet", topic.snippet.reference, topic.snippet.reference))
    return (
        [Heading(desk.say("topics.documents"), desk.words.count(len(found))), *found]
        if found
        else []
    )


def _web(desk: Desk, kind: str, text: str, address: str) -> Item:
    label = desk.say(f"topics.{kind}")
    safe = address.lower().startswith(("https://", "http://"))
    return Link(label, text, uri=address) if safe else Field(label, text)


def _related(desk: Desk, topic: Topic) -> list[Item]:
    topics = topics_of(desk.session.twin)
    found: list[Item] = [
        Link(topics[x.guid].status, topics[x.guid].title, uri=f"topic:{x.guid}")
        if x.guid in topics
        else Field(desk.say("topics.not_here"), x.guid, tone="t3")
        for x in topic.related
    ]
    return (
        [Heading(desk.say("topics.related"), desk.words.count(len(found))), *found]
        if found
        else []
    )
