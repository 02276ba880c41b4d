#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# stage-2 tables: time, instructions, TLBI and barriers of each workload
#
# A line a workload: name ns_per_op instructions_per_op tlbi= dsb= isb= harness=. Instructions are counted
# by callgrind (x86-64, gcc -O2, the installed archive, no link-time optimisation), the harness's own
# loop taken off and shown. "raw" only stores descriptors. With --check the bars of the project are enforced.
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
failed=0
for name in "${list[@]}"; do
	case $name in
	fault_random | lookup_random | vmid_fast) base=base_$name ;;
	*) base=base_nothing ;;
	esac
	function=work_${name%_hw}
	read -r ops ns tlbi flags < <("$work/s2" "$name")
	own=$(count "$name" "$base")
	all=$(count "$name" "$function")
	# A plan with operations: barrier, operations, barrier, and the combined follow-up with its own.
	dsb=0 isb=0
	if [ "$tlbi" -gt 0 ]; then
		follow=$(((flags >> 1) & 1))
		tlbi=$((tlbi + follow)) dsb=$((2 + follow)) isb=1
	elif [ $((flags & 1)) = 1 ]; then
		dsb=1 isb=1
	fi
	line=$(awk -v n="$name" -v o="$ops" -v t="$ns" -v a="$all" -v b="$own" -v l="$tlbi" -v d="$dsb" -v i="$isb" \
		'BEGIN { printf "%s %.2f %.2f tlbi=%d dsb=%d isb=%d harness=%.2f\n", n, t, (a - b) / o, l, d, i, b / o }')
	echo "$line"
	if [ -n "$check" ] && [ -n "${bar[$name]:-}" ] &&
		! awk -v b="${bar[$name]}" '{ exit !($3 <= b) }' <<<"$line"; then
		echo "tools/bench s2: $name exceeds ${bar[$name]} instructions" >&2
		failed=1
	fi
done
exit "$failed"
