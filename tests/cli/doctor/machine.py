# SPDX-License-Identifier: GPL-2.0-only
"""Made-up machines: folders for `ffascope doctor --root'."""
import json
import subprocess
import tempfile
from pathlib import Path

LOG = """\
[    0.000000] Linux version 7.3.4 (builder@somewhere) #1
[    0.000000] Machine model: Secret Device serial 12345
[    0.000000] psci: probing for conduit method from DT.
[    0.000000] psci: PSCIv1.1 detected in firmware.
[    0.000000] psci: Using standard PSCI v0.2 function IDs
[    0.000000] psci: SMC Calling Convention v1.4
[    0.010000] CPU: All CPU(s) started at EL2
[    0.400000] kvm [1]: Protected hVHE mode initialized successfully
[    0.500000] ARM FF-A: Driver version 1.2
[    0.500001] ARM FF-A: Firmware version 1.2 found
[    0.600000] wlan0: address 02:11:22:33:44:55
"""

# Answers of the lab's forwarding proxy.
DEVICE = """\
abi 1
ffa 0x10002
conduit smc
unsafe 0
registers el2 2 1 below 1 2 writes 0x3fff8
call 0x84000063 0x10002 -> 0x10002 0x0 0x0 0x0 el2
call 0x84000069 0x0 -> 0x84000061 0x0 0x0 0x0 secure
call 0x84000085 0x0 -> 0x84000061 0x0 0x8000 0x0 secure
call 0x84000068 0x0 -> 0x84000061 0x0 0x1 0x0 -
call 0xc400008b 0x0 -> 0xc4000061 0x0 0x18000000000000 0x900018001 -
call 0x84000064 0xc4000066 -> 0x84000061 0x0 0x0 0x0 secure
call 0x84000064 0x8400007d -> 0x84000061 0x0 0x0 0x0 secure
call 0x84000064 0x1 -> 0x84000060 0x0 0xffffffff 0x0 secure
call 0x84000064 0x2 -> 0x84000061 0x0 0x8 0x0 secure
"""

TRACE = "sys/kernel/tracing/remotes/hypervisor"
ENTER = """\
name: hyp_enter
ID: 0
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;

	field:u8 reason;	offset:2;	size:1;	signed:0;
	field:pid_t vcpu;	offset:3;	size:4;	signed:1;

print fmt: "reason=%s vcpu=%d", __hyp_enter_exit_reason_str(REC->reason), REC->vcpu
"""

GOOD = {
    "proc/sys/kernel/arch": "aarch64\n",
    "proc/sys/kernel/osrelease": "7.3.4\n",
    "proc/sys/kernel/random/boot_id": "11111111-2222-3333-4444-555555555555\n",
    "proc/sys/kernel/unprivileged_bpf_disabled": "2\n",
    "proc/cmdline": "root=UUID=abcd androidboot.serialno=SERIAL kvm-arm.mode=protected quiet\n",
    "proc/config.gz": "CONFIG_ARM_FFA_TRANSPORT=y\nCONFIG_MODULES=y\nCONFIG_LOCALVERSION=\"-mine\"\n",
    "proc/self/status": "Name:\tffascope\nCapEff:\t000001ffffffffff\n",
    "kmsg": LOG,
    "sys/firmware/devicetree/base/psci/method": "smc\0",
    "sys/bus/arm_ffa/devices/arm-ffa-1/partition_id": "0x8001\n",
    "sys/bus/arm_ffa/devices/arm-ffa-1/uuid": "486178e0-e7f8-11e3-bc5e-0002a5d5c51b\n",
    "sys/bus/event_source/devices/kprobe/type": "6\n",
    f"{TRACE}/tracing_on": "0\n",
    f"{TRACE}/buffer_size_kb": "7 (unloaded)\n",
    f"{TRACE}/write_event": "",
    f"{TRACE}/events/enable": "0\n",
    f"{TRACE}/events/hypervisor/hyp_enter/format": ENTER,
    f"{TRACE}/events/hypervisor/hyp_enter/enable": "0\n",
    f"{TRACE}/events/hypervisor/hyp_exit/format": ENTER.replace("hyp_enter", "hyp_exit"),
    f"{TRACE}/events/hypervisor/hyp_exit/enable": "0\n",
    f"{TRACE}/events/hypervisor/selftest/format": "name: selftest\nprint fmt: \"id=%llu\", REC->id\n",
    f"{TRACE}/events/hypervisor/selftest/enable": "0\n",
    "sys/kernel/btf/vmlinux": "trace_remote_iterator\0remote_event_format_hyp_enter\0",
    "dev/ffascope": DEVICE,
    "dev/kvm": "",
}


def make(changes, good=None):
    """A folder that is GOOD but for the changes: a text, None for a file that is not there, or, for a name that
    ends in a slash, None for everything below it."""
    files = dict(GOOD if good is None else good)
    for name, text in changes.items():
        if name.endswith("/"):
            files = {n: t for n, t in files.items() if not n.startswith(name)}
        elif callable(text):
            files[name] = text(files[name])
        else:
            files[name] = text
    root = tempfile.TemporaryDirectory()
    for name, text in files.items():
        if text is not None:
            path = Path(root.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return root


def ask(ffascope, root, *args):
    """Exit status and links by name."""
    r = subprocess.run([ffascope, "--json", "doctor", "--root", root, *args], capture_output=True, text=True,
                       check=False)
    report = json.loads(r.stdout.splitlines()[0])
    return r.returncode, {check["check"]: check for check in report["checks"]}, report
