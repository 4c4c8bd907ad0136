// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls arm_ffa's own operations for a program: request, send and receive notifications, send
 * direct messages. See ffascope.h.
 *
 * arm_ffa keeps one callback per notification ID and sender type for the whole kernel. One table
 * shared by all open files therefore records the IDs that this module holds; it relinquishes no
 * others.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/arm_ffa.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/uuid.h>
#include <linux/wait.h>

#include "internal.h"

/* Set in the endpoint ID of a secure partition (arm_ffa: ffa_notify_type_get). */
#define SECURE_ID	BIT(15)

/* Attempts to unbind a notification that is pending, and the pause between them. */
#define UNBIND_TRIES	50
#define UNBIND_PAUSE_MS	2

/*
 * Entries that partition_info_get() can copy. FFA_PARTITION_INFO_GET_REGS numbers them with 16 bits
 * (DEN0077A 13.9); through the RX buffer, which arm_ffa makes 64 KiB at most, come fewer.
 */
#define MAX_PARTITIONS	(U16_MAX + 1)

struct ffascope_file {
	struct module *arm_ffa;		/* pinned by this file; NULL: not yet, or built in */
	unsigned int first, count;
	u64 lost;
	struct ffascope_notification queue[FFASCOPE_QUEUE];
};

/* A notification ID. slots_lock protects all fields. */
struct slot {
	struct ffascope_file *file;	/* the file that holds it, or NULL */
	struct ffa_device *dev;		/* reference held */
	bool busy;			/* an operation of arm_ffa on this ID is in progress */
	bool gone;			/* the device was removed from the bus */
};

/* Static, because arm_ffa may still call back with a slot just after it was relinquished. */
static struct slot slots[2][FFASCOPE_MAX_NOTIFICATIONS];
/* Raw: arm_ffa calls back in interrupt context, where PREEMPT_RT forbids sleeping locks. */
static DEFINE_RAW_SPINLOCK(slots_lock);
static DECLARE_WAIT_QUEUE_HEAD(arrived);
static bool ever_requested;

/* Held for reading while an operation of a device runs: on_bus() waits for it on removal. */
DEFINE_STATIC_SRCU(ffascope_devices);

static struct slot *slot_of(const struct ffa_device *dev, u32 id)
{
	return &slots[dev->vm_id & SECURE_ID ? 1 : 0][id];
}

static u32 id_of(const struct slot *slot)
{
	return (slot - &slots[0][0]) % FFASCOPE_MAX_NOTIFICATIONS;
}

/* ---- arm_ffa as a module ---- */

/*
 * Gets a reference to the module that implements the operations, or returns NULL. In Linux 6.12 its
 * exit leaves devices on the bus whose operations are gone (drivers/firmware/arm_ffa/driver.c,
 * ffa_exit), so nothing but a reference makes them safe to call.
 */
static struct module *get_arm_ffa(void)
{
	struct kobject *kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, "ffa_module");
	struct module *module;

	if (!kobj)
		return NULL;

	/* The struct module outlives its kobject. */
	module = container_of(kobj, struct module_kobject, kobj)->mod;
	if (module && !try_module_get(module))
		module = NULL;
	kobject_put(kobj);
	return module;
}

/* Pins arm_ffa until the file is closed. */
static void pin_arm_ffa(struct ffascope_file *file)
{
	struct module *module;

	if (IS_BUILTIN(CONFIG_ARM_FFA_TRANSPORT) || READ_ONCE(file->arm_ffa))
		return;

	module = get_arm_ffa();
	if (module && cmpxchg(&file->arm_ffa, NULL, module))
		module_put(module);
}

/* Whether the device's operations may be called: they are built in or in the pinned module. */
static bool is_callable(const struct ffascope_file *file, const struct ffa_device *dev)
{
	struct module *module = READ_ONCE(file->arm_ffa);

	if (!dev->ops)
		return false;
	return IS_BUILTIN(CONFIG_ARM_FFA_TRANSPORT) ||
	       (module && within_module((unsigned long)dev->ops, module));
}

/* ---- receiving notifications ---- */

static void wake_readers(struct irq_work *work)
{
	wake_up_interruptible(&arrived);
}

/* A wait queue's lock may sleep on PREEMPT_RT, so readers are not woken by on_notification(). */
static DEFINE_IRQ_WORK(wake_work, wake_readers);

