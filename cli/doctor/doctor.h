/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this machine has of what ffascope needs, link by link from the processor to the tool.
 *
 * A source reads files, of this machine or of a folder that was made up or unpacked, and keeps what
 * it read. The prober makes facts of them; the judges, which are pure, make a link of the facts;
 * the bundle is what the source has kept, so that the same links come out of it elsewhere.
 */
#ifndef FFASCOPE_DOCTOR_H
#define FFASCOPE_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "verdict/calibration.h"
#include "verdict/verdict.h"

/* ---- source.c ---- */

struct doctor_file {
	char *path; /* as it is below the root: "/proc/cmdline" */
	char *data; /* with a NUL behind it */
	size_t size;
};

struct doctor_source {
	const char *root;	 /* "": this machine */
	const char *tracefs;	 /* what /sys/kernel/tracing is here; NULL: there */
	char found_tracefs[256]; /* where the mount table has it, if it is not there */
	struct doctor_file *files;
	size_t nr_files;
};

/* Whether a line of a file is kept. */
typedef bool (*doctor_keep_fn)(const char *line, size_t len);

/*
 * The text of a file, or NULL where it cannot be read; errno says why. keep: of a file with more in
 * it than matters, or than anybody else should see, only these lines; NULL for all. The text is the
 * source's, until it is freed.
 */
const char *doctor_read(struct doctor_source *src, const char *path, doctor_keep_fn keep);

/* Whether it is there, a file or a folder. */
bool doctor_exists(struct doctor_source *src, const char *path);

/* What was found out by other means, kept as if it had been read; returns the copy or NULL. */
const char *doctor_keep(struct doctor_source *src, const char *path, const char *text);

/* Names in a folder in alphabetical order, without those that begin with a dot; at most n. */
size_t doctor_names(struct doctor_source *src, const char *path, char names[][64], size_t n);

void doctor_source_free(struct doctor_source *src);

/* ---- probe.c ---- */

#define DOCTOR_MAX_PARTITIONS 16
#define DOCTOR_MAX_EVENTS     32

struct doctor_partition {
	char name[64];
	char id[16];
	char uuid[40];
	char driver[64]; /* "" where none has taken it */
};

/* An FF-A call that was made, or that somebody wrote down. */
struct doctor_answer {
	bool made;
	uint64_t x0, x1, x2, x3;
	enum verdict_inferred inferred;
};

enum doctor_call {
	DOCTOR_VERSION,
	DOCTOR_ID_GET,
	DOCTOR_SPM_ID_GET,
	DOCTOR_PARTITIONS,     /* PARTITION_INFO_GET, the count only */
	DOCTOR_PARTITION_REGS, /* PARTITION_INFO_GET_REGS: of the first one ID and properties */
	DOCTOR_RXTX_MAP,       /* FEATURES of it, and so on */
	DOCTOR_BITMAP_CREATE,
	DOCTOR_NPI,
	DOCTOR_SRI,
	DOCTOR_NR_CALLS,
};

enum doctor_device {
	DOCTOR_DEVICE_NONE,    /* not there */
	DOCTOR_DEVICE_REFUSED, /* there, but device_open() failed */
	DOCTOR_DEVICE_OPEN,
};

/* Texts are "" where nothing was read. */
struct doctor_facts {
	const char *arch;    /* "aarch64" */
	const char *release; /* of the kernel */
	const char *log;     /* lines of the kernel's log that are of interest */
	bool log_denied;     /* it cannot be read without rights */
	const char *cmdline; /* parameters that are of interest */
	const char *config;  /* options that are of interest */
	const char *conduit; /* of PSCI in the device tree: "smc", "hvc" */
	bool has_kvm;	     /* /dev/kvm */

	bool has_ffa_bus;
	struct doctor_partition partitions[DOCTOR_MAX_PARTITIONS];
	size_t nr_partitions;
	const char *ffa_interrupts; /* lines of /proc/interrupts */

	uint64_t capabilities;
	bool capabilities_known;
	const char *lockdown;
	const char *selinux; /* "1" where it is enforced */
	const char *context; /* of this process, for SELinux */

	enum doctor_device device;
	const char *device_error;
	uint32_t abi, ffa_version, conduit_kind;
	bool unsafe;
	bool module_loaded;
	struct doctor_answer answers[DOCTOR_NR_CALLS];
	struct calibration calibration; /* of the registers, without the trace */

	bool has_tracefs;
	const char *layout;	 /* "remotes/hypervisor", "hypervisor", "hyp", "" */
	const char *trace_error; /* why there is none */
	char events[DOCTOR_MAX_EVENTS][64];
	size_t nr_events;
	bool has_write_event;
	bool tracing_on;

