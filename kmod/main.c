// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ffascope: makes FF-A calls for a program, each with interrupts off and isolated in the trace
 * of its CPU, and returns their registers and times. It also calls arm_ffa's own operations
 * (driver.c). See ffascope.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm-smccc.h>
#include <linux/arm_ffa.h>
#include <linux/bitfield.h>
#include <linux/capability.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/irqflags.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "internal.h"
#include "layout.h"

/* DEN0028 2.5: bit 31 fast call, bits 29:24 owner (4: standard service), bits 23:17 zero. */
#define FID_FIXED_MASK	(GENMASK(31, 31) | GENMASK(29, 17))
#define FID_FIXED	(BIT(31) | FIELD_PREP(GENMASK(29, 24), 4))
#define FID_NUMBER	GENMASK(15, 0)

/* Function numbers reserved for FF-A: arch/arm64/kvm/hyp/include/nvhe/ffa.h. */
#define FFA_NUMBER_MIN	0x60
#define FFA_NUMBER_MAX	0xff

/* Function numbers of the calls that call_is_unsafe() knows (DEN0077A). */
enum {
	NR_VERSION		= 0x63,
	NR_RX_RELEASE		= 0x65,
	NR_RXTX_MAP		= 0x66,
	NR_RXTX_UNMAP		= 0x67,
	NR_PARTITION_INFO_GET	= 0x68,
	NR_RUN			= 0x6d,
	NR_MEM_DONATE		= 0x71,
	NR_MEM_OP_PAUSE		= 0x78,
	NR_MEM_FRAG_TX		= 0x7b,
	NR_RX_ACQUIRE		= 0x84,
	NR_MEM_PERM_GET		= 0x88,
	NR_MEM_PERM_SET		= 0x89,
	NR_NS_RES_INFO_GET	= 0x8f,
};

/* Upper bound of tx_len and rx_len; the real size is known when the buffers are found. */
#define MAX_TRANSFER	SZ_64K

/* PARTITION_INFO_GET, w5: return the count only, do not write the RX buffer (DEN0077A 13.8). */
#define PARTITION_INFO_COUNT	BIT(0)

static bool unsafe __ro_after_init;
module_param_unsafe(unsafe, bool, 0400);
MODULE_PARM_DESC(unsafe, "Permit calls that take buffers or memory away from arm_ffa");

/* An open file of the device. */
struct opened {
	struct ffascope_file *ops;
	struct ffascope_pool *pool;
};

typedef void (*conduit_fn)(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res);

static conduit_fn conduit __ro_after_init;
static u32 conduit_kind __ro_after_init;
static u16 own_id __ro_after_init;

static_assert(sizeof(struct arm_smccc_1_2_regs) == sizeof(u64) * FFASCOPE_NR_REGS);
FFASCOPE_CHECK_LAYOUT();

void ffascope_invoke(const struct arm_smccc_1_2_regs *args, struct arm_smccc_1_2_regs *res)
{
	conduit(args, res);
}

u16 ffascope_own_id(void)
{
	return own_id;
}

/*
 * Whether the call can take something away from arm_ffa: its RX/TX buffers, memory it shared, a
 * conversation in progress, or the version it negotiated.
 */
static bool call_is_unsafe(const u64 *in, u32 version)
{
	u32 number = FIELD_GET(FID_NUMBER, in[0]);

	switch (number) {
	case NR_VERSION:
		return lower_32_bits(in[1]) != version;
	case NR_PARTITION_INFO_GET:
		/* The answer is in the RX buffer, which stays owned by us until RX_RELEASE. */
		return !(in[5] & PARTITION_INFO_COUNT);
	case NR_MEM_OP_PAUSE:
		/* Harmless for handle 0 (w1, w2), which arm_ffa never has. */
		return lower_32_bits(in[1]) || lower_32_bits(in[2]);
	case NR_RX_RELEASE:
	case NR_RXTX_MAP:
	case NR_RXTX_UNMAP:
	case NR_RX_ACQUIRE:
	case NR_RUN:
	case NR_MEM_DONATE ... NR_MEM_OP_PAUSE - 1:
	case NR_MEM_OP_PAUSE + 1 ... NR_MEM_FRAG_TX:
	case NR_MEM_PERM_GET:
	case NR_MEM_PERM_SET:
	case NR_NS_RES_INFO_GET:	/* fills the RX buffer, too */
		return true;
	default:
		return false;
	}
}