static void put_in_queue(struct ffascope_file *file, const struct ffascope_notification *note)
{
	struct ffascope_notification *last;

	if (file->count == FFASCOPE_QUEUE) {
		file->lost++;
		return;
	}

	last = &file->queue[(file->first + file->count++) % FFASCOPE_QUEUE];
	*last = *note;
	last->lost = file->lost;
	file->lost = 0;
}

/* Called by arm_ffa from a work item, or from interrupt context for per-vCPU notifications. */
static void on_notification(int id, void *data)
{
	struct slot *slot = data;
	struct ffascope_notification note = {
		.time_ns	= ktime_get_boottime_ns(),
		.id		= id,
		.cpu		= raw_smp_processor_id(),
	};
	unsigned long flags;

	raw_spin_lock_irqsave(&slots_lock, flags);
	if (slot->file) {
		note.partition = (u16)slot->dev->vm_id;
		put_in_queue(slot->file, &note);
		irq_work_queue(&wake_work);
	}
	raw_spin_unlock_irqrestore(&slots_lock, flags);
}

static bool is_ready(struct ffascope_file *file)
{
	bool ready;

	raw_spin_lock_irq(&slots_lock);
	ready = file->count || file->lost;
	raw_spin_unlock_irq(&slots_lock);
	return ready;
}

static bool take_from_queue(struct ffascope_file *file, struct ffascope_notification *note)
{
	bool taken = true;

	raw_spin_lock_irq(&slots_lock);
	if (file->count) {
		*note = file->queue[file->first];
		file->first = (file->first + 1) % FFASCOPE_QUEUE;
		file->count--;
	} else if (file->lost) {
		*note = (struct ffascope_notification) {
			.time_ns	= ktime_get_boottime_ns(),
			.lost		= file->lost,
			.flags		= FFASCOPE_NOTE_NOTHING,
		};
		file->lost = 0;
	} else {
		taken = false;
	}
	raw_spin_unlock_irq(&slots_lock);
	return taken;
}

ssize_t ffascope_ops_read(struct ffascope_file *file, char __user *buf, size_t len, bool nonblock)
{
	struct ffascope_notification note;
	ssize_t done = 0;
	int ret;

	if (len < sizeof(note))
		return -EINVAL;

	while (len - done >= sizeof(note)) {
		if (take_from_queue(file, &note)) {
			if (copy_to_user(buf + done, &note, sizeof(note))) {
				raw_spin_lock_irq(&slots_lock);
				file->lost += note.lost + !(note.flags & FFASCOPE_NOTE_NOTHING);
				raw_spin_unlock_irq(&slots_lock);
				return done ?: -EFAULT;
			}
			done += sizeof(note);
			continue;
		}

		if (done)
			break;
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(arrived, is_ready(file));
		if (ret)
			return ret;
	}

	return done;
}

__poll_t ffascope_ops_poll(struct ffascope_file *file, struct file *filp, poll_table *wait)
{
	poll_wait(filp, &arrived, wait);
	return is_ready(file) ? EPOLLIN | EPOLLRDNORM : 0;
}

/* ---- requesting and relinquishing notifications ---- */

/*
 * Marks the slot busy. With @ours the file must already hold it (and @dev, if given, must match),
 * else -ENOENT; without, the slot must be free, else -EBUSY, and the file takes it.
 */
static int begin_slot(struct slot *slot, struct ffascope_file *file, struct ffa_device *dev,
		      bool ours)
{
	int ret = 0;

	raw_spin_lock_irq(&slots_lock);
	if (slot->busy || (slot->file && (!ours || slot->file != file)))
		ret = ours && slot->file != file ? -ENOENT : -EBUSY;
	else if (!slot->file && ours)
		ret = -ENOENT;
	else if (ours && dev && slot->dev != dev)
		ret = -ENOENT;
	else
		slot->busy = true;

	if (!ret && !ours) {
		slot->file = file;
		slot->dev = dev;
		slot->gone = false;
		get_device(&dev->dev);
	}
	raw_spin_unlock_irq(&slots_lock);
	return ret;
}

static void end_slot(struct slot *slot, bool keep)
{
	struct ffa_device *dev = NULL;

	raw_spin_lock_irq(&slots_lock);
	if (!keep) {
		dev = slot->dev;
		slot->file = NULL;
		slot->dev = NULL;
	}
	slot->busy = false;
	raw_spin_unlock_irq(&slots_lock);

	if (dev)
		put_device(&dev->dev);
}

