# SPDX-License-Identifier: GPL-2.0-only
"""variants.py FFASCOPE: machines that strangers would report: one cause is named, and no two lines contradict."""
import itertools
import subprocess
import sys
import unittest
from pathlib import Path

import machine
from machine import GOOD, LOG, TRACE

FFASCOPE = sys.argv.pop(1)
ROOTS = Path(__file__).parent / "roots"

PROTECTED = "[    0.400000] kvm [1]: Protected hVHE mode initialized successfully\n"
DRIVER = "[    0.500000] ARM FF-A: Driver version 1.2\n"
FIRMWARE = "[    0.500001] ARM FF-A: Firmware version 1.2 found\n"
EL2 = "CPU: All CPU(s) started at EL2"
NO_FFA = {"sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": "", "dev/ffascope": None}
NO_TRACE = {f"{TRACE}/": None, "sys/kernel/tracing/README": ""}
ACPI = {"sys/firmware/devicetree/base/psci/method": None}
CREATE = "call 0x84000064 0x8400007d -> 0x84000061 0x0 0x0 0x0 secure"
SRI = "call 0x84000064 0x2 -> 0x84000061 0x0 0x8 0x0 secure"


def log(*changes):
    text = LOG
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return {"kmsg": text}


def device(*changes):
    text = machine.DEVICE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return {"dev/ffascope": text}


def swapped(ffa=DRIVER + FIRMWARE, kvm=PROTECTED):
    """arm_ffa came up first."""
    return log((PROTECTED, ""), (DRIVER + FIRMWARE, ffa + kvm))


def gic(line, setup="-61"):
    return log((FIRMWARE, f"{FIRMWARE}{line}[ 0.6] ARM FF-A: Failed to create IRQ mapping!\n"
                          f"[ 0.7] ARM FF-A: Notification setup failed {setup}, not enabled\n"),
               ("from DT", "from ACPI"))


def guest(line, *more):
    """A guest of another hypervisor; it starts at EL1, and KVM finds no EL2."""
    return {**log(("[    0.010000] " + EL2, line + "[    0.010000] CPU: All CPU(s) started at EL1"),
                  (PROTECTED, "[    0.4] kvm [1]: HYP mode not available\n"), *more), "dev/kvm": None, **NO_TRACE}


