"""Bytes -> members of a city model, one at a time: what was read is let go of. Files are untrusted.

No document type is accepted (entities that expand, files that are fetched); nesting and texts have
libxml2's own limits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from loaders.citygml.elements import Element
from loaders.citygml.names import CITYGML, MEMBERS, VERSIONS, is_extension, local
from loaders.citygml.streams import FORMAT, Counted
from loaders.citygml.streams import document as opened
from loaders.citygml.versions import Versions
from twin.errors import BrokenFile, NotSupported
from twin.jobs import Feedback
from twin.records import Problem

ROOTS = ("CityModel", "FeatureCollection")
HEADER = ("boundedBy", "name", "description", "engineeringCRS")
READ = (*MEMBERS, *VERSIONS, "appearanceMember", *HEADER)


@dataclass(slots=True)
class Document:
    """A file and what its outermost element said, filled while members are read.

    ``namespaces`` of the outermost element by prefix; ``title`` and ``description`` of the model;
    ``srs`` and ``dimension`` of its envelope ('' and 0 = not said); ``complete`` members were read.
    """

    location: str
    feedback: Feedback
    namespaces: dict[str, str] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    srs: str = ""
    dimension: int = 0
    complete: int = 0
    versions: Versions = field(default_factory=Versions)
    problems: list[Problem] = field(default_factory=list)

    @property
    def version(self) -> str:
        """Return the version as 'major.minor', '' where no namespace tells."""
        for uri in self.namespaces.values():
            if uri.startswith(CITYGML):
                return uri.rpartition("/")[2]
        return ""

    @property
    def extensions(self) -> tuple[str, ...]:
        """Return the namespaces of extensions (ADE) that the outermost element declares."""
        return tuple(sorted({uri for uri in self.namespaces.values() if is_extension(uri)}))

    def members(self) -> Iterator[Element]:
        """Yield the features of the model; each is emptied after it was used. Raises OpenError, Cancelled."""
        for property_ in self._properties():
            name = local(property_.tag)
            if name in MEMBERS:
                yield from (child for child in property_ if isinstance(child.tag, str))
                self.complete += 1
            elif name in VERSIONS:
                for child in property_:
                    self.versions.add(child)

    def everything(self) -> Iterator[Element]:
        """Yield all properties of the model that are read. Raises OpenError, Cancelled."""
        yield from self._properties()

    def _properties(self) -> Iterator[Element]:
        with opened(self.location) as stream:
            try:
                yield from self._parsed(stream)
            except etree.XMLSyntaxError as error:
                reason = self._reason(error)
                raise BrokenFile(location=self.location, format=FORMAT, reason=reason) from error

    def _reason(self, error: etree.XMLSyntaxError) -> str:
        said = str(error.msg or error).strip()
        if self.complete:
            return f"{said}; {self.complete} objects before it are whole"
        return said or "the file is empty"

    def _parsed(self, stream: Counted) -> Iterator[Element]:
        context: Any = etree.iterparse(
            stream, events=("start", "end"), tag=[f"{{*}}{name}" for name in (*ROOTS, *READ)],
            resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
            remove_comments=True, remove_pis=True, huge_tree=False,
        )  # fmt: skip
        root: Element | None = None
        for event, element in context:
            if root is None:
                root = element.getroottree().getroot()
                self._root(root)
            if event == "end" and element.getparent() is root:
                self._header(element)
                self.feedback.check()
                self.feedback.progress(0.7 * stream.share, "read")
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del root[0]
        if root is None:
            self._root(context.root)

    def _root(self, root: Element) -> None:
        if root.getroottree().docinfo.internalDTD is not None:
            raise NotSupported(
                location=self.location,
                what="a document type (DOCTYPE), which CityGML does not need and which can be made to harm,",
                advice="Remove it and open the file again.",
            )
        name = local(root.tag)
        if name not in ROOTS:
            reason = f"its outermost element is {name}, not CityModel"
            raise BrokenFile(location=self.location, format=FORMAT, reason=reason)
        self.namespaces = {prefix or "": uri for prefix, uri in root.nsmap.items()}

    def _header(self, element: Element) -> None:
        name = local(element.tag)
        if name == "name":
            self.title = self.title or (element.text or "").strip()
        elif name == "description":
            self.description = self.description or (element.text or "").strip()
        elif name == "boundedBy":
            for inner in element.iter():
                self.srs = self.srs or (inner.get("srsName") or "").strip()
                said = inner.get("srsDimension") or ""
                self.dimension = self.dimension or (int(said) if said in ("2", "3") else 0)
