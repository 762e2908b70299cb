#!/usr/bin/env bash
# venv.sh DIR REQUIREMENTS [COMMAND...]: a Python environment with exactly these packages, made or
# renewed when the file changed since; COMMAND then runs once with DIR/bin first in PATH. PYTHON
# names another interpreter than python3.
set -euo pipefail

dir=$1 requirements=$2
shift 2
stamp=$dir/installed.stamp
wanted=$(cat "$requirements" "$0" "${@: -1}" 2>/dev/null | sha256sum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi
echo "    installing $requirements into $dir"
rm -rf "$dir"
"${PYTHON:-python3}" -m venv "$dir"
# The old packages come as sources: build them with a setuptools that still knows how.
"$dir/bin/pip" install --quiet --disable-pip-version-check setuptools==80.9.0 wheel==0.45.1
"$dir/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation -r "$requirements"
if [ $# -gt 0 ]; then
  PATH="$PWD/$dir/bin:$PATH" "$@"
fi
echo "$wanted" > "$stamp"