/*
 * notify_relinquish() removes arm_ffa's callback and then unbinds. The unbind is denied while the
 * notification is pending (DEN0077A 16.4), and arm_ffa does not retry. Retry here: arm_ffa soon
 * retrieves the pending notification.
 */
static int unbind_later(const struct ffa_device *dev, u32 id)
{
	const struct arm_smccc_1_2_regs args = {
		.a0 = FFA_NOTIFICATION_UNBIND,
		.a1 = (u32)(u16)dev->vm_id << 16 | ffascope_own_id(),
		.a3 = lower_32_bits(BIT_ULL(id)),
		.a4 = upper_32_bits(BIT_ULL(id)),
	};
	struct arm_smccc_1_2_regs res;

	for (int i = 0; i < UNBIND_TRIES; i++) {
		msleep(UNBIND_PAUSE_MS);
		ffascope_invoke(&args, &res);
		if (lower_32_bits(res.a0) == FFA_SUCCESS)
			return 0;
	}

	pr_warn("notification %u of endpoint %#x stays bound: still pending after %u ms\n",
		id, (u16)dev->vm_id, UNBIND_TRIES * UNBIND_PAUSE_MS);
	return -EACCES;
}

/* The caller has marked the slot busy and holds ffascope_devices for reading. */
static int relinquish(struct slot *slot)
{
	struct ffa_device *dev = slot->dev;
	u32 id = id_of(slot);
	int ret;

	/* arm_ffa released the notifications when it removed the device. */
	if (READ_ONCE(slot->gone))
		return 0;

	ret = dev->ops->notifier_ops->notify_relinquish(dev, id);
	return ret == -EACCES ? unbind_later(dev, id) : ret;
}

struct ffascope_file *ffascope_ops_open(void)
{
	return kvzalloc(sizeof(struct ffascope_file), GFP_KERNEL_ACCOUNT);
}

void ffascope_ops_release(struct ffascope_file *file)
{
	for (int i = 0; i < 2 * FFASCOPE_MAX_NOTIFICATIONS; i++) {
		struct slot *slot = &slots[0][0] + i;
		int idx;

		if (begin_slot(slot, file, NULL, true))
			continue;

		idx = srcu_read_lock(&ffascope_devices);
		relinquish(slot);
		srcu_read_unlock(&ffascope_devices, idx);
		end_slot(slot, false);
	}
	if (file->arm_ffa)
		module_put(file->arm_ffa);
	kvfree(file);
}

/* ---- the operations ---- */

static void do_request(struct slot *slot, struct ffa_device *dev, struct ffascope_driver *req)
{
	WRITE_ONCE(ever_requested, true);
	req->begin_ns = ktime_get_boottime_ns();
	req->status = dev->ops->notifier_ops->notify_request(dev,
							     req->flags & FFASCOPE_DRIVER_PER_VCPU,
							     on_notification, slot, req->id);
	req->end_ns = ktime_get_boottime_ns();
}

/* notify_send() only makes its call, so it can run with interrupts off and its trap is isolated. */
static int do_send(struct ffa_device *dev, struct ffascope_driver *req)
{
	bool per_vcpu = req->flags & FFASCOPE_DRIVER_PER_VCPU;
	unsigned long flags;
	bool here;

	local_irq_save(flags);
	req->made_on = smp_processor_id();
	here = req->cpu < 0 || req->made_on == req->cpu;
	if (here) {
		ffascope_pause(req->guard_ns);
		req->begin_ns = ktime_get_boottime_ns();
		req->status = dev->ops->notifier_ops->notify_send(dev, req->id, per_vcpu,
								  req->vcpu);
		req->end_ns = ktime_get_boottime_ns();
		ffascope_pause(req->guard_ns);
		req->result |= FFASCOPE_RESULT_ISOLATED;
	}
	local_irq_restore(flags);

	return here ? 0 : -EXDEV;
}

static void do_direct(struct ffa_device *dev, struct ffascope_driver *req)
{
	struct ffa_send_direct_data data = {
		req->data[0], req->data[1], req->data[2], req->data[3], req->data[4],
	};

	req->begin_ns = ktime_get_boottime_ns();
	req->status = dev->ops->msg_ops->sync_send_receive(dev, &data);
	req->end_ns = ktime_get_boottime_ns();

	req->data[0] = data.data0;
	req->data[1] = data.data1;
	req->data[2] = data.data2;
	req->data[3] = data.data3;
	req->data[4] = data.data4;
}

