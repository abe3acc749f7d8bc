"""Writes the one invented object of the sample city: a demolished kiosk, so that the status 'retired' occurs.

Usage: python scripts/make_kiosk.py sample_models/kiosk.city.json
"""

import json
import sys
from pathlib import Path

WEST, SOUTH, GROUND = 85072.0, 447456.0, 0.6
LENGTH, WIDTH, HEIGHT = 4.0, 3.0, 2.7
FACES = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))


def main() -> None:
    """Write the file named by the first argument."""
    millimetres = [
        [round(1000 * x * LENGTH), round(1000 * y * WIDTH), round(1000 * z * HEIGHT)]
        for z in (0, 1)
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    kiosk = {
        "type": "Building",
        "attributes": {
            "note": "invented for demonstration: no such kiosk is known to have stood here",
            "bronhouder": "G0503",
            "creationDate": "2010-05-01",
            "terminationDate": "2021-07-01",
        },
        "geometry": [
            {"type": "Solid", "lod": "1", "boundaries": [[[list(face)] for face in FACES]]}
        ],
    }
    city = {
        "type": "CityJSON",
        "version": "2.0",
        "metadata": {
            "title": "Demonstration object",
            "referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415",
        },
        "transform": {"scale": [0.001] * 3, "translate": [WEST, SOUTH, GROUND]},
        "CityObjects": {"demonstration-kiosk": kiosk},
        "vertices": millimetres,
    }
    Path(sys.argv[1]).write_text(json.dumps(city, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
