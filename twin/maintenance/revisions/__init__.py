"""Two deliveries of one dataset compared, object by object (MAINTENANCE.md 7)."""

from twin.maintenance.revisions.classify import BUCKETS as BUCKETS
from twin.maintenance.revisions.classify import Pair as Pair
from twin.maintenance.revisions.classify import Revision as Revision
from twin.maintenance.revisions.classify import Side as Side
from twin.maintenance.revisions.classify import Tolerance as Tolerance
from twin.maintenance.revisions.classify import compare as compare
from twin.maintenance.revisions.shapes import Shapes as Shapes
from twin.maintenance.revisions.shapes import Sums as Sums
