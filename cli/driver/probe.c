// SPDX-License-Identifier: GPL-2.0-only
/* Attaches bpf/driver.bpf.c and reads the calls that it sees. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "driver.skel.h"
#include "driver/probe.h"

/* Bytes. */
#define MAX_RING (UINT32_C(1) << 28)

struct driver_probe {
	struct driver_bpf *bpf;
	enum driver_way way;
	struct ring_buffer *ring;
	bool stacks;
	bool sees_module;
	uint64_t dropped, missed; /* already returned by a read */

	/* Of the read that is going on. */
	driver_probe_fn fn;
	void *ctx;
	int ret;
};

static int take_call(void *ctx, void *data, size_t size)
{
	struct driver_probe *probe = ctx;
	const struct host_call *call = data;
	const unsigned long long *ip = NULL;

	if (size < sizeof(*call))
		return 0;
	if (probe->stacks && size >= sizeof(struct host_call_stack))
		ip = ((const struct host_call_stack *)data)->ip;
	if (!probe->ret)
		probe->ret = probe->fn(probe->ctx, call, ip);
	return 0;
}

static void set_filter(struct driver_bpf *bpf, const struct driver_filter *filter, bool stacks)
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

/* ---- the ways to hook arm_ffa ---- */

/* Functions of the kernel or of a module, to be hooked by the function tracer. */
struct functions {
	const char **names;
	size_t nr;
};

/* functions: NULL: what the program's section names. Returns NULL and errno. */
static struct bpf_link *attach_one(const struct bpf_program *prog,
				   const struct functions *functions, bool at_return)
{
	struct bpf_kprobe_multi_opts opts = { .sz = sizeof(opts), .retprobe = at_return };

	if (!functions)
		return bpf_program__attach(prog);
	opts.syms = functions->names;
	opts.cnt = functions->nr;
	return bpf_program__attach_kprobe_multi_opts(prog, NULL, &opts);
}

struct pair {
	const struct bpf_program *begin, *end;
	struct bpf_link **begin_link, **end_link;
};

/* Attach the return first, so that every entry has an exit. */
static int attach_pair(const struct pair *pair, const struct functions *functions)
{
	int ret;

	*pair->end_link = attach_one(pair->end, functions, true);
	if (!*pair->end_link)
		return -errno;
	*pair->begin_link = attach_one(pair->begin, functions, false);
	if (*pair->begin_link)
		return 0;

	ret = -errno;
	bpf_link__destroy(*pair->end_link);
	*pair->end_link = NULL;
	return ret;
}

#define PAIR(bpf, name_begin, name_end)                         \
	((struct pair){ .begin = (bpf)->progs.name_begin,       \
			.end = (bpf)->progs.name_end,           \
			.begin_link = &(bpf)->links.name_begin, \
			.end_link = &(bpf)->links.name_end })

static int attach_tracepoints(struct driver_bpf *bpf)
{
	const struct pair pair = PAIR(bpf, enter, leave);

	return attach_pair(&pair, NULL);
}

/* A compiler may have left out the function that is not used on this machine. */
static int attach_fprobe(struct driver_bpf *bpf)
{
	static const char *names[] = { "__arm_ffa_fn_smc", "__arm_ffa_fn_hvc" };
	static const char *made[] = { "ffascope_call_made" };
	const struct functions of_module = { made, 1 };
	const struct functions choices[] = { { names, 2 }, { &names[0], 1 }, { &names[1], 1 } };
	const struct pair pair = PAIR(bpf, begin_multi, end_multi);
	int ret = -ENOENT;

	for (size_t i = 0; ret && i < sizeof(choices) / sizeof(choices[0]); i++)
		ret = attach_pair(&pair, &choices[i]);
	if (!ret)
		bpf->links.module_call_multi =
			attach_one(bpf->progs.module_call_multi, &of_module, false);
	return ret;
}

static int attach_kprobes(struct driver_bpf *bpf)
{
	const struct pair smc = PAIR(bpf, begin_smc, end_smc);
	const struct pair hvc = PAIR(bpf, begin_hvc, end_hvc);
	int ret_smc = attach_pair(&smc, NULL);
	int ret_hvc = attach_pair(&hvc, NULL);

	return ret_smc && ret_hvc ? ret_smc : 0;
}

/* A kernel may refuse what it does not know, so without `all' only the programs of kprobes load. */
static void select_programs(struct driver_bpf *bpf, bool all)
{
	bpf_program__set_autoload(bpf->progs.enter, all);
	bpf_program__set_autoload(bpf->progs.leave, all);
	bpf_program__set_autoload(bpf->progs.begin_multi, all);
	bpf_program__set_autoload(bpf->progs.end_multi, all);
	bpf_program__set_autoload(bpf->progs.module_call_multi, all);
}

static void close_bpf(struct driver_probe *probe)
{
	driver_bpf__destroy(probe->bpf);
	probe->bpf = NULL;
}

/* Attaches by the first way from `first' that works; the error is that of the last one. */
static int attach(struct driver_probe *probe, int first)
{
	static int (*const ways[])(struct driver_bpf *) = {
		[DRIVER_WAY_TRACEPOINTS] = attach_tracepoints,
		[DRIVER_WAY_FPROBE] = attach_fprobe,
		[DRIVER_WAY_KPROBES] = attach_kprobes,
	};
	struct driver_bpf *bpf = probe->bpf;
	int ret = -ENOENT;

	for (int way = first; way < NR_DRIVER_WAYS && ret; way++) {
		probe->way = (enum driver_way)way;
		ret = ways[way](bpf);
	}
	if (ret)
		return ret;

	/* No errors: without the module there are no calls of it, nor everywhere notifications. */
	if (!bpf->links.module_call_multi)
		bpf->links.module_call = bpf_program__attach(bpf->progs.module_call);
	bpf->links.schedule_receiver = bpf_program__attach(bpf->progs.schedule_receiver);
	probe->sees_module = bpf->links.module_call_multi || bpf->links.module_call;
	return 0;
}

