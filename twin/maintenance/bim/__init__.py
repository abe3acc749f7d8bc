"""Which buildings should have BIM: a score with its parts, rules of jurisdictions, the best set for a budget.

MAINTENANCE.md 4. Pure functions over columns; every weight stands in ``presets/bim.toml``, every rule with
its source in ``presets/packs.toml``.
"""

from twin.maintenance.bim.inputs import Candidates as Candidates
from twin.maintenance.bim.knapsack import Sets as Sets
from twin.maintenance.bim.knapsack import best_sets as best_sets
from twin.maintenance.bim.method import PARTS as PARTS
from twin.maintenance.bim.method import Method as Method
from twin.maintenance.bim.method_files import read_method as read_method
from twin.maintenance.bim.method_files import read_packs as read_packs
from twin.maintenance.bim.scoring import Scores as Scores
from twin.maintenance.bim.scoring import score as score
from twin.maintenance.bim.selection import Choice as Choice
from twin.maintenance.bim.selection import Wanted as Wanted
from twin.maintenance.bim.selection import choose as choose
from twin.maintenance.bim.stability import Stability as Stability
from twin.maintenance.bim.stability import stability as stability
from twin.maintenance.bim.triggers import Applied as Applied
from twin.maintenance.bim.triggers import applied as applied
