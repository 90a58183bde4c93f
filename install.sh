#!/usr/bin/env bash
# Sets up .venv with exact versions (constraints.txt). Called by the Makefile; can be run again at any time:
# what is in place already is kept.
#
#   ./install.sh          what a user needs, the embedded model and the embedded corpus included
#   ./install.sh dev      what tests need besides, a browser and nginx included
set -euo pipefail
cd "$(dirname "$0")"

kind=${1:-user}
python=${PYTHON:-python3}
step=preparation
scratch=$(mktemp -d)
trap 'code=$?; finish $code; rm -rf "$scratch"; exit $code' EXIT

say() { step=$1; printf '\n[%s] %s\n' "$(date +%H:%M:%S)" "$1"; }

pip() { .venv/bin/python -m pip --disable-pip-version-check --retries 2 "$@" 2> >(tee -a "$scratch/errors" >&2); }

finish() {
  [ "$1" -eq 0 ] && return
  printf '\nSet-up stopped while %s.\n' "$step"
  if grep -qsiE 'connection broken|failed to establish|name resolution|unreachable|timed out' "$scratch/errors"; then
    echo "The package index could not be reached: check the network. A proxy or mirror goes into pip.conf or PIP_INDEX_URL."
  elif grep -qsi 'no space left' "$scratch/errors"; then
    echo "The disk is full: about 3 GB are needed here and 1 GB in the cache folder."
  fi
  echo "What was finished is kept: run the same command again once the cause is mended."
} >&2

# torch's own line is left out of its constraints: pip would call a missing torch a conflict with itself.
grep -v '^torch==' constraints.txt > "$scratch/constraints"
has_gpu() { command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1; }

say "making the virtual environment .venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Python 3.11 or newer is needed; $python is $("$python" --version). Set PYTHON to another one." >&2; exit 1; }
[ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear .venv

if ! .venv/bin/python -c 'import importlib.metadata as m, sys; sys.exit(m.version("torch").split("+")[0] != "2.13.0")' 2>/dev/null; then
  say "installing torch"
  # Without a GPU, a build that brings CUDA along would cost gigabytes for nothing: look before downloading.
  if ! has_gpu && pip install --quiet --dry-run --report - -c "$scratch/constraints" torch==2.13.0 2>/dev/null |
      grep -qiE '"name": "(nvidia|cuda)-'; then
    # The index offers only the CUDA build; uv knows where torch's CPU builds are published.
    pip install --quiet uv
    .venv/bin/python -m uv pip install --torch-backend=cpu -c "$scratch/constraints" torch==2.13.0
  else
    pip install -c "$scratch/constraints" torch==2.13.0
  fi
fi

say "installing pericles and its libraries"
if [ "$kind" = dev ]; then pip install --quiet --progress-bar on -c constraints.txt -e '.[dev]'
else pip install --quiet --progress-bar on -c constraints.txt -e .; fi

say "fetching the embedded model"
.venv/bin/pericles models pull default

say "fetching the embedded corpus"
.venv/bin/pericles index corpus

if [ "$kind" = dev ]; then
  say "looking for a browser for the tests"
  PATH="$PWD/.venv/bin:$PATH" bash tests/browser/install_chromium.sh
  say "looking for nginx for the tests"
  bash tests/scale/install_nginx.sh
fi
say "done"
