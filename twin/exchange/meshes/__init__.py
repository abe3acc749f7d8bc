"""Objects as meshes for other programs: glTF 2.0 binary (GLB) and Wavefront OBJ."""

from twin.exchange.meshes.gltf import write_glb as write_glb
from twin.exchange.meshes.obj import write_obj as write_obj
from twin.exchange.meshes.pieces import Piece as Piece
from twin.exchange.meshes.pieces import Pieces as Pieces
from twin.exchange.meshes.pieces import Scene as Scene

FORMATS = ("glb", "obj")
