#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Scans the assembly of an archive: asm_scan.py ARCHIVE SOURCE_DIRECTORY [TABLES.o]

Reads the disassembly, not the source, and compares it with what the sources state in comments
("Clobbers x1, x2 to x5 and the flags.") and with the frame information. It follows every path
through a routine. What it does not know, a mnemonic say, is a finding.
"""
import pathlib
import re
import subprocess
import sys

CROSS = "aarch64-linux-gnu-"
NO_RESULT = set("b br ret eret nop hint bti dsb isb sb esb msr str stp strb strh stur stlr "
                "cbz cbnz tbz tbnz dc ic tlbi clrbhb svc hvc smc prfm wrffr".split())
FLAGS_ONLY = set("cmp cmn tst ccmp ccmn".split())
ONE_RESULT = set("add sub and orr eor bic mov movz movk movn mvn neg adr adrp lsl lsr asr mrs ldr ldrb ldrh ldrsw "
                 "ldur ldar csel cset csetm csinc ubfx sbfx bfi bfxil ubfiz rbit clz madd mul umulh "
                 "uxtw sxtw orn eon extr rev udiv addvl rdvl rdffr".split())
FLAGGED = {"adds": "add", "subs": "sub", "ands": "and", "negs": "neg", "bics": "bic"}
TWO_RESULTS = {"ldp", "ldnp", "mrrs"}
PADS = ("bti\tc", "bti\tjc", "hint\t#0x22", "hint\t#34", "paciasp", "bti\tj")
KEYS = re.compile(r"msr\tap[iadbg]{2}a?key", re.I)
VOLATILE = {f"x{n}" for n in range(18)} | {"x30", "flags"}


def run(*command):
    return subprocess.run([CROSS + command[0], *command[1:]], check=True, text=True, stdout=subprocess.PIPE).stdout


class Routine:
    def __init__(self, name, start, size):
        self.name, self.start, self.size = name, start, size
        self.code = []      # (address, mnemonic, operands, relocation target)
        self.cfa = {}       # address -> offset of the CFA from SP, as the frame information says


def symbols(path):
    """The functions of each section: {(object, section): [Routine]}."""
    found, member, sections = {}, str(path), {}
    for line in run("objdump", "-t", path).splitlines():
        if m := re.match(r"(\S+):\s+file format", line):
            member = m[1]
        elif m := re.match(r"([0-9a-f]+) .{6}F (\S+)\s+([0-9a-f]+)(?: \.hidden)? (\S+)$", line):
            routine = Routine(m[4], int(m[1], 16), int(m[3], 16))
            found.setdefault((member, m[2]), []).append(routine)
    return found


def disassemble(path, found):
    member = section = None
    code = []
    for line in run("objdump", "-dr", "--no-show-raw-insn", path).splitlines():
        if m := re.match(r"(\S+):\s+file format", line):
            member = m[1]
        elif m := re.match(r"Disassembly of section (\S+):", line):
            section = m[1]
        elif m := re.match(r"\s*([0-9a-f]+):\t(\S+)(?:\t(.*))?$", line):
            if m[2].startswith("R_AARCH64"):
                continue
            operands = re.sub(r"\s*(//|;|<).*", "", m[3] or "").strip()
            at = int(m[1], 16)
            for r in found.get((member, section), []):
                if r.start <= at < r.start + r.size:
                    r.code.append([at, m[2], operands, None])
                    code = r.code
        elif (m := re.match(r"\s*[0-9a-f]+: R_AARCH64_(?:JUMP|CALL)26\s+(\S+)", line)) and code:
            code[-1][3] = m[1]
    return found


def frame_information(path, found):
    """CFA offsets by address. FDEs follow the order of the sections' functions."""
    routines = {}
    for (member, _), group in found.items():
        for r in group:
            routines.setdefault(member, []).append(r)
    member, row, fdes = str(path), None, {}
    for line in run("readelf", "-wF", path).splitlines():
        if m := re.match(r"File: .*\((.*)\)", line):
            member = m[1]
        elif m := re.search(r"FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)", line):
            row = {"start": int(m[1], 16), "end": int(m[2], 16), "rows": {int(m[1], 16): 0}}
            fdes.setdefault(member, []).append(row)
        elif "CIE" in line:
            row = None
        elif row and (m := re.match(r"([0-9a-f]{16}) sp\+(\d+)", line)):
            row["rows"][int(m[1], 16)] = int(m[2])
    for member, group in routines.items():
        for fde, r in zip(fdes.get(member, []), group):
            if fde["end"] - fde["start"] == r.size:
                offset = 0
                for at, *_ in r.code:
                    offset = fde["rows"].get(at - r.start + fde["start"], offset)
                    r.cfa[at] = offset


