// SPDX-License-Identifier: GPL-2.0-only
/* Executing scripts on a made-up machine. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "script/script.h"

#define ID_GET		 0x84000069u
#define BITMAP_CREATE	 0x8400007du
#define NOTIFICATION_SET 0x84000081u

/*
 * The machine: ID_GET is forwarded and returns id 7; EL2 rejects notification calls, except BIND,
 * which is forwarded and DENIED; the verdict of SPM_ID_GET is unknown. The log records what happened
 * in short words.
 */
struct machine {
	char log[8192];
	unsigned int calls, batches;
	unsigned int fail_at; /* the call at which a signal arrives; 0: none */
	int error;	      /* returned by that call */
	int late;	      /* returned by each batch, after its calls were made */
	uint32_t refused;     /* identifier that the module refuses */
	bool stopped;
	bool cleaning;
	int unmet; /* enum script_requirement that is not met, -1: none */
};

static void __attribute__((format(printf, 2, 3))) note(struct machine *m, const char *fmt, ...)
{
	size_t len = strlen(m->log);
	va_list args;

	va_start(args, fmt);
	vsnprintf(m->log + len, sizeof(m->log) - len, fmt, args);
	va_end(args);
}

static void answer(const struct ffa_regs *in, int cpu, struct script_answer *a)
{
	uint32_t fid = (uint32_t)in->x[0];

	*a = (struct script_answer){ .call.in = *in, .call.cpu = cpu < 0 ? 0 : (uint32_t)cpu };
	a->call.out.x[0] = FFA_FID_SUCCESS;
	a->verdict.kind = VERDICT_FORWARDED;
	a->verdict.from_trace = true;
	a->verdict.smcs = 1;
	switch (fid) {
	case ID_GET:
		a->call.out.x[2] = 7;
		break;
	case 0x84000064: /* FEATURES */
		break;
	case 0x8400007f: /* BIND */
		a->call.out.x[0] = FFA_FID_ERROR;
		a->call.out.x[2] = 0xfffffffa;
		break;
	case 0x84000085: /* SPM_ID_GET */
		a->verdict =
			(struct verdict){ .kind = VERDICT_UNKNOWN, .reason = VERDICT_LOST_EVENTS };
		break;
	default:
		a->verdict.kind = VERDICT_REJECTED;
		a->verdict.smcs = 0;
		a->call.out.x[0] = FFA_FID_ERROR;
		a->call.out.x[2] = 0xffffffff;
		break;
	}
}

static int on_call(void *ctx, int cpu, const struct ffa_regs *in, unsigned int n,
		   struct script_answer *answers, unsigned int *done, int *bad, char *err,
		   size_t err_size)
{
	struct machine *m = ctx;

	*done = 0;
	*bad = -1;
	for (unsigned int i = 0; i < n; i++) {
		if ((uint32_t)in[i].x[0] == m->refused) {
			*bad = (int)i;
			snprintf(err, err_size, "the module refuses this call");
			return -EACCES;
		}
	}
	m->batches++;
	for (unsigned int i = 0; i < n; i++) {
		if (m->fail_at && m->calls + 1 == m->fail_at && !m->cleaning) {
			m->stopped = m->error == -EINTR;
			snprintf(err, err_size, "the machine broke");
			return m->error;
		}
		m->calls++;
		answer(&in[i], cpu, &answers[i]);
		*done = i + 1;
	}
	if (m->late)
		snprintf(err, err_size, "the disk is full");
	return m->late;
}

/* The log has the fields of the transaction: "<8001*2 of 5>". */
static int on_call_memory(void *ctx, int cpu, const struct ffa_regs *in,
			  const struct ffa_mem_request *request, struct script_answer *to,
			  char *err, size_t err_size)
{
	struct machine *m = ctx;

	if ((uint32_t)in->x[0] == m->refused) {
		snprintf(err, err_size, "the module refuses this call");
		return -EACCES;
	}
	note(m, "<%x*%u of %llu> ", request->nr_receivers ? request->receivers[0].id : 0,
	     request->pages, (unsigned long long)request->pages_of);
	answer(in, cpu, to);
	return 0;
}

