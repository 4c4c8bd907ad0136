/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks whether this machine has what ffascope needs, from the processor to the tool.
 *
 * A source reads files of this machine, or below a folder, and keeps their text. The probe turns the
 * files into facts. The checks are pure: facts in, one result each. A bundle holds the files that
 * the source kept, so that the same results come out of it on another machine.
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
	char *path; /* below the root: "/proc/cmdline" */
	char *data; /* NUL-terminated */
	size_t size;
};

struct doctor_source {
	const char *root;	 /* "": this machine */
	const char *tracefs;	 /* mount point of tracefs; NULL: /sys/kernel/tracing */
	char found_tracefs[256]; /* mount point according to the mount table */
	struct doctor_file *files;
	size_t nr_files;
};

/* Returns whether to keep a line of a file. */
typedef bool (*doctor_keep_fn)(const char *line, size_t len);

/*
 * Returns the text of a file, or NULL with errno set. keep selects the lines to keep, so that the
 * source holds nothing private; NULL keeps all. The text is valid until doctor_source_free().
 */
const char *doctor_read(struct doctor_source *src, const char *path, doctor_keep_fn keep);

/* Whether the file or folder exists. */
bool doctor_exists(struct doctor_source *src, const char *path);

/* Keeps text as if it had been read from path; returns the copy or NULL. */
const char *doctor_keep(struct doctor_source *src, const char *path, const char *text);

/* Reads the names in a folder, sorted, without dot files; returns their number, at most n. */
size_t doctor_names(struct doctor_source *src, const char *path, char names[][64], size_t n);

void doctor_source_free(struct doctor_source *src);

/* ---- probe.c ---- */

#define DOCTOR_MAX_PARTITIONS 16
#define DOCTOR_MAX_EVENTS     32

struct doctor_partition {
	char name[64];
	char id[16];
	char uuid[40];
	char driver[64]; /* bound driver, or "" */
};

/* The answer to an FF-A call, made now or read from a file. */
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
	DOCTOR_PARTITION_REGS, /* PARTITION_INFO_GET_REGS: ID and properties of the first */
	DOCTOR_RXTX_MAP,       /* FFA_FEATURES of this and the following */
	DOCTOR_BITMAP_CREATE,
	DOCTOR_NPI,
	DOCTOR_SRI,
	DOCTOR_NR_CALLS,
};

enum doctor_device {
	DOCTOR_DEVICE_NONE,    /* no such file */
	DOCTOR_DEVICE_REFUSED, /* device_open() failed */
	DOCTOR_DEVICE_OPEN,
};

/* A text is "" if nothing was read. */
struct doctor_facts {
	const char *arch;	/* "aarch64" */
	const char *release;	/* of the kernel */
	const char *log;	/* relevant lines of the kernel log */
	bool log_denied;	/* this user may not read the log */
	const char *cmdline;	/* relevant kernel parameters */
	const char *config;	/* relevant kernel options */
	const char *conduit;	/* PSCI method in the device tree: "smc", "hvc" */
	const char *hypervisor; /* /sys/hypervisor/type, or compatible of /hypervisor */
	const char *deferred;	/* devices_deferred: lines of arm_ffa */
	bool has_kvm;		/* /dev/kvm */

	bool has_ffa_bus;
	struct doctor_partition partitions[DOCTOR_MAX_PARTITIONS];
	size_t nr_partitions;
	const char *ffa_interrupts; /* lines of /proc/interrupts */

	uint64_t capabilities;
	bool capabilities_known;
	const char *lockdown;
	const char *selinux; /* "1": enforcing */
	const char *context; /* SELinux context of this process */

	enum doctor_device device;
	const char *device_error;
	uint32_t abi, ffa_version, conduit_kind;
	bool unsafe;
	unsigned int kept_pages; /* ffascope_info.kept_pages */
	bool module_loaded;
	struct doctor_answer answers[DOCTOR_NR_CALLS];
	struct calibration calibration; /* of the registers, without the trace */

	bool has_tracefs;
	const char *layout;	 /* "remotes/hypervisor", "hypervisor", "hyp", "" */
	const char *trace_error; /* why there is no layout */
	char events[DOCTOR_MAX_EVENTS][64];
	size_t nr_events;
	bool has_write_event;
	bool tracing_on;

