#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# what a guest of minivisor pays: instructions per round trip, seen from inside the guest
#
# QEMU's instruction clock makes a tick of the guest's own counter one instruction, on -cpu max. Of a
# loop around the operation the empty loop is taken off; latencies are averages of 100, from the
# cause to the first instruction of the guest's handler in C. With --check the bars are enforced.
set -eu -o pipefail
cd "$(dirname "$0")/.."
dir=build/demo-el2 out=build/log
mkdir -p $out
[ -f $dir/build.ninja ] || meson setup $dir -Dtests=false --cross-file tools/cross/aarch64-gcc.ini >$out/bench-guest.build
ninja -C $dir -j2 examples/guests/guest-bench.bin >>$out/bench-guest.build
tools/demo --deterministic --vcpus 2 --raw --kernel $dir/examples/guests/guest-bench.bin --timeout 120 >$out/bench-guest.log ||
	{ tail -n 3 $out/bench-guest.log >&2 && exit 1; }

failed=0
report() { # name bar
	local count
	count=$(tr -d '\r' <$out/bench-guest.log | awk -v name="$1" '$1 == name && NF == 2 { print $2 }')
	printf '%-14s %5s  (bar %d)\n' "$1" "${count:-none}" "$2"
	[ "${count:-999999}" -le "$2" ] || failed=1
}

echo 'instructions per round trip of a guest'
report smccc_version 120
report idreg_read 150
report gicd_read 250
report timer_latency 500
report sgi_other 1500
[ "${1:-}" != --check ] || exit $failed
