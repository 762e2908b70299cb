#!/usr/bin/env bash
# lint.sh [--changed]: clang-tidy over all sources but tests, or over those that differ from main.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -f build/dev/compile_commands.json ] || cmake --preset dev > /dev/null
if [ "${1:-}" = --changed ]; then
  base=$(git merge-base HEAD main 2> /dev/null || git rev-parse HEAD)
  files=$({ git diff --name-only --diff-filter=d "$base"; git ls-files -o --exclude-standard; } \
    | grep -E '\.cc$' | sort -u || true)
else
  files=$(git ls-files -- 'carillon/*.cc' 'cmd/*.cc' 'examples/*.cc' | grep -v '_test\.cc$')
fi
# What this configuration does not compile (a fuzz target, a module's first file) has no command.
known=$(sed -n 's/^ *"file": "\(.*\)".*/\1/p' build/dev/compile_commands.json)
files=$(for file in $files; do grep -qxF "$PWD/$file" <<< "$known" && echo "$file"; done || true)
[ -n "$files" ] || exit 0
xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/dev --quiet --warnings-as-errors='*' <<< "$files"