static int load(struct driver_probe *probe, bool all, const struct driver_filter *filter,
		uint32_t ring_bytes)
{
	int ret;

	probe->bpf = driver_bpf__open();
	if (!probe->bpf)
		return -errno;

	select_programs(probe->bpf, all);
	set_filter(probe->bpf, filter, probe->stacks);
	bpf_map__set_max_entries(probe->bpf->maps.calls, ring_bytes);
	ret = driver_bpf__load(probe->bpf);
	if (ret)
		close_bpf(probe);
	return ret;
}

/* FFASCOPE_HOOK simulates a kernel that has less. */
static int first_way(void)
{
	static const char *const names[NR_DRIVER_WAYS] = {
		[DRIVER_WAY_TRACEPOINTS] = "tracepoints",
		[DRIVER_WAY_FPROBE] = "fprobe",
		[DRIVER_WAY_KPROBES] = "kprobes",
	};
	const char *best = getenv("FFASCOPE_HOOK");

	for (int way = 0; best && way < NR_DRIVER_WAYS; way++) {
		if (!strcmp(best, names[way]))
			return way;
	}
	return 0;
}

static int open_bpf(struct driver_probe *probe, const struct driver_filter *filter,
		    unsigned int ring_kb)
{
	uint32_t size = 1 << 16;
	int first = first_way();
	int ret = -ENOTSUP;

	libbpf_set_print(NULL);
	while (size < MAX_RING && size / 1024 < ring_kb)
		size *= 2;
	if (first < DRIVER_WAY_KPROBES)
		ret = load(probe, true, filter, size);
	if (ret) {
		first = DRIVER_WAY_KPROBES;
		ret = load(probe, false, filter, size);
	}
	if (!ret)
		ret = attach(probe, first);
	if (ret)
		return ret;

	probe->ring = ring_buffer__new(bpf_map__fd(probe->bpf->maps.calls), take_call, probe, NULL);
	return probe->ring ? 0 : -errno;
}

int driver_probe_open(struct driver_probe **out, const struct driver_filter *filter, bool stacks,
		      unsigned int ring_kb, struct error *err)
{
	struct driver_probe *probe = calloc(1, sizeof(*probe));
	int ret;

	if (!probe)
		return error_no_memory(err);

	probe->stacks = stacks;
	ret = open_bpf(probe, filter, ring_kb);
	if (!ret) {
		*out = probe;
		return 0;
	}

	driver_probe_close(probe);
	switch (ret) {
	case -ENOENT:
		return error_set(
			err, ret,
			"this kernel has no __arm_ffa_fn_smc to hook: arm_ffa is missing. Build it with CONFIG_ARM_FFA_TRANSPORT=y, or load the module ffa-module");
	case -EPERM:
	case -EACCES:
		return error_set(err, -EPERM,
				 "BPF: %s. Run as root (CAP_BPF and CAP_PERFMON) and try again",
				 strerror(-ret));
	case -ENOMEM:
		return error_set(err, ret, "BPF: out of memory");
	default:
		return error_set(
			err, -ENOTSUP,
			"BPF cannot attach to arm_ffa (%s). Build the kernel with CONFIG_BPF_SYSCALL=y, CONFIG_KPROBE_EVENTS=y, CONFIG_KRETPROBES=y and CONFIG_DEBUG_INFO_BTF=y",
			strerror(-ret));
	}
}

bool driver_probe_sees_module(const struct driver_probe *probe)
{
	return probe->sees_module;
}

enum driver_way driver_probe_way(const struct driver_probe *probe)
{
	return probe->way;
}

const char *driver_way_name(enum driver_way way)
{
	static const char *const names[] = {
		[DRIVER_WAY_TRACEPOINTS] = "tracepoints of arm_ffa",
		[DRIVER_WAY_FPROBE] = "fprobe",
		[DRIVER_WAY_KPROBES] = "kprobes",
	};

	return names[way];
}

int driver_probe_read(struct driver_probe *probe, driver_probe_fn fn, void *ctx, uint64_t *dropped,
		      uint64_t *missed)
{
	uint64_t total;
	int ret;

	probe->fn = fn;
	probe->ctx = ctx;
	probe->ret = 0;
	ret = ring_buffer__consume(probe->ring);
	if (ret >= 0)
		ret = probe->ret;

	/* Read the counters last, so that a loss is reported before the calls that came after it. */
	total = __atomic_load_n(&probe->bpf->bss->dropped, __ATOMIC_RELAXED);
	*dropped = total - probe->dropped;
	probe->dropped = total;
	total = __atomic_load_n(&probe->bpf->bss->missed, __ATOMIC_RELAXED);
	*missed = total - probe->missed;
	probe->missed = total;
	return ret;
}

bool driver_probe_waits(const struct driver_probe *probe)
{
	/* Read directly; epoll would need a wakeup from BPF. */
	struct pollfd fd = { .fd = bpf_map__fd(probe->bpf->maps.calls), .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

void driver_probe_detach(struct driver_probe *probe)
{
	if (probe->bpf)
		driver_bpf__detach(probe->bpf);
}

void driver_probe_close(struct driver_probe *probe)
{
	if (!probe)
		return;

	ring_buffer__free(probe->ring);
	close_bpf(probe);
	free(probe);
}
