#!/usr/bin/env bash
# corpus_coverage.sh: how many lines of each codec the committed fuzz corpus reaches by itself.
# Fails when one is under 95 %; the pages are in build/reports/corpus-coverage.
set -euo pipefail
cd "$(dirname "$0")/.."

lines_min=95
out=build/reports/corpus-coverage
[ -f build/coverage/build.ninja ] || cmake --preset coverage
mapfile -t targets < <(git ls-files -- '*_fuzz.cc' | sed 's|.*/||; s|\.cc$||')
ninja -C build/coverage "${targets[@]}"
find build/coverage -name '*.gcda' -delete
mkdir -p "$out"
for target in "${targets[@]}"; do
  "build/coverage/$target" "fuzz/corpus/${target%_fuzz}"
done
gcovr --root . --object-directory build/coverage \
  --filter 'carillon/(json|ws|http|jwt|resp|msgpack)/' --filter 'carillon/crypto/(aes|fernet)' \
  --filter 'carillon/layer/(capacity|channels_redis|python_json)' \
  --filter 'carillon/(directory/directory_answer|fanout/connection_name|redis/location)' \
  --exclude '.*_(test|fuzz|bench)\.(cc|h)' \
  --exclude-directories CMakeFiles --html-details "$out/index.html" \
  --json-summary "$out/summary.json" --txt 2> "$out/gcovr.log"
python3 tools/coverage_by_module.py "$out/summary.json" "$lines_min"
