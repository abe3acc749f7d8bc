"""What others do where nobody has measured a rate: published update cycles, each with where it stands.

Only rows that were read in the named source. The sentences are in the catalogue under ``plan.practice.<id>``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Practice:
    """One published rule: ``low`` to ``high`` years between updates, for ``subject``; ``read_at`` is the page."""

    id: str
    source: str
    subject: str
    low: float
    high: float
    read_at: str


PRACTICE = (
    Practice("os_built", "Ordnance Survey", "built development", 0.5, 0.5, "ordnancesurvey.co.uk"),
    Practice("os_tidal", "Ordnance Survey", "tidal", 1, 1, "ordnancesurvey.co.uk"),
    Practice("os_sweep", "Ordnance Survey", "everything", 2, 10, "ordnancesurvey.co.uk"),
    Practice("swisstopo", "swissBUILDINGS3D 2.0", "buildings", 6, 6, "swisstopo.admin.ch"),
    Practice("usgs", "USGS 3DEP", "terrain", 8, 8, "usgs.gov"),
    Practice("helsinki", "Helsinki", "textured mesh", 2, 2, "hri.fi"),
    Practice("3dbag", "3DBAG", "buildings", 2 / 12, 10 / 12, "docs.3dbag.nl"),
    Practice("nanping", "Nanping 南平", "maps and imagery", 3, 5, "jianbiaoku.com 9208"),
    Practice("cn_province", "CN", "provincial products", 10, 10, "jianbiaoku.com 57227"),
    Practice("cn_city", "CN", "city and county products", 5, 5, "jianbiaoku.com 57227"),
    Practice("ohsome", "OSM / ohsome", "default", 3, 8, "ohsome-quality-api thresholds.yaml"),
    Practice("ohsome_roads", "OSM / ohsome", "roads and stops", 4, 8, "ohsome-quality-api thresholds.yaml"),
    Practice("ohsome_rail", "OSM / ohsome", "rail", 8, 11, "ohsome-quality-api thresholds.yaml"),
    Practice("ohsome_shops", "OSM / ohsome", "shops and food", 2, 4, "ohsome-quality-api thresholds.yaml"),
    Practice("streetcomplete", "StreetComplete", "unpaved surface", 4, 4, "github.com/streetcomplete issue 2883"),
)  # fmt: skip
"""For ohsome ``low`` is the age up to which a thing is up to date, ``high`` the one from which it is not."""