/* The log has the lanes: "{0:1,2:3}" is one call on CPU 0 and three on CPU 2. */
static int on_call_parallel(void *ctx, struct script_lane *lanes, unsigned int nr_lanes, char *err,
			    size_t err_size)
{
	int ret = 0;

	note(ctx, "{");
	for (unsigned int i = 0; i < nr_lanes; i++) {
		struct script_lane *lane = &lanes[i];
		int this_one;

		note(ctx, "%s%d:%u", i ? "," : "", lane->cpu, lane->n);
		this_one = on_call(ctx, lane->cpu, lane->in, lane->n, lane->answers, &lane->done,
				   &lane->bad, err, err_size);
		ret = ret ? ret : this_one;
	}
	note(ctx, "} ");
	return ret;
}

static int on_require(void *ctx, const struct script_stmt *stmt, char *why, size_t size)
{
	struct machine *m = ctx;

	snprintf(why, size, "not here");
	return (int)stmt->requirement != m->unmet;
}

static unsigned int on_cpus(void *ctx, int *cpu, unsigned int n)
{
	(void)ctx;
	for (unsigned int i = 0; i < 3 && i < n; i++)
		cpu[i] = (int)i * 2;
	return 3;
}

static bool on_stopped(void *ctx)
{
	struct machine *m = ctx;

	return m->stopped && !m->cleaning;
}

static void on_cleanup(void *ctx, bool begin)
{
	struct machine *m = ctx;

	m->cleaning = begin;
	note(m, begin ? "clean " : "cleaned ");
}

static const char *on_refuse(void *ctx, const struct ffa_regs *in)
{
	(void)ctx;
	return (uint32_t)in->x[0] == NOTIFICATION_SET && in->x[1] ? "changes something" : NULL;
}

static void on_called(void *ctx, const struct script_stmt *stmt, const struct script_answer *a)
{
	note(ctx, "%u@%u ", stmt->at.line, a->call.cpu);
}

static void on_checked(void *ctx, const struct script_check *check)
{
	note(ctx, "%u%s ", check->stmt->at.line, check->held ? "+" : check->unknown ? "?" : "-");
	if (!check->held)
		note(ctx, "(%s) ", check->why);
}

static void on_bound(void *ctx, const struct script_stmt *let, const char *name, uint64_t value)
{
	(void)let;
	note(ctx, "%s=%llu ", name, (unsigned long long)value);
}

static void on_trouble(void *ctx, const struct script_stmt *stmt, const char *text)
{
	note(ctx, "%u!(%s) ", stmt->at.line, text);
}

static void on_case_end(void *ctx, const struct script_case *c)
{
	static const char *const results[] = { "PASS", "FAIL", "SKIP" };

	note(ctx, "[%s %s%s%s]", c->name, results[c->result], c->reason[0] ? ": " : "", c->reason);
}

static const struct script_ops ops = {
	.call = on_call,
	.call_memory = on_call_memory,
	.call_parallel = on_call_parallel,
	.require = on_require,
	.cpus = on_cpus,
	.stopped = on_stopped,
	.cleanup = on_cleanup,
	.refuse = on_refuse,
	.called = on_called,
	.checked = on_checked,
	.bound = on_bound,
	.trouble = on_trouble,
	.case_end = on_case_end,
};

static int execute(struct machine *m, const char *text, uint64_t *unknown)
{
	struct script *script = script_new(NULL, NULL);
	struct script_run *run = script_run_new(&ops, m);
	char err[768] = "";
	int ret;

	script_parse(script, "s", text, strlen(text));
	if (script_nr_errors(script))
		print_error("%u: %s\n", script_error_at(script, 0)->at.line,
			    script_error_at(script, 0)->text);
	assert_int_equal(script_nr_errors(script), 0);
	script_run_name(run, "s");
	ret = script_execute(run, script, err, sizeof(err));
	if (unknown)
		*unknown = script_run_unknown(run);
	script_run_free(run);
	script_free(script);
	return ret;
}

#define MACHINE             \
	{                   \
		.unmet = -1 \
	}

static void does(const char *text, const char *log)
{
	struct machine m = MACHINE;

	assert_int_equal(execute(&m, text, NULL), 0);
	assert_string_equal(m.log, log);
}

static void verdict_status_registers_and_fields_are_looked_at(void **state)
{
	(void)state;
	does("call ID_GET\nexpect forwarded SUCCESS smcs=1 w2[15:0]=7 id=7 x2!=8 id<8 id>6 w2<=7\n",
	     "1@0 2+ [s PASS]");
	does("call ID_GET\nexpect rejected|answered DENIED|NO_DATA smcs>1 w2=8 id=9 id>7\n",
	     "1@0 2- (the verdict is forwarded; the status is SUCCESS (0); smcs is 1; w2 is 0x7; "
	     "id is 7; id is 7) [s FAIL]");
	does("call NOTIFICATION_GET receiver=0\nexpect rejected NOT_SUPPORTED w2=0xffffffff\n",
	     "1@0 2+ [s PASS]");
	/* An error has no results. */
	does("call NOTIFICATION_GET receiver=0\nexpect sp-bitmap=0\n",
	     "1@0 2- (the answer has no sp-bitmap) [s FAIL]");
	does("call ID_GET\nexpect unknown\nexpect SUCCESS\n",
	     "1@0 2- (the verdict is forwarded) 3+ [s FAIL]");
}