def registers(text):
    """x-names of the registers in a list of operands, w as x, without zero registers and SP."""
    return ["x" + n for n in re.findall(r"\b[xw](\d+)\b", text)] + re.findall(r"\b[qdsvzp]\d+\b", text)


def results(mnemonic, operands, say):
    """The registers that an instruction changes."""
    changed = set()
    if m := re.search(r"\[([^\]]*)\](!|,)", operands):    # base with write-back
        changed |= set(registers(m[1].split(",")[0]))
    first = operands.split(",")
    if mnemonic in FLAGGED:
        changed |= set(registers(first[0])) | {"flags"}
    elif mnemonic in FLAGS_ONLY:
        changed.add("flags")
    elif mnemonic in ONE_RESULT:
        changed |= set(registers(first[0]))
    elif mnemonic in TWO_RESULTS:
        changed |= set(registers(",".join(first[:2])))
    elif mnemonic == "bl":
        changed |= VOLATILE
    elif mnemonic.split(".")[0] not in NO_RESULT and not mnemonic.startswith(("b.", "st")):
        say(f"unknown instruction {mnemonic} {operands}")
    return changed


def number(text):
    return int(text.lstrip("#"), 0)


def stack_after(offset, mnemonic, operands):
    """Bytes of stack in use after an instruction; None: another stack."""
    part = [p.strip() for p in operands.split(",")]
    if mnemonic in ("sub", "add") and part[0] == "sp":
        if part[1] != "sp" or not part[2].startswith("#") or offset is None:
            return None
        step = number(part[2])
        return offset + (step if mnemonic == "sub" else -step)
    if mnemonic == "mov" and part[0] == "sp":
        return None
    if m := re.search(r"\[sp, #(-?\w+)\]!", operands):
        return None if offset is None else offset - number(m[1])
    if m := re.search(r"\[sp\], #(-?\w+)", operands):
        return None if offset is None else offset - number(m[1])
    return offset


def is_pad(instruction):
    return f"{instruction[1]}\t{instruction[2]}".rstrip("\t") in PADS


def fixed_up(routine):
    """Where `armvirt_probe` goes on after a fault: behind the first return."""
    rets = [n for n, (_, mnemonic, *_) in enumerate(routine.code) if mnemonic == "ret"]
    return [rets[0] + 1] if len(rets) == 2 else []


def walk(routine, say, probes):
    """Every path: what is changed, and how the stack stands at each instruction."""
    index = {at: n for n, (at, *_) in enumerate(routine.code)}
    entry = routine.cfa.get(routine.start, 0)
    depth, work, changed, ends = {}, [(0, entry)], set(), set()
    if routine.name in probes:
        work += [(n, entry) for n in fixed_up(routine)]
    while work:
        n, offset = work.pop()
        if n >= len(routine.code):
            say("runs past its end")
            continue
        if n in depth:
            if depth[n] != offset:
                say(f"two paths meet with {depth[n]} and {offset} bytes of stack")
            continue
        depth[n] = offset
        at, mnemonic, operands, target = routine.code[n]
        if offset is not None and routine.cfa and routine.cfa[at] != offset:
            say(f"frame information says {routine.cfa[at]} bytes of stack at +{at - routine.start}, in use are {offset}")
        restored = re.search(r"\[sp", operands) and mnemonic in ("ldp", "ldr")
        new = results(mnemonic, operands, say)
        changed |= {r for r in new if not (restored and r in CALLEE_SAVED)}
        after = stack_after(offset, mnemonic, operands)
        if mnemonic == "ret":
            ends.add("ret")
            if offset != 0:
                say(f"returns with {offset} bytes of stack in use")
        elif mnemonic == "eret":
            ends.add(mnemonic)
        elif mnemonic == "br":   # to a table inside the routine, if it has pads beside the first
            pads = [i for i in range(1, len(routine.code)) if is_pad(routine.code[i])]
            work += [(i, after) for i in pads]
            if not pads:
                ends.add(mnemonic)
        elif mnemonic == "b":
            if target:
                ends.add(target)
            else:
                work.append((index[int(operands, 16)], after))
        else:
            if mnemonic.startswith("b.") or mnemonic in ("cbz", "cbnz", "tbz", "tbnz"):
                if not target:
                    work.append((index[int(operands.split(",")[-1], 16)], after))
            work.append((n + 1, after))
    return changed, ends, depth