static int check_call(const struct ffascope_call *call, u32 version)
{
	u32 fid = lower_32_bits(call->in[0]);
	u32 number = FIELD_GET(FID_NUMBER, fid);

	if (call->flags || (fid & FID_FIXED_MASK) != FID_FIXED)
		return -EINVAL;

	if (number < FFA_NUMBER_MIN || number > FFA_NUMBER_MAX)
		return -EINVAL;

	if (!unsafe && call_is_unsafe(call->in, version))
		return -EACCES;

	return 0;
}

void ffascope_pause(u32 ns)
{
	u64 start = ktime_get_boottime_ns();

	while (ktime_get_boottime_ns() - start < ns)
		cpu_relax();
}

/* Returns false without making the call if the caller no longer runs on @cpu (-1: any). */
static bool make_call(struct ffascope_call *call, s32 cpu, u32 guard_ns)
{
	struct arm_smccc_1_2_regs args, res;
	unsigned long flags;
	bool here;

	memcpy(&args, call->in, sizeof(args));

	local_irq_save(flags);
	call->cpu = smp_processor_id();
	here = cpu < 0 || call->cpu == cpu;
	if (here) {
		ffascope_pause(guard_ns);
		call->begin_ns = ktime_get_boottime_ns();
		conduit(&args, &res);
		call->end_ns = ktime_get_boottime_ns();
		ffascope_pause(guard_ns);
	}
	local_irq_restore(flags);

	if (here)
		memcpy(call->out, &res, sizeof(res));

	return here;
}

/* The same with interrupts on, which some partitions need to finish what EL2 asks of them. */
static bool make_call_irqs_on(struct ffascope_call *call, s32 cpu)
{
	struct arm_smccc_1_2_regs args, res;
	bool here;

	memcpy(&args, call->in, sizeof(args));

	preempt_disable();
	call->cpu = smp_processor_id();
	here = cpu < 0 || call->cpu == cpu;
	if (here) {
		call->begin_ns = ktime_get_boottime_ns();
		conduit(&args, &res);
		call->end_ns = ktime_get_boottime_ns();
	}
	preempt_enable();

	if (here)
		memcpy(call->out, &res, sizeof(res));

	return here;
}

/*
 * A hook for tracers: runs after each call. `ffascope trace' attaches to this name and reads *call
 * with the layout of ffascope.h.
 */
static noinline __noclone __used void ffascope_call_made(const struct ffascope_call *call)
{
	asm volatile("" : : "r" (call) : "memory");
}

/* Whether it is too late for another call of the request. */
static bool is_over(const struct ffascope_registers *req, const struct ffascope_call *calls)
{
	return req->limit_us && req->done &&
	       ktime_get_boottime_ns() - calls[0].begin_ns >= (u64)req->limit_us * NSEC_PER_USEC;
}

/* The bytes that each call of a request finds in the TX buffer. */
struct transfer {
	struct ffascope_buffers buffers;
	void *tx;
};

static void fill_tx(const struct transfer *transfer, const struct ffascope_registers *req)
{
	const struct ffascope_buffers *buffers = &transfer->buffers;

	memcpy(buffers->tx, transfer->tx, req->tx_len);
	memset(buffers->tx + req->tx_len, 0, buffers->size - req->tx_len);
}

/* @transfer is NULL without FFASCOPE_REGISTERS_BUFFERS. */
static int make_calls(struct ffascope_registers *req, struct ffascope_call *calls,
		      struct ffascope_pool *pool, const struct transfer *transfer)
{
	for (req->done = 0; req->done < req->count; req->done++) {
		struct ffascope_call *call = &calls[req->done];
		bool made;

		if (signal_pending(current))
			return -EINTR;
		if (is_over(req, calls))
			return 0;

		if (transfer)
			fill_tx(transfer, req);
		if (req->flags & FFASCOPE_REGISTERS_IRQS_ON)
			made = make_call_irqs_on(call, req->cpu);
		else
			made = make_call(call, req->cpu, req->guard_ns);
		if (!made)
			return -EXDEV;

		ffascope_call_made(call);
		ffascope_pool_note(pool, call);
		cond_resched();
	}

