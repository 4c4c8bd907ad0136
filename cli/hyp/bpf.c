// SPDX-License-Identifier: GPL-2.0-only
/* Loads, attaches and detaches the BPF programs that read the kernel's events. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "hyp.skel.h"
#include "hyp/internal.h"

#define TYPES		 "/sys/kernel/btf/vmlinux"

/* A signal during loading causes EAGAIN; libbpf itself retries five times. */
#define LOAD_TRIES	 20

#define NR_FENTRY_OTHERS 8

static void find_fentry_others(const struct hyp_bpf *bpf,
			       struct bpf_program *progs[NR_FENTRY_OTHERS])
{
	progs[0] = bpf->progs.fentry_other0;
	progs[1] = bpf->progs.fentry_other1;
	progs[2] = bpf->progs.fentry_other2;
	progs[3] = bpf->progs.fentry_other3;
	progs[4] = bpf->progs.fentry_other4;
	progs[5] = bpf->progs.fentry_other5;
	progs[6] = bpf->progs.fentry_other6;
	progs[7] = bpf->progs.fentry_other7;
}

static void choose_programs(const struct hyp_trace *trace, const struct hyp_bpf *bpf, bool kprobe)
{
	const struct hyp_layout *layout = &trace->layout;
	struct bpf_program *others[NR_FENTRY_OTHERS];

	bpf_program__set_autoload(bpf->progs.fentry_hyp_enter, !kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_hyp_exit, !kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_selftest, !kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_hyp_enter, kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_hyp_exit, kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_selftest, kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_host_smc, !kprobe && layout->host_smc);
	bpf_program__set_autoload(bpf->progs.kprobe_host_smc, kprobe && layout->host_smc);
	bpf_program__set_autoload(bpf->progs.fentry_printk, !kprobe && layout->printk);
	bpf_program__set_autoload(bpf->progs.fexit_printk, !kprobe && layout->printk);
	bpf_program__set_autoload(bpf->progs.kprobe_printk, kprobe && layout->printk);
	bpf_program__set_autoload(bpf->progs.kretprobe_printk, kprobe && layout->printk);

	find_fentry_others(bpf, others);
	for (unsigned int i = 0; i < NR_FENTRY_OTHERS; i++)
		bpf_program__set_autoload(others[i], !kprobe && i < layout->nr_others);
	bpf_program__set_autoload(bpf->progs.kprobe_other,
				  layout->nr_others > (kprobe ? 0 : NR_FENTRY_OTHERS));
}

/* The functions of events that this version does not know, before loading. */
static int aim_fentry_others(const struct hyp_trace *trace, const struct hyp_bpf *bpf)
{
	struct bpf_program *others[NR_FENTRY_OTHERS];
	char function[96];
	int ret = 0;

	find_fentry_others(bpf, others);
	for (unsigned int i = 0; i < NR_FENTRY_OTHERS && i < trace->layout.nr_others && !ret; i++) {
		snprintf(function, sizeof(function), "remote_event_print_%s",
			 trace->layout.others[i]);
		ret = bpf_program__set_attach_target(others[i], 0, function);
	}
	return ret;
}

/* The others: all of them with kprobes, with fentry those beyond its programs. */
static int attach_kprobe_others(struct hyp_trace *trace, const struct hyp_bpf *bpf, bool kprobe)
{
	char function[96];

	for (unsigned int i = kprobe ? 0 : NR_FENTRY_OTHERS; i < trace->layout.nr_others; i++) {
		snprintf(function, sizeof(function), "remote_event_print_%s",
			 trace->layout.others[i]);
		trace->others[i] =
			bpf_program__attach_kprobe(bpf->progs.kprobe_other, false, function);
		if (!trace->others[i])
			return -errno;
	}
	return 0;
}

static void detach_kprobe_others(struct hyp_trace *trace)
{
	for (unsigned int i = 0; i < HYP_MAX_OTHERS; i++) {
		bpf_link__destroy(trace->others[i]);
		trace->others[i] = NULL;
	}
}

static int load_bpf_once(struct hyp_trace *trace, enum hyp_reader reader)
{
	bool kprobe = reader == HYP_READER_KPROBE;
	struct hyp_bpf *bpf = hyp_bpf__open();
	int ret = 0;

	if (!bpf)
		return -errno;

	choose_programs(trace, bpf, kprobe);
	if (!kprobe)
		ret = aim_fentry_others(trace, bpf);
	if (!ret && trace->ring_bytes)
		ret = bpf_map__set_max_entries(bpf->maps.events, trace->ring_bytes);
	if (!ret)
		ret = hyp_bpf__load(bpf);
	if (!ret)
		ret = hyp_bpf__attach(bpf);
	if (!ret)
		ret = attach_kprobe_others(trace, bpf, kprobe);
	if (!ret) {
		trace->ring = ring_buffer__new(bpf_map__fd(bpf->maps.events), hyp_take_record,
					       trace, NULL);
		ret = trace->ring ? 0 : -errno;
	}
	if (ret) {
		detach_kprobe_others(trace);
		hyp_bpf__destroy(bpf);
		return ret;
	}

	trace->bpf = bpf;
	trace->reader = reader;
	return 0;
}

/* Whether this process may read them: doctor looks there too. */
static bool has_types(void)
{
	struct stat st;

	return !access(TYPES, R_OK) && !stat(TYPES, &st) && st.st_size;
}

