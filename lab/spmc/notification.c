// SPDX-License-Identifier: GPL-2.0-only
/*
 * Notifications (section 10 and 16). A receiver binds each of its 64 notifications to one sender;
 * the sender sets it; the schedule receiver interrupt has the normal world ask who is to run
 * (INFO_GET); the receiver gets its pending ones. A notification is global, or it is pending for
 * each vCPU on its own.
 */
#include "spmc.h"

#define NOTIFICATIONS 64
#define NO_SENDER     0xffff

struct receiver {
	uint16_t id;
	bool enabled; /* BITMAP_CREATE was called for it; partitions always are */
	uint16_t vcpus;
	uint16_t sender[NOTIFICATIONS];
	uint64_t per_vcpu; /* bound for each vCPU */
	uint64_t pending;  /* global ones */
	uint64_t vcpu_pending[VCPUS];
	uint32_t from_spm, from_hypervisor; /* framework notifications */
	bool told;			    /* INFO_GET has named it for its global ones */
	uint32_t vcpu_told;		    /* the same for each vCPU */
};

static struct receiver receivers[3]; /* the normal world, echo, worker */

static struct receiver *receiver_find(uint16_t id)
{
	for (unsigned int i = 0; i < COUNT(receivers); i++)
		if (receivers[i].id == id)
			return &receivers[i];
	return NULL;
}

static void receiver_reset(struct receiver *r, uint16_t id, bool enabled, uint16_t vcpus)
{
	*r = (struct receiver){ .id = id, .enabled = enabled, .vcpus = vcpus };
	for (unsigned int i = 0; i < NOTIFICATIONS; i++)
		r->sender[i] = NO_SENDER;
}

/*
 * The partitions have bound theirs while they booted: all 64 to the normal world. 32 to 47
 * of echo are for each vCPU; all others are global.
 */
void notifications_set_up(void)
{
	receiver_reset(&receivers[0], NORMAL_WORLD, false, 0);
	receiver_reset(&receivers[1], ECHO_ID, true, CPUS);
	receiver_reset(&receivers[2], WORKER_ID, true, 1);
	for (unsigned int i = 0; i < NOTIFICATIONS; i++)
		receivers[1].sender[i] = receivers[2].sender[i] = NORMAL_WORLD;
	receivers[1].per_vcpu = 0x0000ffff00000000;
}

/* Those of the bitmap that are bound to this sender. */
static uint64_t bound_to(const struct receiver *r, uint16_t sender)
{
	uint64_t bound = 0;

	for (unsigned int i = 0; i < NOTIFICATIONS; i++)
		if (r->sender[i] == sender)
			bound |= BIT(i);
	return bound;
}

static uint64_t pending_any(const struct receiver *r)
{
	uint64_t pending = r->pending;

	for (unsigned int i = 0; i < VCPUS; i++)
		pending |= r->vcpu_pending[i];
	return pending;
}

/* FF-A 1.1 called these bits MBZ; since 1.2 they are SBZ, which a callee ignores (section 11.2). */
static bool must_be_zero_in_1_1(uint64_t bits)
{
	return ffa_version < 0x10002 && bits;
}

/* BITMAP_CREATE: w1[15:0] VM, w1[31:16] MBZ; w2 vCPUs. Table 16.5. */
static int bitmap_create(const struct regs *regs)
{
	struct receiver *r = &receivers[0];

	if (regs->x[1] != NORMAL_WORLD || !regs->x[2])
		return INVALID_PARAMETERS;
	if (r->enabled)
		return DENIED;
	if (regs->x[2] > VCPUS)
		return NO_MEMORY;
	receiver_reset(r, NORMAL_WORLD, true, low16(regs->x[2]));
	return OK;
}

/*
 * BITMAP_DESTROY: w1[15:0] VM. Table 16.9: DENIED where there is none, or something is bound or
 * pending.
 */
static int bitmap_destroy(const struct regs *regs)
{
	struct receiver *r = &receivers[0];

	if (low16(regs->x[1]) != NORMAL_WORLD || must_be_zero_in_1_1(high16(regs->x[1])))
		return INVALID_PARAMETERS;
	if (!r->enabled || pending_any(r) || bound_to(r, NO_SENDER) != ~0ul)
		return DENIED;
	receiver_reset(r, NORMAL_WORLD, false, 0);
	return OK;
}

/*
 * BIND and UNBIND: w1[31:16] sender, w1[15:0] receiver, w2 flags, w3 and w4 bitmap. Tables 16.13
 * and 16.17.
 */
