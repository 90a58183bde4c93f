#!/usr/bin/env bash
# Makes sure that the browser tests find a Chromium: the system's own, or else the one that Playwright downloads.
# Usage: tests/browser/install_chromium.sh [PYTHON]   (PYTHON has Playwright; default: .venv/bin/python or python3)
set -uo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        echo "The browser tests use $(command -v "$name")."
        exit 0
    fi
done

if [ -n "${1:-}" ]; then
    python=$1
elif [ -x .venv/bin/python ]; then
    python=.venv/bin/python
else
    python=python3
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    echo "Installing Chromium with apt-get (about 100 MB) …"
    if "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium &&
        command -v chromium >/dev/null; then
        exit 0
    fi
    echo "apt-get could not install Chromium; trying Playwright's own." >&2
fi

# Already there from an earlier time? Then Playwright returns at once.
echo "Installing the Chromium that belongs to Playwright …"
if "$python" -m playwright install chromium; then
    exit 0
fi

echo "No Chromium for the browser tests: install chromium or google-chrome so that it is on PATH, or check the network" \
    "and run \`$python -m playwright install --with-deps chromium\`." >&2
exit 1