/* Older kernels (6.12) pass the UUID as a separate argument; the compiler keeps one branch. */
static int call_direct2(struct ffa_device *dev, struct ffa_send_direct_data2 *data)
{
	int (*fn)(struct ffa_device *dev, struct ffa_send_direct_data2 *data);
	int (*with_uuid)(struct ffa_device *dev, const uuid_t *uuid,
			 struct ffa_send_direct_data2 *data);
	const void *op = dev->ops->msg_ops->sync_send_receive2;

	if (__same_type(dev->ops->msg_ops->sync_send_receive2, fn)) {
		fn = op;
		return fn(dev, data);
	}
	BUILD_BUG_ON(!__same_type(dev->ops->msg_ops->sync_send_receive2, fn) &&
		     !__same_type(dev->ops->msg_ops->sync_send_receive2, with_uuid));
	with_uuid = op;
	return with_uuid(dev, &dev->uuid, data);
}

static void do_direct2(struct ffa_device *dev, struct ffascope_driver *req)
{
	struct ffa_send_direct_data2 data;

	static_assert(sizeof(data) == sizeof(req->data));
	memcpy(&data, req->data, sizeof(data));
	req->begin_ns = ktime_get_boottime_ns();
	req->status = call_direct2(dev, &data);
	req->end_ns = ktime_get_boottime_ns();
	memcpy(req->data, &data, sizeof(data));
}

static int do_partitions(struct ffa_device *dev, struct ffascope_driver *req)
{
	struct ffa_partition_info *info;
	unsigned int n = 0;
	char text[UUID_STRING_LEN + 1];

	/* arm_ffa copies every matching partition and does not return the count. */
	info = kvcalloc(MAX_PARTITIONS, sizeof(*info), GFP_KERNEL_ACCOUNT);
	if (!info)
		return -ENOMEM;

	snprintf(text, sizeof(text), "%pUb", req->uuid);
	req->begin_ns = ktime_get_boottime_ns();
	req->status = dev->ops->info_ops->partition_info_get(text, info);
	req->end_ns = ktime_get_boottime_ns();

	for (; n < MAX_PARTITIONS; n++) {
		const struct ffa_partition_info *p = &info[n];

		if (!p->id && !p->exec_ctxt && !p->properties)
			break;
		if (n + 1 < FFASCOPE_NR_DATA)
			req->data[n + 1] = (u64)p->properties << 32 |
					   (u32)p->exec_ctxt << 16 | p->id;
	}
	req->data[0] = n;
	kvfree(info);
	return 0;
}

/*
 * Whether arm_ffa has notifications enabled. It checks this before the ID, so an out-of-range ID
 * returns -EOPNOTSUPP if they are off and makes no call either way (__ffa_notify_relinquish()).
 */
static bool has_notifications(struct ffa_device *dev)
{
	const struct ffa_notifier_ops *notifier = dev->ops->notifier_ops;

	return notifier && notifier->notify_relinquish &&
	       notifier->notify_relinquish(dev, INT_MAX) != -EOPNOTSUPP;
}

static bool has_operation(const struct ffa_ops *ops, u32 op)
{
	const struct ffa_notifier_ops *notifier = ops->notifier_ops;
	const struct ffa_msg_ops *msg = ops->msg_ops;

	switch (op) {
	case FFASCOPE_DRIVER_REQUEST:
		return notifier && notifier->notify_request && notifier->notify_relinquish;
	case FFASCOPE_DRIVER_RELINQUISH:
		return notifier && notifier->notify_relinquish;
	case FFASCOPE_DRIVER_SEND:
		return notifier && notifier->notify_send;
	case FFASCOPE_DRIVER_DIRECT:
		return msg && msg->sync_send_receive;
	case FFASCOPE_DRIVER_DIRECT2:
		return msg && msg->sync_send_receive2;
	case FFASCOPE_DRIVER_PARTITIONS:
		return ops->info_ops && ops->info_ops->partition_info_get;
	default:
		return true;
	}
}

static int do_relinquish(struct ffascope_file *file, struct ffa_device *dev,
			 struct ffascope_driver *req)
{
	bool foreign = req->flags & FFASCOPE_DRIVER_FOREIGN;
	struct slot *slot = slot_of(dev, req->id);
	int ret;