static void an_unknown_verdict_holds_for_nothing_but_unknown(void **state)
{
	struct machine m = MACHINE, n = MACHINE, o = MACHINE;
	uint64_t unknown;

	(void)state;
	execute(&m, "call SPM_ID_GET\nexpect rejected|answered|forwarded SUCCESS\n", &unknown);
	assert_string_equal(m.log, "1@0 2? (the verdict is unknown (lost-events)) [s FAIL]");
	assert_int_equal(unknown, 1);

	/* With another failure beside it, the unknown verdict is not the only reason. */
	execute(&n, "call SPM_ID_GET\nexpect forwarded DENIED\nexpect smcs=0\n", &unknown);
	assert_string_equal(n.log, "1@0 2- (the verdict is unknown (lost-events); the status is "
				   "SUCCESS (0)) 3? (how many SMCs left EL2 is not known "
				   "(lost-events)) [s FAIL]");

	execute(&o, "call SPM_ID_GET\nexpect unknown SUCCESS\n", &unknown);
	assert_string_equal(o.log, "1@0 2+ [s PASS]");
	assert_int_equal(unknown, 0);
}

static void parallel_makes_the_calls_of_all_parts_together(void **state)
{
	(void)state;
	does("parallel\n"
	     "cpu 3\n"
	     "call ID_GET\n"
	     "expect forwarded\n"
	     "cpu 1\n"
	     "call NOTIFICATION_GET\n"
	     "expect forwarded\n"
	     "call ID_GET\n"
	     "end\n"
	     "call ID_GET\n",
	     "{3:1,1:2} 3@3 4+ 6@1 7- (the verdict is rejected) 8@1 10@0 [s FAIL]");
	/* The CPUs are 0, 2 and 4; `cpu all' takes those that no other part names. */
	does("let c = 2\n"
	     "parallel\n"
	     "cpu all\n"
	     "call ID_GET\n"
	     "expect forwarded\n"
	     "cpu $c\n"
	     "repeat 2\n"
	     "call SPM_ID_GET\n"
	     "end\n"
	     "end\n",
	     "c=2 {2:2,0:1,4:1} 8@2 8@2 4@0 5+ 4@4 5+ [s PASS]");
	does("on-failure stop\n"
	     "parallel\n"
	     "cpu 0\n"
	     "call ID_GET\n"
	     "expect rejected\n"
	     "end\n"
	     "call ID_GET\n",
	     "{0:1} 4@0 5- (the verdict is forwarded) [s FAIL: on-failure stop: an expectation in "
	     "the parallel of line 2 of s failed]");
}

static void a_call_with_a_buffer_is_made_alone(void **state)
{
	struct machine m = MACHINE, refused = { .unmet = -1, .refused = 0x84000073 };

	(void)state;
	assert_int_equal(execute(&m,
				 "let h = 5\n"
				 "call ID_GET\n"
				 "call MEM_SHARE receiver=0x8001 pages=2 pages-of=$h\n"
				 "expect rejected NOT_SUPPORTED\n"
				 "call ID_GET\n"
				 "cpu all\n"
				 "call MEM_LEND tx[0]=1\n",
				 NULL),
			 0);
	assert_string_equal(m.log, "h=5 2@0 <8001*2 of 5> 3@0 4+ 5@0 <0*0 of 0> 7@0 "
				   "<0*0 of 0> 7@2 <0*0 of 0> 7@4 [s PASS]");
	assert_int_equal(m.calls, 2);
	execute(&refused, "call MEM_SHARE pages=1\n", NULL);
	assert_non_null(strstr(refused.log, "the module refuses this call"));
}

static void parallel_goes_on_in_rounds(void **state)
{
	struct machine m = MACHINE;

	(void)state;
	execute(&m,
		"parallel\ncpu 0\nrepeat 1500\ncall SPM_ID_GET\nend\ncpu 1\ncall ID_GET\nexpect "
		"SUCCESS\nend\n",
		NULL);
	assert_int_equal(m.calls, 1501);
	assert_non_null(strstr(m.log, "{0:1024,1:1} "));
}

