"""GLB and glTF 2.0 to drawables: shared by the loaders whose contents are glTF."""

from loaders._gltf.document import Document, Reader, parse
from loaders._gltf.model import Model, read_model

__all__ = ["Document", "Model", "Reader", "parse", "read_model"]
