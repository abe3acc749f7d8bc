"""The project file and its journal. The only place with SQL.

``Store`` is the port; ``open_project`` and ``create_project`` give one kept in a GeoPackage.
"""

from twin.store.chain import GENESIS, canonical, link
from twin.store.places import AUTOSAVE, SUFFIX, is_share, new_autosave
from twin.store.port import (
    KINDS,
    Chain,
    Committed,
    Conflict,
    Entry,
    Key,
    Override,
    Project,
    Put,
    Since,
    Store,
    Stored,
)
from twin.store.project_file import (
    ProjectFile,
    autosave,
    create_project,
    left_behind,
    open_project,
    sweep,
)

__all__ = [
    "AUTOSAVE", "GENESIS", "KINDS", "SUFFIX", "Chain", "Committed", "Conflict", "Entry", "Key",
    "Override", "Project", "ProjectFile", "Put", "Since", "Store", "Stored", "autosave", "canonical",
    "create_project", "is_share", "left_behind", "link", "new_autosave", "open_project",
    "sweep",
]  # fmt: skip