static void a_call_in_parallel_that_cannot_be_made_ends_the_case(void **state)
{
	struct machine m = MACHINE;

	(void)state;
	m.refused = BITMAP_CREATE;
	execute(&m,
		"parallel\ncpu 0\ncall ID_GET\ncpu 1\ncall ID_GET\ncall NOTIFICATION_BITMAP_CREATE "
		"vm-id=0\nend\ncall ID_GET\n",
		NULL);
	assert_string_equal(m.log, "{0:1,1:2} 3@0 6!(the module refuses this call) [s FAIL: the "
				   "module refuses this call]");
}

static void a_cpu_in_parallel_that_is_not_there_ends_the_case(void **state)
{
	struct machine m = MACHINE;

	(void)state;
	m.fail_at = 1;
	m.error = -EINVAL;
	execute(&m, "call ID_GET\nparallel\ncpu 77\ncall ID_GET\nend\n", NULL);
	assert_string_equal(m.log, "1!(the machine broke) [s FAIL: the machine broke]");
	m = (struct machine)MACHINE;
	m.fail_at = 1;
	m.error = -EINVAL;
	execute(&m, "parallel\ncpu 77\ncall ID_GET\nend\ntest \"t\"\ncall ID_GET\nend\n", NULL);
	assert_non_null(strstr(m.log, "{77:1} 1!(the machine broke) "));
}

static void an_unknown_verdict_without_expectation_is_counted(void **state)
{
	struct machine m = MACHINE;
	uint64_t unknown;

	(void)state;
	execute(&m, "repeat 3\ncall SPM_ID_GET\nexpect SUCCESS\nend\n", &unknown);
	assert_int_equal(unknown, 3);
}

static void variables_carry_values(void **state)
{
	(void)state;
	does("call ID_GET\nlet id = w2[15:0]\nlet n = $id\nlet s = smcs\nlet f = id\n"
	     "call ID_GET\nexpect id=$id w2!=${s}\n",
	     "1@0 id=7 n=7 s=1 f=7 6@0 7+ [s PASS]");
	does("let n = 2\nrepeat $n\ncall ID_GET\nend\nlet n = 0\nrepeat $n\ncall ID_GET\nend\n",
	     "n=2 3@0 3@0 n=0 [s PASS]");
	/* Variables set in a test end with it; earlier values are restored. */
	does("let a = 1\ntest \"t\"\nlet a = 2\ncall ID_GET\nexpect id!=$a\nend\ncall ID_GET\n"
	     "expect id!=$a\n",
	     "a=1 a=2 4@0 5+ [s: t PASS]7@0 8+ [s PASS]");
}

static void a_variable_that_could_not_be_set_ends_the_case(void **state)
{
	(void)state;
	does("test \"t\"\ncall NOTIFICATION_GET receiver=0\nlet b = sp-bitmap\ncall ID_GET\nend\n",
	     "2@0 3!(the answer has no sp-bitmap) [s: t FAIL: line 3 of s could not set its "
	     "variable]");
	does("call SPM_ID_GET\nlet n = smcs\ncall ID_GET\n",
	     "1@0 2!(how many SMCs left EL2 is not known) [s FAIL: line 2 of s could not set its "
	     "variable]");
}

static void a_value_out_of_a_variable_must_fit(void **state)
{
	(void)state;
	does("let big = 0x10000\ntest \"t\"\ncall NOTIFICATION_GET receiver=$big\nend\ncall ID_GET\n",
	     "big=65536 3!(\"receiver=0x10000\", column 10: does not fit its 16 bits; the most is "
	     "0xffff) [s: t FAIL: \"receiver=0x10000\", column 10: does not fit its 16 bits; the "
	     "most is 0xffff]5@0 [s PASS]");
	does("let big = 5000\ncpu $big\ncall ID_GET\n",
	     "big=5000 2!($big is 0x1388; at most 4095 is possible here) [s FAIL: $big is 0x1388; "
	     "at most 4095 is possible here]");
}

static void repeats_nest(void **state)
{
	(void)state;
	does("repeat 2\ncall ID_GET\nrepeat 3\ncall SPM_ID_GET\nexpect SUCCESS\nend\ncall ID_GET\nend\n",
	     "2@0 4@0 5+ 4@0 5+ 4@0 5+ 7@0 2@0 4@0 5+ 4@0 5+ 4@0 5+ 7@0 [s PASS]");
	/* Empty rounds take no time. */
	does("let n = 0\nrepeat 1000000000\nrepeat 1000000000\nrepeat $n\ncall ID_GET\nend\nend\nend\n"
	     "call ID_GET\n",
	     "n=0 9@0 [s PASS]");
}

