// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU TCG plugin: counts what the hypervisor at EL2 executes, and what each SMC trap of the host leads to.
 *
 * Arguments (name=value):
 *   text=START-END	hyp text in vmlinux, hexadecimal
 *   trap=ADDRESS	handle_trap() in vmlinux
 *   words=W:W:...	its first instructions
 *   out=FILE		written when QEMU exits; report.py reads it
 *
 * EL2 runs at other addresses than vmlinux says. A block that looks like handle_trap() gives the
 * distance. Until then every block outside the kernel's half of the address space is counted.
 * Counters are per vCPU, because vCPUs run in threads of their own.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu.h"

#define MAX_CPUS	8
#define MAX_WORDS	16
#define BUCKETS		16384

/*
 * HINT #0x65 to #0x67 are unallocated and execute as NOP (Arm ARM, C6.2). phase.c executes the first
 * two; a program may execute the third to divide the traps of a command into sections.
 */
#define INSN_BEGIN	0xd5032cbf
#define INSN_END	0xd5032cdf
#define INSN_SECTION	0xd5032cff
#define INSN_SMC	0xd4000003
#define INSN_ERET	0xd69f03e0
/* mrs x30, esr_el3: TF-A's handlers of synchronous exceptions read the syndrome once. */
#define INSN_MRS_ESR3	0xd53e521e
/* The handler of exceptions from a lower EL in AArch64: 0x80 bytes of a table of 0x800 (D1.3.2). */
#define VECTOR_MASK	0x780
#define VECTOR_LOWER_64 0x400

/* Linux's kernel addresses have bit 55 set, EL2's and user addresses have it clear. */
#define KERNEL_HALF	(UINT64_C(1) << 55)
#define PAGE_OFFSET	0xfff

enum phase { BOOT, COMMAND, AFTER, PHASES };

struct counts {
	uint64_t runs, taken, not_taken;
};

struct block {
	struct block *next; /* in its bucket */
	uint64_t addr, end,
		target; /* target of the conditional branch at its end; 0: no such branch */
	bool is_trap, is_smc, is_eret;
	struct counts counts[PHASES][MAX_CPUS];
	unsigned int n;
	uint32_t words[];
};

struct trap {
	unsigned int section;
	uint8_t smcs, el3;
};

struct cpu {
	const struct block *last; /* ends in a conditional branch */
	struct counts *edges;	  /* of last */
	bool host_smc, in_trap;	  /* the host's last act was an SMC; its trap is being handled */
	bool el2_smc;		  /* EL2's last act was an SMC */
	struct trap trap;
	struct trap *traps;
	size_t nr_traps, room;
};

static uint64_t text_start, text_end, trap_addr, slide;
static uint32_t trap_words[MAX_WORDS];
static unsigned int nr_trap_words;
static const char *out_path;
static atomic_bool found;
static atomic_int phase;
static atomic_uint section;
static bool failed; /* out of memory, or more vCPUs than expected */
static struct block *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cpu cpus[MAX_CPUS];

QEMU_EXPORT int qemu_plugin_version = QEMU_API;

