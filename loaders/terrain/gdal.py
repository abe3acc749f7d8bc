"""Grids through GDAL (rasterio), with no other driver, no other file and no network in reach.

GDAL chooses a driver by a file's content, and a document may name other files, a command line or an
address. All drivers but four are switched off before the library registers them, a file is opened with
the one driver of its suffix; of the files beside it only overviews, masks and world files are looked for.
"""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loaders._gdal_files import checked_file
from twin.errors import BrokenFile, NotSupported, TooLarge
from twin.files import is_remote

DRIVERS = {"tif": "GTiff", "tiff": "GTiff", "asc": "AAIGrid", "hgt": "SRTMHGT"}
"""Suffix -> the one driver that reads it."""
SHOWN = {"GTiff": "GeoTIFF", "AAIGrid": "ASCII grid", "SRTMHGT": "SRTM"}
SKIPPED = (
    "ACE2 ADRG AIG AVCBin AVCE00 AirSAR BAG BIGGIF BLX BMP BSB BT BYN CALS CEOS COASP COSAR CPG CTG CTable2 DAAS "
    "DERIVED DIMAP DIPEx DOQ1 DOQ2 DTED ECRGTOC EEDA EEDAI EHdr EIR ELAS ENVI ERS ESAT ESRIC ESRIJSON FAST FIT GFF "
    "GIF GNMDatabase GNMFile GPKG GRASSASCIIGrid GRIB GS7BG GSAG GSBG GSC GTI GTX GXF GenBin GeoJSON GeoJSONSeq "
    "HDF5 HDF5Image HF2 HFA HTTP ILWIS IRIS ISCE ISG ISIS2 ISIS3 JAXAPALSAR JDEM JP2OpenJPEG KMLSUPEROVERLAY KRO L1B "
    "LAN LCP LOSLAS Leveller MAP MBTiles MFF MFF2 MRF MSGN MVT NDF NGSGEOID NITF NOAA_B NSIDCbin NTv2 NWT_GRC "
    "NWT_GRD OSM OZI PAux PCIDSK PCRaster PDF PDS PDS4 PLMOSAIC PNM PRF R RIK RMF ROI_PAC RPFTOC RRASTER RS2 RST "
    "Rasterlite S102 S104 S111 SAFE SAGA SAR_CEOS SDTS SENTINEL2 SGI SIGDEM SNAP_TIFF SNODAS SQLite SRP STACIT "
    "STACTA TGA TIL TSX Terragen TopoJSON USGSDEM VICAR VRT WCS WMS WMTS XPM XYZ ZMap Zarr netCDF GDALG"
)
"""Drivers that are switched off: they open other files, ask servers, or are not wanted here."""
OPTIONS: dict[str, Any] = {
    "GDAL_SKIP": SKIPPED.replace(" ", ","),
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_NUM_THREADS": "2",
    "GDAL_CACHEMAX": 128,
}
MOST_BYTES = 1 << 40
MOST_SIDE = 10_000_000
HEAD = 64
CUT = ("TIFFRead", "TIFFFill", "IReadBlock", "Unexpected end")
"""What the library says of a file whose blocks do not lie where its head says."""
_MAGIC = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


def checked(location: str) -> Path:
    """Return the path of a file that may be handed to the library. Raises OpenError."""
    if is_remote(location):
        advice = "Download the file and open the copy."
        raise NotSupported(location=location, what="a grid on a server", advice=advice)
    path, head = checked_file(location, MOST_BYTES, HEAD)
    suffix = path.suffix.lstrip(".").lower()
    if suffix == "vrt":
        advice = (
            "It only names other files and addresses. Open those, or make one GeoTIFF of them."
        )
        raise NotSupported(location=location, what="a VRT", advice=advice)
    if DRIVERS.get(suffix) == "GTiff" and not head.startswith(_MAGIC):
        reason = "the file is empty" if not head else "its first bytes are others"
        raise BrokenFile(location=location, format="GeoTIFF", reason=reason)
    return path


@contextmanager
def opened(location: str, **options: Any) -> Iterator[Any]:
    """Open a grid with its one driver; what the library raises is an error of the twin.

    Raises OpenError.
    """
    path = checked(location)
    driver = DRIVERS[path.suffix.lstrip(".").lower()]
    before = os.environ.get("GDAL_SKIP")
    os.environ["GDAL_SKIP"] = OPTIONS["GDAL_SKIP"]  # read whenever drivers are registered
    try:
        import rasterio
        from rasterio.errors import RasterioError

        logging.getLogger("rasterio").setLevel(logging.CRITICAL)  # it says all twice
        try:
            with (
                _quiet(),
                rasterio.Env(**OPTIONS),
                rasterio.open(_named(path), driver=driver, sharing=False, **options) as found,
            ):
                _limit(location, found)
                yield found
        except (RasterioError, ValueError, OSError, MemoryError) as error:
            reason = str(error.__cause__ or error).replace(str(path), path.name)
            reason = (reason.splitlines() or [type(error).__name__])[0].rstrip(". ")
            if any(word in reason for word in CUT):
                reason = f"it is cut off or damaged ({reason})"
            raise BrokenFile(location=location, format=SHOWN[driver], reason=reason) from error
    finally:
        if before is None:
            os.environ.pop("GDAL_SKIP", None)
        else:
            os.environ["GDAL_SKIP"] = before


def system_of(grid: Any) -> str:
    """Return the system of a grid as WKT, '' where it names none.

    In WKT 1 Web Mercator has an extension that seems to name a grid file: there it is WKT 2.
    """
    if grid.crs is None:
        return ""
    plain = str(grid.crs.to_wkt())
    return plain if "EXTENSION[" not in plain else str(grid.crs.to_wkt(version="WKT2_2019"))


@contextmanager
def _quiet() -> Iterator[None]:
    """Let no warning of the library out: a grid without a place is told in words of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _named(path: Path) -> str:
    """Return the path as the library gets it: absolute, so that no part of it is read as a scheme."""
    return str(path.resolve())


def _limit(location: str, grid: Any) -> None:
    side = max(grid.width, grid.height)
    if side > MOST_SIDE:
        raise TooLarge(location=location, what="the side of the grid", size=side, limit=MOST_SIDE)
    if not grid.count:
        raise BrokenFile(location=location, format="grid", reason="it has no band")