static int load_light(struct hyp_trace *trace)
{
	int ret = hyp_light_attach(&trace->light, trace->ring_bytes);

	if (ret)
		return ret;
	trace->ring = ring_buffer__new(hyp_light_ring(trace->light), hyp_take_record, trace, NULL);
	if (!trace->ring) {
		ret = -errno;
		hyp_light_detach(trace->light);
		trace->light = NULL;
		return ret;
	}
	trace->reader = HYP_READER_FENTRY;
	return 0;
}

static int load_bpf(struct hyp_trace *trace, enum hyp_reader reader)
{
	int ret = -EAGAIN;

	if (reader == HYP_READER_FENTRY && hyp_light_fits(&trace->layout) && has_types() &&
	    !load_light(trace))
		return 0;

	for (int i = 0; i < LOAD_TRIES && ret == -EAGAIN && !(trace->stop && *trace->stop); i++)
		ret = load_bpf_once(trace, reader);
	return ret;
}

int hyp_bpf_attach(struct hyp_trace *trace, struct error *err)
{
	/* Selects a less capable reader, for tests. */
	const char *best = getenv("FFASCOPE_READER");
	int fentry, kprobe;

	/* Android's tracing is different code without these functions. */
	if (strcmp(trace->layout.name, "remotes/hypervisor"))
		return error_set(err, -ENOTSUP,
				 "BPF supports mainline's events only, not those of %s",
				 trace->layout.root);

	if (best && !strcmp(best, hyp_reader_name(HYP_READER_TEXT)))
		return error_set(err, -ENOTSUP, "FFASCOPE_READER asks for text");

	libbpf_set_print(NULL);

	fentry = best && !strcmp(best, hyp_reader_name(HYP_READER_KPROBE))
			 ? -ENOTSUP
			 : load_bpf(trace, HYP_READER_FENTRY);
	if (!fentry)
		return 0;

	kprobe = load_bpf(trace, HYP_READER_KPROBE);
	if (!kprobe)
		return 0;

	/* If root lacks the rights (SELinux, lockdown), the text may still be readable. */
	if ((fentry == -EPERM || fentry == -EACCES) && geteuid())
		return error_set(err, -EPERM,
				 "BPF: %s. Run as root (CAP_BPF and CAP_PERFMON) and try again",
				 strerror(-fentry));

	if (access(TYPES, R_OK))
		return error_set(err, -ENOTSUP,
				 "this kernel has no BTF (" TYPES
				 "). Build it with CONFIG_DEBUG_INFO_BTF=y");

	return error_set(
		err, -ENOTSUP,
		"BPF can attach neither with fentry (%s) nor with kprobes (%s). Build the kernel with CONFIG_BPF_SYSCALL=y, CONFIG_BPF_JIT=y and CONFIG_FUNCTION_TRACER=y or CONFIG_KPROBES=y",
		strerror(-fentry), strerror(-kprobe));
}

/* Of all programs: more than are ever attached at once. */
#define MAX_LINKS 32

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Closes all files except the n given ones. */
static void close_others(int *keep, size_t n)
{
	unsigned int next = 0;

	qsort(keep, n, sizeof(*keep), compare_fds);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned int)keep[i] > next)
			close_range(next, (unsigned int)keep[i] - 1, 0);
		next = (unsigned int)keep[i] + 1;
	}
	close_range(next, ~0U, 0);
}

static size_t collect_links(const struct hyp_trace *trace, int links[MAX_LINKS])
{
	const struct bpf_object_skeleton *skeleton;
	size_t n = 0;

	if (trace->light) {
		hyp_light_links(trace->light, links);
		return HYP_LIGHT_LINKS;
	}

	skeleton = trace->bpf->skeleton;
	for (int i = 0; i < skeleton->prog_cnt && n < MAX_LINKS; i++) {
		if (*skeleton->progs[i].link)
			links[n++] = bpf_link__fd(*skeleton->progs[i].link);
	}
	return n;
}

/*
 * Detaching fentry waits for RCU tasks grace periods: 100 to 200 ms for each function, one after the
 * other. A separate process keeps the links open until this process has closed them, so that it
 * waits instead. Returns the descriptor that releases it, or -1: detaching is slow then.
 */
static int detach_in_background(const struct hyp_trace *trace)
{
	int keep[MAX_LINKS + 1], released[2];
	size_t n;
	pid_t pid;
	char none;

	if (pipe2(released, O_CLOEXEC))
		return -1;
	n = collect_links(trace, keep);
	keep[n++] = released[0];

	pid = fork();
	if (!pid) {
		/* Double fork and setsid(): own session, reparented. */
		if (fork())
			_exit(0);
		setsid();
		close_others(keep, n);
		if (read(released[0], &none, 1))
			_exit(1);
		_exit(0);
	}

	close(released[0]);
	if (pid < 0) {
		close(released[1]);
		return -1;
	}
	waitpid(pid, NULL, 0);
	return released[1];
}

void hyp_bpf_detach(struct hyp_trace *trace)
{
	int hold = -1;

	if ((trace->bpf || trace->light) && trace->reader == HYP_READER_FENTRY)
		hold = detach_in_background(trace);
	detach_kprobe_others(trace);
	ring_buffer__free(trace->ring);
	hyp_bpf__destroy(trace->bpf);
	hyp_light_detach(trace->light);
	if (hold >= 0)
		close(hold);
}