	return 0;
}

/* Makes the calls while arm_ffa's buffers are locked, and copies the RX buffer after the last. */
static int make_transfer(struct opened *file, struct ffascope_registers *req,
			 struct ffascope_call *calls)
{
	struct transfer transfer;
	void *rx = NULL;
	int ret;

	transfer.tx = kvmalloc(req->tx_len ?: 1, GFP_KERNEL_ACCOUNT);
	rx = kvzalloc(req->rx_len ?: 1, GFP_KERNEL_ACCOUNT);
	ret = -ENOMEM;
	if (!transfer.tx || !rx)
		goto out_free;
	ret = -EFAULT;
	if (copy_from_user(transfer.tx, u64_to_user_ptr(req->tx), req->tx_len))
		goto out_free;

	ret = ffascope_buffers_lock(file->ops, &transfer.buffers);
	if (ret)
		goto out_free;
	if (max(req->tx_len, req->rx_len) > transfer.buffers.size) {
		ret = -EMSGSIZE;
	} else {
		ret = make_calls(req, calls, file->pool, &transfer);
		memcpy(rx, transfer.buffers.rx, req->rx_len);
	}
	ffascope_buffers_unlock(&transfer.buffers);

	/* User memory is written without arm_ffa's locks: a page fault may take long. */
	if (req->done && copy_to_user(u64_to_user_ptr(req->rx), rx, req->rx_len))
		ret = -EFAULT;
out_free:
	kvfree(transfer.tx);
	kvfree(rx);
	return ret;
}

static int check_registers(const struct ffascope_registers *req)
{
	u32 flags = FFASCOPE_REGISTERS_IRQS_ON | FFASCOPE_REGISTERS_BUFFERS;

	if (req->flags & ~flags || !req->count || req->count > FFASCOPE_MAX_CALLS ||
	    req->guard_ns > FFASCOPE_MAX_GUARD_NS || req->cpu < -1)
		return -EINVAL;

	if (!(req->flags & FFASCOPE_REGISTERS_BUFFERS))
		return req->tx || req->rx || req->tx_len || req->rx_len ? -EINVAL : 0;
	if (!unsafe)
		return -EACCES;
	return max(req->tx_len, req->rx_len) > MAX_TRANSFER ? -EMSGSIZE : 0;
}

static long do_registers(struct opened *file, void __user *arg, size_t size)
{
	struct ffascope_registers req;
	struct ffascope_call *calls = NULL;
	u32 version;
	long ret;

	ret = copy_struct_from_user(&req, sizeof(req), arg, size);
	if (ret)
		return ret;

	req.done = 0;
	req.bad = U32_MAX;
	ret = check_registers(&req);
	if (ret)
		goto out_reply;

	ret = -ENOMEM;
	calls = kvmalloc_array(req.count, sizeof(*calls), GFP_KERNEL_ACCOUNT);
	if (!calls)
		goto out_reply;

	ret = -EFAULT;
	if (copy_from_user(calls, u64_to_user_ptr(req.calls),
			   array_size(req.count, sizeof(*calls))))
		goto out_reply;

	version = ffascope_ops_version(file->ops);
	for (u32 i = 0; i < req.count; i++) {
		ret = check_call(&calls[i], version);
		if (ret) {
			req.bad = i;
			goto out_reply;
		}
	}

	if (req.flags & FFASCOPE_REGISTERS_BUFFERS)
		ret = make_transfer(file, &req, calls);
	else
		ret = make_calls(&req, calls, file->pool, NULL);

	if (copy_to_user(u64_to_user_ptr(req.calls), calls,
			 array_size(req.done, sizeof(*calls))))
		ret = -EFAULT;

out_reply:
	if (copy_to_user(arg, &req, min(size, sizeof(req))))
		ret = -EFAULT;
	kvfree(calls);
	return ret;
}

