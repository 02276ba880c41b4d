#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# instructions that injecting an interrupt takes, on x86 (callgrind) and AArch64 (QEMU)
#
# inject: the event and the flush that brings it into a list register; inject_linked: a hardware-linked
# one; inject_more: each further candidate of one flush; enter_clean: a flush with nothing to do. Both
# profiles, through the public interface of the installed archive (x86: gcc -O2, callgrind, what is
# inside the library's functions; AArch64: one trace line an instruction, the calls included). An
# operation runs N and 2N times: the difference by N repeats exactly. With --check the bars are enforced.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=200
cd "$top"

build() {
	meson setup "$dir/build" "$top" --buildtype=plain -Dc_args=-O2 -Dtests=false \
		--prefix="$dir/installed" --libdir=lib &&
		ninja -C "$dir/build" install
}

# What the functions took, those that they call included.
x86_count() {
	valgrind --tool=callgrind --callgrind-out-file="$dir/out" "$dir/x86-$profile" "$@" 2>/dev/null
	callgrind_annotate --inclusive=yes --threshold=100 "$dir/out" |
		awk '/:armvirt_vgic_(static_)?(set_edge|hw_irq|flush)( |$)/ { gsub(",", "", $1); n += $1 } END { print n + 0 }'
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
if command -v valgrind >/dev/null && command -v meson >/dev/null; then
	build >"$dir/log" 2>&1 || {
		tail -20 "$dir/log" >&2
		exit 1
	}
	machines=x86
fi
if command -v qemu-aarch64 >/dev/null && command -v aarch64-linux-gnu-gcc >/dev/null; then
	machines="$machines aarch64"
fi
[ -n "$machines" ] || { echo 'bench vgic: needs valgrind or qemu-aarch64; run tools/setup' >&2; exit 1; }

flags='-std=c11 -O2 -ffreestanding -fno-strict-aliasing -fno-stack-protector -Iinclude -I.'
sources='bench/vgic.c lib/vgic/dist.c lib/vgic/flush.c lib/vgic/fold.c lib/vgic/init.c lib/vgic/raise.c lib/vgic/recall.c'
for profile in smp static; do
	define=
	[ $profile = smp ] || define=-DARMVIRT_VGIC_STATIC
	case " $machines " in *' x86 '*)
		# shellcheck disable=SC2086
		gcc -std=c11 -O2 $define -I"$dir/installed/include" -o "$dir/x86-$profile" bench/vgic.c \
			"$dir/installed/lib/libarmvirt.a" ;;
	esac
	case " $machines " in *' aarch64 '*)
		# shellcheck disable=SC2086
		aarch64-linux-gnu-gcc $flags $define -mgeneral-regs-only -mstrict-align \
			-mno-outline-atomics -static $sources -o "$dir/aarch64-$profile" ;;
	esac
done

echo 'instructions per operation'
for machine in $machines; do
	for profile in smp static; do
		empty=$(per_call "$machine" empty 0)
		report inject $(($(per_call "$machine" inject 0) - empty)) 120 "$machine"
		report inject_linked $(($(per_call "$machine" inject_linked 0) - empty)) 180 "$machine"
		one=$(per_call "$machine" flush 1)
		sixteen=$(per_call "$machine" flush 16)
		report inject_more $(((sixteen - one) / 15)) 20 "$machine"
		report enter_clean $(($(per_call "$machine" flush 0) - empty)) 20 "$machine"
	done
done
[ "${1:-}" != --check ] || exit $failed
