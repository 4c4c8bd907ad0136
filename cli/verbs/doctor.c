// SPDX-License-Identifier: GPL-2.0-only
/* What this machine lacks, link by link from the processor to the tool, and how to mend it. */
#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "device/device.h"
#include "ffa/ffa.h"
#include "hyp/hyp.h"
#include "report/json.h"
#include "verbs/verb.h"

#define SYSLOG_ACTION_READ_ALL	  3
#define SYSLOG_ACTION_SIZE_BUFFER 10

enum {
	OPT_ROOT = 0x100,
};

static const struct argp_option options[] = {
	{ "root", OPT_ROOT, "DIR", 0,
	  "Look below this folder for proc, sys, dev and kmsg instead of at this machine", 0 },
	{ 0 },
};

enum state {
	STATE_GOOD,
	STATE_BAD,
	STATE_UNKNOWN,
};

struct finding {
	enum state state;
	char found[600];
	char mend[600]; /* what to type; empty if good */
};

struct doctor {
	const struct options *opts;
	const char *root; /* "" for this machine */
	char *log;	  /* the kernel's messages, "" where they cannot be read */
	struct json_object *links;
	unsigned int bad, unknown;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct doctor *doc = state->input;

	switch (key) {
	case OPT_ROOT:
		doc->root = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "%s: doctor takes no argument", arg);
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Says link by link what this machine has of what ffascope needs, and how to mend what "
	       "is missing. Exit status 3 if something is.",
};

static void __attribute__((format(printf, 3, 4)))
found(struct finding *f, enum state state, const char *fmt, ...)
{
	va_list args;

	f->state = state;
	va_start(args, fmt);
	vsnprintf(f->found, sizeof(f->found), fmt, args);
	va_end(args);
}

static void __attribute__((format(printf, 2, 3))) mend(struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->mend, sizeof(f->mend), fmt, args);
	va_end(args);
}

static bool read_text(const struct doctor *doc, const char *path, char *buf, size_t size)
{
	char full[512];
	size_t len;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", doc->root, path);
	f = fopen(full, "re");
	if (!f)
		return false;

	len = fread(buf, 1, size - 1, f);
	buf[len] = '\0';
	fclose(f);
	return true;
}

static bool exists(const struct doctor *doc, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", doc->root, path);
	return !access(full, F_OK);
}

static char *read_log(const struct doctor *doc)
{
	int size = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0);
	char *log;
	int len = 0;

	if (size < 1 << 16)
		size = 1 << 16;
	log = malloc((size_t)size + 1);
	if (!log)
		return NULL;

	if (doc->root[0])
		len = read_text(doc, "/kmsg", log, (size_t)size + 1) ? (int)strlen(log) : 0;
	else
		len = klogctl(SYSLOG_ACTION_READ_ALL, log, size);
	log[len > 0 ? len : 0] = '\0';
	return log;
}

