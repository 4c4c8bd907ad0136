// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attacks on /dev/ffascope: random requests (attack-draw.c) from many threads, on their own and on
 * shared files, with signals, changing memory, and faults in allocations and copies.
 *
 *   attack COUNT SEED [unsafe]    COUNT ioctls by eight threads; "unsafe": the module permits all
 *   attack user COUNT SEED        by users without permission (attack-user.c)
 *   attack unload SECONDS SEED MODULE   while the module is unloaded and loaded (attack-unload.c)
 *   attack notes SECONDS SEED     while notifications arrive (attack-notes.c)
 *
 * A request depends only on the seed and its number. Prints the number of requests per outcome.
 * Exit status 1: an outcome that ffascope.h does not list; 3: not supported or not permitted on this
 * machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "attack.h"

#define THREADS	     8
#define SHARED_FILES 6
#define SHAKE_US     2000
#define SIGNAL_US    5000
#define PROGRESS_NS  30000000000
#define MAX_NTH	     24 /* no request gets that far */

enum beside {
	READS,
	POLLS,
	OPENS,
	FORKS,
	MOVES,
	MAPS,
	SIGNALS,
	SHAKES,
	FAULTS,
	FAULTS_MET,
	NR_BESIDE
};

static const char *const beside_names[NR_BESIDE] = {
	"reads",
	"polls",
	"opens",
	"forks",
	"changes of CPU",
	"mmap, write, lseek, dup",
	"signals",
	"changes of memory",
	"requests with injected faults",
	"of which hit one",
};

struct thread {
	struct attacker a;
	pthread_t id;
	int own;      /* its own file */
	int fail_nth; /* /proc/thread-self/fail-nth; -1: not supported by this kernel */
	int make_it_fail;
	uint64_t beside[NR_BESIDE];
};

static struct {
	uint64_t total, seed;
	unsigned int cpus;
	_Atomic uint64_t next;
	_Atomic int files[SHARED_FILES];
	_Atomic bool over;
	_Atomic unsigned int strange; /* outcomes that the header does not list */
	pthread_barrier_t begin;
	sigset_t signals;
	struct thread threads[THREADS];
} run;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t below(struct thread *t, uint64_t n)
{
	return draw_bits(&t->a.draw) % n;
}

static void on_signal(int sig)
{
	(void)sig;
}

/* ---- faults ---- */

/* This write itself may hit the fault. */
static void write_surely(int fd, const char *text)
{
	for (int i = 0; i < 1000 && pwrite(fd, text, strlen(text), 0) < 0; i++)
		;
}

/* Injects faults into this thread's next system calls; returns which kind, 0 for none. */
static int order_faults(struct thread *t)
{
	char text[16];

	if (t->fail_nth < 0 || below(t, 8))
		return 0;

	t->beside[FAULTS]++;
	/* A signal frame that cannot be written would kill the process. */
	pthread_sigmask(SIG_BLOCK, &run.signals, NULL);
	if (!below(t, 5)) { /* with the probabilities set by attack.sh */
		write_surely(t->make_it_fail, "1");
		return 2;
	}
	snprintf(text, sizeof(text), "%" PRIu64, 1 + below(t, MAX_NTH));
	write_surely(t->fail_nth, text);
	return 1;
}

static void end_faults(struct thread *t, int kind)
{
	char text[16] = "";

	if (kind == 1) {
		/* Zero is left if the fault was hit. */
		if (pread(t->fail_nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text))
			t->beside[FAULTS_MET]++;
		write_surely(t->fail_nth, "0");
	} else if (kind == 2) {
		write_surely(t->make_it_fail, "0");
	}
	if (kind)
		pthread_sigmask(SIG_UNBLOCK, &run.signals, NULL);
}

/* ---- other operations on a file ---- */

static int some_file(struct thread *t)
{
	return below(t, 3) ? atomic_load(&run.files[below(t, SHARED_FILES)]) : t->own;
}

static int open_device(int flags)
{
	return open(DEVICE, O_RDWR | O_CLOEXEC | flags);
}

static void reopen(struct thread *t)
{
	int fd = open_device(O_NONBLOCK), old;

	if (fd < 0)
		return;
	t->beside[OPENS]++;
	if (below(t, 2)) {
		old = t->own;
		t->own = fd;
	} else {
		old = atomic_exchange(&run.files[below(t, SHARED_FILES)], fd);
	}
	close(old);
}

