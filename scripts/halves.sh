#!/usr/bin/env bash
# Runs all tests in two halves side by side, each with a display of its own: the window's, and all the others.
# What the second half says is printed when the first is through. Further words go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."

said=$(mktemp)
trap 'rm -f "$said"' EXIT
CITYTWIN_TEST_SERVER=120 bash scripts/displayed.sh .venv/bin/python -m pytest --ignore=tests/ui -o cache_dir=.pytest_cache/others "$@" \
  >"$said" 2>&1 &
others=$!
bash scripts/displayed.sh .venv/bin/python -m pytest tests/ui -o cache_dir=.pytest_cache/window "$@"
window=$?
wait "$others"
rest=$?
echo
echo "The tests beside the window:"
cat "$said"
[ "$window" = 0 ] && [ "$rest" = 0 ]