static int bind(const struct regs *regs, bool unbind)
{
	uint16_t sender = high16(regs->x[1]);
	uint64_t bitmap = pack32(regs->x[3], regs->x[4]), flags = unbind ? 0 : FLAG_PER_VCPU;
	const struct partition *p = partition_find(sender);
	struct receiver *r = &receivers[0];

	if (low16(regs->x[1]) != NORMAL_WORLD || !p || must_be_zero_in_1_1(regs->x[2] & ~flags) ||
	    !bitmap)
		return INVALID_PARAMETERS;
	if (!r->enabled)
		return NOT_SUPPORTED;
	if (p->aborted)
		return ABORTED;
	if (!(p->properties & HAS_NOTIFICATIONS) ||
	    (bitmap & ~bound_to(r, NO_SENDER) & ~bound_to(r, sender)) || (bitmap & pending_any(r)))
		return DENIED;
	for (unsigned int i = 0; i < NOTIFICATIONS; i++)
		if (bitmap & BIT(i))
			r->sender[i] = unbind ? NO_SENDER : sender;
	r->per_vcpu &= ~bitmap;
	if (!unbind && (regs->x[2] & FLAG_PER_VCPU))
		r->per_vcpu |= bitmap;
	return OK;
}

/* Makes notifications pending, for a call or for an order. Table 16.21. */
int notification_raise(uint16_t sender, uint16_t receiver, uint32_t flags, uint16_t vcpu,
		       uint64_t bitmap)
{
	struct receiver *r = receiver_find(receiver);
	bool per_vcpu = flags & FLAG_PER_VCPU;
	uint64_t *pending;

	if (!r || !bitmap || (!per_vcpu && vcpu) || vcpu >= (r->enabled ? r->vcpus : VCPUS))
		return INVALID_PARAMETERS;
	if (!r->enabled || (bitmap & ~bound_to(r, sender)))
		return DENIED;
	if (bitmap & (per_vcpu ? ~r->per_vcpu : r->per_vcpu))
		return INVALID_PARAMETERS;
	pending = per_vcpu ? &r->vcpu_pending[vcpu] : &r->pending;
	/* A pending one stays pending (section 10.5, rule 4); a new one is reported again. */
	if (bitmap & ~*pending) {
		if (per_vcpu)
			r->vcpu_told &= ~(1u << vcpu);
		else
			r->told = false;
	}
	*pending |= bitmap;
	return OK;
}

/* Quiet: without the interrupt. */
void framework_notification_raise(uint32_t bits, bool from_hypervisor, bool quiet)
{
	struct receiver *r = &receivers[0];

	if (!r->enabled)
		return;
	*(from_hypervisor ? &r->from_hypervisor : &r->from_spm) |= bits;
	r->told = false;
	if (!quiet)
		schedule_receiver_interrupt();
}

static uint64_t take(struct receiver *r, uint16_t vcpu)
{
	uint64_t taken = r->pending | r->vcpu_pending[vcpu];

	r->pending = 0;
	r->vcpu_pending[vcpu] = 0;
	r->vcpu_told &= ~(1u << vcpu);
	return taken;
}

/* A partition's own GET. */
uint64_t notification_take(struct partition *p, uint16_t vcpu)
{
	struct receiver *r = receiver_find(p->id);

	return r ? take(r, vcpu) : 0;
}

/*
 * The echo partition runs at once: it gets its pending ones, and sets the same for the normal
 * world, as that bound it.
 */
static void echo(uint16_t vcpu)
{
	struct receiver *to = &receivers[0];
	uint64_t bits = take(&receivers[1], vcpu) & bound_to(to, ECHO_ID);

	if (bits & ~to->per_vcpu)
		notification_raise(ECHO_ID, NORMAL_WORLD, 0, 0, bits & ~to->per_vcpu);
	if (bits & to->per_vcpu)
		notification_raise(ECHO_ID, NORMAL_WORLD, FLAG_PER_VCPU, vcpu, bits & to->per_vcpu);
	if (bits)
		schedule_receiver_interrupt();
}

/*
 * SET: w1[31:16] sender, w1[15:0] receiver; w2[0] per vCPU, w2[31:16] vCPU, the rest MBZ here; w3
 * and w4 bitmap.
 */
static int set(const struct regs *regs)
{
	uint16_t receiver = low16(regs->x[1]), vcpu = high16(regs->x[2]);
	uint64_t bitmap = pack32(regs->x[3], regs->x[4]);
	const struct partition *p = partition_find(receiver);
	int status;

	if (high16(regs->x[1]) != NORMAL_WORLD || !p || (low16(regs->x[2]) & ~FLAG_PER_VCPU))
		return INVALID_PARAMETERS;
	if (p->aborted)
		return ABORTED;
	if (!(p->properties & HAS_NOTIFICATIONS))
		return DENIED;
	status = notification_raise(NORMAL_WORLD, receiver, regs->x[2] & FLAG_PER_VCPU, vcpu,
				    bitmap);
	if (status != OK)
		return status;
	if (receiver == ECHO_ID)
		echo(regs->x[2] & FLAG_PER_VCPU ? vcpu : (uint16_t)this_cpu());
	else
		schedule_receiver_interrupt();
	return OK;
}

/*
 * GET: w1[31:16] vCPU, w1[15:0] receiver, w2 flags. The returned ones are no longer pending. Table
 * 16.25.
 */
