# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2034 # used by the gates
# What every gate begins with. A gate checks one thing, ends with one line that says what it
# found, and exits 0 when all is well. Findings go before that line, one each.
set -eu -o pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${ARMVIRT_GATE_ROOT:-$(cd "$here/../.." && pwd)} # the self-test sets another
cd "$root"
gate=$(basename "$0")
findings=0
CROSS=aarch64-linux-gnu-
export LC_ALL=C

finding() {
	findings=$((findings + 1))
	[ "$findings" -gt 20 ] || echo "$gate: $*"
}

conclude() { # what was checked, in a few words
	if [ "$findings" = 0 ]; then
		echo "$*"
	else
		echo "$gate: $findings findings"
		exit 1
	fi
}

# The archives to check: the arguments, or ARMVIRT_GATE_ARCHIVES, or those of the bare builds.
archives() {
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@"
	elif [ -n "${ARMVIRT_GATE_ARCHIVES-}" ]; then
		printf '%s\n' "$ARMVIRT_GATE_ARCHIVES"
	else
		ls build/gcc/libarmvirt.a build/clang/libarmvirt.a build/clang19/libarmvirt.a 2>/dev/null ||
			[ -f build/gcc/libarmvirt.a ]
	fi
}

scratch() { # makes $tmp, removed at the end
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
}

library_sources() { find lib -name '*.c' | sort; }
pure_sources() { # those for the PC: in lib/hw only what goes through the seam
	library_sources | grep -v '^lib/hw/'
	find lib/hw '(' -name cache.c -o -name tlb.c -o -name vcpu_guard.c ')' | sort
}
assembly_sources() { find asm -name '*.S' | sort; }
public_headers() { find include/libarmvirt -name '*.h' | sort; }

# How the library is compiled for EL2; the same flags as in meson.build and in the documentation.
bare_flags=(-std=c11 -O2 -ffreestanding -nostdlib -mgeneral-regs-only -mstrict-align
	-mno-outline-atomics -mbranch-protection=standard -ffixed-x18 -fpie -fno-strict-aliasing
	-fno-stack-protector -fno-common -fno-tree-switch-conversion -ffunction-sections -fdata-sections
	-Iinclude -I.)
# Warning flags for code that a user compiles: the headers.
strict=(-Wall -Wextra -Wpedantic -Wshadow -Wundef -Wconversion -Wsign-conversion -Wcast-qual
	-Wcast-align -Wpointer-arith -Werror)

# bare_compile COMPILER ARGUMENT...
bare_compile() {
	local compiler=$1
	shift
	case $compiler in
	clang*)
		local flags=()
		for f in "${bare_flags[@]}"; do
			case $f in -fno-tree-switch-conversion) ;; *) flags+=("$f") ;; esac
		done
		"$compiler" --target=aarch64-none-elf "${flags[@]}" "$@"
		;;
	*) "$compiler" "${bare_flags[@]}" "$@" ;;
	esac
}