	bool has_btf;
	bool btf_fits; /* it has the types of mainline's events */
	bool has_bpf;
	bool has_kprobes;
	const char *reader; /* "fentry", "kprobe", "text"; "": not tried */
	const char *reader_error;
	const char *hook; /* what hooks arm_ffa for `trace'; "": not tried */
	const char *hook_error;

	const char *state; /* what a killed run left, or "" */
	bool state_is_old; /* of an earlier boot */
	const char *owner; /* process that uses the trace now, or "" */
};

struct doctor_ask {
	const char *device; /* NULL: the default */
	bool touch;	    /* make calls and attach BPF; false if the root is a folder */
};

/* 0 or -ENOMEM. */
int doctor_probe(struct doctor_source *src, const struct doctor_ask *ask,
		 struct doctor_facts *facts);

/* probe_device.c: the module's part of the facts. */
void doctor_probe_device(struct doctor_source *src, const struct doctor_ask *ask,
			 struct doctor_facts *facts);

/* ---- log.c ---- */

/* Whether a diagnosis needs the line, parameter or option. All others stay on the machine. */
bool doctor_log_keep(const char *line, size_t len);
bool doctor_cmdline_keep(const char *word, size_t len);
bool doctor_config_keep(const char *line, size_t len);

/* Whether the log reaches back to the boot, so that a missing line means something. */
bool doctor_log_from_boot(const char *log);

/* Start of the last line with these words, or NULL: a driver may have been loaded again. */
const char *doctor_log_line(const char *log, const char *words);

/* The last line with these words, from them on. Returns false if there is none. */
bool doctor_log_find(const char *log, const char *words, char *buf, size_t size);

/* Explains a line of arm_ffa or OP-TEE; NULL for other lines. */
const char *doctor_log_explain(const char *line);

/* ---- checks.c ---- */

enum doctor_state {
	DOCTOR_GOOD,
	DOCTOR_BAD,
	DOCTOR_UNKNOWN,
	DOCTOR_SKIPPED, /* rests on a check that is bad */
	DOCTOR_IGNORED, /* --ignore */
};

/* What does not work if a check is bad. */
enum doctor_need {
	DOCTOR_FOR_NOTHING, /* a property of the machine that the tool does not need */
	DOCTOR_FOR_CALLS,
	DOCTOR_FOR_VERDICTS,
};

struct doctor_result {
	const char *name; /* "pkvm" */
	enum doctor_need need;
	enum doctor_state state;
	bool notifications; /* a step on the way of a notification */
	bool hidden;	    /* not selected by --only */
	const char *see;    /* DOCTOR_SKIPPED: the bad check that this one rests on */
	char found[600];
	char seen[400];	  /* what the machine said, word for word; "" if nothing */
	char source[200]; /* where that was read */
	char effect[400]; /* for the user; "" if good */
	char fix[700];	  /* what to type; "" if good */
};

#define DOCTOR_MAX_CHECKS 32

struct doctor_results {
	struct doctor_result at[DOCTOR_MAX_CHECKS];
	size_t nr;
};

/* NULL-terminated lists of names; an empty `only' selects all. */
struct doctor_choice {
	const char *ignore[DOCTOR_MAX_CHECKS + 1];
	const char *only[DOCTOR_MAX_CHECKS + 1];
	bool notifications; /* only the steps of a notification, and what they rest on */
};

/* The name as the table has it, or NULL if there is no such check. */
const char *doctor_check_name(const char *name, size_t len);
/* All names, separated by blanks. */
void doctor_check_names(char *buf, size_t size);

/* Runs all checks, from the bottom up. A check that rests on a bad one is not run. */
void doctor_check(const struct doctor_facts *facts, const struct doctor_choice *choice,
		  struct doctor_results *results);

/* Whether a selected check prevents calls, verdicts, or what was asked for. */
bool doctor_failed(const struct doctor_results *results, const struct doctor_choice *choice);

/* The evidence that verdicts of this machine have: one sentence. */
const char *doctor_evidence_level(const struct doctor_facts *facts,
				  const struct doctor_results *results);

/* The first bad check on the way of a notification, or NULL. */
const struct doctor_result *doctor_notification_cause(const struct doctor_results *results);