static void cpus_are_chosen(void **state)
{
	(void)state;
	does("cpu 3\ncall ID_GET\nrepeat 2\ncpu 4\ncall ID_GET\nend\ncall ID_GET\n",
	     "2@3 5@4 5@4 7@3 [s PASS]");
	does("cpu all\ncall ID_GET\nexpect forwarded\nexpect DENIED\n",
	     "2@0 2@2 2@4 3+ 3+ 3+ 4- (the status is SUCCESS (0)) 4- (the status is SUCCESS (0)) "
	     "4- (the status is SUCCESS (0)) [s FAIL]");
	does("cpu 5\ntest \"t\"\ncall ID_GET\ncpu any\ncall ID_GET\nend\n", "3@5 5@0 [s: t PASS]");
}

static void on_failure_says_how_far_a_failure_reaches(void **state)
{
	(void)state;
	does("test \"a\"\ncall ID_GET\nexpect DENIED\ncall ID_GET\nend\ntest \"b\"\ncall ID_GET\nend\n",
	     "2@0 3- (the status is SUCCESS (0)) 4@0 [s: a FAIL]7@0 [s: b PASS]");
	/* In a test: the rest of the test. */
	does("test \"a\"\non-failure stop\ncall ID_GET\nexpect DENIED\ncall ID_GET\nend\n"
	     "test \"b\"\ncall ID_GET\nend\n",
	     "3@0 4- (the status is SUCCESS (0)) [s: a FAIL: on-failure stop: the expectation "
	     "in line 4 of s failed]8@0 [s: b PASS]");
	/* Outside of them: the rest of the file. */
	does("on-failure stop\ntest \"a\"\ncall ID_GET\nexpect DENIED\nend\ntest \"b\"\ncall ID_GET\n"
	     "end\n",
	     "3@0 4- (the status is SUCCESS (0)) [s: a FAIL: on-failure stop: the expectation "
	     "in line 4 of s failed][s: b SKIP: on-failure stop: \"a\" failed]");
	does("on-failure stop\ncall ID_GET\nexpect DENIED\ntest \"b\"\ncall ID_GET\nend\n",
	     "2@0 3- (the status is SUCCESS (0)) [s: b SKIP: on-failure stop: the expectation "
	     "in line 3 of s failed][s FAIL: on-failure stop: the expectation in line 3 of s "
	     "failed]");
	/* continue within stop: the test goes on, the file does not. */
	does("on-failure stop\ntest \"a\"\non-failure continue\ncall ID_GET\nexpect DENIED\n"
	     "call ID_GET\nend\ntest \"b\"\nend\n",
	     "4@0 5- (the status is SUCCESS (0)) 6@0 [s: a FAIL][s: b SKIP: on-failure stop: "
	     "\"a\" failed]");
	/* A setting in a repeat ends with its round. */
	does("repeat 2\ncall ID_GET\nexpect DENIED\non-failure stop\nend\n",
	     "2@0 3- (the status is SUCCESS (0)) 2@0 3- (the status is SUCCESS (0)) [s FAIL]");
}

static void cleanup_is_done_whatever_happens(void **state)
{
	struct machine m = MACHINE, n = MACHINE;

	(void)state;
	does("test \"a\"\ncleanup\ncall ID_GET\nexpect SUCCESS\nend\non-failure stop\n"
	     "call ID_GET\nexpect DENIED\ncall ID_GET\nend\n",
	     "7@0 8- (the status is SUCCESS (0)) clean 3@0 4+ cleaned [s: a FAIL: on-failure "
	     "stop: the expectation in line 8 of s failed]");
	/* Every cleanup runs; a failed expectation in one is a failure but does not stop it. */
	does("test \"a\"\non-failure stop\ncall ID_GET\ncleanup\ncall ID_GET\nexpect DENIED\n"
	     "call ID_GET\nend\ncleanup\ncall ID_GET\nend\nend\n",
	     "3@0 clean 5@0 6- (the status is SUCCESS (0)) 7@0 cleaned clean 10@0 cleaned "
	     "[s: a FAIL]");
	/* A cleanup does not run if nothing before it was executed. */
	m.unmet = SCRIPT_REQUIRE_TRACING;
	execute(&m, "test \"a\"\nrequire tracing\ncall ID_GET\ncleanup\ncall ID_GET\nend\nend\n",
		NULL);
	assert_string_equal(m.log, "[s: a SKIP: not here]");
	/* On a signal, and outside tests. */
	n.fail_at = 2;
	n.error = -EINTR;
	assert_int_equal(execute(&n,
				 "call ID_GET\ncleanup\ncall ID_GET\nend\ntest \"a\"\ncall ID_GET\n"
				 "call ID_GET\ncleanup\ncall ID_GET\nend\nend\ntest \"b\"\nend\n",
				 NULL),
			 -EINTR);
	assert_string_equal(n.log, "1@0 [s: a FAIL: stopped by a signal][s: b SKIP: the run was "
				   "ended before this test]clean 3@0 cleaned [s FAIL: stopped by "
				   "a signal]");
}

