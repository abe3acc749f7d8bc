#!/usr/bin/env bash
# Sets a fresh machine up: Debian packages (where missing and permitted), .venv, pinned dependencies, editable install.
# Idempotent; the second time it only compares a stamp.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=.setup-stamp
key=$(cat scripts/setup.sh constraints.txt pyproject.toml | cksum)
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then
  exit 0
fi

# What Qt, VTK and the tests need besides Python, by Debian's names.
packages=(
  libgl1 libegl1 libgl1-mesa-dri libdbus-1-3 libfontconfig1 libxkbcommon0 libglib2.0-0 fonts-wqy-microhei
  xvfb xauth libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
  libxcb-shape0 libxcb-xkb1 libxcb-util1 libxkbcommon-x11-0 libxcursor1
)

system_packages() {
  command -v dpkg-query >/dev/null 2>&1 || return 0
  local missing=() name state
  for name in "${packages[@]}" "$@"; do
    state=$(dpkg-query -W -f '${Status}' "$name" 2>/dev/null || true)
    [ "$state" = "install ok installed" ] || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      echo "setup: missing system packages: ${missing[*]}" >&2
      echo "setup: please run: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
      return 0
    fi
  fi
  echo "setup: installing ${missing[*]}" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    echo "setup: some of these could not be installed; going on without: ${missing[*]}" >&2
}

find_python() {
  local name
  for name in "${CITYTWIN_PYTHON:-}" python3.11 python3.12 python3.13 python3; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
      command -v "$name"
      return 0
    fi
  done
  echo "setup: needs Python 3.11, 3.12 or 3.13 (set CITYTWIN_PYTHON to its path)" >&2
  return 1
}

python=$(find_python) || { system_packages python3 python3-venv; python=$(find_python); }
system_packages
if [ ! -x .venv/bin/python ]; then
  "$python" -m venv .venv || { system_packages python3-venv; "$python" -m venv --clear .venv; }
fi
echo "setup: installing the pinned dependencies into .venv" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/python -m pip install -q -c constraints.txt -e ".[dev]"
echo "$key" >"$stamp"