static long do_info(struct opened *file, void __user *arg, size_t size)
{
	struct ffascope_info info;
	int ret;

	ret = copy_struct_from_user(&info, sizeof(info), arg, size);
	if (ret)
		return ret;

	if (info.flags)
		return -EINVAL;

	info = (struct ffascope_info) {
		.size		= sizeof(info),
		.abi_version	= FFASCOPE_ABI_VERSION,
		.features	= FFASCOPE_FEATURE_DRIVER | FFASCOPE_FEATURE_IRQS_ON |
				  FFASCOPE_FEATURE_LIMIT | FFASCOPE_FEATURE_MEMORY |
				  (unsafe ? FFASCOPE_FEATURE_UNSAFE : 0),
		.ffa_version	= ffascope_ops_version(file->ops),
		.conduit	= conduit_kind,
		.max_calls	= FFASCOPE_MAX_CALLS,
		.max_guard_ns	= FFASCOPE_MAX_GUARD_NS,
		.kept_pages	= ffascope_pool_kept(),
	};

	return copy_to_user(arg, &info, min(size, sizeof(info))) ? -EFAULT : 0;
}

static long do_pages(struct opened *file, void __user *arg, size_t size)
{
	struct ffascope_pages req;
	int ret;

	ret = copy_struct_from_user(&req, sizeof(req), arg, size);
	if (ret)
		return ret;
	if (!unsafe)
		return -EACCES;
	ret = ffascope_pool_request(file->pool, &req);
	if (ret)
		return ret;
	/* A caller that gets EFAULT frees the pages by closing the file. */
	return copy_to_user(arg, &req, min(size, sizeof(req))) ? -EFAULT : 0;
}

static long do_driver(struct ffascope_file *file, void __user *arg, size_t size)
{
	struct ffascope_driver req;
	int ret;

	ret = copy_struct_from_user(&req, sizeof(req), arg, size);
	if (ret)
		return ret;

	ret = ffascope_ops_request(file, &req, unsafe);
	if (ret)
		return ret;

	if (!copy_to_user(arg, &req, min(size, sizeof(req))))
		return 0;

	/* The caller does not learn that it holds the notification, so relinquish it. */
	if (req.op == FFASCOPE_DRIVER_REQUEST && !req.status) {
		req.op = FFASCOPE_DRIVER_RELINQUISH;
		req.cpu = -1;
		req.flags = FFASCOPE_DRIVER_UUID;
		ffascope_ops_request(file, &req, unsafe);
	}
	return -EFAULT;
}

static int may_use(void)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	/* Like /dev/mem, raw firmware calls can reach any memory. */
	return security_locked_down(LOCKDOWN_DEV_MEM);
}

static long ffascope_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct opened *opened = file->private_data;
	void __user *ptr = (void __user *)arg;
	u32 size;
	int ret;

	ret = may_use();
	if (ret)
		return ret;

	if (_IOC_TYPE(cmd) != FFASCOPE_IOC_MAGIC || _IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE))
		return -ENOTTY;

	switch (_IOC_NR(cmd)) {
	case _IOC_NR(FFASCOPE_INFO):
	case _IOC_NR(FFASCOPE_REGISTERS):
	case _IOC_NR(FFASCOPE_DRIVER):
	case _IOC_NR(FFASCOPE_PAGES):
		break;
	default:
		return -ENOTTY;
	}

	/* The size is in the ioctl number and in the structure; they must agree. */
	if (get_user(size, (u32 __user *)ptr))
		return -EFAULT;
	if (size != _IOC_SIZE(cmd) || size < 2 * sizeof(u32))
		return -EINVAL;

	switch (_IOC_NR(cmd)) {
	case _IOC_NR(FFASCOPE_INFO):
		return do_info(opened, ptr, size);
	case _IOC_NR(FFASCOPE_REGISTERS):
		return do_registers(opened, ptr, size);
	case _IOC_NR(FFASCOPE_PAGES):
		return do_pages(opened, ptr, size);
	default:
		return do_driver(opened->ops, ptr, size);
	}
}

static int ffascope_open(struct inode *inode, struct file *file)
{
	struct opened *opened;
	int ret;

	ret = may_use();
	if (ret)
		return ret;

	opened = kvzalloc(sizeof(*opened), GFP_KERNEL_ACCOUNT);
	if (!opened)
		return -ENOMEM;
	opened->ops = ffascope_ops_open();
	if (!opened->ops)
		goto err_free;
	opened->pool = ffascope_pool_open();
	if (!opened->pool)
		goto err_release;
	file->private_data = opened;
	return 0;

err_release:
	ffascope_ops_release(opened->ops);
err_free:
	kvfree(opened);
	return -ENOMEM;
}

