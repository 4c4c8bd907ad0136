// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads the three programs that mainline's events need with a loader that runs in the kernel
 * (`bpftool gen skeleton -L'). libbpf copies and searches all types of the kernel for that, which
 * takes more instructions than everything else until the first verdict. The loader fits these three
 * programs only: other events, kprobes and other kernels take bpf.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "hyp-light.lskel.h"
#include "hyp/internal.h"

bool hyp_light_fits(const struct hyp_layout *layout)
{
	return layout->selftest && !layout->host_smc && !layout->printk && !layout->nr_others;
}

int hyp_light_attach(struct hyp_light_bpf **out, unsigned int ring_bytes)
{
	struct hyp_light_bpf *light = hyp_light_bpf__open();
	int ret;

	if (!light)
		return -ENOMEM;
	if (ring_bytes)
		light->maps.events.max_entries = ring_bytes;
	ret = hyp_light_bpf__load(light);
	if (!ret)
		ret = hyp_light_bpf__attach(light);
	if (ret) {
		hyp_light_bpf__destroy(light);
		return ret;
	}
	*out = light;
	return 0;
}

int hyp_light_ring(const struct hyp_light_bpf *light)
{
	return light->maps.events.map_fd;
}

void hyp_light_links(const struct hyp_light_bpf *light, int links[HYP_LIGHT_LINKS])
{
	links[0] = light->links.fentry_hyp_enter_fd;
	links[1] = light->links.fentry_hyp_exit_fd;
	links[2] = light->links.fentry_selftest_fd;
}

void hyp_light_detach(struct hyp_light_bpf *light)
{
	hyp_light_bpf__destroy(light);
}
