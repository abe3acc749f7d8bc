"""Records a fixed walk through a location as PNG files and prints what memory, time and gaps did.

Usage: python scripts/record_walk.py LOCATION --out DIR [--budget-mb N] [--frames 1800]
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.bench.walk import main

if __name__ == "__main__":
    main()