	/* Reserve an ID that another driver holds, so that no file requests it meanwhile. */
	ret = begin_slot(slot, file, dev, !foreign);
	if (ret)
		return ret;

	req->begin_ns = ktime_get_boottime_ns();
	req->status = relinquish(slot);
	req->end_ns = ktime_get_boottime_ns();
	end_slot(slot, false);
	return 0;
}

static int do_operation(struct ffascope_file *file, struct ffa_device *dev,
			struct ffascope_driver *req)
{
	struct slot *slot;
	int ret;

	switch (req->op) {
	case FFASCOPE_DRIVER_REQUEST:
		slot = slot_of(dev, req->id);
		ret = begin_slot(slot, file, dev, false);
		if (ret)
			return ret;
		do_request(slot, dev, req);
		end_slot(slot, !req->status);
		return 0;
	case FFASCOPE_DRIVER_RELINQUISH:
		return do_relinquish(file, dev, req);
	case FFASCOPE_DRIVER_SEND:
		return do_send(dev, req);
	case FFASCOPE_DRIVER_DIRECT:
		do_direct(dev, req);
		return 0;
	case FFASCOPE_DRIVER_DIRECT2:
		do_direct2(dev, req);
		return 0;
	case FFASCOPE_DRIVER_PARTITIONS:
		return do_partitions(dev, req);
	default:
		return 0;
	}
}

struct wanted {
	const struct ffascope_file *file;
	const struct ffascope_driver *req;	/* NULL: any device */
};

static int match_device(struct device *dev, const void *data)
{
	const struct ffa_device *ffa_dev = to_ffa_dev(dev);
	const struct wanted *wanted = data;
	const struct ffascope_driver *req = wanted->req;

	if (!is_callable(wanted->file, ffa_dev))
		return 0;

	/* partition_info_get() is not about its device. Before 6.15 there is none for the host. */
	if (!req || req->op == FFASCOPE_DRIVER_PARTITIONS)
		return 1;

	return (u16)ffa_dev->vm_id == req->partition &&
	       (!(req->flags & FFASCOPE_DRIVER_UUID) ||
		!memcmp(&ffa_dev->uuid, req->uuid, sizeof(req->uuid)));
}

/* Finds a device for @req (NULL: any). The caller holds ffascope_devices for reading. */
static struct ffa_device *find_device(struct ffascope_file *file,
				      const struct ffascope_driver *req)
{
	const struct wanted wanted = { .file = file, .req = req };
	struct device *dev;

	pin_arm_ffa(file);
	dev = bus_find_device(&ffa_bus_type, NULL, &wanted, match_device);
	return dev ? to_ffa_dev(dev) : NULL;
}

int ffascope_ops_hold(struct ffascope_file *file, struct ffascope_hold *hold)
{
	const struct ffa_info_ops *info;

	hold->idx = srcu_read_lock(&ffascope_devices);
	hold->dev = find_device(file, NULL);
	if (!hold->dev) {
		srcu_read_unlock(&ffascope_devices, hold->idx);
		return -ENODEV;
	}

	info = hold->dev->ops->info_ops;
	hold->version = info && info->api_version_get ? info->api_version_get() : 0;
	hold->arm_ffa = READ_ONCE(file->arm_ffa);
	return 0;
}

void ffascope_ops_let_go(struct ffascope_hold *hold)
{
	put_device(&hold->dev->dev);
	srcu_read_unlock(&ffascope_devices, hold->idx);
}

u32 ffascope_ops_version(struct ffascope_file *file)
{
	struct ffascope_hold hold;

	if (ffascope_ops_hold(file, &hold))
		return 0;
	ffascope_ops_let_go(&hold);
	return hold.version;
}

