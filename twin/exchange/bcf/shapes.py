"""Where each field of a record stands in the XML of BCF 3.0, and in that of 2.1 where that differs."""

from dataclasses import dataclass, field, replace

from twin.exchange.bcf.binding import Part, Shape
from twin.exchange.bcf.model import (
    NOTHING,
    Bitmap,
    ClippingPlane,
    Coloring,
    Comment,
    Component,
    Document,
    DocumentReference,
    Extensions,
    Frame,
    Hints,
    Line,
    ModelFile,
    Orthogonal,
    Perspective,
    Related,
    Scene,
    Snippet,
    Topic,
    Unknown,
    Viewpoint,
)


@dataclass(frozen=True, slots=True)
class Markup:
    """A topic's document: in 2.1 comments and viewpoints stand beside the topic."""

    topic: Topic
    models: tuple[ModelFile, ...] = ()
    comments: tuple[Comment, ...] = ()
    viewpoints: tuple[Viewpoint, ...] = ()
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class OldReference:
    """A document as 2.1 refers to it: an address, inside of the archive unless external."""

    guid: str = ""
    external: bool = False
    target: str = ""
    description: str = ""
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """The project of a file; ``schema`` is where 2.1 has its allowed values."""

    frame: Frame = field(default_factory=Frame)
    schema: str = ""
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """The list of the documents in a file."""

    documents: tuple[Document, ...] = ()
    more: Unknown = NOTHING


def _camera(record: type, field: str, path: str) -> Shape:
    parts = (
        Part("point", "CameraViewPoint", "vector"),
        Part("direction", "CameraDirection", "vector"),
        Part("up", "CameraUpVector", "vector"),
        Part(field, path, "number"),
        Part("aspect", "AspectRatio", "number"),
    )
    return Shape(record, parts)


def _changed(shape: Shape, **fields: Part | None) -> Shape:
    """Return a shape with other parts for some fields; None leaves one out."""
    parts = [fields.get(part.field, part) for part in shape.parts]
    return replace(shape, parts=tuple(part for part in parts if part is not None))


