#!/bin/sh
# Build the sdist, and from it the wheel with native kernels and, without a compiler, the pure one. Install each in a
# fresh environment outside this folder and run there, against what a user gets, the kernel tests and those of a few
# samplers that use every kernel (the rest run on the sources: the Python files are the same).
set -eu
cd "$(dirname "$0")/.."
root=$PWD
bin=$root/.venv/bin
room=$(mktemp -d)
beside="" # process of the tests that run beside the others
trap '[ -z "$beside" ] || kill "$beside" 2>/dev/null || true; rm -rf "$room"' EXIT
trap 'exit 1' INT TERM

"$bin/python" -m build --quiet --no-isolation --sdist --outdir "$room/dist" .
tar -xzf "$room"/dist/*.tar.gz -C "$room"
mv "$room"/contrapeso-* "$room/source"
wheel() { # wheel FOLDER [argument of env]...: the wheel of the unpacked sdist, in FOLDER
  folder=$1
  shift
  rm -rf "$room/source/build"
  (cd "$room/source" && env "$@" "$bin/python" -m build --quiet --no-isolation --wheel --outdir "$folder" .)
}
wheel "$room/native" CONTRAPESO_NATIVE=1
wheel "$room/pure" -u CONTRAPESO_NATIVE CC=/bin/false CXX=/bin/false 2>"$room/pure.log"
mkdir -p dist
cp "$room"/dist/*.tar.gz "$room"/native/*.whl "$room"/pure/*.whl dist/
ls -l dist

# The tests go along; the sources stay behind. Dependencies come from the locked environment, whose path is added without
# its .pth files: the editable installation in it is not seen.
mkdir "$room/work"
cp -r tests pyproject.toml "$room/work/"
dependencies=$("$bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
environment() { # environment NAME: a fresh environment with the wheel of that name
  "$bin/python" -m venv --without-pip "$room/env-$1"
  site=$("$room/env-$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  "$bin/python" -m pip --python "$room/env-$1/bin/python" --disable-pip-version-check install --quiet --no-deps \
    "$room/$1"/*.whl
  echo "$dependencies" >"$site/dependencies.pth"
  case $(cd "$room/work" && "$room/env-$1/bin/python" -P -c 'import contrapeso as c; print(c.__file__)') in
    "$site"/*) ;;
    *) echo "check_wheel: the tests would not see the $1 wheel" >&2; exit 1 ;;
  esac
}
check() { # check NAME BACKEND KERNELS [pytest argument...]: the tests on the wheel of that name
  name=$1 backend=$2
  export CONTRAPESO_KERNELS="$3"
  shift 3
  cd "$room/work"
  python=$room/env-$name/bin/python
  "$room/env-$name/bin/contrapeso" doctor
  "$python" -P -c "import sys; from contrapeso.kernels import describe; sys.exit(describe().backend != '$backend')" ||
    { echo "check_wheel: the $name wheel with CONTRAPESO_KERNELS=$CONTRAPESO_KERNELS does not use $backend kernels" >&2; exit 1; }
  "$python" -P -m pytest -q -p no:cacheprovider "$@"
  cd "$root"
}
environment native
environment pure
kernels=$(cd tests && ls unit/test_kernels*.py | sed 's|^|tests/|')
samplers="tests/unit/test_samplers_smote.py tests/unit/test_samplers_random.py tests/unit/test_samplers_neighbors.py"
# shellcheck disable=SC2086
(check native native auto $kernels tests/integration/test_cli_doctor.py) >"$room/kernels.log" 2>&1 &
beside=$!
# shellcheck disable=SC2086
check native native auto $samplers
check native python python tests/unit/test_samplers_smote.py
check pure python auto tests/unit/test_samplers_smote.py tests/integration/test_cli_doctor.py
failed=0
wait "$beside" || failed=1
beside=""
cat "$room/kernels.log"
exit "$failed"
