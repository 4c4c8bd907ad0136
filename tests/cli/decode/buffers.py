#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""decode --buffer: dumps as tools print them, and mistakes in a descriptor."""
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "200"}

# Values of Arm's arm-ffa crate, src/memory_management.rs, MEM_SHARE_FROM_SP1.
SHARE = bytes.fromhex(
    "05802f0000000000efcdab9078563412efbe0000adde000020000000010000003000000000000000000000000000000003800200500000000000"
    "000000000000000000000000000000000000000000000100000001000000000000000000000000f01040000000000100000000000000")


def run(*args, stdin=b"", status=0):
    done = subprocess.run([PROGRAM, *args], input=stdin, env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode == status, (args, done)
    return done


def decode(name, data, version="1.2", words=False):
    more = ["--words"] if words else []
    return json.loads(run("--ffa", version, "--json", "decode", *more, "--buffer", name, "-", stdin=data).stdout)


def findings(obj):
    return [(f["kind"], f["descriptor"], f["index"], f["field"]) for f in obj["findings"]]


def transaction(version, accesses=((0x8001, 2),), ranges=((0x40000000, 1),), **changes):
    """A descriptor out of numbers. changes: access_size, access_offset, count, composite, pages, constituents."""
    old, size = version == "1.0", 32 if version in ("1.2", "1.3") else 16
    head = 32 if old else 48
    size = changes.get("access_size", size)
    composite = changes.get("composite", head + size * len(accesses))
    data = struct.pack("<HHIQQ", 0, changes.get("attributes", 0x2f), changes.get("flags", 0), 0, 7)
    data += struct.pack("<II", 0 if old else size, changes.get("count", len(accesses)))
    if not old:
        data += struct.pack("<I", changes.get("access_offset", head)) + changes.get("reserved", bytes(12))
    for receiver, permissions in accesses:
        data += struct.pack("<HBBI", receiver, permissions, 0, composite) + bytes(size - 8)
    if ranges is not None:
        data += struct.pack("<IIQ", changes.get("pages", sum(n for _, n in ranges)),
                            changes.get("constituents", len(ranges)), 0)
        data += b"".join(struct.pack("<QII", address, n, 0) for address, n in ranges)
    return data


class Dumps(unittest.TestCase):
    def test_what_tools_print_is_read_as_the_bytes_that_they_read(self):
        want = decode("mem-transaction", SHARE)
        self.assertEqual((want["findings"], len(want["parts"])), ([], 4))
        with tempfile.NamedTemporaryFile() as file:
            file.write(SHARE)
            file.flush()
            tools = ["xxd", "xxd -p", "xxd -g1", "xxd -g4", "xxd -i", "xxd -u", "hexdump", "hexdump -C", "od -tx1", "od -tx2",
                     "od -A x -tx4", "od -A x -tx1z"]
            tried = 0
            for tool in tools:
                if not shutil.which(tool.split()[0]):
                    continue
                tried += 1
                dump = subprocess.run([*tool.split(), file.name], capture_output=True, check=True).stdout
                self.assertEqual(decode("mem-transaction", dump), want, tool)
        self.assertGreater(tried, 3)

    def test_dumps_of_kernels_debuggers_and_source_code(self):
        want = decode("mem-transaction", SHARE)
        words = struct.unpack("<28I", SHARE)
        rows = [SHARE[i:i + 16] for i in range(0, len(SHARE), 16)]
        kernel = "".join(f"[   12.3456{i}] ffa: tx: {16 * i:08x}: {row.hex(' ')}  ........\n" for i, row in enumerate(rows))
        gdb = "".join(f"0xffff8000800000{16 * i:02x}:\t" + "\t".join(f"0x{w:08x}" for w in words[4 * i:4 * i + 4]) + "\n"
                      for i in range(7))
        symbol = "".join(f"0x4010f0{16 * i:02x} <tx_buffer+{16 * i}>:\t" + "\t".join(f"0x{b:02x}" for b in row) + "\n"
                         for i, row in enumerate(rows))
        uboot = "".join(f"4010f0{16 * i:02x}: " + " ".join(f"{w:08x}" for w in words[4 * i:4 * i + 4]) + "    " +
                        "".join(chr(b) if 0x20 < b < 0x7f else "." for b in row) + "\n" for i, row in enumerate(rows))
        c = "static const u8 tx[] = {\n" + ", ".join(f"0x{b:02x}" for b in SHARE) + "\n};\n"
        rust = "let words: [u32; 28] = [" + ", ".join(f"0x{w:08x}" for w in words) + "];\n"
        string = '"' + "".join(f"\\x{b:02x}" for b in SHARE) + '"\n'
        for name, dump in (("kernel", kernel), ("gdb", gdb), ("symbol", symbol), ("u-boot", uboot), ("C", c),
                           ("rust", rust), ("string", string), ("plain", SHARE.hex()), ("blanks", SHARE.hex(" "))):
            self.assertEqual(decode("mem-transaction", dump.encode()), want, name)

    def test_groups_whose_order_nothing_shows_are_said_to_be_unsure(self):
        dump = "".join(f"{16 * i:08x}: " + " ".join(f"{w:08x}" for w in struct.unpack("<4I", bytes(range(0, 16)))) + "\n"
                       for i in range(2)).encode()
        self.assertTrue(decode("endpoint", dump)["order_unsure"])
        self.assertEqual(decode("endpoint", dump)["parts"][0]["fields"]["endpoint"], "515")
        obj = decode("endpoint", dump, words=True)
        self.assertEqual((obj["order_unsure"], obj["parts"][0]["fields"]["endpoint"]), (False, "256"))

    def test_repeated_lines_that_a_dump_leaves_out_are_put_back(self):
        data = SHARE[:48] + bytes(160) + b"\1" * 16
        dump = subprocess.run(["od", "-A", "x", "-tx1"], input=data, capture_output=True, check=True).stdout
        self.assertIn(b"*", dump)
        self.assertEqual(decode("mem-transaction", dump)["length"], len(data))

    def test_a_missing_line_is_an_error_with_its_place(self):
        lines = subprocess.run(["od", "-A", "x", "-tx1"], input=SHARE, capture_output=True, check=True).stdout.splitlines(True)
        done = run("decode", "--buffer", "mem-transaction", "-", stdin=b"".join(lines[:2] + lines[3:]), status=2)
        self.assertIn(b"line 3: the label says offset 0x30, but 0x20 bytes precede it", done.stderr)
        done = run("decode", "--buffer", "mem-transaction", "-", stdin=b"05 80\nhello world\n", status=2)
        self.assertIn(b"line 2: not understood", done.stderr)

    def test_wrong_usage_says_what_to_do(self):
        for args, says in (((), b"takes one file"), (("a", "b"), b"takes one file"), (("/nowhere/x",), b"No such file")):
            done = run("decode", "--buffer", "mem-transaction", *args, status=5 if args == ("/nowhere/x",) else 2)
            self.assertIn(says, done.stderr)
        self.assertIn(b"list --descriptors", run("decode", "--buffer", "nothing", "-", status=2).stderr)
        self.assertIn(b"since 1.1", run("--ffa", "1.0", "decode", "--buffer", "message-header", "-", status=2).stderr)


class Transactions(unittest.TestCase):
    def test_each_version_has_its_layout(self):
        for version, head, access in (("1.0", 32, 16), ("1.1", 48, 16), ("1.2", 48, 32), ("1.3", 48, 32)):
            obj = decode("mem-transaction", transaction(version, ((0x8001, 2), (0x8002, 5))), version)
            self.assertEqual(obj["findings"], [], version)
            self.assertEqual([(p["descriptor"], p["offset"], p["size"]) for p in obj["parts"]],
                             [("mem-transaction", 0, head), ("mem-access", head, access), ("mem-access", head + access, access),
                              ("composite-region", head + 2 * access, 16), ("constituent", head + 2 * access + 16, 16)])
            self.assertEqual([p["fields"].get("data-access") for p in obj["parts"]][1:3], ["rw", "ro"])

    def test_reserved_bits_are_broken_by_the_rule_of_the_version(self):
        for version, rule in (("1.1", "MBZ"), ("1.2", "MBZ"), ("1.3", "SBZ")):
            obj = decode("mem-transaction", transaction(version, reserved=b"\0" * 11 + b"\1"), version)
            found = [(f["kind"], f["rule"], f["member_offset"], f["bits"]) for f in obj["findings"]]
            self.assertEqual(found, [("rule", rule, 36, "95:0")])
        obj = decode("mem-transaction", transaction("1.2", attributes=0x8f))
        self.assertEqual([(f["bits"], f["rule"], f["value"]) for f in obj["findings"]], [("15:7", "MBZ", "0x1")])
        obj = decode("mem-transaction", transaction("1.2", flags=1 << 11))
        self.assertEqual([(f["bits"], f["rule"]) for f in obj["findings"]], [("31:11", "unknown")])
        self.assertIn("Hafnium", obj["findings"][0]["text"])

    def test_values_that_a_field_cannot_have(self):
        obj = decode("mem-transaction", transaction("1.2", ((0x8001, 0xf),), attributes=0x31))
        self.assertEqual([(f["kind"], f["field"]) for f in obj["findings"]],
                         [("value", "type"), ("value", "shareability"), ("value", "instruction-access"),
                          ("value", "data-access")])

    def test_offsets_and_counts_outside_of_the_buffer(self):
        cases = (
            (dict(composite=4096), ("outside", "mem-access", 0, "composite-offset")),
            (dict(composite=0xfffffff8), ("outside", "mem-access", 0, "composite-offset")),
            (dict(access_offset=0xfffffff0), ("outside", "mem-transaction", 0, "access-count")),
            (dict(count=0xffffffff, access_size=32), ("outside", "mem-transaction", 0, "access-count")),
            (dict(count=3), ("outside", "mem-transaction", 0, "access-count")),
            (dict(constituents=2), ("outside", "composite-region", 0, "constituent-count")),
            (dict(constituents=0xffffffff), ("outside", "composite-region", 0, "constituent-count")),
        )
        for changes, want in cases:
            self.assertIn(want, findings(decode("mem-transaction", transaction("1.2", **changes))), changes)
        for length in 0, 1, 7, 31, 47:
            self.assertIn("outside", [f["kind"] for f in decode("mem-transaction", bytes(length))["findings"]])

    def test_values_that_do_not_fit_each_other(self):
        cases = (
            (dict(composite=32), ("misfit", "mem-access", 0, "composite-offset")),
            (dict(composite=84, ranges=None), ("misfit", "mem-access", 0, "composite-offset")),
            (dict(access_offset=40), ("misfit", "mem-transaction", 0, "access-offset")),
            (dict(access_size=20), ("misfit", "mem-transaction", 0, "access-size")),
            (dict(access_size=8), ("misfit", "mem-transaction", 0, "access-size")),
            (dict(count=0), ("misfit", "mem-transaction", 0, "access-count")),
            (dict(pages=2), ("misfit", "composite-region", 0, "page-count")),
            (dict(ranges=((0x40000800, 1),)), ("misfit", "constituent", 0, "address")),
            (dict(ranges=((0xfffffffffffff000, 2),)), ("misfit", "constituent", 0, "page-count")),
            (dict(accesses=((0x8001, 2), (0x8001, 2))), ("misfit", "mem-access", 1, "receiver")),
        )
        for changes, want in cases:
            self.assertIn(want, findings(decode("mem-transaction", transaction("1.2", **changes))), changes)
        # The last page that a 64-bit address can have.
        obj = decode("mem-transaction", transaction("1.2", ranges=((0xfffffffffffff000, 1),)))
        self.assertEqual(obj["findings"], [])

    def test_remarks_on_what_is_not_wrong(self):
        obj = decode("mem-transaction", transaction("1.1"), "1.2")
        self.assertEqual(findings(obj), [("remark", "mem-transaction", 0, "access-size")])
        obj = decode("mem-transaction", SHARE + b"\0\0\5")
        self.assertEqual([f["text"] for f in obj["findings"]], ["bytes 112 to 114 belong to no descriptor"])
        self.assertEqual(decode("mem-transaction", SHARE + bytes(4096 - len(SHARE)))["findings"], [])
        obj = decode("mem-transaction", transaction("1.0"), "1.2")
        self.assertIn("is this a descriptor of 1.0?", json.dumps(obj["findings"]))


class Others(unittest.TestCase):
    def test_partition_information_of_each_version(self):
        head = struct.pack("<HHI", 0x8003, 4, 0x107)
        uuid, image = bytes(range(16)), bytes(range(16, 32))
        for version, data in (("1.0", head), ("1.1", head + uuid), ("1.2", head + uuid),
                              ("1.3", head + uuid + image + struct.pack("<II", 0x10002, 0))):
            obj = decode("partition-info", 3 * data + bytes(200), version)
            self.assertEqual([p["offset"] for p in obj["parts"]], [0, len(data), 2 * len(data)])
            fields = obj["parts"][2]["fields"]
            self.assertEqual((fields["id"], fields["contexts"]), ("0x8003", "4"))
            self.assertEqual(fields["properties"], "receives-direct-req,sends-direct-req,indirect-messages,aarch64")
            if version != "1.0":
                self.assertEqual(fields["uuid"], "00010203-0405-0607-0809-0a0b0c0d0e0f")
                self.assertEqual(obj["findings"], [])
            if version == "1.3":
                self.assertEqual((fields["image-uuid"], fields["ffa-version"]),
                                 ("10111213-1415-1617-1819-1a1b1c1d1e1f", "1.2"))
        obj = decode("partition-info", struct.pack("<HHI", 1, 2, 0x10 | 1 << 14) + bytes(16), "1.2")
        self.assertEqual([(f["kind"], f["field"]) for f in obj["findings"]], [("rule", None), ("misfit", "contexts")])
        obj = decode("partition-info", struct.pack("<HHI", 1, 2, 1 << 9), "1.0")
        self.assertEqual(obj["findings"][0]["text"], "receives-direct-req2 is since 1.2")

    def test_relinquish_with_its_endpoints(self):
        data = struct.pack("<QII", 0x1122334455667788, 1, 2) + struct.pack("<HH", 0x8001, 0x8002)
        obj = decode("relinquish", data)
        self.assertEqual([p["fields"].get("endpoint") for p in obj["parts"]], [None, "0x8001", "0x8002"])
        self.assertEqual(obj["findings"], [])
        self.assertIn(("outside", "relinquish", 0, "endpoint-count"), findings(decode("relinquish", data[:-1])))
        data = struct.pack("<QII", 0, 4, 0)
        self.assertEqual(findings(decode("relinquish", data, "1.1")),
                         [("rule", "relinquish", 0, None), ("misfit", "relinquish", 0, "endpoint-count")])

    def test_rxtx_buffers_of_an_endpoint(self):
        region = struct.pack("<IIQ", 1, 1, 0) + struct.pack("<QII", 0x40000000, 1, 0)
        obj = decode("rxtx-descriptor", struct.pack("<HHIII", 5, 0, 16, 48, 0) + 2 * region, "1.1")
        self.assertEqual([p["offset"] for p in obj["parts"]], [0, 16, 32, 48, 64])
        self.assertEqual(obj["findings"], [])
        obj = decode("rxtx-descriptor", struct.pack("<HHII", 5, 0, 1, 1) + 2 * region[16:], "1.0")
        self.assertEqual([p["descriptor"] for p in obj["parts"]], ["rxtx-descriptor", "constituent", "constituent"])
        obj = decode("rxtx-descriptor", struct.pack("<HHIII", 5, 0, 12, 4096, 0) + region)
        self.assertEqual(findings(obj)[-1], ("outside", "rxtx-descriptor", 0, "tx-offset"))
        self.assertIn(("misfit", "rxtx-descriptor", 0, "rx-offset"), findings(obj))

    def test_message_header(self):
        old = struct.pack("<IIIII", 0, 0, 20, 0x00018002, 4) + b"ping"
        obj = decode("message-header", old, "1.1")
        self.assertEqual((obj["parts"][0]["fields"]["sender"], obj["parts"][0]["fields"]["receiver"]), ("1", "0x8002"))
        self.assertEqual(obj["findings"], [])
        self.assertIn(("misfit", "message-header", 0, "offset"), findings(decode("message-header", old + bytes(20), "1.2")))
        obj = decode("message-header", struct.pack("<IIIIII", 1, 0, 40, 0x00018002, 5, 0) + bytes(16) + b"ping", "1.2")
        self.assertEqual(findings(obj), [("rule", "message-header", 0, None), ("outside", "message-header", 0, "size")])

    def test_a_fragment_is_constituents_up_to_its_end(self):
        data = b"".join(struct.pack("<QII", 0x40000000 + (i << 13), 1, 0) for i in range(5))
        obj = decode("constituent", data)
        self.assertEqual([p["fields"]["address"] for p in obj["parts"]][4], "0x40008000")
        self.assertEqual(findings(decode("constituent", data[:-1])), [("outside", "constituent", 4, None)])

    def test_the_text_marks_what_is_wrong_and_explains_it(self):
        out = run("decode", "--explain", "--buffer", "mem-transaction", "-",
                  stdin=transaction("1.2", pages=2)).stdout.decode()
        self.assertIn("constituent 0 at 0x60  address 0x40000000  page-count 1", out)
        self.assertIn("  ! composite-region 0, 0x50 page-count 2: the constituents have 1 [TF-A", out)
        self.assertIn("0x32[1:0]     data-access", out)


class Built(unittest.TestCase):
    """call --dry-run explains the buffer that its words describe."""

    def dry(self, *words):
        r = subprocess.run([PROGRAM, "--json", "call", "--dry-run", *words], capture_output=True, text=True, check=False)
        return r.returncode, [json.loads(line) for line in r.stdout.splitlines()], r.stderr

    def test_the_descriptor_of_a_share(self):
        status, (call, buffer), _ = self.dry("mem-share", "receiver=0x8001", "pages=300", "access=rw", "fragment=1000")
        self.assertEqual(status, 0)
        self.assertEqual(call["in"][1:3], [hex(buffer["length"]), hex(1000)])
        self.assertEqual(buffer["findings"], [])
        self.assertEqual(int(buffer["parts"][1]["fields"]["receiver"], 0), 0x8001)
        self.assertEqual(len(buffer["parts"]), 303)

    def test_given_lengths_stay(self):
        _, (call, _), _ = self.dry("mem-lend_64", "receiver=1", "pages=1", "w1=5", "fragment-length=7")
        self.assertEqual(call["in"][1:3], ["0x5", "0x7"])

    def test_bytes_and_files(self):
        with tempfile.NamedTemporaryFile("w") as dump:
            dump.write("00000000: 0100 0000\n")
            dump.flush()
            _, (_, buffer), _ = self.dry("mem-share", f"tx=@{dump.name}", "tx[2]=1", "tx[0x2f]=0")
        self.assertEqual(buffer["length"], 48)
        self.assertEqual(int(buffer["parts"][0]["fields"]["sender"], 0), 1)
        self.assertEqual(buffer["parts"][0]["fields"]["shareability"], "1")

    def test_what_cannot_be_built(self):
        for words, message in ((["pages=x"], "pages=x: give a number"), (["tx=@/nowhere"], "/nowhere: No such file"),
                               (["tx[0:9]=1"], "1 to 8 bytes")):
            status, _, err = self.dry("mem-share", *words)
            self.assertEqual(status, 2)
            self.assertIn(message, err)

    def test_no_other_way_to_make_it(self):
        status, _, err = self.dry("mem-share", "pages=1", "--via", "driver")
        self.assertEqual(status, 2, err)


unittest.main()
