# SPDX-License-Identifier: GPL-2.0-only
"""machines.py FFASCOPE: of machines that lack something `doctor' names what, and what to type."""
import subprocess
import sys
import unittest

import machine
from machine import LOG, TRACE

FFASCOPE = sys.argv.pop(1)


def log(old, new):
    """The log of the good machine with one line changed."""
    assert old in LOG
    return {"kmsg": LOG.replace(old, new)}


def device(old, new):
    assert old in machine.DEVICE
    return {"dev/ffascope": machine.DEVICE.replace(old, new)}


PROTECTED = "kvm [1]: Protected hVHE mode initialized successfully"
CREATE = "0x84000064 0x8400007d -> 0x84000061 0x0 0x0 0x0 secure"

# The fault: changes, the link that is bad, words of what was found, words of the fix, exit status.
BROKEN = {
    "another processor": ({"proc/sys/kernel/arch": "x86_64\n"}, "processor", "x86_64", "ffalab demo", 3),
    "started at EL1": (log("started at EL2", "started at EL1"), "exception-level", "EL1", "boot loader", 3),
    "CPUs unlike each other": (log("CPU: All CPU(s) started at EL2", "CPU: CPUs started in inconsistent modes"),
                               "exception-level", "some at EL1", "CPU_ON", 3),
    "an old firmware": (log("Convention v1.4", "Convention v1.1"), "firmware", "SMCCC 1.1", "TF-A", 3),
    "an older firmware": (log("Using standard PSCI v0.2 function IDs\n[    0.000000] psci: SMC Calling Convention v1.4",
                              "Using PSCI v0.1 Function IDs from DT"), "firmware", "no SMCCC version", "PSCI 1.0", 3),
    "VHE": ({**log(PROTECTED, "kvm [1]: VHE mode initialized successfully"), "proc/cmdline": "quiet\n"},
            "pkvm", "not protected", "Boot with kvm-arm.mode=protected", 3),
    "nVHE that is not protected": (log(PROTECTED, "kvm [1]: Hyp nVHE mode initialized successfully"),
                                   "pkvm", "Hyp nVHE mode initialized",
                                   "why it had no effect", 3),
    "a boot loader that adds its own mode": ({**log(PROTECTED, "kvm [1]: Hyp nVHE mode initialized successfully"),
                                             "proc/cmdline": "kvm-arm.mode=protected quiet kvm-arm.mode=nvhe\n"},
                                             "pkvm", "not protected", "instead of kvm-arm.mode=nvhe", 3),
    "KVM switched off": ({"proc/cmdline": "kvm-arm.mode=none\n",
                          **log(PROTECTED, "kvm [1]: KVM disabled from command line")},
                         "pkvm", "disabled on the command line", "instead of kvm-arm.mode=none", 3),
    "protection that failed": (log(PROTECTED, PROTECTED + "\n[    1.0] Failed to finalize Hyp protection: -22"),
                               "pkvm", "gave up", "dmesg | grep kvm", 3),
    "a hypervisor that found no memory": ({**log(PROTECTED, "kvm [1]: Failed to reserve hyp memory\n"
                                                 "[    0.41] kvm [1]: error initializing Hyp mode: -12"), "dev/kvm": None},
                                          "pkvm", "Failed to reserve hyp memory", "cma=", 3),
    "a hypervisor whose tracing failed": ({**log(PROTECTED, "kvm [1]: Failed to initialize Hyp tracing"),
                                           "dev/kvm": None, f"{TRACE}/": None, "sys/kernel/tracing/README": ""},
                                          "pkvm", "Hyp tracing", "hyp trace", 3),
    "a kernel without KVM": ({**log("[    0.400000] " + PROTECTED + "\n", ""), "dev/kvm": None,
                              "proc/cmdline": "quiet\n", f"{TRACE}/": None, "sys/kernel/tracing/README": ""},
                             "pkvm", "no KVM", "CONFIG_KVM=y", 3),
    "a kernel without arm_ffa": ({"sys/bus/": None, "proc/config.gz": "CONFIG_KVM=y\n"}, "arm-ffa",
                                 "no FF-A driver", "CONFIG_ARM_FFA_TRANSPORT=m", 3),
    "arm_ffa as a module, not loaded": ({"sys/bus/": None, "proc/config.gz": "CONFIG_ARM_FFA_TRANSPORT=m\n"},
                                        "arm-ffa", "not loaded", "Run `modprobe arm_ffa'", 3),
    "a firmware without FF-A": ({**log("Driver version 1.2", "FFA_VERSION returned not supported"),
                                 "sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": "", "dev/ffascope": None,
                                 "kmsg": LOG.replace("Driver version 1.2", "FFA_VERSION returned not supported")
                                 .replace("[    0.500001] ARM FF-A: Firmware version 1.2 found\n", "")},
                                "arm-ffa", "the firmware has no FF-A", "SPD=spmd", 3),
    "versions that do not fit": ({"kmsg": LOG.replace("Firmware version 1.2 found",
                                                      "Incompatible v2.0! Latest supported v1.2"),
                                  "sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": "",
                                  "dev/ffascope": None},
                                 "arm-ffa", "Incompatible v2.0", "as new as the firmware", 3),
    "an SPMC that is down": (device("0x84000069 0x0 -> 0x84000061 0x0 0x0 0x0", "0x84000069 0x0 -> "
                                    "0x84000060 0x0 0xffffffff 0x0"), "spmc", "NOT_SUPPORTED", "firmware's own log", 3),
    "partitions that were not registered": ({"sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": ""},
                                            "partitions", "arm_ffa registered none", "dmesg | grep FF-A", 0),
    "no partitions": ({"sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": "",
                       **device("0x84000061 0x0 0x1 0x0 -", "0x84000061 0x0 0x0 0x0 -")},
                      "partitions", "shows no partition to this kernel", "manifest", 0),
    "buffers of another owner": (log("Firmware version 1.2 found",
                                     "Firmware version 1.2 found\n[ 0.6] ARM FF-A: failed to register FFA RxTx buffers"),
                                 "buffers", "could not map", "Reboot cold", 0),
    "a driver that is not an endpoint": ({"kmsg": LOG.replace("Firmware version 1.2 found", "failed to obtain VM id for self"),
                                      "sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": "",
                                      "dev/ffascope": None},
                                     "arm-ffa", "VM id", "dmesg | grep FF-A", 3),
    "pending notifications that cannot be fetched": (
        log("Firmware version 1.2 found", "Firmware version 1.2 found\n[ 9.6] ARM FF-A: Notification Info fetch failed: "
            "0x84000060 (0xffffffffffffffff)"), "notify-driver", "which lists pending", "notification-info-get-64", 0),
    "a proxy that refuses notifications": (device(CREATE, "0x84000064 0x8400007d -> 0x84000060 0x0 "
                                                  "0xffffffffffffffff 0x0 el2"),
                                           "notify-features", "answer from the hypervisor", "examples/proxy-series",
                                           0),
    "an SPMC without notifications": (device(CREATE, "0x84000064 0x8400007d -> 0x84000060 0x0 0xffffffff 0x0 secure"),
                                      "notify-features", "answer from EL3 or the secure world",
                                      "features feature=0x8400007d", 0),
    "notifications without an interrupt": (device("0x84000064 0x2 -> 0x84000061 0x0 0x8", "0x84000064 0x2 -> "
                                                  "0x84000060 0x0 0xffffffff"),
                                           "notify-interrupt", "neither the Schedule Receiver", "CFG_CORE_ASYNC_NOTIF", 0),
    "an interrupt that cannot be mapped": (log("Firmware version 1.2 found",
                                               "Firmware version 1.2 found\n[ 0.6] ARM FF-A: Failed to create IRQ mapping!"),
                                           "notify-irq", "cannot map the interrupt", "SGI of a GICv3", 0),
    "a user": ({"proc/self/status": "CapEff:\t0000000000000000\n"}, "rights", "no CAP_SYS_ADMIN", "root", 3),
    "lockdown": ({"sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}, "lockdown", "[integrity]",
                 "Secure Boot", 3),
    "lockdown where securityfs is not mounted": (
        log("address", "up\n[ 0.0] Kernel is locked down from command line; see man kernel_lockdown.7"), "lockdown",
        "from command line", "Secure Boot", 3),
    "no module": ({"dev/ffascope": None}, "module", "not loaded", "modprobe ffascope", 3),
    "a module that refused": ({"dev/ffascope": None,
                               **log("address", "up\n[ 1.0] ffascope: firmware has SMCCC 1.1, FF-A needs 1.2")},
                              "module", "FF-A needs 1.2", "modprobe ffascope", 3),
    "a module for another kernel": ({"dev/ffascope": None,
                                     **log("address", "up\n[ 1.0] ffascope: version magic '6.12' should be '7.3.4'\n"
                                           "[ 2.0] ffascope: loading out-of-tree module taints kernel.")},
                                    "module", "version magic '6.12'", "kmod/build.sh", 3),
    "a module that is not signed": ({"dev/ffascope": None,
                                     **log("address", "up\n[ 1.0] Loading of unsigned module is rejected")},
                                    "module", "unsigned", "sign-file", 3),
    "a kernel without modules": ({"dev/ffascope": None, "proc/config.gz": "CONFIG_ARM_FFA_TRANSPORT=y\n"}, "module",
                                 "loads no modules", "CONFIG_MODULES=y", 3),
    "a module of another ABI": (device("abi 1", "abi 7"), "module", "ABI version 7", "rmmod ffascope", 3),
    "a device that is refused": ({"dev/ffascope": "error /dev/ffascope: Operation not permitted. It needs this\n"},
                                 "module", "Operation not permitted", "It needs this", 3),
    "no tracefs": ({"sys/kernel/tracing/": None}, "hyp-trace", "not mounted", "mount -t tracefs", 3),
    "a kernel without hypervisor tracing": ({f"{TRACE}/": None, "sys/kernel/tracing/README": ""}, "hyp-trace",
                                            "no hypervisor tracing", "CONFIG_NVHE_EL2_TRACING=y", 3),
    "tracing that has nothing to trace": ({f"{TRACE}/": None, "sys/kernel/tracing/README": "", "proc/config.gz":
                                           "CONFIG_NVHE_EL2_TRACING=y\nCONFIG_MODULES=y\n"}, "hyp-trace",
                                          "does not show it", "`pkvm'", 3),
    "a hypervisor without the events": ({f"{TRACE}/events/hypervisor/hyp_enter/": None}, "hyp-trace",
                                        "no hyp_enter", "7.1 and later", 3),
    "a run that was killed": ({"run/ffascope/state": "ffascope-state 2\nboot 11111111-2222-3333-4444-555555555555\n"},
                              "left-over-state", "killed run", "doctor --repair", 0),
}


class Machines(unittest.TestCase):
    def ask(self, changes):
        root = machine.make(changes)
        self.addCleanup(root.cleanup)
        return machine.ask(FFASCOPE, root.name)

    def test_a_machine_that_has_it_all(self):
        status, links, report = self.ask({})
        self.assertEqual(status, 0, links)
        self.assertEqual({name: link["found"] for name, link in links.items() if link["state"] != "good"}, {})
        self.assertIn("to the nanosecond", report["evidence_level"])
        self.assertEqual(report["kernel"], "7.3.4")

    def test_versions_and_properties_are_told(self):
        _, links, _ = self.ask({})
        self.assertEqual(links["arm-ffa"]["found"], "driver 1.2, firmware 1.2: FF-A 1.2 is spoken")
        self.assertEqual(links["spmc"]["found"], "SPMC 0x8000 answers; this kernel is endpoint 0x0000")
        self.assertTrue(links["partitions"]["found"].endswith("; 0x8001: takes direct requests, notifications"))

    def test_there_are_as_many_broken_machines_as_promised(self):
        self.assertGreaterEqual(len(BROKEN), 15)

    def test_each_broken_machine(self):
        for name, (changes, bad, found, fix, status) in BROKEN.items():
            with self.subTest(machine=name):
                got, links, _ = self.ask(changes)
                link = links[bad]
                self.assertEqual(link["state"], "bad", link)
                self.assertIn(found, f"{link['found']} {link['seen']}")
                self.assertIn(fix, link["fix"])
                self.assertTrue(link["effect"] and link["source"] and link["seen"])
                self.assertEqual(got, status)

    def test_one_cause_is_one_bad_check(self):
        """Checks that rest on the bad one name it instead of a second cause."""
        for name, (changes, bad, *_) in BROKEN.items():
            with self.subTest(machine=name):
                _, checks, _ = self.ask(changes)
                self.assertEqual([n for n, check in checks.items() if check["state"] == "bad"], [bad])
                self.assertLessEqual({check["see"] for check in checks.values() if check["state"] == "skipped"}, {bad})

    def test_every_check_says_what_was_seen_its_effect_and_what_to_type(self):
        more = {"nothing at all": {name: None for name in machine.GOOD if name != "proc/sys/kernel/arch"},
                "buffers of unknown size": {"sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": "", **device(
                    "0xc4000066 -> 0x84000061 0x0 0x0", "0xc4000066 -> 0x84000060 0x0 0xffffffff")}}
        for name, changes in {**{name: row[0] for name, row in BROKEN.items()}, **more}.items():
            with self.subTest(machine=name):
                _, checks, _ = self.ask(changes)
                for check in checks.values():
                    self.assertTrue(check["found"], check)
                    if check["state"] in ("bad", "unknown"):
                        self.assertTrue(check["source"] and check["fix"], check)
                    if check["state"] == "bad":
                        self.assertTrue(check["seen"] and check["effect"], check)

    def test_links_that_verdicts_need_leave_the_calls(self):
        _, links, report = self.ask({f"{TRACE}/": None, "sys/kernel/tracing/README": ""})
        self.assertIn("every verdict is unknown", report["evidence_level"])
        self.assertEqual(links["hyp-trace"]["needed_for"], "verdicts")
        _, _, report = self.ask({"dev/ffascope": None})
        self.assertIn("no calls can be made", report["evidence_level"])

    def test_what_cannot_be_known_is_unknown(self):
        _, links, _ = self.ask({"kmsg": "", "dev/ffascope": None,
                                "sys/firmware/devicetree/base/psci/method": None,
                                f"{TRACE}/": None, "sys/kernel/tracing/README": ""})
        for name in ("exception-level", "firmware", "pkvm"):
            with self.subTest(link=name):
                self.assertEqual(links[name]["state"], "unknown", links[name])

    def test_log_lines_with_level_and_thread(self):
        """As klogctl() gives them, and as kernels with CONFIG_PRINTK_CALLER write them."""
        text = "".join("<6>" + line.replace("]", "][    T1]", 1) + "\n" for line in LOG.splitlines())
        self.assertEqual(self.ask({"kmsg": text})[1], self.ask({})[1])

    def test_what_a_log_lost_is_no_finding(self):
        """The boot has gone out of the log of a machine that has been up for long: only late lines are left."""
        late = ("[90000.1] psci: CPU1 killed (polled 0 ms)\n[90000.2] kvm [77]: a late line\n"
                "[90000.3] ffascope: loading out-of-tree module taints kernel.\n")
        _, links, _ = self.ask({"kmsg": late, "proc/cmdline": "quiet\n"})
        self.assertEqual({n: link["found"] for n, link in links.items() if link["state"] == "bad"}, {})
        self.assertEqual(links["pkvm"]["state"], "unknown")
        self.assertEqual(links["exception-level"]["state"], "good")
        self.assertIn("does not reach back", links["pkvm"]["source"])
        self.assertEqual(links["proxy"]["state"], "good")
        # Some systems make no /dev/kvm though KVM is there.
        for words in ("quiet\n", "kvm-arm.mode=protected\n"):
            _, links, _ = self.ask({"kmsg": late, "dev/kvm": None, "proc/cmdline": words})
            self.assertEqual(links["pkvm"]["state"], "unknown")
        _, links, _ = self.ask({"kmsg": late, "sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": "",
                                "dev/ffascope": None})
        self.assertEqual(links["arm-ffa"]["state"], "unknown")
        self.assertIn("modprobe ffascope", links["arm-ffa"]["fix"])

    def test_a_module_that_was_taken_out_was_not_refused(self):
        _, links, _ = self.ask({"dev/ffascope": None, **log("address", "up\n[ 1.0] ffascope: loading out-of-tree module "
                                                            "taints kernel.")})
        self.assertTrue(links["module"]["found"].startswith("not loaded (/dev/ffascope"))

    def test_pages_that_stayed_shared_are_named(self):
        _, links, _ = self.ask(device("unsafe 0\n", "unsafe 1\nkept 5\n"))
        self.assertIn("5 pages", links["module"]["effect"])
        self.assertIn("memory handle", links["module"]["fix"])

    def test_lockdown_that_was_asked_for(self):
        _, links, _ = self.ask({"proc/cmdline": "kvm-arm.mode=protected lockdown=integrity\n"})
        self.assertEqual(links["lockdown"]["state"], "unknown")
        self.assertIn("mount -t securityfs", links["lockdown"]["fix"])

    def test_the_device_of_this_kernel_is_no_partition(self):
        own = {"sys/bus/arm_ffa/devices/arm-ffa-2/partition_id": "0x0000\n",
               "sys/bus/arm_ffa/devices/arm-ffa-2/uuid": "00000000-0000-0000-0000-000000000000\n"}
        _, links, _ = self.ask(own)
        self.assertIn("(no driver), arm-ffa-2 0x0000 (this kernel)", links["partitions"]["found"])
        # As where a partition could not be registered.
        _, links, _ = self.ask({"sys/bus/arm_ffa/devices/arm-ffa-1/partition_id": None,
                                "sys/bus/arm_ffa/devices/arm-ffa-1/uuid": None, **own})
        self.assertEqual(links["partitions"]["state"], "bad")

    def test_the_conduit_without_a_device_tree(self):
        _, links, _ = self.ask({"sys/firmware/devicetree/base/psci/method": None, **device("conduit smc", "conduit hvc")})
        self.assertIn("conduit hvc", links["firmware"]["found"])

    def test_selinux_is_no_verdict_by_itself(self):
        _, links, _ = self.ask({"sys/fs/selinux/enforce": "1", "proc/self/attr/current": "u:r:su:s0"})
        self.assertEqual(links["selinux"]["state"], "unknown")
        self.assertIn("u:r:su:s0", links["selinux"]["found"])

    def test_text_is_what_is_left_without_types(self):
        for changes in ({"sys/kernel/btf/vmlinux": None}, {"proc/sys/kernel/unprivileged_bpf_disabled": None}):
            _, links, _ = self.ask(changes)
            self.assertIn("text of trace_pipe", links["reader"]["found"])

    def test_what_hooks_the_driver(self):
        _, links, _ = self.ask({"found/hook": "fprobe"})
        self.assertEqual(links["driver-hook"]["found"], "`trace' sees the drivers' calls through fprobe")
        _, links, _ = self.ask({"found/hook-error": "BPF cannot attach to arm_ffa (no). Build the kernel"})
        self.assertEqual((links["driver-hook"]["state"], links["driver-hook"]["fix"]), ("bad", "Build the kernel"))
        _, links, _ = self.ask({"proc/sys/kernel/unprivileged_bpf_disabled": None})
        self.assertIn("CONFIG_FPROBE=y", links["driver-hook"]["fix"])

    def test_a_run_that_goes_on_is_not_one_that_was_killed(self):
        _, links, _ = self.ask({"run/ffascope/lock": "77\n", "proc/77/comm": "ffascope\n",
                                "run/ffascope/state": "boot x\n"})
        self.assertIn("process 77", links["left-over-state"]["found"])

    def test_the_state_of_an_earlier_boot(self):
        _, links, _ = self.ask({"run/ffascope/state": "ffascope-state 2\nboot another\n"})
        self.assertEqual(links["left-over-state"]["state"], "good")

    def test_android_layouts(self):
        event = "name: host_smc\nprint fmt: \"id=%llu forwarded=%u\", REC->id, REC->forwarded\n"
        for layout, group in (("hypervisor", "hypervisor"), ("hyp", "hyp")):
            with self.subTest(layout=layout):
                base = f"sys/kernel/tracing/{layout}"
                changes = {f"{TRACE}/": None, f"{base}/tracing_on": "0\n", f"{base}/buffer_size_kb": "7\n"}
                for name in ("hyp_enter", "hyp_exit", "host_smc"):
                    changes[f"{base}/events/{group}/{name}/format"] = event
                    changes[f"{base}/events/{group}/{name}/enable"] = "0\n"
                _, links, _ = self.ask(changes)
                self.assertEqual(links["hyp-trace"]["state"], "good", links["hyp-trace"])
                self.assertTrue(links["hyp-trace"]["found"].startswith(layout + " (Android"))
                self.assertIn("no markers", links["hyp-trace"]["found"])

    def test_text_says_the_same_as_json(self):
        root = machine.make({"dev/ffascope": None})
        self.addCleanup(root.cleanup)
        r = subprocess.run([FFASCOPE, "doctor", "--root", root.name], capture_output=True, text=True, check=False)
        self.assertEqual(r.returncode, 3)
        _, links, report = machine.ask(FFASCOPE, root.name)
        flat = " ".join(r.stdout.split())
        for link in links.values():
            self.assertIn(" ".join(link["found"].split()), flat)
            self.assertIn(" ".join((link["fix"] or "").split()), flat)
        self.assertIn(report["evidence_level"], flat)

    def test_v_shows_the_source_of_every_link(self):
        root = machine.make({})
        self.addCleanup(root.cleanup)
        _, links, _ = machine.ask(FFASCOPE, root.name)
        for args, shown in (((), False), (("-v",), True)):
            r = subprocess.run([FFASCOPE, *args, "doctor", "--root", root.name], capture_output=True, text=True, check=False)
            flat = " ".join(r.stdout.split())
            self.assertEqual({f"source: {link['source']}" in flat for link in links.values()}, {shown})

    def test_repair_is_for_this_machine(self):
        r = subprocess.run([FFASCOPE, "doctor", "--root", "/", "--repair"], capture_output=True, text=True, check=False)
        self.assertEqual(r.returncode, 2)


if __name__ == "__main__":
    unittest.main()
