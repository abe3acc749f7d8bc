"""Two deliveries of one dataset compared, object by object (MAINTENANCE.md 7)."""

from twin.maintenance.revisions.classify import compare as compare
from twin.maintenance.revisions.records import BUCKETS as BUCKETS
from twin.maintenance.revisions.records import Pair as Pair
from twin.maintenance.revisions.records import Revision as Revision
from twin.maintenance.revisions.records import Side as Side
from twin.maintenance.revisions.records import Tolerance as Tolerance
from twin.maintenance.revisions.shapes import Shapes as Shapes
from twin.maintenance.revisions.shapes import Sums as Sums
