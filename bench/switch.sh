#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# instructions and system-register accesses at EL2 on the paths of the world switch
set -eu
cd "$(dirname "$0")/.."
build=build/gcc
[ -f "$build/build.ninja" ] || meson setup "$build" --cross-file tools/cross/aarch64-gcc.ini >/dev/null
ninja -C "$build" -j2 tests/system/cost >/dev/null
exec python3 bench/switch.py "$@" "$build/tests/system/cost"
