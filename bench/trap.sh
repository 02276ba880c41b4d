#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# instructions that decoding and dispatch take, on x86 (callgrind) and AArch64 (QEMU)
#
# An operation runs N and 2N times; the difference by N, less that of an empty call, is what one
# takes: the counts are exact and repeat. Of a dispatch, the direct call of the handler is taken off. With --check the bars of the project are enforced.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=500
flags='-std=c11 -O2 -ffreestanding -fno-strict-aliasing -fno-stack-protector -Iinclude -I.'
sources='bench/trap.c lib/trap/decode.c lib/trap/sysreg.c lib/trap/mmio.c lib/trap/step.c'

x86_count() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$dir/x86" "$1" "$2" "$3" 2>&1 |
		sed -n 's/.*Collected : //p'
}

aarch64_count() {
	qemu-aarch64 -one-insn-per-tb -d exec,nochain -D "$dir/log" "$dir/aarch64" "$1" "$2" "$3"
	grep -c '^Trace' "$dir/log"
}

# per_call MACHINE OPERATION ROWS
per_call() {
	echo $((($("$1_count" "$2" "$3" $((2 * n))) - $("$1_count" "$2" "$3" $n)) / n))
}

measure() {
	local without=empty
	[ "$2" != dispatch ] || without=direct
	echo $(($(per_call "$1" "$2" "$3") - $(per_call "$1" $without "$3")))
}

failed=0
# line NAME OPERATION ROWS BAR
line() {
	result=
	for machine in $machines; do
		count=$(measure "$machine" "$2" "$3")
		result="$result  $machine $count"
		[ "$count" -le "$4" ] || failed=1
	done
	printf '%-28s%s  (bar %s)\n' "$1" "$result" "$4"
}

machines=
if command -v valgrind >/dev/null; then
	# shellcheck disable=SC2086
	${CC:-gcc} $flags $sources -o "$dir/x86"
	machines=x86
fi
if command -v qemu-aarch64 >/dev/null && command -v aarch64-linux-gnu-gcc >/dev/null; then
	# shellcheck disable=SC2086
	aarch64-linux-gnu-gcc $flags -mgeneral-regs-only -mstrict-align -mno-outline-atomics \
		-mbranch-protection=standard -ffixed-x18 -static $sources -o "$dir/aarch64"
	machines="$machines aarch64"
fi
[ -n "$machines" ] || { echo 'bench trap: needs valgrind or qemu-aarch64; run tools/setup' >&2; exit 1; }

echo 'instructions per operation, without the call'
line 'decode_dabt' dabt 8 60
line 'decode_dabt permission' permission 8 90
line 'decode_sysreg' sysreg 8 65
line 'decode_hvc' hvc 8 60
line 'mmio_start + finish' mmio 8 120
line 'mmio_decode + finish' mmio_decode 8 120
for rows in 8 64 572 1536; do
	line "sysreg_dispatch $rows" dispatch $rows 25
done
echo "index of the dispatch: $("$dir/${machines##* }" size 8 1 2>/dev/null ||
	qemu-aarch64 "$dir/aarch64" size 8 1) bytes, 3 dependent loads (seed, slot, row)"
[ "${1:-}" != --check ] || exit $failed