# changes, the bad checks (one unless causes are independent), words of what was found or seen, words of the fix
MACHINES = {
    # arm_ffa before pKVM, and siblings
    "arm_ffa built in, 6.16": ({**swapped(), "proc/sys/kernel/osrelease": "6.16.1\n"}, ["ffa-order"], "before pKVM", "Linux 7.2"),
    "arm_ffa built in, 6.12 with nVHE": ({**swapped(kvm=PROTECTED.replace("hVHE", "nVHE")),
                                          "proc/sys/kernel/osrelease": "6.12.117\n"}, ["ffa-order"], "before pKVM", "=m"),
    "arm_ffa built in, no driver line": (swapped(ffa=FIRMWARE), ["ffa-order"], "Firmware version", "=m"),
    "arm_ffa built in, refused by the module": ({**swapped(), "dev/ffascope": None}, ["ffa-order"], "before pKVM", "=m"),
    "arm_ffa built in, without tracing": ({**swapped(), **NO_TRACE}, ["ffa-order", "hyp-trace"], "before pKVM", "=m"),
    # deferred probe of 7.2
    "deferred, pKVM not protected": (
        {**log((PROTECTED, "[ 0.4] kvm [1]: VHE mode initialized successfully\n"), (DRIVER + FIRMWARE, "")), **NO_FFA,
         "sys/kernel/debug/devices_deferred": "arm-ffa\tplatform: waiting for pKVM\n"}, ["pkvm"], "VHE mode",
        "had no effect"),
    "deferred though pKVM is up": ({**log((DRIVER + FIRMWARE, "")), **NO_FFA, "sys/kernel/debug/devices_deferred":
                                    "regulator\t\narm-ffa\t\n"}, ["arm-ffa"], "waits for pKVM", "drivers_probe"),
    # lockdown that hides tracing
    "lockdown, confidentiality": ({"sys/kernel/security/lockdown": "none integrity [confidentiality]\n", **NO_TRACE},
                                  ["lockdown"], "confidentiality", "Secure Boot"),
    "lockdown, integrity": ({"sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}, ["lockdown"],
                            "integrity", "Secure Boot"),
    "lockdown without securityfs, tracefs empty": (
        {**log(("wlan0: address", "Kernel is locked down from EFI Secure Boot; see man kernel_lockdown.7 ")), **NO_TRACE},
        ["lockdown"], "EFI Secure Boot", "Secure Boot"),
    "integrity and no hypervisor tracing": ({"sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
                                             **NO_TRACE}, ["lockdown", "hyp-trace"], "integrity", "lockdown="),
    # interrupt mapping
    "SGI through ACPI": ({**gic("[ 0.59] GICv3: [Firmware Bug]: Illegal GSI8 translation request\n"), **ACPI},
                         ["notify-irq"], "SGI 8", "device tree"),
    "another SGI through ACPI": ({**gic("[ 0.59] GICv3: [Firmware Bug]: Illegal GSI12 translation request\n"), **ACPI},
                                 ["notify-irq"], "SGI 12", "device tree"),
    "ACPI without the GIC's line": ({**gic(""), **ACPI}, ["notify-irq"], "through ACPI", "acpi=off"),
    "no GICv3 in the device tree": (log((FIRMWARE, FIRMWARE + "[ 0.7] ARM FF-A: Notification setup failed -6, not enabled\n")),
                                    ["notify-irq"], "no GICv3", "arm,gic-v3"),
    "SRI taken by another driver": (log((FIRMWARE, FIRMWARE + "[ 0.7] ARM FF-A: Error registering percpu SRI nIRQ 17 : -16\n")),
                                    ["notify-irq"], "another driver", "/proc/interrupts"),
    # other steps of a notification
    "bitmap refused": (log((FIRMWARE, FIRMWARE + "[ 0.7] ARM FF-A: Notification bitmap create error -95\n")),
                       ["notify-bitmap"], "bitmap", "notification-bitmap-create"),
    "no interrupt offered": (device((SRI, "call 0x84000064 0x2 -> 0x84000060 0x0 0xffffffff 0x0 secure")),
                             ["notify-interrupt"], "neither", "CFG_CORE_ASYNC_NOTIF"),
    "OP-TEE gets no notification": (log((FIRMWARE, FIRMWARE + "[ 0.7] optee: Failed to initialize async notifications: -95\n")),
                                    ["notify-driver"], "EOPNOTSUPP", "notification-bind"),
    "the partition has no notifications": (device(("0x900018001", "0x100018001")), ["notify-partition"],
                                           "does not support", "manifest"),
    "features refused by EL2": (device((CREATE, "call 0x84000064 0x8400007d -> 0x84000060 0x0 0xffffffffffffffff 0x0 el2")),
                                ["notify-features"], "from the hypervisor", "proxy-series"),
    # other hypervisors
    "Xen": (guest("[    0.000000] Xen 4.17 support found\n"), ["hypervisor"], "Xen 4.17", "without Xen"),
    "Xen with an old SMCCC": (guest("[    0.000000] Xen 4.14 support found\n", ("Convention v1.4", "Convention v1.1")),
                              ["hypervisor"], "Xen 4.14", "without Xen"),
    "Xen by sysfs": ({**guest(""), "sys/hypervisor/type": "xen\n"}, ["hypervisor"], "Xen", "without Xen"),
    "Gunyah": (guest("[    0.000000] gunyah: Running under Gunyah hypervisor 81/v1\n"), ["hypervisor"],
               "Running under Gunyah", "without Gunyah"),
    "Gunyah by device tree": ({**guest(""), "sys/firmware/devicetree/base/hypervisor/compatible":
                               "gunyah-hypervisor-1.0\0gunyah-hypervisor\0"}, ["hypervisor"], "Gunyah", "without Gunyah"),
    "Hafnium": (guest("[    0.000000] Hafnium successfully loaded with 2 VMs:\n"), ["hypervisor"], "Hafnium", "without Hafnium"),
    "Hyper-V": (guest("[    0.000000] Hyper-V: Host Build 10.0.26100.1\n"), ["hypervisor"], "Hyper-V", "without Hyper-V"),
    "a KVM guest": (guest("[    0.000000] smccc: KVM: hypervisor services detected (0x0 0x0 0x0 0x3)\n"), ["hypervisor"],
                    "KVM of another host", "EL2"),
    "EL1 without a name": (guest(""), ["exception-level"], "EL1", "boot loader"),
    # Android
    "android without the events": ({f"{TRACE}/": None, "sys/kernel/tracing/hyp/events/hyp/hyp_printk/format": "x\n",
                                    "proc/sys/kernel/osrelease": "5.15.41-android13-8\n"}, ["hyp-trace"], "no hyp_enter",
                                   "android14"),
    # versions
    "an incompatible firmware": ({**log(("Firmware version 1.2 found", "Incompatible v0.9! Earliest supported v1.0")), **NO_FFA},
                                 ["arm-ffa"], "Incompatible v0.9", "FF-A 1.0 to 1.2"),
    # answers
    "the proxy has no version": (device(("-> 0x10002 0x0 0x0 0x0 el2", "-> 0xffffffffffffffff 0x0 0x0 0x0 el2")), ["proxy"],
                                 "FFA_VERSION fails", "call ffa-version"),
    "the SPMC is down": (device(("0x84000069 0x0 -> 0x84000061 0x0 0x0", "0x84000069 0x0 -> 0x84000060 0x0 0xffffffff")),
                         ["spmc"], "NOT_SUPPORTED", "firmware's own log"),
    "buffers mapped before kexec": (log((FIRMWARE, FIRMWARE + "[ 0.6] ARM FF-A: failed to register FFA RxTx buffers\n")),
                                    ["buffers"], "RxTx", "Reboot cold"),
    # independent causes are all named
    "a user without tracing": ({"proc/self/status": "CapEff:\t0\n", "sys/kernel/tracing/": None}, ["rights"], "CapEff", "root"),
    "no module and no tracing": ({"dev/ffascope": None, **NO_TRACE}, ["module", "hyp-trace"], "not loaded", "modprobe"),
}

# Two statements that cannot both be right. Each is words of one check's result.
CONTRADICTIONS = [
    (("arm-ffa", "good", ""), ("module", "bad", "needs arm_ffa")),
    (("reader", "good", "microsecond"), ("evidence", "", "nanosecond")),
    (("reader", "good", "nanosecond"), ("evidence", "", "microsecond")),
    (("pkvm", "bad", ""), ("evidence", "", "second")),
    (("pkvm", "bad", ""), ("proxy", "good", "")),
    (("ffa-order", "bad", ""), ("spmc", "good", "")),
    (("ffa-order", "bad", ""), ("notify-driver", "good", "")),
    (("notify-irq", "bad", ""), ("notify-driver", "good", "")),
    (("notify-features", "bad", ""), ("notify-driver", "good", "")),
    (("hypervisor", "bad", ""), ("exception-level", "good", "")),
    (("lockdown", "bad", ""), ("module", "good", "")),
    (("rights", "bad", ""), ("module", "good", "")),
    (("module", "bad", ""), ("evidence", "", "calls can be made;")),
    (("hyp-trace", "bad", ""), ("evidence", "", "second")),
    (("spmc", "unknown", "Nothing is known of the SPMC"), ("spmc", "unknown", "SPMC answers")),
]

# Of each file of the good machine: the checks that may turn bad without it. All others must not.
DEPENDENT = {
    "proc/self/status": set(), "proc/sys/kernel/arch": set(), "dev/ffascope": {"module"},
    "sys/bus/arm_ffa/devices/arm-ffa-1/partition_id": {"arm-ffa", "partitions"},
    "sys/bus/arm_ffa/devices/arm-ffa-1/uuid": {"arm-ffa", "partitions"},
    f"{TRACE}/events/hypervisor/hyp_enter/format": {"hyp-trace"},
    f"{TRACE}/events/hypervisor/hyp_exit/format": {"hyp-trace"},
}


def holds(checks, report, statement):
    name, state, words = statement
    if name == "evidence":
        return words in report["evidence_level"]
    return checks[name]["state"] == state and words in checks[name]["found"]


class Variants(unittest.TestCase):
    def ask(self, changes, *args):
        root = machine.make(changes)
        self.addCleanup(root.cleanup)
        return machine.ask(FFASCOPE, root.name, *args)

    def bad(self, checks):
        return [name for name, check in checks.items() if check["state"] == "bad"]

    def sane(self, checks, report):
        """Holds for every machine."""
        for one, other in CONTRADICTIONS:
            self.assertFalse(holds(checks, report, one) and holds(checks, report, other), (one, other))
        for check in checks.values():
            if check["state"] == "skipped":
                self.assertEqual(checks[check["see"]]["state"], "bad", check)
            for text in check.values():
                self.assertTrue(text is None or text.isprintable(), check)

    def test_there_are_forty_machines_and_more(self):
        self.assertGreaterEqual(len(MACHINES) + len(list(ROOTS.iterdir())), 40)

    def test_the_cause_is_named(self):
        for name, (changes, bad, words, fix) in MACHINES.items():
            with self.subTest(machine=name):
                status, checks, report = self.ask(changes)
                self.assertEqual(self.bad(checks), bad)
                self.assertIn(words, f"{checks[bad[0]]['found']} {checks[bad[0]]['seen']}")
                self.assertIn(fix, checks[bad[0]]["fix"])
                needed = any(check["needed_for"] for check in checks.values() if check["state"] in ("bad", "skipped"))
                self.assertEqual(status, 3 if needed else 0)
                self.sane(checks, report)

    def test_two_causes_are_two_messages(self):
        """Machines with two faults: what one alone would name is named, or rests on the other."""
        pairs = [(one, other) for one, other in itertools.combinations(MACHINES, 2)
                 if not set(MACHINES[one][0]) & set(MACHINES[other][0])
                 and not set(MACHINES[one][1]) & set(MACHINES[other][1])][::3]
        self.assertGreater(len(pairs), 50)
        for one, other in pairs:
            with self.subTest(machines=(one, other)):
                _, checks, report = self.ask({**MACHINES[one][0], **MACHINES[other][0]})
                self.assertTrue(self.bad(checks))
                self.assertLessEqual(set(self.bad(checks)), {*MACHINES[one][1], *MACHINES[other][1]})
                self.sane(checks, report)

    def test_no_single_file_is_an_unrelated_cause(self):
        for name in GOOD:
            with self.subTest(file=name):
                _, checks, report = self.ask({name: None})
                self.assertLessEqual(set(self.bad(checks)), DEPENDENT.get(name, set()))
                self.sane(checks, report)

    def test_no_single_log_line_is_an_unrelated_cause(self):
        lines = LOG.splitlines(keepends=True)
        for line in lines:
            with self.subTest(line=line):
                _, checks, report = self.ask({"kmsg": LOG.replace(line, "")})
                self.assertEqual(self.bad(checks), [])
                self.sane(checks, report)

    def test_a_log_that_starts_late_is_no_cause(self):
        lines = LOG.splitlines(keepends=True)
        for n in range(len(lines) + 1):
            with self.subTest(lines=n):
                _, checks, report = self.ask({"kmsg": "".join(lines[n:])})
                self.assertEqual(self.bad(checks), [])
                self.sane(checks, report)

    def test_the_form_of_the_log_makes_no_difference(self):
        for name, (changes, bad, *_) in MACHINES.items():
            text = changes.get("kmsg", LOG)
            forms = {
                "level": "".join(f"<6>{line}\n" for line in text.splitlines()),
                "/dev/kmsg": "".join(f"6,{n},{n}00,-;{line.partition('] ')[2]}\n" for n, line in enumerate(text.splitlines())),
                "CRLF": text.replace("\n", "\r\n"),
                "no time": "".join(line.partition("] ")[2] + "\n" for line in text.splitlines()),
                "dmesg -T": text.replace("[    ", "[Fri Nov 27 10:00:0").replace("[ 0.", "[Fri Nov 27 10:00:0"),
            }
            for form, kmsg in forms.items():
                with self.subTest(machine=name, form=form):
                    _, checks, report = self.ask({**changes, "kmsg": kmsg})
                    self.assertEqual(self.bad(checks), bad)
                    self.sane(checks, report)

    def test_text_of_another_machine_cannot_steer_the_terminal(self):
        evil = "\033]0;owned\007\033[2J"
        root = machine.make({**log(("VHE mode", f"{evil}VHE mode"), (FIRMWARE, f"{FIRMWARE}[1.0] ARM FF-A: Incompatible v9{evil}\n")),
                             **NO_FFA, "proc/sys/kernel/osrelease": f"7.3{evil}\n", "sys/hypervisor/type": f"xen{evil}\n",
                             "sys/fs/selinux/enforce": "1", "proc/self/attr/current": evil})
        self.addCleanup(root.cleanup)
        for args in ((), ("-v",), ("--json",)):
            r = subprocess.run([FFASCOPE, *args, "--color=never", "doctor", "--root", root.name], capture_output=True, check=False)
            self.assertFalse([byte for byte in r.stdout if byte < 32 and byte != 10 or byte >= 127])

    def test_only(self):
        status, checks, _ = self.ask(MACHINES["SGI through ACPI"][0], "--only", "notify-driver")
        self.assertEqual((status, list(checks)), (3, ["notify-irq", "notify-driver"]))
        status, checks, _ = self.ask(MACHINES["SGI through ACPI"][0], "--only", "module,hyp-trace", "--only", "reader")
        self.assertEqual((status, list(checks)), (0, ["module", "hyp-trace", "reader"]))

    def test_ignore(self):
        changes = MACHINES["lockdown, integrity"][0]
        status, checks, _ = self.ask(changes, "--ignore", "lockdown")
        self.assertEqual((status, self.bad(checks)), (0, []))
        self.assertEqual((checks["lockdown"]["state"], checks["module"]["state"]), ("ignored", "good"))

    def test_a_name_that_does_not_exist(self):
        for option in ("--only", "--ignore"):
            r = subprocess.run([FFASCOPE, "doctor", option, "pkvm,nonsense"], capture_output=True, text=True, check=False)
            self.assertEqual(r.returncode, 2)
            self.assertIn("nonsense: no such check. There are: processor", " ".join(r.stderr.split()))

    def test_lines_end_in_the_name_of_the_check(self):
        for args in ((), ("--notifications",)):
            root = machine.make(MACHINES["SGI through ACPI"][0])
            self.addCleanup(root.cleanup)
            r = subprocess.run([FFASCOPE, "doctor", "--root", root.name, *args], capture_output=True, text=True, check=False)
            _, checks, _ = machine.ask(FFASCOPE, root.name, *args)
            flat = " ".join(r.stdout.split())
            for name, check in checks.items():
                self.assertIn(f"{check['found']} [{name}]", flat)

    def test_notifications(self):
        for name, (changes, bad, *_) in MACHINES.items():
            if bad[0].startswith("notify-") or bad[0] in ("ffa-order", "arm-ffa"):
                with self.subTest(machine=name):
                    status, checks, report = self.ask(changes, "--notifications")
                    self.assertEqual((status, report["cause"]), (3, bad[0]))
                    self.assertIn("notify-partition", checks)
        status, checks, report = self.ask({}, "--notifications")
        self.assertEqual((status, report["cause"]), (0, None))
        self.assertNotIn("hyp-trace", checks)


class Roots(unittest.TestCase):
    """Machines of public reports."""

    def ask(self, name, *args):
        return machine.ask(FFASCOPE, str(ROOTS / name), *args)

    def test_nvidia_sgi(self):
        _, checks, _ = self.ask("30-nvidia-sgi")
        check = checks["notify-irq"]
        self.assertEqual(check["state"], "bad")
        self.assertIn("SGI 8", check["found"])
        self.assertIn("Illegal GSI8 translation request", check["seen"])
        self.assertIn("device tree", check["fix"])
        self.assertEqual([n for n, c in checks.items() if n.startswith("notify-") and c["state"] == "bad"], ["notify-irq"])
        self.assertEqual(self.ask("30-nvidia-sgi", "--notifications")[2]["cause"], "notify-irq")

    def test_version_downgrade(self):
        _, checks, _ = self.ask("31-cca-1.3-downgrade")
        self.assertEqual(checks["arm-ffa"]["found"], "driver 1.2, firmware 1.3: FF-A 1.2 is spoken")

    def test_arm_ffa_before_pkvm(self):
        status, checks, _ = self.ask("37-builtin-ffa-before-pkvm")
        self.assertEqual((status, checks["ffa-order"]["state"]), (3, "bad"))
        self.assertIn("=m", checks["ffa-order"]["fix"])
        self.assertIn("7.2", checks["ffa-order"]["fix"])
        for name in ("spmc", "buffers", "notify-features", "partitions"):
            self.assertEqual(checks[name]["see"], "ffa-order")

    def test_android_answers_id_get_itself(self):
        _, checks, report = self.ask("45-android-id-get")
        self.assertEqual(checks["spmc"]["state"], "unknown")
        self.assertIn("the hypervisor itself answers FFA_ID_GET", checks["spmc"]["found"])
        self.assertIn("Nothing is known of the SPMC", checks["spmc"]["found"])
        self.assertIn("microsecond", checks["reader"]["found"])
        self.assertIn("microsecond", report["evidence_level"])


if __name__ == "__main__":
    unittest.main()