COMPONENT = Shape(
    Component,
    (
        Part("ifc_guid", "@IfcGuid", "name"),
        Part("system", "OriginatingSystem"),
        Part("tool_id", "AuthoringToolId"),
    ),
)
COLORING = Shape(
    Coloring,
    (
        Part("color", "@Color", "name"),
        Part("components", "Components/Component", COMPONENT, many=True),
    ),
)
HINTS = Shape(
    Hints,
    (
        Part("spaces", "@SpacesVisible", "flag", must=True),
        Part("boundaries", "@SpaceBoundariesVisible", "flag", must=True),
        Part("openings", "@OpeningsVisible", "flag", must=True),
    ),
)
LINE = Shape(Line, (Part("start", "StartPoint", "vector"), Part("end", "EndPoint", "vector")))
PLANE = Shape(
    ClippingPlane, (Part("location", "Location", "vector"), Part("direction", "Direction", "vector"))
)  # fmt: skip
BITMAP = Shape(
    Bitmap,
    (
        Part("format", "Format", "lower"),
        Part("reference", "Reference", "name"),
        Part("location", "Location", "vector"),
        Part("normal", "Normal", "vector"),
        Part("up", "Up", "vector"),
        Part("height", "Height", "number"),
    ),
)
SCENE = Shape(
    Scene,
    (
        Part("selection", "Components/Selection/Component", COMPONENT, many=True),
        Part("visible", "Components/Visibility/@DefaultVisibility", "flag", default=False),
        Part("hints", "Components/Visibility/ViewSetupHints", HINTS),
        Part("exceptions", "Components/Visibility/Exceptions/Component", COMPONENT, many=True),
        Part("coloring", "Components/Coloring/Color", COLORING, many=True),
        Part("orthogonal", "OrthogonalCamera", _camera(Orthogonal, "height", "ViewToWorldScale")),
        Part("perspective", "PerspectiveCamera", _camera(Perspective, "field", "FieldOfView")),
        Part("lines", "Lines/Line", LINE, many=True),
        Part("planes", "ClippingPlanes/ClippingPlane", PLANE, many=True),
        Part("bitmaps", "Bitmaps/Bitmap", BITMAP, many=True),
    ),
)
MODEL_FILE = Shape(
    ModelFile,
    (
        Part("ifc_project", "@IfcProject", "name"),
        Part("spatial_element", "@IfcSpatialStructureElement", "name"),
        Part("external", "@IsExternal", "flag", also="@isExternal", must=True),
        Part("filename", "Filename"),
        Part("date", "Date", "time"),
        Part("reference", "Reference"),
    ),
)
SNIPPET = Shape(
    Snippet,
    (
        Part("type", "@SnippetType"),
        Part("external", "@IsExternal", "flag", also="@isExternal", must=True),
        Part("reference", "Reference", must=True),
        Part("schema", "ReferenceSchema", must=True),
    ),
)
REFERENCE = Shape(
    DocumentReference,
    (
        Part("guid", "@Guid", "guid"),
        Part("document", "DocumentGuid", "guid"),
        Part("url", "Url"),
        Part("description", "Description"),
    ),
)
RELATED = Shape(Related, (Part("guid", "@Guid", "guid"),))
COMMENT = Shape(
    Comment,
    (
        Part("guid", "@Guid", "guid"),
        Part("date", "Date", "time", must=True),
        Part("author", "Author", must=True),
        Part("text", "Comment"),
        Part("viewpoint", "Viewpoint/@Guid", "guid"),
        Part("modified", "ModifiedDate", "time"),
        Part("modified_by", "ModifiedAuthor"),
    ),
)
VIEWPOINT = Shape(
    Viewpoint,
    (
        Part("guid", "@Guid", "guid"),
        Part("file", "Viewpoint", "name"),
        Part("snapshot", "Snapshot", "name"),
        Part("index", "Index", "whole"),
    ),
)
TOPIC = Shape(
    Topic,
    (
        Part("guid", "@Guid", "guid"),
        Part("server_id", "@ServerAssignedId"),
        Part("type", "@TopicType", must=True),
        Part("status", "@TopicStatus", must=True),
        Part("links", "ReferenceLinks/ReferenceLink", many=True),
        Part("title", "Title", must=True),
        Part("priority", "Priority"),
        Part("index", "Index", "whole"),
        Part("labels", "Labels/Label", many=True),
        Part("created", "CreationDate", "time", must=True),
        Part("author", "CreationAuthor", must=True),
        Part("modified", "ModifiedDate", "time"),
        Part("modified_by", "ModifiedAuthor"),
        Part("due", "DueDate", "time"),
        Part("assigned", "AssignedTo"),
        Part("stage", "Stage"),
        Part("description", "Description"),
        Part("snippet", "BimSnippet", SNIPPET),
        Part("documents", "DocumentReferences/DocumentReference", REFERENCE, many=True),
        Part("related", "RelatedTopics/RelatedTopic", RELATED, many=True),
        Part("comments", "Comments/Comment", COMMENT, many=True),
        Part("viewpoints", "Viewpoints/ViewPoint", VIEWPOINT, many=True),
    ),
)
MARKUP = Shape(
    Markup,
    (
        Part("models", "Header/Files/File", MODEL_FILE, many=True),
        Part("topic", "Topic", TOPIC),
    ),
)
DOCUMENT = Shape(
    Document,
    (
        Part("guid", "@Guid", "guid"),
        Part("filename", "Filename", must=True),
        Part("description", "Description"),
    ),
)
EXTENSIONS = Shape(
    Extensions,
    (
        Part("types", "TopicTypes/TopicType", many=True),
        Part("statuses", "TopicStatuses/TopicStatus", many=True),
        Part("priorities", "Priorities/Priority", many=True),
        Part("labels", "TopicLabels/TopicLabel", many=True),
        Part("users", "Users/User", many=True),
        Part("snippets", "SnippetTypes/SnippetType", many=True),
        Part("stages", "Stages/Stage", many=True),
    ),
)
FRAME = Shape(Frame, (Part("project", "@ProjectId", must=True), Part("name", "Name")))
PROJECT = Shape(
    ProjectFile, (Part("frame", "Project", FRAME), Part("schema", "ExtensionSchema", "name"))
)
DOCUMENTS = Shape(
    DocumentFile, (Part("documents", "Documents/Document", DOCUMENT, many=True),)
)  # fmt: skip

# -- 2.1: the same records, other places -------------------------------------------------------

OLD_COLORING = _changed(COLORING, components=Part("components", "Component", COMPONENT, many=True))
OLD_BITMAP = _changed(BITMAP, format=Part("format", "Bitmap", "lower"))
OLD_SCENE = _changed(
    SCENE,
    visible=Part("visible", "Components/Visibility/@DefaultVisibility", "flag", default=True),
    hints=Part("hints", "Components/ViewSetupHints", HINTS),
    coloring=Part("coloring", "Components/Coloring/Color", OLD_COLORING, many=True),
    bitmaps=Part("bitmaps", "Bitmap", OLD_BITMAP, many=True),
)
OLD_REFERENCE = Shape(
    OldReference,
    (
        Part("guid", "@Guid", "guid"),
        Part("external", "@isExternal", "flag", also="@IsExternal"),
        Part("target", "ReferencedDocument", "name"),
        Part("description", "Description"),
    ),
)
OLD_TOPIC = _changed(
    TOPIC,
    links=Part("links", "ReferenceLink", many=True),
    labels=Part("labels", "Labels", many=True),
    documents=Part("documents", "DocumentReference", OLD_REFERENCE, many=True),
    related=Part("related", "RelatedTopic", RELATED, many=True),
    comments=None,
    viewpoints=None,
)
OLD_MARKUP = Shape(
    Markup,
    (
        Part("models", "Header/File", MODEL_FILE, many=True),
        Part("topic", "Topic", OLD_TOPIC),
        Part("comments", "Comment", COMMENT, many=True),
        Part("viewpoints", "Viewpoints", VIEWPOINT, many=True),
    ),
)
