#!/usr/bin/env bash
# Runs mypy and all tests in two lanes side by side, each with a display of its own: the window's tests, and all else.
# What the second lane says is printed when the first is through. Further words go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."

said=$(mktemp)
trap 'rm -f "$said"' EXIT
(
  .venv/bin/mypy
  types=$?
  CITYTWIN_TEST_SERVER=120 bash scripts/displayed.sh .venv/bin/python -m pytest --ignore=tests/ui \
    -o cache_dir=.pytest_cache/others "$@" && [ "$types" = 0 ]
) >"$said" 2>&1 &
others=$!
bash scripts/displayed.sh .venv/bin/python -m pytest tests/ui -o cache_dir=.pytest_cache/window "$@"
window=$?
wait "$others"
rest=$?
echo
echo "Types, and the tests beside the window:"
cat "$said"
[ "$window" = 0 ] && [ "$rest" = 0 ]
