// SPDX-License-Identifier: GPL-2.0-only
/* Calls on several CPUs at the same time: one thread a CPU, which lives as long as the session. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "session/internal.h"

/*
 * How long a thread spins for the others before its batch. They reach this place at about the same
 * time; one whose CPU is busy with something else is not waited for.
 */
#define START_NS 2000000

struct member {
	struct session_team *team;
	struct session_part part;
	pthread_t thread;
	bool started;
	bool has_work; /* in this round */
	int pinned;    /* result of pinning the thread, with its message */
	struct error pin_err;
};

struct session_team {
	struct session *session;
	struct member **members;
	unsigned int nr_members;

	pthread_mutex_t mutex;
	pthread_cond_t go, done;
	unsigned int working; /* members that have not finished this round */
	bool quit;

	atomic_uint expected, arrived; /* of the members with work, just before their calls */
};

/* Waits until all members with work are here, so that their calls begin together. */
static void meet(void *ctx)
{
	struct session_team *team = ctx;
	uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + START_NS;

	atomic_fetch_add(&team->arrived, 1);
	while (atomic_load(&team->arrived) < atomic_load(&team->expected) &&
	       clock_ns(CLOCK_MONOTONIC) < end_ns)
		;
}

/* Waits for work. Returns false when the session ends. */
static bool wait_for_work(struct member *m)
{
	struct session_team *team = m->team;
	bool quit;

	pthread_mutex_lock(&team->mutex);
	while (!team->quit && !m->has_work)
		pthread_cond_wait(&team->go, &team->mutex);
	quit = team->quit;
	pthread_mutex_unlock(&team->mutex);
	return !quit;
}

static void finish_round(struct member *m)
{
	struct session_team *team = m->team;

	pthread_mutex_lock(&team->mutex);
	m->has_work = false;
	if (!--team->working)
		pthread_cond_signal(&team->done);
	pthread_mutex_unlock(&team->mutex);
}

static void *work(void *arg)
{
	struct member *m = arg;

	m->pinned = session_pin_thread(m->part.cpu, &m->pin_err);
	while (wait_for_work(m)) {
		if (!m->pinned) {
			session_part_make(m->team->session, &m->part, meet, m->team);
		} else {
			m->part.ret = m->pinned;
			m->part.err = m->pin_err;
			meet(m->team);
		}
		/* After its CPU went offline the kernel runs the thread on others, for good. */
		if (m->part.ret == -EXDEV)
			m->pinned = session_pin_thread(m->part.cpu, &m->pin_err);
		finish_round(m);
	}
	return NULL;
}

static struct session_team *team_of(struct session *s)
{
	struct session_team *team = s->team;

	if (team)
		return team;
	team = calloc(1, sizeof(*team));
	if (!team)
		return NULL;
	team->session = s;
	pthread_mutex_init(&team->mutex, NULL);
	pthread_cond_init(&team->go, NULL);
	pthread_cond_init(&team->done, NULL);
	s->team = team;
	return team;
}

void session_team_free(struct session *s)
{
	struct session_team *team = s->team;

	if (!team)
		return;
	pthread_mutex_lock(&team->mutex);
	team->quit = true;
	pthread_cond_broadcast(&team->go);
	pthread_mutex_unlock(&team->mutex);
	for (unsigned int i = 0; i < team->nr_members; i++) {
		struct member *m = team->members[i];

		if (m->started)
			pthread_join(m->thread, NULL);
		session_part_free(s, &m->part);
		free(m);
	}
	free(team->members);
	pthread_cond_destroy(&team->go);
	pthread_cond_destroy(&team->done);
	pthread_mutex_destroy(&team->mutex);
	free(team);
	s->team = NULL;
}

static struct member *add_member(struct session_team *team, int cpu)
{
	struct member **members =
		reallocarray(team->members, team->nr_members + 1, sizeof(struct member *));
	struct member *m;

	if (!members)
		return NULL;
	team->members = members;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->team = team;
	m->part.cpu = cpu;
	team->members[team->nr_members++] = m;
	return session_part_init(&m->part) ? NULL : m;
}

/* The thread of a CPU. */
static int get_member(struct session_team *team, int cpu, struct member **out, struct error *err)
{
	struct member *m = NULL;
	int ret;

	for (unsigned int i = 0; i < team->nr_members && !m; i++) {
		if (team->members[i]->part.cpu == cpu)
			m = team->members[i];
	}
	*out = m ? m : add_member(team, cpu);
	if (!*out || verdict_join_room(team->session->join, (uint32_t)cpu))
		return error_no_memory(err);
	if ((*out)->started)
		return 0;
	ret = pthread_create(&(*out)->thread, NULL, work, *out);
	if (ret)
		return error_set(err, -ret, "pthread_create: %s", strerror(ret));
	(*out)->started = true;
	return 0;
}

static bool stopped(const struct session *s)
{
	return s->stop && *s->stop;
}

/* Gives each member its next batch. Returns the largest one; 0: all calls are made. */
static unsigned int plan_round(struct session *s, struct member *const *members,
			       const struct session_lane *lanes, unsigned int nr_lanes)
{
	unsigned int most = 0, expected = 0;

	for (unsigned int i = 0; i < nr_lanes; i++) {
		uint64_t left = lanes[i].n * lanes[i].repeat - lanes[i].made;
		unsigned int n = left < s->batch ? (unsigned int)left : s->batch;

		members[i]->part.n = 0;
		members[i]->part.batch.nr_calls = 0;
		if (!n)
			continue;
		session_part_fill(&members[i]->part, lanes[i].in, lanes[i].n, lanes[i].made, n);
		expected++;
		most = n > most ? n : most;
	}
	atomic_store(&s->team->expected, expected);
	atomic_store(&s->team->arrived, 0);
	return most;
}

