#!/usr/bin/env bash
# Runs a command with a display: the given one, else a virtual X server, else Qt's offscreen platform.
set -euo pipefail
if [ -n "${CITYTWIN_TEST_DISPLAY:-}" ]; then
  export DISPLAY="$CITYTWIN_TEST_DISPLAY"
elif command -v xvfb-run >/dev/null 2>&1 && command -v xauth >/dev/null 2>&1; then
  unset WAYLAND_DISPLAY
  export QT_QPA_PLATFORM=xcb
  exec xvfb-run -a -n "${CITYTWIN_TEST_SERVER:-99}" -s "-screen 0 1920x1080x24" "$@"
else
  export QT_QPA_PLATFORM=offscreen
fi
exec "$@"
