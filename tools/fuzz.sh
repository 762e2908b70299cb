#!/usr/bin/env bash
# fuzz.sh [--seconds N] [TARGET...]: runs fuzz targets (all of them without a name) for N seconds
# each, one on each processor, starting from their committed corpus. New inputs go to
# build/fuzz-corpus, a crash and what each target printed to build/reports/fuzz; add what is worth
# keeping to fuzz/corpus with -merge=1. A finding does not keep the other targets from their turn;
# it is named at the end, and the exit status is 1.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=60
if [ "${1:-}" = --seconds ]; then
  seconds=$2
  shift 2
fi
[ -f build/fuzz/build.ninja ] || cmake --preset fuzz
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  mapfile -t targets < <(git ls-files -- '*_fuzz.cc' | sed 's|.*/||; s|\.cc$||')
fi
targets=("${targets[@]%_fuzz}")
ninja -C build/fuzz "${targets[@]/%/_fuzz}"

mkdir -p build/reports/fuzz
rm -f build/reports/fuzz/*.found

# run TARGET: one target's time; what it printed is shown when it ends, so that two do not mix.
run() {
  local target=$1 corpora=("build/fuzz-corpus/$1") dictionary=()
  local log=build/reports/fuzz/$1.log
  mkdir -p "build/fuzz-corpus/$target"
  [ ! -d "fuzz/corpus/$target" ] || corpora+=("fuzz/corpus/$target")
  [ ! -f "fuzz/$target.dict" ] || dictionary=("-dict=fuzz/$target.dict")
  "build/fuzz/${target}_fuzz" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
    -print_final_stats=1 -artifact_prefix="build/reports/fuzz/$target-" "${dictionary[@]}" \
    "${corpora[@]}" > "$log" 2>&1 || touch "build/reports/fuzz/$target.found"
  printf '==> %s for %s s\n%s\n' "$target" "$seconds" "$(tail -n 15 "$log")"
}

# One on each processor.
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
    wait -n || true
  done
  run "$target" &
done
wait

found=(build/reports/fuzz/*.found)
if [ -e "${found[0]}" ]; then
  found=("${found[@]##*/}")
  echo "findings in: ${found[*]%.found} (the inputs are in build/reports/fuzz)" >&2
  exit 1
fi
