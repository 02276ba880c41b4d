#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# stage-2 tables: time, instructions, TLBI and barriers of each workload
#
# A line a workload: name ns_per_op instructions_per_op tlbi= dsb= isb= harness=. Instructions are counted
# by callgrind (x86-64, gcc -O2, the installed archive, no link-time optimisation), the harness's own
# loop taken off and shown; TLBI, DSB and ISB at the seam, in a run of their own, for the whole
# workload. "raw" only stores descriptors. With --check the bars of the project are enforced.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
check=
[ "${1:-}" != --check ] || {
	check=1
	shift
}

command -v valgrind >/dev/null || {
	echo "tools/bench s2: valgrind is missing: run tools/setup" >&2
	exit 1
}
build() {
	meson setup "$work/build" "$top" --buildtype=plain -Dc_args=-O2 -Dtests=false \
		--prefix="$work/installed" --libdir=lib &&
		ninja -C "$work/build" install
}
build >"$work/log" 2>&1 || {
	tail -20 "$work/log" >&2
	exit 1
}
gcc -std=c11 -O2 -I"$work/installed/include" -o "$work/s2" "$top/bench/s2.c" "$work/installed/lib/libarmvirt.a"
# The same workloads on the library's sources over a seam that counts.
gcc -std=c11 -O2 -DBENCH_EVENTS -DARMVIRT_SEAM_MODEL -I"$top" -I"$top/include" -o "$work/events" \
	"$top"/bench/s2{,_events}.c "$top"/lib/{base,s2,tlb,vmid}/*.c "$top"/lib/hw/{cache,tlb}.c

# Instructions inside one function of a run.
count() { # workload function
	valgrind --tool=callgrind --callgrind-out-file="$work/out" --toggle-collect="$2" \
		"$work/s2" "$1" 2>"$work/err" >/dev/null || {
		cat "$work/err" >&2
		exit 1
	}
	awk '/Collected/ { print $4 }' "$work/err"
}

[ $# -gt 0 ] || mapfile -t list < <("$work/s2")
[ $# -eq 0 ] || list=("$@")
# Most instructions an operation may take.
declare -A bar=([map_4k]=10 [map_2m]=16 [fault_random]=120 [lookup_random]=70 [write_protect]=12
	[write_protect_hw]=16 [clear_af]=14 [clear_af_hw]=18 [unmap_4k]=1 [split_2m]=8 [vmid_fast]=25)
# Most TLBI and DSB that a whole workload may issue.
declare -A events=([map_4k]='0 1' [map_2m]='0 1' [unmap_4k]='4 3')
failed=0
for name in "${list[@]}"; do
	case $name in
	fault_random | lookup_random | vmid_fast) base=base_$name ;;
	*) base=base_nothing ;;
	esac
	function=work_${name%_hw}
	read -r ops ns < <("$work/s2" "$name")
	read -r tlbi dsb isb < <("$work/events" "$name")
	own=$(count "$name" "$base")
	all=$(count "$name" "$function")
	line=$(awk -v n="$name" -v o="$ops" -v t="$ns" -v a="$all" -v b="$own" -v l="$tlbi" -v d="$dsb" -v i="$isb" \
		'BEGIN { printf "%s %.2f %.2f tlbi=%d dsb=%d isb=%d harness=%.2f\n", n, t, (a - b) / o, l, d, i, b / o }')
	echo "$line"
	if [ -n "$check" ] && [ -n "${bar[$name]:-}" ] &&
		! awk -v b="${bar[$name]}" '{ exit !($3 <= b) }' <<<"$line"; then
		echo "tools/bench s2: $name exceeds ${bar[$name]} instructions" >&2
		failed=1
	fi
	read -r most_tlbi most_dsb <<<"${events[$name]:-}"
	if [ -n "$check" ] && [ -n "$most_tlbi" ] && { [ "$tlbi" -gt "$most_tlbi" ] || [ "$dsb" -gt "$most_dsb" ]; }; then
		echo "tools/bench s2: $name issues more than $most_tlbi TLBI or $most_dsb DSB" >&2
		failed=1
	fi
done
exit "$failed"