/* A child shares the open files, uses one, and exits while others use them. */
static void fork_one(struct thread *t)
{
	struct ffascope_info info = { .size = sizeof(info) };
	int fd = some_file(t);
	pid_t pid = fork();

	if (!pid) {
		ioctl(fd, FFASCOPE_INFO, &info);
		close(fd);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	t->beside[FORKS]++;
}

static void move(struct thread *t)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(below(t, run.cpus), &set);
	if (!below(t, 3))
		memset(&set, 0xff, sizeof(set));
	sched_setaffinity(0, sizeof(set), &set);
	t->beside[MOVES]++;
}

static void read_some(struct thread *t, int fd)
{
	static const size_t sizes[] = { 0, 1, 31, 32, 33, 64, 4096, 65536, SIZE_MAX, SSIZE_MAX };
	size_t size = sizes[below(t, sizeof(sizes) / sizeof(sizes[0]))], offset = 0;

	read(fd, draw_pointer(&t->a, size < 65536 ? size : 65536, &offset), size);
	t->beside[READS]++;
}

static void do_beside(struct thread *t)
{
	struct pollfd poll_fd = { .fd = some_file(t), .events = (short)below(t, 1 << 15) };
	void *map;
	int fd;

	switch (below(t, 16)) {
	case 0 ... 4:
		read_some(t, some_file(t));
		break;
	case 5 ... 7:
		poll(&poll_fd, 1, 0);
		t->beside[POLLS]++;
		break;
	case 8 ... 10:
		reopen(t);
		break;
	case 11:
		if (!below(t, 40))
			fork_one(t);
		break;
	case 12:
		move(t);
		break;
	default:
		map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, poll_fd.fd, 0);
		if (map != MAP_FAILED || write(poll_fd.fd, "x", 1) >= 0)
			atomic_fetch_add(&run.strange, 1);
		lseek(poll_fd.fd, (off_t)draw_bits(&t->a.draw), (int)below(t, 4));
		fd = dup(poll_fd.fd);
		if (fd >= 0)
			close(fd);
		t->beside[MAPS]++;
	}
}

/* ---- the threads ---- */

static void strange(const struct request *req, uint64_t number, int err)
{
	if (atomic_fetch_add(&run.strange, 1) < 20)
		printf("FAILED  request %" PRIu64 " (%#x at %p): %s is not a permitted outcome\n",
		       number, req->cmd, req->arg, err ? strerrorname_np(err) : "done");
}

static void *attack(void *arg)
{
	struct thread *t = arg;
	struct request req;
	uint64_t number;

	t->fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	t->make_it_fail = open("/proc/thread-self/make-it-fail", O_RDWR | O_CLOEXEC);
	/* No other file is opened from here on, so a descriptor is the device or closed. */
	pthread_barrier_wait(&run.begin);
	while ((number = atomic_fetch_add(&run.next, 1)) < run.total) {
		int faults, err, fd;

		t->a.draw.state = mix(run.seed ^ mix(number)) | 1;
		draw_request(&t->a, &req);
		fd = some_file(t);
		faults = order_faults(t);
		err = ioctl(fd, req.cmd, req.arg) ? errno : 0;
		end_faults(t, faults);
		/* Another thread may just have closed a shared one. */
		if (!count_outcome(&t->a, &req, err) && !(err == EBADF && fd != t->own))
			strange(&req, number, err);
		if (!below(t, 16))
			do_beside(t);
	}
	return NULL;
}

/* Waits for notifications that never arrive, interrupted by signals. */
static void *wait_in_read(void *arg)
{
	struct thread *t = arg;

	while (!atomic_load(&run.over)) {
		read_some(t, t->own);
		usleep(1000);
	}
	return NULL;
}

/*
 * Changes a byte where requests and calls are written. The operation must stay the one that its
 * outcome is checked against, or become invalid. So in requests only upper halves of words change;
 * requests at odd addresses may become an operation that does not exist.
 */
static void change_byte(struct thread *t, const struct area *area)
{
	bool request = below(t, 2);
	size_t word = request ? below(t, 300) : CALLS_AT / 8 + below(t, 700);

	area->rw[word * 8 + 4 + below(t, 4)] = (char)(draw_bits(&t->a.draw) | (request ? 0x80 : 0));
}

/* Changes mappings and their content during requests. */
static void *shake(void *arg)
{
	struct thread *t = arg;

	while (!atomic_load(&run.over)) {
		const struct area *area = &run.threads[below(t, THREADS)].a.area;

		area_shake(area, draw_bits(&t->a.draw) | 1);
		/* With unsafe=1 every call is made, so random bytes must not form one. */
		if (!t->a.unsafe)
			change_byte(t, area);
		t->beside[SHAKES]++;
		usleep(SHAKE_US);
	}
	return NULL;
}