static void make_round(struct session_team *team, struct member *const *members,
		       unsigned int nr_lanes)
{
	pthread_mutex_lock(&team->mutex);
	for (unsigned int i = 0; i < nr_lanes; i++) {
		members[i]->has_work = members[i]->part.n > 0;
		team->working += members[i]->has_work;
	}
	pthread_cond_broadcast(&team->go);
	while (team->working)
		pthread_cond_wait(&team->done, &team->mutex);
	pthread_mutex_unlock(&team->mutex);
}

/* Marks the calls of a part that overlap one of another part. Both have theirs in order of time. */
static void mark_overlaps(const struct session_part *part, const struct session_part *other,
			  bool *met)
{
	unsigned int j = 0;

	for (unsigned int i = 0; i < part->batch.nr_calls; i++) {
		const struct verdict_call *call = &part->records[i];

		while (j < other->batch.nr_calls && other->records[j].end_ns <= call->begin_ns)
			j++;
		if (j < other->batch.nr_calls && other->records[j].begin_ns < call->end_ns)
			met[i] = true;
	}
}

static void count_overlaps(struct member *const *members, struct session_lane *lanes,
			   unsigned int nr_lanes)
{
	bool met[SESSION_MAX_BATCH];

	for (unsigned int i = 0; i < nr_lanes; i++) {
		memset(met, 0, sizeof(met));
		for (unsigned int j = 0; j < nr_lanes; j++) {
			if (j != i)
				mark_overlaps(&members[i]->part, &members[j]->part, met);
		}
		for (unsigned int k = 0; k < members[i]->part.batch.nr_calls; k++)
			lanes[i].overlapped += met[k];
	}
}

/* Hands the round on, lane by lane. Returns the first error that ends the request. */
static int finish_lanes(struct session *s, struct member *const *members,
			struct session_lane *lanes, unsigned int nr_lanes, verdict_fn fn,
			struct error *err)
{
	struct error this_err;
	int first = 0;

	for (unsigned int i = 0; i < nr_lanes; i++) {
		struct session_retag retag = {
			.fn = fn, .ctx = lanes[i].ctx, .n = lanes[i].n, .first = lanes[i].made
		};
		struct session_part *part = &members[i]->part;
		int ret;

		if (!part->n)
			continue;
		ret = session_part_finish(s, part, &retag, &this_err);
		if (part->bad >= 0)
			lanes[i].bad =
				(int)((lanes[i].made + (unsigned int)part->bad) % lanes[i].n);
		lanes[i].made += part->batch.nr_calls;
		if (session_goes_on(s, ret) || first)
			continue;
		first = ret;
		*err = this_err;
	}
	return first;
}

static int call_now(struct session *s, struct session_lane *lanes, unsigned int nr_lanes,
		    verdict_fn fn, struct error *err)
{
	struct session_team *team = team_of(s);
	struct member **members = calloc(nr_lanes, sizeof(*members));
	uint64_t start;
	unsigned int n;
	int ret = 0;

	if (!members)
		return error_no_memory(err);
	if (!team) {
		free(members);
		return error_no_memory(err);
	}
	for (unsigned int i = 0; i < nr_lanes && !ret; i++)
		ret = get_member(team, lanes[i].cpu, &members[i], err);

	while (!ret && (n = plan_round(s, members, lanes, nr_lanes))) {
		start = clock_ns(CLOCK_BOOTTIME);
		ret = stopped(s) ? -EINTR : session_prepare(s, n, err);
		if (ret)
			break;
		make_round(team, members, nr_lanes);
		s->latency_ns = clock_ns(CLOCK_BOOTTIME) - start;
		count_overlaps(members, lanes, nr_lanes);
		ret = finish_lanes(s, members, lanes, nr_lanes, fn, err);
	}
	free(members);
	return ret;
}

static int check_lanes(const struct session_lane *lanes, unsigned int nr_lanes, struct error *err)
{
	for (unsigned int i = 0; i < nr_lanes; i++) {
		if (lanes[i].cpu < 0 || !lanes[i].n)
			return error_set(err, -EINVAL, "calls at the same time each need a CPU");
		for (unsigned int j = 0; j < i; j++) {
			if (lanes[j].cpu == lanes[i].cpu)
				return error_set(
					err, -EINVAL,
					"CPU %d cannot make two series of calls at the same time",
					lanes[i].cpu);
		}
	}
	return 0;
}

int session_call_parallel(struct session *s, struct session_lane *lanes, unsigned int nr_lanes,
			  verdict_fn fn, struct error *err)
{
	int ret = check_lanes(lanes, nr_lanes, err), bad = -1;

	for (unsigned int i = 0; i < nr_lanes; i++) {
		lanes[i].bad = -1;
		lanes[i].made = lanes[i].overlapped = 0;
	}
	if (ret || !nr_lanes)
		return ret;
	if (s->replay)
		return session_call_replayed(s, lanes, nr_lanes, fn, err);
	ret = call_now(s, lanes, nr_lanes, fn, err);
	for (unsigned int i = nr_lanes; i--;)
		bad = lanes[i].bad >= 0 ? lanes[i].bad : bad;
	return session_write_failure(s, ret, bad, err);
}