static void a_requirement_that_is_not_met_skips_the_rest(void **state)
{
	struct machine m = MACHINE, n = MACHINE;

	(void)state;
	m.unmet = SCRIPT_REQUIRE_FFA;
	execute(&m, "test \"a\"\ncall ID_GET\nend\nrequire ffa 1.3\ntest \"b\"\ncall ID_GET\nend\n",
		NULL);
	assert_string_equal(m.log, "2@0 [s: a PASS][s: b SKIP: not here]");
	n.unmet = SCRIPT_REQUIRE_MODULE;
	execute(&n, "call ID_GET\nrequire module\ncall ID_GET\n", NULL);
	assert_string_equal(n.log, "1@0 [s SKIP: not here]");
	memset(n.log, 0, sizeof(n.log));
	n.unmet = SCRIPT_REQUIRE_UNSAFE;
	execute(&n, "test \"a\"\nrequire unsafe\ncall ID_GET\nend\ntest \"b\"\ncall ID_GET\nend\n",
		NULL);
	assert_string_equal(n.log, "[s: a SKIP: not here]6@0 [s: b PASS]");
	/* An earlier failure is not hidden. */
	n.unmet = SCRIPT_REQUIRE_MODULE;
	memset(n.log, 0, sizeof(n.log));
	execute(&n, "test \"a\"\ncall ID_GET\nexpect DENIED\nrequire module\nend\n", NULL);
	assert_string_equal(n.log, "2@0 3- (the status is SUCCESS (0)) [s: a FAIL: not here]");
}

static void forwarding_is_found_out_by_a_call(void **state)
{
	struct machine m = MACHINE;
	uint64_t unknown;

	(void)state;
	does("require forwarding ID_GET\ncall ID_GET\n", "2@0 [s PASS]");
	does("require forwarding NOTIFICATION_BIND\ncall ID_GET\n", "2@0 [s PASS]");
	does("require forwarding NOTIFICATION_GET\ncall ID_GET\n",
	     "[s SKIP: FFA_NOTIFICATION_GET is not forwarded: the hypervisor rejects it "
	     "(NOT_SUPPORTED)]");
	/* By FFA_FEATURES, which this machine forwards. */
	does("require forwarding NOTIFICATION_BITMAP_CREATE\ncall ID_GET\n", "2@0 [s PASS]");
	execute(&m, "require forwarding SPM_ID_GET\ncall ID_GET\n", &unknown);
	assert_string_equal(m.log, "[s SKIP: whether FFA_SPM_ID_GET is forwarded cannot be told "
				   "(unknown: lost-events)]");
	assert_int_equal(unknown, 1);
}

static void probes_change_nothing(void **state)
{
	const struct ffa_call *call;
	struct ffa_regs in;

	(void)state;
	for (size_t i = 0; (call = ffa_call_at(i)); i++) {
		if (script_probe(ffa_call_fid(call), &in)) {
			assert_int_equal(in.x[0], ffa_call_fid(call));
			/* The probe changes nothing, or names nothing that could be changed. */
			assert_true(!ffa_call_needs_consent(call, &in) ||
				    ffa_field_by_name(call->fields, call->nr_fields, "bitmap"));
			assert_false(ffa_call_fid(call) == BITMAP_CREATE);
		} else {
			assert_int_equal(in.x[0], 0x84000064);
			assert_int_equal(in.x[1], ffa_call_fid(call));
		}
		for (unsigned int reg = 2; reg < FFA_NR_REGS; reg++)
			assert_int_equal(in.x[reg], 0);
	}
	assert_true(script_probe(NOTIFICATION_SET, &in));
	assert_false(script_probe(0x8400007e, &in)); /* BITMAP_DESTROY */
	assert_false(script_probe(0x84000099, &in));
}

