#!/bin/sh
# Resolve the two locks anew: requirements-dev.lock (everything) and requirements.lock (run time, the same versions).
set -eu
cd "$(dirname "$0")/.."
# PyTorch is left out of the locks (requirements-torch.txt installs its CPU build); what it needs is named in pyproject.toml.
overrides=$(mktemp)
trap 'rm -f "$overrides"' EXIT
echo "torch ; sys_platform == 'none'" > "$overrides"
compile() { uv pip compile pyproject.toml --universal --python-version 3.11 --extra postgres --generate-hashes \
  --no-header --no-annotate --quiet --no-emit-package torch --override "$overrides" "$@"; }
compile --group dev --output-file requirements-dev.lock
compile --group build --constraint requirements-dev.lock --output-file requirements.lock
if grep -iE '^(nvidia|torch|triton|cuda)' requirements-dev.lock; then
  echo "The lock must not hold the CUDA stack." >&2; exit 1
fi
