#!/usr/bin/env bash
# format.sh [--check]: lays out every C++ file as .clang-format says, or says which are not.
set -euo pipefail
cd "$(dirname "$0")/.."

arguments=(-i)
[ "${1:-}" != --check ] || arguments=(--dry-run --Werror)
git ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h' \
  | xargs -0 -r -n 40 clang-format-19 "${arguments[@]}"
