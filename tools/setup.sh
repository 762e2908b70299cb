#!/usr/bin/env bash
# setup.sh SECTION...: installs what is missing of those sections of tools/apt-packages.txt.
# Asks nothing and changes nothing when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(awk -v wanted=" $* " '
  /^\[/ { keep = index(wanted, " " substr($0, 2, length($0) - 2) " ") > 0; next }
  keep && NF && $1 !~ /^#/ { print $1 }' tools/apt-packages.txt)

# One directory a section set, so that ./run and ./test do not undo each other's stamp.
stamp=build/setup/$(printf '%s-' "$@")stamp
wanted=$(sha256sum <<< "$packages")
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi

if ! command -v dpkg-query > /dev/null; then
  echo "This is no Debian or Ubuntu: please see to the equivalents of these packages yourself:"
  echo "  ${packages//$'\n'/ }"
  exit 0
fi

missing=()
for package in $packages; do
  if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed; then
    missing+=("$package")
  fi
done

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "Some packages are missing, and installing them takes root. Please run" >&2
    echo "  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    echo "and then this command again." >&2
    exit 1
  fi
  echo "    installing ${#missing[@]} packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p build/setup
  if ! { apt-get update -q && apt-get install -qy --no-install-recommends "${missing[@]}"; } \
      > build/setup/apt.log 2>&1; then
    tail -n 20 build/setup/apt.log >&2
    echo "apt-get failed; the whole story is in build/setup/apt.log" >&2
    exit 1
  fi
fi

mkdir -p build/setup
echo "$wanted" > "$stamp"