static void calls_are_made_ahead_where_nothing_can_forbid_them(void **state)
{
	static const struct {
		const char *text;
		unsigned int batches;
	} scripts[] = {
		{ "repeat 1000\ncall ID_GET\nexpect SUCCESS\nend\n", 1 },
		{ "repeat 3000\ncall ID_GET\nexpect SUCCESS\nend\n", 3 },
		{ "on-failure stop\nrepeat 1000\ncall ID_GET\nexpect SUCCESS\nend\n", 1 },
		/* A call that changes state waits for the expectations before it. */
		{ "on-failure stop\nrepeat 10\ncall NOTIFICATION_BIND\nexpect DENIED\nend\n", 10 },
		{ "repeat 10\ncall NOTIFICATION_BIND\nexpect DENIED\nend\n", 1 },
		/* A call that depends on an answer waits for it; others do not. */
		{ "repeat 10\ncall ID_GET\nlet a = id\ncall NOTIFICATION_GET receiver=$a\nend\n",
		  11 },
		{ "repeat 10\ncall ID_GET\nlet a = id\nend\n", 1 },
		{ "cpu 0\ncall ID_GET\ncall ID_GET\ncpu 1\ncall ID_GET\ncpu 1\ncall ID_GET\n", 2 },
		{ "call ID_GET\nrequire tracing\ncall ID_GET\n", 2 },
		{ "test \"a\"\ncall ID_GET\nend\ntest \"b\"\ncall ID_GET\nend\n", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct machine *m = calloc(1, sizeof(*m));

		m->unmet = -1;
		execute(m, scripts[i].text, NULL);
		if (m->batches != scripts[i].batches)
			print_error("%s", scripts[i].text);
		assert_int_equal(m->batches, scripts[i].batches);
		free(m);
	}
}

static void no_call_is_made_behind_a_stop(void **state)
{
	struct machine m = MACHINE;

	(void)state;
	execute(&m,
		"on-failure stop\ncall NOTIFICATION_BIND\nexpect SUCCESS\ncall NOTIFICATION_BIND\n",
		NULL);
	assert_int_equal(m.calls, 1);
}

static void a_call_that_is_refused_ends_its_case_only(void **state)
{
	struct machine m = MACHINE;

	(void)state;
	m.refused = 0x84000065;
	assert_int_equal(
		execute(&m,
			"test \"a\"\ncall ID_GET\nexpect id=7\ncall RX_RELEASE\ncall ID_GET\nend\n"
			"test \"b\"\ncall ID_GET\nend\n",
			NULL),
		0);
	assert_string_equal(m.log, "2@0 3+ 4!(the module refuses this call) [s: a FAIL: the module "
				   "refuses this call]8@0 [s: b PASS]");
	does("let v = 1\ncall NOTIFICATION_SET receiver=$v\n",
	     "v=1 2!(this call changes something; use --allow-state-change to make it) "
	     "[s FAIL: this call changes something; use --allow-state-change to make it]");
}

static void a_machine_that_breaks_ends_the_run(void **state)
{
	struct machine m = MACHINE, n = MACHINE;

	(void)state;
	m.fail_at = 2;
	m.error = -EIO;
	assert_int_equal(execute(&m,
				 "test \"a\"\ncall ID_GET\nend\ntest \"b\"\ncall ID_GET\nend\n"
				 "test \"c\"\ncall ID_GET\nend\n",
				 NULL),
			 -EIO);
	assert_string_equal(m.log, "2@0 [s: a PASS][s: b FAIL: the machine broke][s: c SKIP: the "
				   "run was ended before this test]");
	/* If no case is running, the next one fails. */
	n.fail_at = 1;
	n.error = -EIO;
	assert_int_equal(
		execute(&n, "require forwarding ID_GET\ntest \"a\"\nend\ntest \"b\"\nend\n", NULL),
		-EIO);
	assert_string_equal(n.log, "[s: a FAIL: the machine broke][s: b SKIP: the run was ended "
				   "before this test]");
}

static void a_failure_after_calls_ends_the_run_behind_them(void **state)
{
	static const char *const texts[] = {
		"call ID_GET\nexpect id=7\ncall ID_GET\nexpect id=7\n",
		"repeat 2000\ncall ID_GET\nend\n",
		"cpu all\ncall ID_GET\ncall ID_GET\n",
		"require forwarding ID_GET\ncall ID_GET\n",
	};
	static const char *const logs[] = {
		"1@0 2+ 3@0 4+ [s FAIL: the disk is full]",
		NULL, /* 1024 calls */
		"2@0 [s FAIL: the disk is full]",
		"[s FAIL: the disk is full]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct machine m = MACHINE;

		m.late = -EIO;
		assert_int_equal(execute(&m, texts[i], NULL), -EIO);
		assert_int_equal(m.batches, 1);
		if (logs[i])
			assert_string_equal(m.log, logs[i]);
	}
}

static void without_a_call_there_is_nothing_to_expect_or_take(void **state)
{
	static const char *const lines[] = { "call RX_RELEASE", "expect SUCCESS", "let a = w2",
					     "let b = 5",	"let c = $b",	  "call ID_GET",
					     "expect id=7" };
	static const int results[] = { -ECANCELED, -ECANCELED, -ECANCELED, 0, 0, 0, 0 };
	struct machine m = MACHINE;
	struct script *script = script_new(NULL, NULL);
	struct script_run *run = script_run_new(&ops, &m);
	char err[768];

	(void)state;
	m.refused = 0x84000065;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(script_line(script, lines[i], strlen(lines[i])), 0);
		assert_int_equal(script_continue(run, script, err, sizeof(err)), results[i]);
	}
	assert_string_equal(m.log, "1!(the module refuses this call) "
				   "2!(there is no answer: no call was made before this line) "
				   "3!(there is no answer: no call was made before this line) "
				   "b=5 c=5 6@0 7+ ");
	script_run_free(run);
	script_free(script);
}