/* These fill one member. Control characters become '?': the text may come from another machine. */
void doctor_found(struct doctor_result *result, enum doctor_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void doctor_seen(struct doctor_result *result, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_source_of(struct doctor_result *result, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_effect(struct doctor_result *result, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_fix(struct doctor_result *result, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Another check, which is bad, explains what this one would say. */
void doctor_skip(struct doctor_result *result, const char *name);

/* ---- judge*.c ---- */

typedef void (*doctor_judge_fn)(const struct doctor_facts *facts, struct doctor_result *result);

#define DOCTOR_JUDGE(name) \
	void doctor_judge_##name(const struct doctor_facts *facts, struct doctor_result *result)

DOCTOR_JUDGE(processor);
DOCTOR_JUDGE(hypervisor);
DOCTOR_JUDGE(level);
DOCTOR_JUDGE(firmware);
DOCTOR_JUDGE(pkvm);
DOCTOR_JUDGE(el2_modules);
DOCTOR_JUDGE(driver);
DOCTOR_JUDGE(order);
DOCTOR_JUDGE(proxy);
DOCTOR_JUDGE(spmc);
DOCTOR_JUDGE(partitions);
DOCTOR_JUDGE(buffers);
DOCTOR_JUDGE(notify_features);
DOCTOR_JUDGE(notify_bitmap);
DOCTOR_JUDGE(notify_interrupt);
DOCTOR_JUDGE(notify_irq);
DOCTOR_JUDGE(notify_driver);
DOCTOR_JUDGE(notify_partition);
DOCTOR_JUDGE(rights);
DOCTOR_JUDGE(lockdown);
DOCTOR_JUDGE(selinux);
DOCTOR_JUDGE(module);
DOCTOR_JUDGE(registers);
DOCTOR_JUDGE(trace);
DOCTOR_JUDGE(reader);
DOCTOR_JUDGE(hook);
DOCTOR_JUDGE(state);

/*
 * What several checks ask. The kernel's release as 100 * major + minor, 0 if unknown; whether it is
 * Android's; whether KVM is protected: good, bad or unknown.
 */
unsigned int doctor_release(const struct doctor_facts *facts);
bool doctor_is_android(const struct doctor_facts *facts);
enum doctor_state doctor_protected(const struct doctor_facts *facts);

/* The hypervisor below this kernel: "Xen"; NULL if none is named. line: what the machine said. */
const char *doctor_foreign_hypervisor(const struct doctor_facts *facts, char *line, size_t size);

/* Lockdown that closes tracefs, kprobes and BPF (confidentiality). */
bool doctor_tracing_locked(const struct doctor_facts *facts);

/* How the trace can be read; what the check `reader' and the evidence level both rest on. */
enum doctor_reading { DOCTOR_READ_NOTHING, DOCTOR_READ_TEXT, DOCTOR_READ_BPF };
enum doctor_reading doctor_reading(const struct doctor_facts *facts);

/* Quotes the last line of the log that has these words. Returns false if there is none. */
bool doctor_log_says(const struct doctor_facts *facts, struct doctor_result *result,
		     const char *words);

/* ---- show.c ---- */

/* As text, or as one JSON object. all: quotes and sources of good checks too. */
void doctor_show_text(FILE *out, const struct doctor_facts *facts,
		      const struct doctor_results *results, const struct doctor_choice *choice,
		      bool color, bool all);
/* Returns 0 or -ENOMEM. */
int doctor_show_json(FILE *out, const struct doctor_facts *facts,
		     const struct doctor_results *results, const struct doctor_choice *choice);

/* ---- bundle.c ---- */

struct doctor_bundle {
	const char *path;    /* archive to write */
	const char *device;  /* NULL: the default */
	const char *tracefs; /* NULL: the mount table decides */
	bool make_calls;     /* add recordings of calls, a trace and a sweep */
	const volatile int *stop;
};

/*
 * Writes the archive: the results as text and JSON, the files that the source kept below root/, and
 * calls and a sweep that this program makes, as recordings and JSON. Calls tell() for each file.
 * Returns 0 or a negative errno with a message.
 */
int doctor_bundle(const struct doctor_bundle *bundle, const struct doctor_source *src,
		  const struct doctor_facts *facts,
		  void (*tell)(void *ctx, const char *name, size_t size), void *ctx, char *err,
		  size_t err_size);

#endif
