#!/usr/bin/env bash
# Runs mypy and all tests in two lanes side by side, each with a display of its own: the window's tests, and all else,
# the command line and films among it, so that both take about as long.
# What the second lane says is printed when the first is through. Further words go to pytest.
set -uo pipefail
cd "$(dirname "$0")/.."

beside=(tests/ui/cli tests/ui/film)
elsewhere=()
for path in tests/*/ tests/test_*.py; do
  case $path in tests/ui/ | tests/bench/ | tests/data/ | tests/__*) ;; *) elsewhere+=("$path") ;; esac
done
said=$(mktemp)
trap 'rm -f "$said"' EXIT
(
  .venv/bin/mypy
  types=$?
  CITYTWIN_TEST_SERVER=120 bash scripts/displayed.sh .venv/bin/python -m pytest "${elsewhere[@]}" "${beside[@]}" \
    -o cache_dir=.pytest_cache/others "$@" && [ "$types" = 0 ]
) >"$said" 2>&1 &
others=$!
bash scripts/displayed.sh .venv/bin/python -m pytest tests/ui "${beside[@]/#/--ignore=}" -o cache_dir=.pytest_cache/window "$@"
window=$?
wait "$others"
rest=$?
echo
echo "Types, and the tests beside the window:"
cat "$said"
[ "$window" = 0 ] && [ "$rest" = 0 ]