static int64_t sign_extend(uint64_t value, unsigned int bits)
{
	return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

/* The target of the conditional branch at addr (B.cond, CBZ, CBNZ, TBZ, TBNZ); 0: it is none. */
static uint64_t branch_target(uint32_t word, uint64_t addr)
{
	if ((word & 0xff000010) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
		return addr + (uint64_t)(sign_extend(word >> 5 & 0x7ffff, 19) * 4);
	if ((word & 0x7e000000) == 0x36000000)
		return addr + (uint64_t)(sign_extend(word >> 5 & 0x3fff, 14) * 4);
	return 0;
}

static bool in_text(uint64_t addr)
{
	return atomic_load(&found) && addr - slide - text_start < text_end - text_start;
}

static void trap_keep(struct cpu *cpu)
{
	if (cpu->nr_traps == cpu->room) {
		size_t room = cpu->room ? cpu->room * 2 : 1024;
		struct trap *more = realloc(cpu->traps, room * sizeof(*more));

		if (!more) {
			failed = true;
			return;
		}
		cpu->traps = more;
		cpu->room = room;
	}
	cpu->traps[cpu->nr_traps++] = cpu->trap;
}

static void trap_follow(struct cpu *cpu, const struct block *block)
{
	if (block->is_trap && cpu->host_smc) {
		cpu->in_trap = true;
		cpu->trap = (struct trap){ .section = atomic_load(&section) };
	}
	if (block->is_trap)
		cpu->host_smc = false;
	cpu->el2_smc = cpu->in_trap && block->is_smc;
	cpu->trap.smcs += cpu->el2_smc;
	if (cpu->in_trap && block->is_eret) {
		cpu->in_trap = false;
		if (atomic_load(&phase) == COMMAND)
			trap_keep(cpu);
	}
}

static void on_el2_block(unsigned int vcpu, void *data)
{
	struct block *block = data;
	struct cpu *cpu;

	if (vcpu >= MAX_CPUS) {
		failed = true;
		return;
	}
	cpu = &cpus[vcpu];
	/* After EL2 was found, blocks from before that lie elsewhere are no longer of interest. */
	if (atomic_load(&found) && !in_text(block->addr))
		return;
	if (cpu->last) {
		cpu->edges->taken += block->addr == cpu->last->target;
		cpu->edges->not_taken += block->addr == cpu->last->end;
	}
	cpu->edges = &block->counts[atomic_load(&phase)][vcpu];
	cpu->edges->runs++;
	cpu->last = block->target ? block : NULL;
	trap_follow(cpu, block);
}

static void on_host_smc(unsigned int vcpu, void *data)
{
	(void)data;
	if (vcpu < MAX_CPUS)
		cpus[vcpu].host_smc = true;
}

/* The secure world enters EL3 too, to give its answers: only what EL2's SMC leads to counts. */
static void on_el3_entry(unsigned int vcpu, void *data)
{
	(void)data;
	if (vcpu >= MAX_CPUS || !cpus[vcpu].el2_smc)
		return;
	cpus[vcpu].el2_smc = false;
	cpus[vcpu].trap.el3++;
}

static void on_phase(unsigned int vcpu, void *data)
{
	(void)vcpu;
	atomic_store(&phase, (int)(intptr_t)data);
}

static void on_section(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	atomic_fetch_add(&section, 1);
}

static uint32_t insn_word(const struct qemu_plugin_tb *tb, size_t i)
{
	const struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
	uint32_t word = 0;

#if QEMU_API < 3
	memcpy(&word, qemu_plugin_insn_data(insn), sizeof(word));
#else
	qemu_plugin_insn_data(insn, &word, sizeof(word));
#endif
	return word;
}

/*
 * Is this handle_trap()? System instructions (top byte 0xd5) are not compared: the kernel replaces
 * some of them when it boots.
 */
static bool is_handle_trap(const struct qemu_plugin_tb *tb, uint64_t addr)
{
	if (addr & KERNEL_HALF || (addr ^ trap_addr) & PAGE_OFFSET ||
	    qemu_plugin_tb_n_insns(tb) < nr_trap_words)
		return false;
	for (unsigned int i = 0; i < nr_trap_words; i++) {
		uint32_t word = insn_word(tb, i);

		if (word != trap_words[i] && !(word >> 24 == 0xd5 && trap_words[i] >> 24 == 0xd5))
			return false;
	}
	return true;
}

/* The block, from before if it was translated before; NULL: no memory. */
static struct block *block_get(const struct qemu_plugin_tb *tb, uint64_t addr)
{
	unsigned int n = (unsigned int)qemu_plugin_tb_n_insns(tb);
	struct block **bucket = &buckets[addr / 4 % BUCKETS], *block;
	uint32_t words[n];

	for (unsigned int i = 0; i < n; i++)
		words[i] = insn_word(tb, i);
	for (block = *bucket; block; block = block->next)
		if (block->addr == addr && block->n == n &&
		    !memcmp(block->words, words, sizeof(words)))
			return block;
	block = calloc(1, sizeof(*block) + sizeof(words));
	if (!block)
		return NULL;
	block->addr = addr;
	block->n = n;
	memcpy(block->words, words, sizeof(words));
	block->end = addr + n * sizeof(uint32_t);
	block->target = branch_target(words[n - 1], block->end - sizeof(uint32_t));
	block->is_smc = words[n - 1] == INSN_SMC;
	block->is_eret = words[n - 1] == INSN_ERET;
	block->next = *bucket;
	*bucket = block;
	return block;
}

static void count_el2(struct qemu_plugin_tb *tb, uint64_t addr)
{
	bool is_trap = is_handle_trap(tb, addr);
	struct block *block;

	pthread_mutex_lock(&lock);
	if (is_trap && !atomic_load(&found)) {
		slide = addr - trap_addr;
		atomic_store(&found, true);
	}
	block = block_get(tb, addr);
	if (!block)
		failed = true;
	else
		block->is_trap = is_trap;
	pthread_mutex_unlock(&lock);
	if (block)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_el2_block, QEMU_PLUGIN_CB_NO_REGS,
						     block);
}

static bool is_el3_entry(const struct qemu_plugin_tb *tb, uint64_t addr, size_t n)
{
	if ((addr & VECTOR_MASK) != VECTOR_LOWER_64)
		return false;
	for (size_t i = 0; i < n; i++)
		if (insn_word(tb, i) == INSN_MRS_ESR3)
			return true;
	return false;
}

static void watch_phases(struct qemu_plugin_tb *tb, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t word = insn_word(tb, i);

		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (word == INSN_BEGIN || word == INSN_END)
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, on_phase, QEMU_PLUGIN_CB_NO_REGS,
				(void *)(intptr_t)(word == INSN_BEGIN ? COMMAND : AFTER));
		else if (word == INSN_SECTION)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_section,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t addr = qemu_plugin_tb_vaddr(tb);
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	if (addr & KERNEL_HALF) {
		if (insn_word(tb, n - 1) == INSN_SMC)
			qemu_plugin_register_vcpu_tb_exec_cb(tb, on_host_smc,
							     QEMU_PLUGIN_CB_NO_REGS, NULL);
		return;
	}
	if (is_el3_entry(tb, addr, n))
		qemu_plugin_register_vcpu_tb_exec_cb(tb, on_el3_entry, QEMU_PLUGIN_CB_NO_REGS,
						     NULL);
	else if (!atomic_load(&found) || in_text(addr))
		count_el2(tb, addr);
	else
		watch_phases(tb, n);
}

