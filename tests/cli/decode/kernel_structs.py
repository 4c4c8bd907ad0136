#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kernel_structs.py FFASCOPE: descriptors made with the structures of a kernel's include/linux/arm_ffa.h, field by field.

FFASCOPE_KERNEL_SOURCE names the kernel's source or its headers; the test is skipped without it, and for a header that
has FF-A 1.0 only.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# Buffers of each kind and version.
SEEDS = 200 if os.environ.get("FFALAB_LONG") else 30

# What the header takes from others that belong to the kernel.
STUBS = """
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64;
typedef struct { u8 b[16]; } uuid_t;
#define BIT(n) (1u << (n))
#define GENMASK(h, l) (((~0u) << (l)) & (~0u >> (31 - (h))))
#define GENMASK_ULL(h, l) (((~0ull) << (l)) & (~0ull >> (63 - (h))))
#define FIELD_PREP(mask, value) ((u64)(value) << __builtin_ctzll(mask) & (mask))
#define FIELD_GET(mask, value) (((value) & (mask)) >> __builtin_ctzll(mask))
#define SZ_4K 4096
#define IS_REACHABLE(option) 0
#define ENXIO 6
#define EINVAL 22
struct module; struct scatterlist; struct bus_type;
struct device { int unused; }; struct device_driver { int unused; };
static inline void dev_set_drvdata(struct device *dev, void *data) { (void)dev; (void)data; }
static inline void *dev_get_drvdata(struct device *dev) { (void)dev; return NULL; }
"""


def build(header, folder):
    (folder / "linux").mkdir()
    for name in "device", "module", "types", "uuid", "bitfield", "sizes":
        (folder / f"linux/{name}.h").write_text(f"#ifndef S\n#define S\n{STUBS}\n#endif\n")
    (folder / "linux/arm_ffa.h").write_text(header)
    # FF-A 1.2's header has a UUID.
    message = ["-DHAVE_MESSAGE_UUID"] if "res1;" in header else []
    program = folder / "kernel_structs"
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-w", *message, f"-I{folder}", HERE / "kernel_structs.c", "-o",
                    program], check=True)
    return program, bool(message)


def compare(ffascope, program, name, version, seed, file):
    """The number of fields that were compared, and those that differ."""
    number = f"0x{int(version[0]):x}000{version[2]}"
    expected = subprocess.run([program, name, number, str(seed), file], check=True, capture_output=True, text=True).stdout
    done = subprocess.run([ffascope, "--ffa", version, "--json", "decode", "--buffer", name, file], check=True,
                          capture_output=True, text=True).stdout
    obj = json.loads(done)
    got = {(p["descriptor"], p["index"], field): value for p in obj["parts"] for field, value in p["fields"].items()}
    want = {}
    for line in expected.splitlines():
        part, index, field, value = line.split(" ", 3)
        want[part, int(index), field] = value
    # The kernel has no names for these, and leaves them 0.
    unnamed = {key for key, value in got.items() if key not in want and value in ("0", "0x0")}
    wrong = [f"{name} {version} seed {seed}: {key}: {got.get(key)}, the kernel's structure has {want.get(key)}"
             for key in want.keys() | got.keys() - unnamed if got.get(key) != want.get(key)]
    wrong += [f"{name} {version} seed {seed}: {f['text']}" for f in obj["findings"]]
    return len(want), wrong


def main():
    ffascope, source = sys.argv[1], os.environ.get("FFASCOPE_KERNEL_SOURCE")
    if not source:
        print("FFASCOPE_KERNEL_SOURCE is not set")
        return 77
    header = (pathlib.Path(source) / "include/linux/arm_ffa.h").read_text()
    if "FFA_EMAD_HAS_IMPDEF_FIELD" not in header:
        print("the header has the structures of FF-A 1.0 only")
        return 77
    compared, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        program, message = build(header, pathlib.Path(folder))
        cases = [("mem-transaction", v) for v in ("1.0", "1.1", "1.2", "1.3")]
        cases += [("partition-info", v) for v in ("1.0", "1.1", "1.2")]
        cases += [("message-header", "1.2")] if message else []
        for name, version in cases:
            for seed in range(SEEDS if name == "mem-transaction" else SEEDS // 5):
                n, bad = compare(ffascope, program, name, version, seed, f"{folder}/bytes")
                compared += n
                wrong += bad
    print(f"{compared} fields compared, {len(wrong)} differ")
    print("\n".join(wrong[:20]))
    return 1 if wrong or compared < 1000 else 0


sys.exit(main())
