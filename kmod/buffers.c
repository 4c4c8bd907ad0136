// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm_ffa's RX and TX buffers. There is one pair for the whole kernel (DEN0077A 7.2.2), so calls
 * that need it use arm_ffa's, under its own locks: its mapping is never touched and needs no repair
 * after a crash of the caller. arm_ffa does not export its data, so the address is looked up by
 * name and everything that it points to is checked before use.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm_ffa.h>
#include <linux/device.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "internal.h"

/* No implementation has larger buffers: arm_ffa takes 64 KiB at most. */
#define MAX_BUFFER	SZ_64K

/* Start of struct ffa_drv_info in drivers/firmware/arm_ffa/driver.c, Linux 6.12 to 7.4. */
struct arm_ffa_data {
	u32 version;
	u16 vm_id;
	struct mutex rx_lock; /* arm_ffa's, for rx_buffer */
	struct mutex tx_lock; /* arm_ffa's, for tx_buffer */
	void *rx_buffer;
	void *tx_buffer;
	size_t rxtx_bufsz;
};

/*
 * Where arm_ffa's static variable drv_info is. Kernels do not export kallsyms_lookup_name(), but
 * register_kprobe() looks the symbol up and stores its address before it refuses to probe data.
 */
static struct arm_ffa_data **find_variable(struct module *arm_ffa)
{
	char name[MODULE_NAME_LEN + sizeof(":drv_info")];
	struct kprobe probe = { .symbol_name = name };

	if (arm_ffa)
		snprintf(name, sizeof(name), "%s:drv_info", module_name(arm_ffa));
	else
		strscpy(name, "drv_info", sizeof(name));

	if (!register_kprobe(&probe)) {
		/* It is a function: another symbol of this name. */
		unregister_kprobe(&probe);
		return NULL;
	}
	return (struct arm_ffa_data **)probe.addr;
}

static bool is_buffer(const void *buffer, size_t size)
{
	return PAGE_ALIGNED(buffer) && virt_addr_valid(buffer) &&
	       virt_addr_valid(buffer + size - 1);
}

/* Whether @data has the expected layout: each field must have the value that is known of it. */
static bool is_arm_ffa_data(const struct arm_ffa_data *data, u32 version)
{
	if (!virt_addr_valid(data) || !virt_addr_valid((const void *)(data + 1) - 1))
		return false;
	if (data->version != version || data->vm_id != ffascope_own_id())
		return false;
	if (!data->rxtx_bufsz || !IS_ALIGNED(data->rxtx_bufsz, SZ_4K) ||
	    data->rxtx_bufsz > MAX_BUFFER)
		return false;
	return data->rx_buffer != data->tx_buffer && is_buffer(data->rx_buffer, data->rxtx_bufsz) &&
	       is_buffer(data->tx_buffer, data->rxtx_bufsz);
}

int ffascope_buffers_lock(struct ffascope_file *file, struct ffascope_buffers *buffers)
{
	struct arm_ffa_data **variable, *data;
	u32 version;
	int ret;

	ret = ffascope_ops_hold(file, &buffers->hold);
	if (ret)
		return ret;

	ret = -ENOENT;
	variable = find_variable(buffers->hold.arm_ffa);
	if (!variable)
		goto out_release;

	ret = -EPROTO;
	version = buffers->hold.version;
	data = READ_ONCE(*variable);
	if (!version || !is_arm_ffa_data(data, version))
		goto out_release;

	mutex_lock(&data->tx_lock);
	mutex_lock(&data->rx_lock);
	buffers->data = data;
	buffers->tx = data->tx_buffer;
	buffers->rx = data->rx_buffer;
	buffers->size = data->rxtx_bufsz;
	return 0;

out_release:
	ffascope_ops_let_go(&buffers->hold);
	return ret;
}

void ffascope_buffers_unlock(struct ffascope_buffers *buffers)
{
	mutex_unlock(&buffers->data->rx_lock);
	mutex_unlock(&buffers->data->tx_lock);
	ffascope_ops_let_go(&buffers->hold);
}