	bool has_btf;
	bool btf_fits; /* it has the types that are decoded */
	bool has_bpf;
	bool has_kprobes;
	const char *reader; /* "fentry", "kprobe", "text", "": not tried */
	const char *reader_error;

	const char *state; /* what a killed run left, "" for nothing */
	bool state_is_old; /* of an earlier boot */
	const char *owner; /* process that has the trace now, "" for none */
};

struct doctor_ask {
	const char *device; /* NULL: the usual one */
	bool touch;	    /* make calls and attach BPF; not with a root that is a folder */
};

/* 0 or -ENOMEM. */
int doctor_probe(struct doctor_source *src, const struct doctor_ask *ask,
		 struct doctor_facts *facts);

/* probe_device.c: the module's part of it. */
void doctor_probe_device(struct doctor_source *src, const struct doctor_ask *ask,
			 struct doctor_facts *facts);

/* ---- log.c ---- */

/* Lines of the kernel's log, parameters and options that a diagnosis needs: no others are kept. */
bool doctor_log_keep(const char *line, size_t len);
bool doctor_cmdline_keep(const char *word, size_t len);
bool doctor_config_keep(const char *line, size_t len);

/* Whether the log reaches back to the boot, so that what it does not say was not said. */
bool doctor_log_from_boot(const char *log);

/* The last line of the log that has the words in it, from them on; false if there is none. */
bool doctor_log_find(const char *log, const char *words, char *buf, size_t size);

/* What a line of arm_ffa's or OP-TEE's about notifications means; NULL for other lines. */
const char *doctor_log_explain(const char *line);

/* ---- judge*.c ---- */

enum doctor_state {
	DOCTOR_GOOD,
	DOCTOR_BAD,
	DOCTOR_UNKNOWN,
};

/* What cannot be had without a link. */
enum doctor_need {
	DOCTOR_FOR_NOTHING, /* of the machine, not of the tool */
	DOCTOR_FOR_CALLS,
	DOCTOR_FOR_VERDICTS,
};

struct doctor_link {
	const char *name;
	enum doctor_need need;
	enum doctor_state state;
	char found[600];
	char source[200];
	char effect[400]; /* for the user; "" if good */
	char fix[700];	  /* what to type; "" if good */
};

typedef void (*doctor_judge_fn)(const struct doctor_facts *facts, struct doctor_link *link);

void doctor_found(struct doctor_link *link, enum doctor_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_source_of(struct doctor_link *link, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_effect(struct doctor_link *link, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_fix(struct doctor_link *link, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define DOCTOR_MAX_LINKS 24

/* All links, from the bottom up; returns how many. */
size_t doctor_judge(const struct doctor_facts *facts, struct doctor_link links[DOCTOR_MAX_LINKS]);

/* How much the verdicts of this machine say: one sentence. */
const char *doctor_evidence_level(const struct doctor_facts *facts, const struct doctor_link *links,
				  size_t n);

void doctor_judge_processor(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_level(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_firmware(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_kvm(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_driver(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_proxy(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_spmc(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_partitions(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_buffers(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_notifications(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_rights(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_lockdown(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_selinux(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_module(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_registers(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_trace(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_reader(const struct doctor_facts *facts, struct doctor_link *link);
void doctor_judge_state(const struct doctor_facts *facts, struct doctor_link *link);

/* ---- show.c ---- */

/* The links as text, or as one JSON object. all: of good ones, too, by what they were found. */
void doctor_show_text(FILE *out, const struct doctor_facts *facts, const struct doctor_link *links,
		      size_t n, bool color, bool all);
int doctor_show_json(FILE *out, const struct doctor_facts *facts, const struct doctor_link *links,
		     size_t n);

/* ---- bundle.c ---- */

struct doctor_bundle {
	const char *path;    /* of the archive to be written */
	const char *device;  /* NULL: the usual one */
	const char *tracefs; /* NULL: where the mount table says */
	bool make_calls;     /* a recording and a sweep, too */
	const volatile int *stop;
};

/*
 * Writes the archive: the links as text and JSON, what the source has kept below root/, and calls
 * and a sweep made by this program itself, as recordings and JSON. Each name in it is handed to
 * tell. Negative errno with a message.
 */
int doctor_bundle(const struct doctor_bundle *bundle, const struct doctor_source *src,
		  const struct doctor_facts *facts, const struct doctor_link *links, size_t n,
		  void (*tell)(void *ctx, const char *name, size_t size), void *ctx, char *err,
		  size_t err_size);

#endif
