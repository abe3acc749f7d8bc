"""Section planes in numpy: what lies on the cut side, and the faces that a cut leaves.

A plane is four numbers (nx, ny, nz, offset): a point p is cut away where ``n @ p > offset``; a box is six
planes with normals outwards. What is cut away by any plane is gone.
"""

from twin.sections.capping import Cap as Cap
from twin.sections.capping import cap_of as cap_of
from twin.sections.moving import Extent as Extent
from twin.sections.moving import extent_of as extent_of
from twin.sections.moving import is_level as is_level
from twin.sections.moving import middle_of as middle_of
from twin.sections.moving import moved as moved
from twin.sections.moving import position as position
from twin.sections.moving import positioned as positioned
from twin.sections.moving import turned as turned
from twin.sections.moving import written as written
from twin.sections.planes import NO_PLANES as NO_PLANES
from twin.sections.planes import box_planes as box_planes
from twin.sections.planes import crossing as crossing
from twin.sections.planes import cut_away as cut_away
from twin.sections.planes import equations as equations
from twin.sections.planes import flipped as flipped
from twin.sections.planes import gone as gone
from twin.sections.planes import is_box as is_box
from twin.sections.planes import lowered as lowered
from twin.sections.planes import plane_through as plane_through