static int ffascope_release(struct inode *inode, struct file *file)
{
	struct opened *opened = file->private_data;

	ffascope_pool_release(opened->pool);
	ffascope_ops_release(opened->ops);
	kvfree(opened);
	return 0;
}

static ssize_t ffascope_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct opened *opened = file->private_data;
	int ret;

	ret = may_use();
	if (ret)
		return ret;

	return ffascope_ops_read(opened->ops, buf, len, file->f_flags & O_NONBLOCK);
}

static __poll_t ffascope_poll(struct file *file, poll_table *wait)
{
	struct opened *opened = file->private_data;

	if (may_use())
		return EPOLLERR;

	return ffascope_ops_poll(opened->ops, file, wait);
}

static const struct file_operations ffascope_fops = {
	.owner		= THIS_MODULE,
	.open		= ffascope_open,
	.release	= ffascope_release,
	.read		= ffascope_read,
	.poll		= ffascope_poll,
	.unlocked_ioctl	= ffascope_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
	.llseek		= noop_llseek,
};

static struct miscdevice ffascope_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "ffascope",
	.fops	= &ffascope_fops,
	.mode	= 0600,
};

static int find_conduit(void)
{
	u32 smccc = arm_smccc_get_version();

	/* SMCCC 1.2 added x8 to x17 as arguments and results; arm_ffa requires it too. */
	if (smccc < ARM_SMCCC_VERSION_1_2) {
		pr_err("firmware has SMCCC %u.%u, FF-A needs 1.2\n", smccc >> 16, smccc & 0xffff);
		return -ENODEV;
	}

	switch (arm_smccc_1_1_get_conduit()) {
	case SMCCC_CONDUIT_SMC:
		conduit = arm_smccc_1_2_smc;
		conduit_kind = FFASCOPE_CONDUIT_SMC;
		return 0;
	case SMCCC_CONDUIT_HVC:
		conduit = arm_smccc_1_2_hvc;
		conduit_kind = FFASCOPE_CONDUIT_HVC;
		return 0;
	default:
		pr_err("firmware has neither an SMC nor an HVC conduit\n");
		return -ENODEV;
	}
}

static int find_ffa(void)
{
	struct arm_smccc_1_2_regs regs = { .a0 = FFA_ID_GET };

	conduit(&regs, &regs);

	if (lower_32_bits(regs.a0) == FFA_SUCCESS) {
		own_id = (u16)regs.a2;
		return 0;
	}

	if (lower_32_bits(regs.a0) != FFA_ERROR)
		pr_err("no FF-A in this firmware (FFA_ID_GET returned x0 %#lx)\n", regs.a0);
	else
		pr_err("FFA_ID_GET: error %d; check that arm_ffa is loaded and has negotiated a version\n",
		       (int)regs.a2);
	return -ENODEV;
}

static int __init ffascope_init(void)
{
	int ret;

	ret = find_conduit();
	if (ret)
		return ret;

	ret = find_ffa();
	if (ret)
		return ret;

	ret = ffascope_ops_init();
	if (ret) {
		pr_err("cannot register a notifier on the FF-A bus: %d\n", ret);
		return ret;
	}

	ret = misc_register(&ffascope_device);
	if (ret) {
		pr_err("cannot register /dev/ffascope: %d\n", ret);
		ffascope_ops_exit();
		return ret;
	}

	if (unsafe)
		pr_warn("unsafe=1: calls may take buffers and memory away from arm_ffa\n");

	return 0;
}
module_init(ffascope_init);

static void __exit ffascope_exit(void)
{
	misc_deregister(&ffascope_device);
	ffascope_pool_exit();
	ffascope_ops_exit();
}
module_exit(ffascope_exit);

MODULE_DESCRIPTION("FF-A calls for ffascope");
MODULE_AUTHOR("ffascope maintainers");
MODULE_LICENSE("GPL");