/* The rest of the line of the kernel's messages that has this in it, in buf; false if none. */
static bool log_line(const struct doctor *doc, const char *needle, char *buf, size_t size)
{
	const char *at = strstr(doc->log, needle);

	if (!at)
		return false;
	snprintf(buf, size, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

static void check_processor(const struct doctor *doc, struct finding *f)
{
	char arch[80];
	struct utsname uts;

	if (read_text(doc, "/proc/sys/kernel/arch", arch, sizeof(arch)))
		arch[strcspn(arch, "\n")] = '\0';
	else if (!doc->root[0] && !uname(&uts))
		snprintf(arch, sizeof(arch), "%s", uts.machine);
	else
		snprintf(arch, sizeof(arch), "not known");

	found(f, strcmp(arch, "aarch64") ? STATE_BAD : STATE_GOOD, "%s", arch);
	if (f->state)
		mend(f,
		     "FF-A and pKVM are there on arm64 only. Here `describe', `decode' and `replay' work; `lab/ffalab demo' starts an arm64 machine");
}

static void check_kvm(const struct doctor *doc, struct finding *f)
{
	char line[256], cmdline[4096] = "";

	read_text(doc, "/proc/cmdline", cmdline, sizeof(cmdline));

	/* arch/arm64/kvm/arm.c, init_subsystems(): "", "Protected " and "h" or "n" before VHE. */
	if (log_line(doc, "Protected hVHE mode initialized", line, sizeof(line)) ||
	    log_line(doc, "Protected nVHE mode initialized", line, sizeof(line)))
		found(f, STATE_GOOD, "%s", line);
	else if (log_line(doc, "VHE mode initialized", line, sizeof(line)) ||
		 log_line(doc, "Hyp mode initialized", line, sizeof(line)) ||
		 log_line(doc, "HYP mode not available", line, sizeof(line)))
		found(f, STATE_BAD, "KVM is not protected: %s", line);
	else if (strstr(cmdline, "kvm-arm.mode=protected") && exists(doc, "/dev/kvm"))
		found(f, STATE_UNKNOWN,
		      "asked for on the kernel's command line; its messages say no more whether it came up");
	else if (exists(doc, "/dev/kvm"))
		found(f, STATE_BAD, "KVM is there, but not protected");
	else
		found(f, STATE_BAD, "no KVM (/dev/kvm is not there)");

	if (f->state == STATE_BAD)
		mend(f,
		     "Boot with kvm-arm.mode=protected a kernel with CONFIG_KVM=y, started at EL2 (`dmesg | grep kvm' says what it found)");
	else if (f->state == STATE_UNKNOWN)
		mend(f, "Look for `kvm' in the log of the boot");
}

static unsigned int count_entries(const struct doctor *doc, const char *path)
{
	char full[512];
	unsigned int n = 0;
	struct dirent *entry;
	DIR *dir;

	snprintf(full, sizeof(full), "%s%s", doc->root, path);
	dir = opendir(full);
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void check_ffa(const struct doctor *doc, struct finding *f)
{
	unsigned int devices = count_entries(doc, "/sys/bus/arm_ffa/devices");
	char line[256];

	if (!exists(doc, "/sys/bus/arm_ffa")) {
		found(f, STATE_BAD,
		      "the kernel has no FF-A driver (/sys/bus/arm_ffa is not there)");
		mend(f,
		     "Run `modprobe arm_ffa', or build the kernel with CONFIG_ARM_FFA_TRANSPORT=y");
	} else if (log_line(doc, "ARM FF-A: Firmware version", line, sizeof(line))) {
		found(f, STATE_GOOD, "%s, %u partition%s", line, devices, devices == 1 ? "" : "s");
	} else if (devices) {
		found(f, STATE_GOOD, "%u partition%s", devices, devices == 1 ? "" : "s");
	} else if (log_line(doc, "ARM FF-A:", line, sizeof(line))) {
		found(f, STATE_BAD, "%s", line);
		mend(f,
		     "The firmware needs an SPMD at EL3 (TF-A: SPD=spmd) and SMCCC 1.2, and must speak FF-A 1.0 or later");
	} else {
		found(f, STATE_BAD, "arm_ffa found no FF-A in this firmware");
		mend(f,
		     "`dmesg | grep FF-A' says why. The firmware needs an SPMD at EL3 (TF-A: SPD=spmd) and SMCCC 1.2");
	}
}

static void check_rights(const struct doctor *doc, struct finding *f)
{
	char status[4096];
	const char *caps;

	if (!read_text(doc, "/proc/self/status", status, sizeof(status)) ||
	    !(caps = strstr(status, "CapEff:"))) {
		found(f, STATE_UNKNOWN, "/proc/self/status tells no capabilities");
		return;
	}

	/* CAP_SYS_ADMIN is number 21: include/uapi/linux/capability.h. */
	if (strtoull(caps + 7, NULL, 16) >> 21 & 1) {
		found(f, STATE_GOOD, "CAP_SYS_ADMIN");
	} else {
		found(f, STATE_BAD, "no CAP_SYS_ADMIN");
		mend(f, "Run as root");
	}
}

static void check_lockdown(const struct doctor *doc, struct finding *f)
{
	char text[128];
	const char *mode;

	if (!read_text(doc, "/sys/kernel/security/lockdown", text, sizeof(text))) {
		found(f, STATE_GOOD, "none");
		return;
	}

	/* "none [integrity] confidentiality": the one in brackets is in force. */
	mode = strchr(text, '[');
	if (mode && !strncmp(mode, "[none]", 6)) {
		found(f, STATE_GOOD, "none");
	} else {
		found(f, STATE_BAD, "the kernel is locked down (%.*s)", (int)strcspn(text, "\n"),
		      text);
		mend(f,
		     "The module refuses calls then. Boot without lockdown= and without Secure Boot");
	}
}

static void check_module(const struct doctor *doc, struct finding *f)
{
	struct device_error err;
	struct device *dev;
	char version[16];
	int ret;

	if (doc->root[0]) {
		bool there = exists(doc, "/dev/ffascope");

		found(f, there ? STATE_GOOD : STATE_BAD, "/dev/ffascope is %sthere",
		      there ? "" : "not ");
		if (!there)
			mend(f, "Run `modprobe ffascope'; `dmesg' says why where it refuses");
		return;
	}

	ret = device_open(&dev, doc->opts->device, &err);
	if (ret) {
		char *stop = strstr(err.text, ". ");

		found(f, STATE_BAD, "%.*s", stop ? (int)(stop - err.text) : (int)strlen(err.text),
		      err.text);
		mend(f, "%s", stop ? stop + 2 : "");
		return;
	}

	ffa_format_version(device_info(dev)->ffa_version, version, sizeof(version));
	found(f, STATE_GOOD, "ABI %u, FF-A %s, conduit %s%s", device_info(dev)->abi_version,
	      device_info(dev)->ffa_version ? version : "version not known",
	      device_info(dev)->conduit == FFASCOPE_CONDUIT_HVC ? "HVC" : "SMC",
	      device_info(dev)->features & FFASCOPE_FEATURE_UNSAFE ? ", unsafe=1" : "");
	device_close(dev);
}

static void check_tracing(const struct doctor *doc, struct finding *f)
{
	struct hyp_layout layout;
	struct hyp_error err;
	char dir[300];
	char *stop;

	snprintf(dir, sizeof(dir), "%s/sys/kernel/tracing", doc->root);
	if (!hyp_find(doc->root[0] ? dir : doc->opts->tracefs, &layout, &err)) {
		found(f, STATE_GOOD, "%s", layout.root);
		return;
	}

	stop = strstr(err.text, ". ");
	found(f, STATE_BAD, "%.*s", stop ? (int)(stop - err.text) : (int)strlen(err.text),
	      err.text);
	mend(f, "%s", stop ? stop + 2 : "");
}

static void check_btf(const struct doctor *doc, struct finding *f)
{
	if (exists(doc, "/sys/kernel/btf/vmlinux")) {
		found(f, STATE_GOOD, "/sys/kernel/btf/vmlinux");
	} else {
		found(f, STATE_BAD,
		      "the kernel tells no types (/sys/kernel/btf/vmlinux is not there)");
		mend(f, "Build the kernel with CONFIG_BPF_SYSCALL=y and CONFIG_DEBUG_INFO_BTF=y");
	}
}

static const struct {
	const char *name;
	void (*check)(const struct doctor *doc, struct finding *f);
} checks[] = {
	{ "processor", check_processor },
	{ "protected KVM", check_kvm },
	{ "FF-A", check_ffa },
	{ "rights", check_rights },
	{ "lockdown", check_lockdown },
	{ "module", check_module },
	{ "hypervisor trace", check_tracing },
	{ "BTF", check_btf },
};

static void show(struct doctor *doc, const char *name, const struct finding *f)
{
	static const char *const words[] = { "good", "BAD", "?" };
	static const char *const json_words[] = { "good", "bad", "unknown" };
	static const char *const colors[] = { "\033[1;32m", "\033[1;31m", "\033[1;33m" };
	bool color = verb_color(doc->opts);

	if (doc->opts->json) {
		struct json_object *obj = json_object_new_object();

		json_object_object_add(obj, "link", json_object_new_string(name));
		json_object_object_add(obj, "state", json_object_new_string(json_words[f->state]));
		json_object_object_add(obj, "found", json_object_new_string(f->found));
		json_object_object_add(obj, "mend",
				       f->mend[0] ? json_object_new_string(f->mend) : NULL);
		json_object_array_add(doc->links, obj);
		return;
	}

	printf("%s%-4s%s  %-17s %s\n", color ? colors[f->state] : "", words[f->state],
	       color ? "\033[0m" : "", name, f->found);
	if (f->mend[0])
		printf("      %-17s -> %s\n", "", f->mend);
}

static int doctor_run(const struct options *opts, int argc, char **argv)
{
	struct doctor doc = { .opts = opts, .root = "" };

	if (verb_parse(&argp, argc, argv, &doc))
		return STATUS_INTERNAL;

	doc.log = read_log(&doc);
	doc.links = json_object_new_array();
	if (!doc.log || !doc.links)
		return STATUS_INTERNAL;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct finding f = { 0 };

		checks[i].check(&doc, &f);
		doc.bad += f.state == STATE_BAD;
		doc.unknown += f.state == STATE_UNKNOWN;
		show(&doc, checks[i].name, &f);
	}

	if (opts->json)
		printf("%s\n",
		       json_object_to_json_string_ext(
			       doc.links, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(doc.links);
	free(doc.log);

	return doc.bad ? STATUS_CANNOT : STATUS_DONE;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.help = "What this machine lacks, and how to mend it",
	.run = doctor_run,
};