static void lines_at_a_prompt_are_carried_out_one_by_one(void **state)
{
	static const char *const lines[] = { "call ID_GET",  "expect id=7", "expect DENIED",
					     "repeat 2",     "call ID_GET", "end",
					     "let a = 3",    "cpu 4",	    "call ID_GET",
					     "expect id!=$a" };
	struct machine m = MACHINE;
	struct script *script = script_new(NULL, NULL);
	struct script_run *run = script_run_new(&ops, &m);
	char err[768];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(script_line(script, lines[i], strlen(lines[i])), 0);
		if (!script_open_blocks(script))
			assert_int_equal(script_continue(run, script, err, sizeof(err)),
					 i == 2 ? -ECANCELED : 0);
	}
	assert_string_equal(m.log, "1@0 2+ 3- (the status is SUCCESS (0)) 5@0 5@0 a=3 9@4 10+ ");
	script_run_free(run);
	script_free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_status_registers_and_fields_are_looked_at),
		cmocka_unit_test(an_unknown_verdict_holds_for_nothing_but_unknown),
		cmocka_unit_test(parallel_makes_the_calls_of_all_parts_together),
		cmocka_unit_test(a_call_with_a_buffer_is_made_alone),
		cmocka_unit_test(parallel_goes_on_in_rounds),
		cmocka_unit_test(a_call_in_parallel_that_cannot_be_made_ends_the_case),
		cmocka_unit_test(a_cpu_in_parallel_that_is_not_there_ends_the_case),
		cmocka_unit_test(an_unknown_verdict_without_expectation_is_counted),
		cmocka_unit_test(variables_carry_values),
		cmocka_unit_test(a_variable_that_could_not_be_set_ends_the_case),
		cmocka_unit_test(a_value_out_of_a_variable_must_fit),
		cmocka_unit_test(repeats_nest),
		cmocka_unit_test(cpus_are_chosen),
		cmocka_unit_test(on_failure_says_how_far_a_failure_reaches),
		cmocka_unit_test(cleanup_is_done_whatever_happens),
		cmocka_unit_test(a_requirement_that_is_not_met_skips_the_rest),
		cmocka_unit_test(forwarding_is_found_out_by_a_call),
		cmocka_unit_test(probes_change_nothing),
		cmocka_unit_test(calls_are_made_ahead_where_nothing_can_forbid_them),
		cmocka_unit_test(no_call_is_made_behind_a_stop),
		cmocka_unit_test(a_call_that_is_refused_ends_its_case_only),
		cmocka_unit_test(a_machine_that_breaks_ends_the_run),
		cmocka_unit_test(a_failure_after_calls_ends_the_run_behind_them),
		cmocka_unit_test(without_a_call_there_is_nothing_to_expect_or_take),
		cmocka_unit_test(lines_at_a_prompt_are_carried_out_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
