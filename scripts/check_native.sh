#!/bin/sh
# The C++ tests: under AddressSanitizer and UndefinedBehaviorSanitizer, under ThreadSanitizer, and compiled as for a
# release on two other processors, one without AVX and one with NEON, where Debian's qemu-user and g++-aarch64-linux-gnu
# are installed.
set -eu
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
command -v "${CXX:-c++}" >/dev/null || { echo "check_native: no C++ compiler" >&2; exit 1; }
mkdir -p build

build() { # build NAME OPTION...: the test program in build/native-NAME
  folder=build/native-$1
  shift
  if "$bin/cmake" -S . -B "$folder" -G Ninja -DCMAKE_MAKE_PROGRAM="$bin/ninja" "$@" >"$folder.log" 2>&1 \
    && "$bin/cmake" --build "$folder" >>"$folder.log" 2>&1; then
    grep 'warning:' "$folder.log" | sort -u >&2 || true
  else
    cat "$folder.log" >&2
    return 1
  fi
}

sanitized() { # sanitized NAME SANITIZERS
  build "$1" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG='-O1 -g' -DCONTRAPESO_SANITIZE="$2"
}
sanitized address address,undefined & # each is one large file to compile: two at a time
other=$!
sanitized thread thread
wait "$other"
build/native-address/test_engine
echo "C++ tests, AddressSanitizer and UndefinedBehaviorSanitizer: passed"
still="" # ThreadSanitizer of older compilers refuses some randomised address layouts
setarch -R true 2>/dev/null && still="setarch -R"
$still build/native-thread/test_engine
echo "C++ tests, ThreadSanitizer: passed"

other=""
if command -v aarch64-linux-gnu-g++ >/dev/null; then
  build aarch64 -DCMAKE_BUILD_TYPE=Release -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ &
  other=$!
fi
if [ "$(uname -m)" = x86_64 ] && command -v qemu-x86_64 >/dev/null; then
  build release -DCMAKE_BUILD_TYPE=Release
  qemu-x86_64 -cpu Nehalem build/native-release/test_engine
  echo "C++ tests, x86-64 without AVX (emulated): passed"
else
  echo "C++ tests, x86-64 without AVX: NOT RUN (needs qemu-user)"
fi
if [ -z "$other" ]; then
  echo "C++ tests, NEON: NOT COMPILED (needs g++-aarch64-linux-gnu)"
  exit
fi
wait "$other"
if command -v qemu-aarch64 >/dev/null; then
  qemu-aarch64 -L /usr/aarch64-linux-gnu build/native-aarch64/test_engine
  echo "C++ tests, NEON (emulated): passed"
else
  echo "C++ tests, NEON: compiled, NOT RUN (needs qemu-user)"
fi
