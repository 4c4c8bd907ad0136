// SPDX-License-Identifier: GPL-2.0-only
/*
 * The formats that are recognised. Rows drive the parser (read.c takes introductions and shapes
 * from here), `ffascope decode --formats', and a test that decodes every example. To add a format,
 * add a row.
 */
#include "dump/scan.h"

static const struct dump_format formats[] = {
	{ "tf-a-spm", DUMP_LIST, "SPM", true, false,
	  "VERBOSE: SPM(0): 0x84000081 0x80010000 0x0 0x20 0x0 0x0 0x0 0x0",
	  "FFA_NOTIFICATION_SET sender=0x8001 receiver=0",
	  "TF-A, services/std_svc/spmd/spmd_main.c; `ffalab run --el3-log', which adds x8 to x17 "
	  "after | and the world" },
	{ "tftf-value", DUMP_LIST, "FF-A value:", true, true,
	  "NOTICE:  FF-A value: 84000060, 0, fffffffe, 0, 0, 0, 0, 0",
	  "FFA_ERROR code=INVALID_PARAMETERS", "TF-A tests, dump_ffa_value()" },
	{ "op-tee-unhandled", DUMP_LIST, "function ID", true, false,
	  "E/TC:0 0 thread_spmc_msg_recv:1341 Unhandled FFA function ID 0x84000081",
	  "FFA_NOTIFICATION_SET", "OP-TEE, core/arch/arm/kernel/thread_spmc.c" },
	{ "xen-unhandled", DUMP_LIST, "unhandled fid", true, false,
	  "(XEN) d0v0 ffa: unhandled fid 0x84000089", "FFA_MEM_PERM_SET",
	  "Xen, xen/arch/arm/tee/ffa.c" },
	{ "hypervisor-trace", DUMP_LIST, "id=", false, false, "host_smc id=2214592637 forwarded=0",
	  "FFA_NOTIFICATION_BITMAP_CREATE",
	  "Linux arch/arm64/kvm hypervisor events; Android prints identifiers in decimal" },
	{ "function-code", DUMP_LIST, "func:", true, false,
	  "VERBOSE: Hafnium_Debug ffa_handler func:0x8400006f", "FFA_MSG_SEND_DIRECT_REQ",
	  "Hafnium with added messages" },
	{ "linux-oops", DUMP_NAMED, NULL, false, false,
	  "[   21.5] x2 : 00000000fffffffe x1 : 0000000000000000 x0 : 0000000084000060",
	  "FFA_ERROR code=INVALID_PARAMETERS", "Linux, arch/arm64/kernel/process.c" },
	{ "op-tee-abort", DUMP_NAMED, NULL, false, false,
	  "E/TC:0 0  x0  0000000084000060 x1  0000000000000000\n"
	  "E/TC:0 0  x2  00000000fffffffa x3  0000000000000000",
	  "FFA_ERROR code=DENIED", "OP-TEE, core/arch/arm/kernel/abort.c" },
	{ "qemu-registers", DUMP_NAMED, NULL, false, false,
	  " PC=ffff800080010000 X00=0000000084000069 X01=0000000000000000", "FFA_ID_GET",
	  "QEMU's monitor, `info registers'" },
	{ "gdb-registers", DUMP_NAMED, NULL, false, false,
	  "x0             0x84000060          2214592608\n"
	  "x1             0x0                 0\n"
	  "x2             0xfffffffa          4294967290",
	  "FFA_ERROR code=DENIED", "gdb, `info registers'" },
	{ "openocd-registers", DUMP_NAMED, NULL, false, false,
	  "(0) x0 (/64): 0x0000000084000069\n(1) x1 (/64): 0x0000000000000000", "FFA_ID_GET",
	  "OpenOCD, `reg'" },
	{ "crash-registers", DUMP_NAMED, NULL, false, false,
	  "    X2: 00000000fffffffe   X1: 0000000000000000   X0: 0000000084000060",
	  "FFA_ERROR code=INVALID_PARAMETERS", "crash, `bt'" },
	{ "edk2-registers", DUMP_NAMED, NULL, false, false,
	  "  X0 0x0000000084000069   X1 0x0000000000000000", "FFA_ID_GET",
	  "EDK2, ArmPkg DefaultExceptionHandlerLib" },
	{ "arguments", DUMP_NAMED, NULL, false, false,
	  "[    2.2] optee: ret a0: 0x84000060, a1: 0x00000000, a2: 0xfffffffe",
	  "FFA_ERROR code=INVALID_PARAMETERS", "printk() of struct arm_smccc_res or ffa_value" },
	{ "c-initialiser", DUMP_NAMED, NULL, false, false,
	  "struct ffa_value v = { .func = 0x84000060u, .arg2 = 0xfffffffe };",
	  "FFA_ERROR code=INVALID_PARAMETERS", "C, by designators" },
	{ "array", DUMP_NAMED, NULL, false, false, "regs.x[0]=0x84000069 regs.x[1]=0x0",
	  "FFA_ID_GET", "C, elements of an array" },
	{ "rust-initialiser", DUMP_LIST, NULL, false, false,
	  "let regs = [0x8400_0060, 0, 0xffff_fffe, 0];", "FFA_ERROR code=INVALID_PARAMETERS",
	  "Rust, an array" },
	{ "python-initialiser", DUMP_LIST, NULL, false, false,
	  "regs = [0x84000060, 0x0, 0xfffffffe]", "FFA_ERROR code=INVALID_PARAMETERS",
	  "Python, a list" },
	{ "trace-call", DUMP_CALL, NULL, false, false,
	  "smc(0x84000069, 0x0, 0x0) = 0x84000061 0x0 0x0", "FFA_ID_GET",
	  "strace and the like; an answer follows =, -> or ret" },
	{ "named-call", DUMP_CALL, NULL, false, false,
	  "FFA_NOTIFICATION_GET(0x0, 0x1) -> 0x84000061",
	  "FFA_NOTIFICATION_GET vcpu-id=0 receiver=0", "a call by its name" },
	{ "list", DUMP_LIST, NULL, false, false, "mmio trap at 12.5: 0x84000064 0x2 0x0",
	  "FFA_FEATURES feature=sri", "numbers that begin with the identifier of a call" },
	{ "status", DUMP_STATUS, NULL, false, false, "ret = -2", "INVALID_PARAMETERS",
	  "a status code on its own" },
};

#define NR_FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct dump_format *dump_format_at(size_t index)
{
	return index < NR_FORMATS ? &formats[index] : NULL;
}

#define NAME(base, is_call, narrow)                     \
	{                                               \
		base, sizeof(base) - 1, is_call, narrow \
	}
const struct dump_name dump_names[] = {
	NAME("x", false, false),      NAME("w", false, true),
	NAME("a", false, false),      NAME("r", false, false),
	NAME("arg", false, false),    NAME("reg", false, false),
	NAME("regs", false, false),   NAME("args", false, false),
	NAME("func", true, false),    NAME("fid", true, false),
	NAME("func_id", true, false), NAME("function_id", true, false),
	NAME("smc_fid", true, false), NAME("smc_id", true, false),
	NAME("funcid", true, false),
};

const size_t dump_nr_names = sizeof(dump_names) / sizeof(dump_names[0]);

const struct dump_name *dump_name_at(size_t index)
{
	return index < dump_nr_names ? &dump_names[index] : NULL;
}
