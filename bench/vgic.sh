#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# instructions that injecting an interrupt takes, on x86 (callgrind) and AArch64 (QEMU)
#
# An operation runs N and 2N times; the difference by N, less that of putting the state back, is what
# one takes: the counts are exact and repeat. Both profiles. With --check the bars are enforced.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=200
flags='-std=c11 -O2 -ffreestanding -fno-strict-aliasing -fno-stack-protector -Iinclude -I.'
sources='bench/vgic.c lib/vgic/dist.c lib/vgic/flush.c lib/vgic/fold.c lib/vgic/init.c lib/vgic/raise.c lib/vgic/recall.c'

x86_count() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$dir/x86-$profile" "$@" 2>&1 |
		sed -n 's/.*Collected : //p'
}

aarch64_count() {
	qemu-aarch64 -one-insn-per-tb -d exec,nochain -D "$dir/log" "$dir/aarch64-$profile" "$@"
	grep -c '^Trace' "$dir/log"
}

# per_call MACHINE OPERATION RAISED
per_call() {
	echo $((($("$1_count" "$2" $((2 * n)) "$3") - $("$1_count" "$2" $n "$3")) / n))
}

failed=0
# report NAME COUNT BAR MACHINE
report() {
	printf '%-14s %-8s %-7s %5d  (bar %d)\n' "$1" "$4" "$profile" "$2" "$3"
	[ "$4" != x86 ] || [ "$2" -le "$3" ] || failed=1
}

machines=
for profile in smp static; do
	define=
	[ $profile = smp ] || define=-DARMVIRT_VGIC_STATIC
	if command -v valgrind >/dev/null; then
		# shellcheck disable=SC2086
		${CC:-gcc} $flags $define $sources -o "$dir/x86-$profile"
		machines=x86
	fi
	if command -v qemu-aarch64 >/dev/null && command -v aarch64-linux-gnu-gcc >/dev/null; then
		# shellcheck disable=SC2086
		aarch64-linux-gnu-gcc $flags $define -mgeneral-regs-only -mstrict-align \
			-mno-outline-atomics -static $sources -o "$dir/aarch64-$profile"
		machines="${machines%% *} aarch64"
	fi
done
[ -n "$machines" ] || { echo 'bench vgic: needs valgrind or qemu-aarch64; run tools/setup' >&2; exit 1; }

echo 'instructions per operation'
for machine in $machines; do
	for profile in smp static; do
		empty=$(per_call "$machine" empty 0)
		report inject $(($(per_call "$machine" inject 0) - empty)) 120 "$machine"
		one=$(per_call "$machine" flush 1)
		sixteen=$(per_call "$machine" flush 16)
		report inject_more $(((sixteen - one) / 15)) 20 "$machine"
		report enter_clean $(($(per_call "$machine" flush 0) - empty)) 20 "$machine"
	done
done
[ "${1:-}" != --check ] || exit $failed
