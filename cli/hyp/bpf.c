// SPDX-License-Identifier: GPL-2.0-only
/* The BPF programs that take the events out of the kernel's reader: loaded, attached, let go. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "hyp.skel.h"
#include "hyp/internal.h"

static int take_event(void *ctx, void *data, size_t size)
{
	/* An error is kept in the trace: the rest of the ring is to go on to nobody. */
	if (size >= sizeof(struct hyp_event))
		hyp_take_event(ctx, data);
	return 0;
}

/* A signal in mid-load ends it with EAGAIN; libbpf itself tries five times in a row. */
#define LOAD_TRIES 20

static int load_bpf_once(struct hyp_trace *trace, enum hyp_reader reader)
{
	bool kprobe = reader == HYP_READER_KPROBE;
	struct hyp_bpf *bpf = hyp_bpf__open();
	int ret;

	if (!bpf)
		return -errno;

	bpf_program__set_autoload(bpf->progs.fentry_hyp_enter, !kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_hyp_exit, !kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_selftest, !kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_hyp_enter, kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_hyp_exit, kprobe);
	bpf_program__set_autoload(bpf->progs.kprobe_selftest, kprobe);
	bpf_program__set_autoload(bpf->progs.fentry_host_smc, !kprobe && trace->layout.host_smc);
	bpf_program__set_autoload(bpf->progs.kprobe_host_smc, kprobe && trace->layout.host_smc);

	ret = trace->ring_bytes ? bpf_map__set_max_entries(bpf->maps.events, trace->ring_bytes) : 0;
	if (!ret)
		ret = hyp_bpf__load(bpf);
	if (!ret)
		ret = hyp_bpf__attach(bpf);
	if (ret) {
		hyp_bpf__destroy(bpf);
		return ret;
	}

	trace->ring = ring_buffer__new(bpf_map__fd(bpf->maps.events), take_event, trace, NULL);
	if (!trace->ring) {
		ret = -errno;
		hyp_bpf__destroy(bpf);
		return ret;
	}

	trace->bpf = bpf;
	trace->reader = reader;
	return 0;
}

static int load_bpf(struct hyp_trace *trace, enum hyp_reader reader)
{
	int ret = -EAGAIN;

	for (int i = 0; i < LOAD_TRIES && ret == -EAGAIN && !(trace->stop && *trace->stop); i++)
		ret = load_bpf_once(trace, reader);
	return ret;
}

int hyp_bpf_attach(struct hyp_trace *trace, struct error *err)
{
	/* The best reader to try, where somebody wants a lesser one. */
	const char *best = getenv("FFASCOPE_READER");
	int fentry, kprobe;

	/* Android's tracing is other code: it has no such functions. */
	if (strcmp(trace->layout.name, "remotes/hypervisor"))
		return error_set(err, -ENOTSUP, "BPF knows mainline's events only, not those of %s",
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

	/* What root may not do (SELinux, lockdown) the text may still tell. */
	if ((fentry == -EPERM || fentry == -EACCES) && geteuid())
		return error_set(err, -EPERM,
				 "BPF: %s. Run as root (CAP_BPF and CAP_PERFMON) and try again",
				 strerror(-fentry));

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return error_set(
			err, -ENOTSUP,
			"this kernel tells no types (/sys/kernel/btf/vmlinux is not there). Build it with CONFIG_DEBUG_INFO_BTF=y");

	return error_set(
		err, -ENOTSUP,
		"BPF can attach neither by fentry (%s) nor by kprobe (%s). Build the kernel with CONFIG_BPF_SYSCALL=y, CONFIG_BPF_JIT=y and CONFIG_FUNCTION_TRACER=y or CONFIG_KPROBES=y",
		strerror(-fentry), strerror(-kprobe));
}

int hyp_bpf_consume(struct hyp_trace *trace)
{
	return ring_buffer__consume(trace->ring);
}

#define NR_LINKS 4

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Closes every file but those of the n that are given. */
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

/*
 * To detach a function that fentry hooks the kernel waits for grace periods of RCU tasks, 100 to
 * 200 ms for each function, one after the other, and who wants a verdict should not wait for that.
 * A process of its own keeps the links open until this one has closed them, and so is the one that
 * waits. Returns what to close then, -1 where it could not be done: all the same, only slower.
 */
static int detach_in_background(const struct hyp_bpf *bpf)
{
	int keep[NR_LINKS + 1] = {
		bpf_link__fd(bpf->links.fentry_hyp_enter),
		bpf_link__fd(bpf->links.fentry_hyp_exit),
		bpf_link__fd(bpf->links.fentry_selftest),
		/* Only where there is such an event; else one of them twice. */
		bpf_link__fd(bpf->links.fentry_host_smc ? bpf->links.fentry_host_smc
							: bpf->links.fentry_hyp_enter),
	};
	int released[2];
	pid_t pid;
	char none;

	if (pipe2(released, O_CLOEXEC))
		return -1;
	keep[NR_LINKS] = released[0];

	pid = fork();
	if (!pid) {
		/* Nobody's child, and no member of the job that a signal ends. */
		if (fork())
			_exit(0);
		setsid();
		close_others(keep, NR_LINKS + 1);
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

	if (trace->bpf && trace->reader == HYP_READER_FENTRY)
		hold = detach_in_background(trace->bpf);
	ring_buffer__free(trace->ring);
	hyp_bpf__destroy(trace->bpf);
	if (hold >= 0)
		close(hold);
}