static void get(struct regs *regs)
{
	struct receiver *r = &receivers[0];
	uint16_t vcpu = high16(regs->x[1]);
	uint64_t flags = regs->x[2], sps = 0, spm = 0, hypervisor = 0;

	/*
	 * The normal world's VMs are no senders that the SPMC knows: that half of the bitmap is
	 * zero (section 10.9).
	 */
	if (low16(regs->x[1]) != NORMAL_WORLD ||
	    must_be_zero_in_1_1(flags & ~(uint64_t)(FLAG_FROM_SPS | FLAG_FROM_SPM)))
		return answer_error(regs, INVALID_PARAMETERS);
	if (!r->enabled)
		return answer_error(regs, NOT_SUPPORTED);
	if (vcpu >= r->vcpus)
		return answer_error(regs, INVALID_PARAMETERS);
	if (flags & FLAG_FROM_SPS)
		sps = take(r, vcpu);
	if (flags & FLAG_FROM_SPM) {
		spm = r->from_spm;
		r->from_spm = 0;
	}
	if (flags & FLAG_FROM_HYPERVISOR) {
		hypervisor = r->from_hypervisor;
		r->from_hypervisor = 0;
	}
	r->told = false;
	answer(regs, FFA_SUCCESS, (uint32_t)sps, sps >> 32);
	regs->x[6] = spm;
	regs->x[7] = hypervisor;
}

/*
 * The answer of INFO_GET as it is put together: IDs in lists of an endpoint and up to three of its
 * vCPUs.
 */
struct lists {
	uint16_t ids[20];
	unsigned int used, limit, count;
	uint64_t sizes; /* two bits a list: its IDs, less one */
	bool more;
};

static bool list_put(struct lists *l, const uint16_t *ids, unsigned int n)
{
	if (l->used + n > l->limit) {
		l->more = true;
		return false;
	}
	for (unsigned int i = 0; i < n; i++)
		l->ids[l->used++] = ids[i];
	l->sizes |= (uint64_t)(n - 1) << (2 * l->count++);
	return true;
}

static bool vcpu_untold(const struct receiver *r, unsigned int vcpu)
{
	return r->vcpu_pending[vcpu] && !(r->vcpu_told & (1u << vcpu));
}

/* One receiver's lists: its ID alone for global ones, then its vCPUs, three a list. */
static void lists_add(struct lists *l, struct receiver *r)
{
	uint16_t ids[4] = { r->id };
	unsigned int n = 1;

	if ((r->pending || r->from_spm || r->from_hypervisor) && !r->told)
		r->told = list_put(l, ids, 1);
	for (unsigned int vcpu = 0; vcpu < VCPUS && !l->more; vcpu++) {
		if (vcpu_untold(r, vcpu))
			ids[n++] = (uint16_t)vcpu;
		/* Three, or the last that fit, or the last that are. */
		if (n > 1 && (n == 4 || l->used + n == l->limit || vcpu == VCPUS - 1)) {
			if (!list_put(l, ids, n))
				return;
			while (n > 1)
				r->vcpu_told |= 1u << ids[--n];
		}
	}
	for (unsigned int vcpu = 0; vcpu < VCPUS; vcpu++)
		l->more |= vcpu_untold(r, vcpu);
}

/* INFO_GET, Tables 16.48 and 16.50. Each is told once only (section 16.11.1). */
static void info_get(struct regs *regs, bool is_64)
{
	struct lists l = { .limit = is_64 ? 20 : 10 };
	unsigned int ids_a_register = is_64 ? 4 : 2;

	for (unsigned int i = 0; i < COUNT(receivers) && !l.more; i++)
		if (receivers[i].enabled && receivers[i].id != ECHO_ID)
			lists_add(&l, &receivers[i]);
	if (!l.count)
		return answer_error(regs, NO_DATA);
	answer(regs, FFA_SUCCESS | (is_64 ? FFA_64 : 0), l.more | l.count << 7 | l.sizes << 12, 0);
	/* An answer with 64-bit results uses x8-x17 too, and those without a use MBZ (section 11.2). */
	for (unsigned int i = 8; is_64 && i < 18; i++)
		regs->x[i] = 0;
	for (unsigned int i = 0; i < l.used; i++)
		regs->x[3 + i / ids_a_register] |= (uint64_t)l.ids[i]
						   << (16 * (i % ids_a_register));
}

void notification_call(struct regs *regs)
{
	int status;

	switch ((uint32_t)regs->x[0]) {
	case FFA_NOTIFICATION_BITMAP_CREATE:
		status = bitmap_create(regs);
		break;
	case FFA_NOTIFICATION_BITMAP_DESTROY:
		status = bitmap_destroy(regs);
		break;
	case FFA_NOTIFICATION_BIND:
		status = bind(regs, false);
		break;
	case FFA_NOTIFICATION_UNBIND:
		status = bind(regs, true);
		break;
	case FFA_NOTIFICATION_SET:
		status = set(regs);
		break;
	case FFA_NOTIFICATION_GET:
		return get(regs);
	default:
		return info_get(regs, regs->x[0] & FFA_64);
	}
	if (status == OK)
		answer_success(regs);
	else
		answer_error(regs, status);
}
