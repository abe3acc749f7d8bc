"""``python -m tests.torture --rounds 50``: kill -9 while a project is saved."""

import argparse
import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    """Run the torture test with the wanted number of rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    os.environ["CITYTWIN_TORTURE"] = str(rounds)
    test = Path(__file__).parent.parent / "twin" / "store" / "test_torture.py"
    return int(pytest.main(["-q", "-s", str(test)]))


if __name__ == "__main__":
    sys.exit(main())
