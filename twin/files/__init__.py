"""Bytes from anywhere: a folder, an archive's members, a server. Addresses never leave their root.

An *address* is a plain relative name with ``/`` (``tiles/0/1.b3dm``); a *reference* is what stands
in a document (``../%E5%BB%BA.b3dm?v=2``). ``resolve`` turns one into the other and refuses what
leads outside, so a hostile document cannot read other files.
"""

from twin.files.access import access_of as access_of
from twin.files.access import use as use
from twin.files.addresses import LIMIT as LIMIT
from twin.files.addresses import Root as Root
from twin.files.addresses import is_remote as is_remote
from twin.files.answers import evict as evict
from twin.files.archive import Archive as Archive
from twin.files.asking import asking as asking
from twin.files.folder import Folder as Folder
from twin.files.keys import lifted as lifted
from twin.files.package import Package as Package
from twin.files.packed import unpacked as unpacked
from twin.files.roots import is_archive as is_archive
from twin.files.roots import open_document as open_document
from twin.files.roots import open_root as open_root
from twin.files.roots import read_reference as read_reference
from twin.files.roots import resolve as resolve
from twin.files.server import Server as Server
