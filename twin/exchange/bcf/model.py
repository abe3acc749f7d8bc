"""Topics, comments, viewpoints: frozen records of what a BCF file says, in the terms of BCF 3.0.

Guids are lower case; times are texts of ``xs:dateTime`` as they were said, '' = not said; coordinates
are metres in the coordinates of the model itself, directions have any length. What a record has no
field for stands in its ``more`` and is written again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from twin.records import Problem

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Attributes (name, value) and elements (canonical XML) that no schema of ours has."""

    attributes: tuple[tuple[str, str], ...] = ()
    elements: tuple[str, ...] = ()


NOTHING = Unknown()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A member of the archive by name: below its topic's folder, or below the root. Bytes by hash."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The bytes of attachments with this SHA-256."""

    id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that a topic is about; ``reference`` is an address, inside of the archive unless external."""

    filename: str = ""
    date: str = ""
    reference: str = ""
    ifc_project: str = ""
    spatial_element: str = ""
    external: bool = True
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of data in a schema of its own."""

    type: str = ""
    reference: str = ""
    schema: str = ""
    external: bool = False
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """A document: ``document`` is the guid of one in the archive, else ``url`` leads to it."""

    guid: str
    document: str = ""
    url: str = ""
    description: str = ""
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Document:
    """A document in the archive: its bytes are the attachment ``documents/<guid>``."""

    guid: str
    filename: str = ""
    description: str = ""
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Related:
    """Another topic that this one has to do with; it need not be in the file."""

    guid: str
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said, perhaps about a viewpoint (its guid)."""

    guid: str
    date: str = ""
    author: str = ""
    text: str = ""
    viewpoint: str = ""
    modified: str = ""
    modified_by: str = ""
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Component:
    """An object: by its IfcGuid, or by the id that a system other than IFC gave it."""

    ifc_guid: str = ""
    system: str = ""
    tool_id: str = ""
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Coloring:
    """Objects to be shown in one colour: RRGGBB, or AARRGGBB."""

    color: str
    components: tuple[Component, ...] = ()
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Perspective:
    """A camera with a vertical field of view in degrees; ``aspect`` is width / height."""

    point: Vector
    direction: Vector
    up: Vector
    field: float = 60.0
    aspect: float = 1.0
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """A camera without perspective: ``height`` metres of the model fill the picture from top to bottom."""

    point: Vector
    direction: Vector
    up: Vector
    height: float = 10.0
    aspect: float = 1.0
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Hints:
    """Whether virtual objects are seen where the default says nothing of them."""

    spaces: bool = False
    boundaries: bool = False
    openings: bool = False
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Line:
    """A line drawn into the scene."""

    start: Vector
    end: Vector
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class ClippingPlane:
    """A plane that cuts the scene; ``direction`` points to the side that is not seen."""

    location: Vector
    direction: Vector
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture in the scene: centre, normal, upwards, height in metres; ``reference`` is its file."""

    format: str
    reference: str
    location: Vector
    normal: Vector
    up: Vector
    height: float = 1.0
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Scene:
    """What a viewpoint shows. ``visible``: whether objects are seen unless they are ``exceptions``;
    None = nothing is said of it."""

    selection: tuple[Component, ...] = ()
    visible: bool | None = None
    hints: Hints | None = None
    exceptions: tuple[Component, ...] = ()
    coloring: tuple[Coloring, ...] = ()
    orthogonal: Orthogonal | None = None
    perspective: Perspective | None = None
    lines: tuple[Line, ...] = ()
    planes: tuple[ClippingPlane, ...] = ()
    bitmaps: tuple[Bitmap, ...] = ()
    more: Unknown = NOTHING

    def components(self) -> tuple[Component, ...]:
        """Return every object the scene names: selected, excepted, coloured."""
        colored = tuple(x for coloring in self.coloring for x in coloring.components)
        return (*self.selection, *self.exceptions, *colored)


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A view of a topic: ``file`` and ``snapshot`` are names in the topic's folder ('' = none)."""

    guid: str
    file: str = ""
    snapshot: str = ""
    index: int | None = None
    scene: Scene | None = None
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Topic:
    """An issue with all that was said and shown of it. ``outside`` is what stood beside it in its file."""

    guid: str
    title: str = ""
    type: str = ""
    status: str = ""
    priority: str = ""
    index: int | None = None
    labels: tuple[str, ...] = ()
    created: str = ""
    author: str = ""
    modified: str = ""
    modified_by: str = ""
    due: str = ""
    assigned: str = ""
    stage: str = ""
    description: str = ""
    server_id: str = ""
    links: tuple[str, ...] = ()
    snippet: Snippet | None = None
    documents: tuple[DocumentReference, ...] = ()
    related: tuple[Related, ...] = ()
    comments: tuple[Comment, ...] = ()
    viewpoints: tuple[Viewpoint, ...] = ()
    models: tuple[ModelFile, ...] = ()
    files: tuple[Attachment, ...] = ()
    outside: Unknown = NOTHING
    more: Unknown = NOTHING

    def viewpoint(self, guid: str) -> Viewpoint | None:
        """Return a viewpoint by its guid."""
        return next((x for x in self.viewpoints if x.guid == guid), None)

    def file(self, name: str) -> Attachment | None:
        """Return an attachment by its name in the topic's folder."""
        return next((x for x in self.files if x.name == name), None)

    @property
    def touched(self) -> str:
        """Return when the topic was last changed or commented, as said."""
        return max([self.created, self.modified, *(x.modified or x.date for x in self.comments)])


@dataclass(frozen=True, slots=True)
class Extensions:
    """The values that a project allows; empty lists allow anything."""

    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    snippets: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands round the topics of a file: project, allowed values, documents, other files of the root.

    ``outside`` and ``listing`` are what stood beside the project and beside the documents in their files.
    """

    project: str = ""
    name: str = ""
    extensions: Extensions = Extensions()
    documents: tuple[Document, ...] = ()
    files: tuple[Attachment, ...] = ()
    outside: Unknown = NOTHING
    listing: Unknown = NOTHING
    more: Unknown = NOTHING


@dataclass(frozen=True, slots=True)
class Bcf:
    """A whole file: topics in the order of their index, then of their creation; bytes by SHA-256."""

    topics: tuple[Topic, ...] = ()
    frame: Frame = Frame()
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    version: str = "3.0"
    problems: tuple[Problem, ...] = ()
