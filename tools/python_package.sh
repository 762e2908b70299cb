#!/usr/bin/env bash
# python_package.sh [DJANGO [JUNIT_XML [PYTEST_ARGUMENT...]]]: the Python package of clients/python
# with one version of Django (4.2, 5.2 or newest, the default): builds wheel and sdist, lints,
# checks the types, and tests the installed wheel with the real program of CARILLON_BIN, else of
# build/release. Environments and results lie in build/.
#
# The newest Django takes a newer Python than the oldest distribution that we build on has: where
# none is found, the newest for python3 is tested instead, and it says so.
set -euo pipefail
cd "$(dirname "$0")/.."

django=${1:-newest}
junit=$(realpath -m "${2:-build/reports/junit/python-django-$django.xml}")
shift $(($# < 2 ? $# : 2))
requirements=clients/python/requirements
if [ ! -f "$requirements/django-$django.txt" ]; then
  echo "there is no $requirements/django-$django.txt" >&2
  exit 2
fi

# The first Python from 3.12 on, in PATH or where pyenv keeps them.
newer_python() {
  local python
  for python in python3 python3.14 python3.13 python3.12 \
      "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2> /dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

python=python3
if [ "$django" = newest ] && ! python=$(newer_python); then
  echo "    no Python 3.12 or later is here: Django 5.2 in place of the newest"
  django=5.2 python=python3
fi

venv=build/venv-django-$django
PYTHON=$python tools/venv.sh "$venv" "$requirements/django-$django.txt"
bin=$PWD/$venv/bin
dist=$PWD/build/python-dist/$django

export CARILLON_BIN=${CARILLON_BIN:-$PWD/build/release/carillon}
export TEST_DIST=$dist PIP_DISABLE_PIP_VERSION_CHECK=1
export PYTHONPYCACHEPREFIX=${PYTHONPYCACHEPREFIX:-$PWD/build/cache/python}
export RUFF_CACHE_DIR=${RUFF_CACHE_DIR:-$PWD/build/cache/ruff}
cache=$PWD/build/cache

cd clients/python
rm -rf "$dist"
"$bin/python" -m build --no-isolation --outdir "$dist" . > /dev/null
"$bin/pip" install --quiet --no-deps --force-reinstall "$dist"/*.whl
"$bin/ruff" check --quiet
"$bin/ruff" format --check --quiet
# The types of Django 4.2 are no longer kept by those who keep the newer ones.
if "$bin/python" -c 'import mypy_django_plugin' 2> /dev/null; then
  "$bin/mypy" --cache-dir "$cache/mypy-$django"
fi
"$bin/python" -m pytest -q -o cache_dir="$cache/pytest-python-$django" --junitxml="$junit" "$@"