static void signal_some(struct thread *t, const struct thread *reader)
{
	uint64_t next = clock_ns(CLOCK_MONOTONIC) + PROGRESS_NS;
	uint64_t made;

	while ((made = atomic_load(&run.next)) < run.total) {
		usleep(SIGNAL_US);
		pthread_kill(below(t, 8) ? run.threads[below(t, THREADS)].id : reader->id, SIGUSR1);
		t->beside[SIGNALS]++;
		if (clock_ns(CLOCK_MONOTONIC) > next) {
			next += PROGRESS_NS;
			fprintf(stderr, "%" PRIu64 " of %" PRIu64 "\n", made, run.total);
		}
	}
}

static int attack_count(uint64_t count, uint64_t seed, bool unsafe)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct thread reader = { 0 }, shaker = { 0 }, signaller = { 0 };
	struct thread *others[] = { &reader, &shaker, &signaller };
	static struct attacker sum;
	uint64_t begin, all, beside[NR_BESIDE] = { 0 };
	bool failed = false;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&run.signals);
	sigaddset(&run.signals, SIGUSR1);
	run.total = count;
	run.seed = seed;
	/* sysconf() opens a file, so call it before the threads start. */
	run.cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	reader.own = open_device(0);
	for (int i = 0; i < SHARED_FILES; i++)
		run.files[i] = open_device(O_NONBLOCK);
	failed = reader.own < 0 || attacker_look(&sum, reader.own);
	for (int i = 0; i < 3; i++) {
		others[i]->a.unsafe = unsafe;
		others[i]->a.draw.state = mix(seed + 1000 + (unsigned int)i) | 1;
	}
	failed |= area_init(&reader.a.area);
	for (int i = 0; i < THREADS && !failed; i++) {
		struct thread *t = &run.threads[i];

		failed = draw_init(&t->a.draw, seed, run.cpus) || area_init(&t->a.area);
		t->own = open_device(O_NONBLOCK);
		t->a.unsafe = unsafe;
		t->a.partition = sum.partition;
		memcpy(t->a.uuid, sum.uuid, sizeof(sum.uuid));
	}
	if (failed) {
		perror("attack");
		return 3;
	}

	begin = clock_ns(CLOCK_MONOTONIC);
	pthread_barrier_init(&run.begin, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&run.threads[i].id, NULL, attack, &run.threads[i]);
	pthread_create(&reader.id, NULL, wait_in_read, &reader);
	pthread_create(&shaker.id, NULL, shake, &shaker);
	signal_some(&signaller, &reader);
	for (int i = 0; i < THREADS; i++)
		pthread_join(run.threads[i].id, NULL);
	begin = clock_ns(CLOCK_MONOTONIC) - begin;
	atomic_store(&run.over, true);
	while (pthread_tryjoin_np(reader.id, NULL)) {
		pthread_kill(reader.id, SIGUSR1);
		usleep(1000);
	}
	pthread_join(shaker.id, NULL);

	for (int i = 0; i < THREADS; i++)
		add_outcomes(&sum, &run.threads[i].a);
	for (int n = 0; n < NR_BESIDE; n++) {
		for (int i = 0; i < THREADS; i++)
			beside[n] += run.threads[i].beside[n];
		for (int i = 0; i < 3; i++)
			beside[n] += others[i]->beside[n];
	}
	all = print_outcomes(&sum);
	for (int n = 0; n < NR_BESIDE; n++)
		printf("%12" PRIu64 " %s\n", beside[n], beside_names[n]);
	printf("%12" PRIu64 " FF-A calls made for REGISTERS\n", sum.calls);
	printf("%" PRIu64
	       " ioctls in %.1f s, %.0f a second, %u outcomes that the header does not list\n",
	       all, (double)begin / 1e9, (double)all / ((double)begin / 1e9), run.strange);
	return run.strange ? 1 : 0;
}

int main(int argc, char **argv)
{
	uint64_t seed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3)
		return 2;
	if (argc >= 4) {
		seed = strtoull(argv[3], NULL, 0);
		if (!strcmp(argv[1], "user"))
			return attack_as_user(strtoull(argv[2], NULL, 0), seed);
		if (!strcmp(argv[1], "notes"))
			return attack_notes((unsigned int)atoi(argv[2]), seed);
		if (!strcmp(argv[1], "unload") && argc == 5)
			return attack_unload((unsigned int)atoi(argv[2]), seed, argv[4]);
	}
	seed = strtoull(argv[2], NULL, 0);
	return attack_count(strtoull(argv[1], NULL, 0), seed,
			    argc == 4 && !strcmp(argv[3], "unsafe"));
}
