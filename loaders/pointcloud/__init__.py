"""Point clouds as files: LAS 1.0 to 1.4, LAZ and COPC.

A cloud is a tree of tiles in which every point stands once: coarse tiles hold points far apart, finer ones
the points between them. COPC brings its tree along; other files get one made when they are opened. The
classes of a cloud are its objects, so that they are hidden, coloured and counted like others.
"""

from dataclasses import dataclass

from twin.ports import Options, Probe, Source, new_source

SIGNATURE = b"LASF"


@dataclass(frozen=True, slots=True)
class PointCloud:
    """The loader."""

    format: str = "pointcloud"
    suffixes: tuple[str, ...] = ("las", "laz")
    version: str = "3"

    def recognise(self, probe: Probe) -> int:
        """Know it by its first four bytes; by its name where a file has others."""
        if probe.is_folder:
            return 0
        if probe.head.startswith(SIGNATURE):
            return 95
        return 40 if probe.name.endswith((".las", ".laz")) else 0

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        return new_source("loaders.pointcloud.source:PointSource", location, options)


LOADER = PointCloud()