CALLEE_SAVED = {f"x{n}" for n in range(18, 31)}


def probes_of(text):
    return re.findall(r"^armvirt_probe \w+, (\w+),", text, re.M)


def stated(directory):
    """What the comment before each routine, or the first comment that says so in a file, states."""
    said = {}
    for path in sorted(pathlib.Path(directory).glob("*.S")):
        text = path.read_text()
        whole = None
        for m in re.finditer(r"/\*(.*?)\*/\s*(?:armvirt_func (\w+))?", text, re.S):
            comment = re.sub(r"\s*\n\s*\*?\s*", " ", m[1])
            clobbers = re.search(r"Clobbers? (.*?)(?:\.|$)", comment)
            if m[2]:
                said[m[2]] = (clobbers[1] if clobbers else "", comment)
            elif clobbers and whole is None:
                whole = clobbers[1]
        for name in re.findall(r"armvirt_func (\w+)", text) + probes_of(text):
            if name not in said and whole is not None:
                said[name] = (whole, "")
    return said


def allowed(clobbers, comment):
    if "what C lets it" in clobbers:
        return VOLATILE
    names = set(re.findall(r"\b[xqvzp]\d+\b", clobbers))
    for a, low, high in re.findall(r"\b([xqvzp])(\d+) to [xqvzp](\d+)", clobbers):
        names |= {f"{a}{n}" for n in range(int(low), int(high) + 1)}
    if "flags" in clobbers:
        names.add("flags")
    if m := re.search(r"Out: (.*?)(?:\.|$)", comment):
        names |= set(registers(m[1]))
    result = re.match(r"\s*(\w+[ *]+)\w+\(", comment)
    if result and result[1].strip() != "void":
        names.add("x0")
    return names


def check(routine, said, probes, say):
    if not routine.code:
        return say("has no code")
    if not is_pad(routine.code[0]):
        say(f"begins with {routine.code[0][1]}, not with a branch target pad")
    if not routine.cfa:
        say("has no frame information")
    changed, ends, depth = walk(routine, say, probes)
    for n, (at, mnemonic, operands, _) in enumerate(routine.code):
        if n not in depth and mnemonic not in ("dsb", "isb", "sb", "nop", "udf"):
            say(f"+{at - routine.start}: {mnemonic} {operands} is never reached")
    if "eret" in ends:
        return None      # the world that it enters finds its own registers
    if routine.name not in said:
        return say("does not state what it clobbers")
    for r in sorted(changed - allowed(*said[routine.name])):
        say(f"changes {r}, which its comment does not state ({said[routine.name][0]!r})")
    return None


def check_erets(routine, say):
    for n, (at, mnemonic, _, _) in enumerate(routine.code):
        if not mnemonic.startswith("eret"):
            continue
        after = [f"{m} {o}".strip() for _, m, o, _ in routine.code[n + 1:n + 3]]
        if after[:1] != ["sb"] and after != ["dsb nsh", "isb"]:
            say(f"+{at - routine.start}: no speculation barrier after eret, but {after}")


def check_keys(routine, say):
    code = [f"{m}\t{o}" for _, m, o, _ in routine.code]
    if any(KEYS.match(c) for c in code) and any(re.match(r"(paci|auti|ret[ab])", c) for c in code):
        say("changes a PAuth key under a signed frame")


def load(path):
    found = disassemble(path, symbols(path))
    frame_information(path, found)
    return found


def main(archive, sources, *tables):
    findings, count = 0, 0
    said = stated(sources)
    probes = {name for path in pathlib.Path(sources).glob("*.S") for name in probes_of(path.read_text())}

    def say_of(routine):
        def say(what):
            nonlocal findings
            findings += 1
            print(f"{routine.name}: {what}")
        return say

    for (member, _), group in load(archive).items():
        for routine in group:
            say = say_of(routine)
            check_keys(routine, say)
            if member.startswith("asm_"):
                count += 1
                check(routine, said, probes, say)
                check_erets(routine, say)
    for path in tables:
        for group in load(path).values():
            for routine in group:
                count += 1
                check_erets(routine, say_of(routine))
    print(f"routines {count}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
