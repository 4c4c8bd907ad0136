// SPDX-License-Identifier: GPL-2.0-only
/* Attaches bpf/host.bpf.c and reads the calls that it sees. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "host.skel.h"
#include "hyp/host.h"
#include "hyp/internal.h"

/* Bytes. */
#define MAX_RING (UINT32_C(1) << 28)

struct hyp_host {
	struct host_bpf *bpf;
	struct ring_buffer *ring;
	bool stacks;
	bool sees_module;
	uint64_t dropped, missed; /* already told */

	/* Of the read that is going on. */
	hyp_host_fn fn;
	void *ctx;
	int ret;
};

static int take_call(void *ctx, void *data, size_t size)
{
	struct hyp_host *host = ctx;
	const struct host_call *call = data;
	const unsigned long long *ip = NULL;

	if (size < sizeof(*call))
		return 0;
	if (host->stacks && size >= sizeof(struct host_call_stack))
		ip = ((const struct host_call_stack *)data)->ip;
	if (!host->ret)
		host->ret = host->fn(host->ctx, call, ip);
	return 0;
}

static void set_filter(struct host_bpf *bpf, const struct hyp_host_filter *filter, bool stacks)
{
	bpf->rodata->own_pid = (uint32_t)getpid();
	bpf->rodata->want_stacks = stacks;
	bpf->rodata->want_pid = filter->pid;
	if (filter->comm)
		snprintf((char *)bpf->rodata->want_comm, HOST_COMM_LEN, "%s", filter->comm);
	if (filter->has_endpoint)
		bpf->rodata->want_endpoint = UINT32_C(1) << 16 | filter->endpoint;
	bpf->rodata->filter_calls = filter->calls;
	memcpy((void *)bpf->rodata->want_call, filter->call, sizeof(filter->call));
	memcpy((void *)bpf->rodata->endpoint_halves, filter->halves, sizeof(filter->halves));
}

/* The end first: a call whose beginning was seen is one whose end will be. */
static int attach_pair(struct bpf_program *begin, struct bpf_program *end, struct bpf_link **links)
{
	links[0] = bpf_program__attach(end);
	if (!links[0])
		return -errno;
	links[1] = bpf_program__attach(begin);
	if (!links[1]) {
		int ret = -errno;

		bpf_link__destroy(links[0]);
		links[0] = NULL;
		return ret;
	}
	return 0;
}

static int attach(struct hyp_host *host)
{
	struct host_bpf *bpf = host->bpf;
	struct bpf_link *smc[2] = { NULL }, *hvc[2] = { NULL };
	int ret_smc, ret_hvc;

	ret_smc = attach_pair(bpf->progs.begin_smc, bpf->progs.end_smc, smc);
	ret_hvc = attach_pair(bpf->progs.begin_hvc, bpf->progs.end_hvc, hvc);
	bpf->links.end_smc = smc[0];
	bpf->links.begin_smc = smc[1];
	bpf->links.end_hvc = hvc[0];
	bpf->links.begin_hvc = hvc[1];

	/* No errors: without the module there are no calls of it, nor everywhere notifications. */
	bpf->links.module_call = bpf_program__attach(bpf->progs.module_call);
	bpf->links.schedule_receiver = bpf_program__attach(bpf->progs.schedule_receiver);
	host->sees_module = bpf->links.module_call != NULL;
	return ret_smc && ret_hvc ? ret_smc : 0;
}

static int open_bpf(struct hyp_host *host, const struct hyp_host_filter *filter,
		    unsigned int ring_kb)
{
	uint32_t size = 1 << 16;
	int ret;

	libbpf_set_print(NULL);
	host->bpf = host_bpf__open();
	if (!host->bpf)
		return -errno;

	set_filter(host->bpf, filter, host->stacks);
	while (size < MAX_RING && size / 1024 < ring_kb)
		size *= 2;
	bpf_map__set_max_entries(host->bpf->maps.calls, size);
	ret = host_bpf__load(host->bpf);
	if (!ret)
		ret = attach(host);
	if (ret)
		return ret;

	host->ring = ring_buffer__new(bpf_map__fd(host->bpf->maps.calls), take_call, host, NULL);
	return host->ring ? 0 : -errno;
}

int hyp_host_open(struct hyp_host **out, const struct hyp_host_filter *filter, bool stacks,
		  unsigned int ring_kb, struct hyp_error *err)
{
	struct hyp_host *host = calloc(1, sizeof(*host));
	int ret;

	if (!host)
		return hyp_fail(err, -ENOMEM, "out of memory");

	host->stacks = stacks;
	ret = open_bpf(host, filter, ring_kb);
	if (!ret) {
		*out = host;
		return 0;
	}

	hyp_host_close(host);
	switch (ret) {
	case -ENOENT:
		return hyp_fail(
			err, ret,
			"this kernel has no __arm_ffa_fn_smc to hook: arm_ffa is not there. Build it with CONFIG_ARM_FFA_TRANSPORT=y, or load the module ffa-module");
	case -EPERM:
	case -EACCES:
		return hyp_fail(err, -EPERM,
				"BPF: %s. Run as root (CAP_BPF and CAP_PERFMON) and try again",
				strerror(-ret));
	case -ENOMEM:
		return hyp_fail(err, ret, "BPF: out of memory");
	default:
		return hyp_fail(
			err, -ENOTSUP,
			"BPF cannot attach to arm_ffa (%s). Build the kernel with CONFIG_BPF_SYSCALL=y, CONFIG_KPROBE_EVENTS=y, CONFIG_KRETPROBES=y and CONFIG_DEBUG_INFO_BTF=y",
			strerror(-ret));
	}
}

bool hyp_host_sees_module(const struct hyp_host *host)
{
	return host->sees_module;
}

int hyp_host_read(struct hyp_host *host, hyp_host_fn fn, void *ctx, uint64_t *dropped,
		  uint64_t *missed)
{
	uint64_t total;
	int ret;

	host->fn = fn;
	host->ctx = ctx;
	host->ret = 0;
	ret = ring_buffer__consume(host->ring);
	if (ret >= 0)
		ret = host->ret;

	/* After the reading, so that what was lost is told no later than what came after it. */
	total = __atomic_load_n(&host->bpf->bss->dropped, __ATOMIC_RELAXED);
	*dropped = total - host->dropped;
	host->dropped = total;
	total = __atomic_load_n(&host->bpf->bss->missed, __ATOMIC_RELAXED);
	*missed = total - host->missed;
	host->missed = total;
	return ret;
}

bool hyp_host_waits(const struct hyp_host *host)
{
	/* Not through epoll, which would have to be woken up. */
	struct pollfd fd = { .fd = bpf_map__fd(host->bpf->maps.calls), .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

void hyp_host_detach(struct hyp_host *host)
{
	if (host->bpf)
		host_bpf__detach(host->bpf);
}

void hyp_host_close(struct hyp_host *host)
{
	if (!host)
		return;

	ring_buffer__free(host->ring);
	host_bpf__destroy(host->bpf);
	free(host);
}
