#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Counts what EL2 executes on each path of the world switch.

QEMU writes down every instruction that the image tests/system/cost executes; the disassembly tells
which of them access system registers or are barriers. A path is what runs at EL2 between the
guest's instruction at the label path_NAME and the guest's next one. The first round of each vCPU is
left out: it finds the traps unset. Prints `name instructions mrs msr isb dsb`, a line a path.
"""
import argparse
import bisect
import collections
import re
import subprocess
import sys
import tempfile

RUNS = [  # CPU, E2H, policy, PAuth guest (2, 3: and EL2 with APIA or all keys of its own), whether bars hold
    ("neoverse-n1", 0, "deferred", 0, True),
    ("neoverse-n1", 1, "deferred", 0, True),
    ("neoverse-n1", 0, "at_switch", 0, True),
    ("neoverse-n1", 0, "every_exit", 0, False),
    ("cortex-a72", 0, "at_switch", 0, False),
    ("max", 1, "deferred", 0, False),
    ("max", 0, "deferred", 1, False),
    ("max", 1, "deferred", 2, False),
    ("max", 0, "deferred", 3, False),
]
PAUTH = [None, "pauth_exit", "pauth_exit_apia", "pauth_exit_all"]
POLICIES = ["at_switch", "deferred", "every_exit"]
# instructions, accesses (MRS and MSR), ISB; hvc_fast: MRS apart
BARS = {
    "hvc_fast": (45, None, 0),
    "trap_general": (None, 5, 0),
    "trap_abort": (None, 7, 0),
    "irq_exit": (60, 2, None),
    "vcpu_switch": (None, 46, 2),
    "pauth_exit": (None, 0, None),
    "pauth_exit_apia": (None, 6, None),
    "pauth_exit_all": (None, 30, None),
}
KEYS = re.compile(r"\b(ap[idg]\w*key\w*_el1|s3_0_c2_c[123]_\d)\b")


class Image:
    def __init__(self, path, objdump):
        text = subprocess.run([objdump, "-d", "--no-show-raw-insn", path], check=True,
                              capture_output=True, text=True).stdout
        self.insn, self.starts, self.names, self.labels = {}, [], [], {}
        for line in text.splitlines():
            m = re.match(r"([0-9a-f]{16}) <(.*)>:", line)
            if m:
                self.starts.append(int(m[1], 16))
                self.names.append(m[2])
                self.labels[m[2]] = int(m[1], 16)
                continue
            m = re.match(r"\s*([0-9a-f]+):\s+(.*)", line)
            if m:
                self.insn[int(m[1], 16)] = m[2]

    def symbol(self, pc):
        return self.names[bisect.bisect_right(self.starts, pc) - 1]


def trace(image, cpu, e2h, policy, pauth):
    with tempfile.NamedTemporaryFile() as log:
        args = f"enable=on,target=native,arg=cost,arg=e2h={e2h},arg=policy={POLICIES.index(policy)},arg=pauth={pauth}"
        subprocess.run(["qemu-system-aarch64", "-M", "virt,virtualization=on,gic-version=3", "-cpu", cpu, "-m", "1G",
                        "-nodefaults", "-display", "none", "-serial", "null", "-kernel", image, "-semihosting-config",
                        args, "-accel", "tcg,one-insn-per-tb=on", "-d", "exec,nochain", "-D", log.name,
                        "-icount", "shift=4"], check=True, timeout=100)
        for line in open(log.name, encoding="ascii", errors="replace"):
            m = re.match(r"Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/", line)
            if m:
                yield int(m[1], 16)


def count(image, pcs, keys_only):
    c = [0] * 5
    for pc in pcs:
        insn = image.insn.get(pc, "")
        c[0] += 1
        if keys_only and not KEYS.search(insn):
            continue
        c[1] += insn.startswith("mrs")
        c[2] += bool(re.match(r"msr\s+(?!daif|spsel|pan|uao|dit|tco|ssbs)", insn))
        c[3] += insn.startswith("isb")
        c[4] += insn.startswith("dsb")
    return c


def paths(image, pcs):
    """Yields (name, list of PCs at EL2) for each round trip."""
    first, end = image.labels["guest_paths"], image.labels["guest_paths"] + 0x1000
    end = min(a for a in image.starts if a > image.labels["path_irq_exit"])
    at = {image.labels[n]: n[5:] for n in image.labels if n.startswith("path_")}
    last, el2 = None, []
    for pc in pcs:
        if first <= pc < end:
            if last in at and el2:
                yield at[last], el2
            last, el2 = pc, []
        elif last is not None:
            el2.append(pc)


def measure(image, path, run, by_symbol):
    cpu, e2h, policy, pauth, bars = run
    result, rounds = {}, {}
    for name, pcs in paths(image, trace(path, cpu, e2h, policy, pauth)):
        rounds[name] = rounds.get(name, 0) + 1
        if name == "irq_exit":  # up to the handler, and back from it
            inside = [i for i, pc in enumerate(pcs) if image.symbol(pc) in ("cost_irq", "tick_taken", "tick_after")]
            if not inside or "cost_irq" not in {image.symbol(pc) for pc in pcs}:
                continue
            pcs = pcs[:inside[0]] + pcs[inside[-1] + 1:]
        if name == "vcpu_switch":
            symbols = [image.symbol(pc) for pc in pcs]
            a = symbols.index("armvirt_hw_vcpu_load")
            pcs = pcs[a:symbols.index("cost_switch", a)]
        if name == "hvc_fast" and pauth:
            result[PAUTH[pauth]] = count(image, pcs, True)
        if name == by_symbol and rounds[name] == 4:
            for symbol, n in collections.Counter(image.symbol(pc) for pc in pcs).most_common():
                print(f"  {n:4} {symbol}")
        if rounds[name] > 3 or name == "irq_exit":
            c = count(image, pcs, False)
            if name in result and result[name] != c:
                c = max(c, result[name])
            result[name] = c
    return result


def over(name, c, policy):
    insns, accesses, isb = BARS.get(name, (None, None, None))
    if name == "hvc_fast":
        accesses = 2 if policy == "deferred" else 1
        if c[2]:
            return True
    return (insns is not None and c[0] > insns) or (accesses is not None and c[1] + c[2] > accesses) or (
        isb is not None and c[3] > isb)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail when a bar is missed")
    parser.add_argument("--by-symbol", metavar="PATH", help="where the instructions of a path are spent")
    parser.add_argument("--objdump", default="aarch64-linux-gnu-objdump")
    parser.add_argument("image")
    a = parser.parse_args()
    image, missed = Image(a.image, a.objdump), 0
    wanted = {"hvc_fast", "trap_general", "trap_abort", "irq_exit", "vcpu_switch"}
    for run in RUNS:
        cpu, e2h, policy, pauth, bars = run
        print(f"# {cpu}, E2H={e2h}, policy {policy}" + ["", ", guest with PAuth", ", guest with PAuth, EL2 with APIA", ", guest and EL2 with PAuth"][pauth])
        result = measure(image, a.image, run, a.by_symbol)
        for name in sorted(wanted - set(result)):
            print(f"{name} was not taken")
            missed += 1
        for name, c in result.items():
            late = (bars or name.startswith("pauth_exit")) and over(name, c, policy)
            missed += late
            print(name, *c, *(["over the bar"] if late else []))
    print(f"{'all bars are held' if not missed else f'{missed} missed'}")
    return 1 if a.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