/* Fields that the operation does not use must be zero. */
static int check_request(const struct ffascope_driver *req)
{
	u32 flags = FFASCOPE_DRIVER_UUID;
	unsigned int nr_data = 0;
	bool id = false, vcpu = false;

	switch (req->op) {
	case FFASCOPE_DRIVER_REQUEST:
		flags |= FFASCOPE_DRIVER_PER_VCPU;
		id = true;
		break;
	case FFASCOPE_DRIVER_RELINQUISH:
		flags |= FFASCOPE_DRIVER_FOREIGN;
		id = true;
		break;
	case FFASCOPE_DRIVER_SEND:
		flags |= FFASCOPE_DRIVER_PER_VCPU;
		id = true;
		vcpu = req->flags & FFASCOPE_DRIVER_PER_VCPU;
		break;
	case FFASCOPE_DRIVER_DIRECT:
		nr_data = 5;
		break;
	case FFASCOPE_DRIVER_DIRECT2:
		nr_data = FFASCOPE_NR_DATA;
		break;
	case FFASCOPE_DRIVER_QUERY:
	case FFASCOPE_DRIVER_PARTITIONS:
		break;
	default:
		return -EINVAL;
	}

	if (req->flags & ~flags || req->partition > U16_MAX || req->cpu < -1 ||
	    req->guard_ns > FFASCOPE_MAX_GUARD_NS || req->vcpu > (vcpu ? U16_MAX : 0) ||
	    req->id >= (id ? FFASCOPE_MAX_NOTIFICATIONS : 1))
		return -EINVAL;

	if (memchr_inv(&req->data[nr_data], 0, sizeof(u64) * (FFASCOPE_NR_DATA - nr_data)))
		return -EINVAL;

	if (!(req->flags & FFASCOPE_DRIVER_UUID) && memchr_inv(req->uuid, 0, sizeof(req->uuid)))
		return -EINVAL;

	return 0;
}

/* Fills in the outputs that do not depend on the operation. */
static void describe_result(struct ffa_device *dev, struct ffascope_driver *req)
{
	if (raw_smp_processor_id() != req->made_on)
		req->result |= FFASCOPE_RESULT_MOVED;
	if (has_notifications(dev))
		req->result |= FFASCOPE_RESULT_NOTIFICATIONS;

	req->properties = 0;
	if (req->op == FFASCOPE_DRIVER_PARTITIONS)
		return;
	if (dev->mode_32bit)
		req->result |= FFASCOPE_RESULT_32BIT;
	req->properties = dev->properties;
	memcpy(req->uuid, &dev->uuid, sizeof(req->uuid));
}

int ffascope_ops_request(struct ffascope_file *file, struct ffascope_driver *req, bool unsafe)
{
	struct ffa_device *dev;
	int idx, ret;

	ret = check_request(req);
	if (ret)
		return ret;
	if ((req->flags & FFASCOPE_DRIVER_FOREIGN) && !unsafe)
		return -EACCES;
	/* A relinquish is not interruptible: it must not be lost. */
	if (req->op != FFASCOPE_DRIVER_RELINQUISH && signal_pending(current))
		return -EINTR;

	req->status = 0;
	req->result = 0;
	req->begin_ns = 0;
	req->end_ns = 0;
	req->made_on = raw_smp_processor_id();
	if (req->cpu >= 0 && req->made_on != req->cpu)
		return -EXDEV;

	idx = srcu_read_lock(&ffascope_devices);
	dev = find_device(file, req);
	if (!dev) {
		ret = -ENODEV;
	} else {
		ret = -EOPNOTSUPP;
		if (has_operation(dev->ops, req->op))
			ret = do_operation(file, dev, req);
		describe_result(dev, req);
		put_device(&dev->dev);
	}
	srcu_read_unlock(&ffascope_devices, idx);
	return ret;
}

/* ---- the FF-A bus ---- */

/* A removed device is no longer found by new requests; wait for those that are using it. */
static int on_bus(struct notifier_block *nb, unsigned long action, void *data)
{
	struct ffa_device *gone = to_ffa_dev((struct device *)data);

	if (action != BUS_NOTIFY_REMOVED_DEVICE)
		return NOTIFY_DONE;

	raw_spin_lock_irq(&slots_lock);
	for (int i = 0; i < 2 * FFASCOPE_MAX_NOTIFICATIONS; i++) {
		struct slot *slot = &slots[0][0] + i;

		if (slot->dev == gone)
			WRITE_ONCE(slot->gone, true);
	}
	raw_spin_unlock_irq(&slots_lock);

	synchronize_srcu(&ffascope_devices);
	return NOTIFY_OK;
}

static struct notifier_block bus_watch = {
	.notifier_call = on_bus,
};

int ffascope_ops_init(void)
{
	return bus_register_notifier(&ffa_bus_type, &bus_watch);
}

void ffascope_ops_exit(void)
{
	bus_unregister_notifier(&ffa_bus_type, &bus_watch);

	/* arm_ffa may have looked up a callback before its removal and not called it yet. */
	if (ever_requested) {
		synchronize_rcu();
		synchronize_rcu_tasks();
	}
	irq_work_sync(&wake_work);
}