static void write_block(FILE *out, const struct block *block)
{
	fprintf(out, "block %" PRIx64, block->addr - slide);
	for (int p = BOOT; p < PHASES; p++) {
		struct counts sum = { 0 };

		for (int c = 0; c < MAX_CPUS; c++) {
			sum.runs += block->counts[p][c].runs;
			sum.taken += block->counts[p][c].taken;
			sum.not_taken += block->counts[p][c].not_taken;
		}
		fprintf(out, " %" PRIu64 " %" PRIu64 " %" PRIu64, sum.runs, sum.taken,
			sum.not_taken);
	}
	for (unsigned int i = 0; i < block->n; i++)
		fprintf(out, " %" PRIx32, block->words[i]);
	fputc('\n', out);
}

static void on_exit_write(qemu_plugin_id_t id, void *data)
{
	FILE *out = fopen(out_path, "w");

	(void)id;
	(void)data;
	if (!out) {
		perror(out_path);
		return;
	}
	fprintf(out, "phase %d\n", atomic_load(&phase));
	if (atomic_load(&found))
		fprintf(out, "slide %" PRIx64 "\n", slide);
	for (int i = 0; i < BUCKETS && atomic_load(&found); i++)
		for (const struct block *block = buckets[i]; block; block = block->next)
			if (in_text(block->addr))
				write_block(out, block);
	for (int c = 0; c < MAX_CPUS; c++)
		for (size_t i = 0; i < cpus[c].nr_traps; i++)
			fprintf(out, "trap %d %u %u %u\n", c, cpus[c].traps[i].section,
				cpus[c].traps[i].smcs, cpus[c].traps[i].el3);
	/* Last, so that a reader knows that the file is whole. */
	fprintf(out, "%s\n", failed ? "failed" : "end");
	if (fclose(out))
		perror(out_path);
}

static bool parse_words(char *text)
{
	for (char *word = strtok(text, ":"); word; word = strtok(NULL, ":")) {
		if (nr_trap_words == MAX_WORDS)
			return false;
		trap_words[nr_trap_words++] = (uint32_t)strtoul(word, NULL, 16);
	}
	return nr_trap_words > 0;
}

static bool parse_argument(char *arg)
{
	char *value = strchr(arg, '=');

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(arg, "text"))
		return sscanf(value, "%" SCNx64 "-%" SCNx64, &text_start, &text_end) == 2;
	if (!strcmp(arg, "trap"))
		return sscanf(value, "%" SCNx64, &trap_addr) == 1;
	if (!strcmp(arg, "words"))
		return parse_words(value);
	if (!strcmp(arg, "out")) {
		out_path = strdup(value);
		return out_path;
	}
	return false;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	if (!info->system_emulation || strcmp(info->target_name, "aarch64")) {
		fprintf(stderr, "coverage: this is not an arm64 machine\n");
		return -1;
	}
	for (int i = 0; i < argc; i++) {
		if (!parse_argument(argv[i])) {
			fprintf(stderr, "coverage: unexpected argument %s\n", argv[i]);
			return -1;
		}
	}
	if (text_end <= text_start || !trap_addr || !nr_trap_words || !out_path) {
		fprintf(stderr, "coverage: text, trap, words and out are required\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_write, NULL);
	return 0;
}
