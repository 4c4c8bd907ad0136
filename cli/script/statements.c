// SPDX-License-Identifier: GPL-2.0-only
/* One parse function per statement: from its words to its place in the tree. */
#include <stdio.h>
#include <string.h>

#include "ffa/catalogue.h"
#include "ffa/format.h"
#include "script/internal.h"

static struct script_stmt *new_stmt(struct script *script, enum script_kind kind)
{
	struct script_stmt *stmt = script_alloc(script, sizeof(*stmt));

	*stmt = (struct script_stmt){ .kind = kind, .at = script->at };
	stmt->text = script->line;
	return stmt;
}

static void append(struct script *script, struct script_stmt *stmt)
{
	struct block *block = script_block(script);

	*block->tail = stmt;
	block->tail = &stmt->next;
	if (!script->depth && (stmt->kind == SCRIPT_CALL || stmt->kind == SCRIPT_EXPECT ||
			       stmt->kind == SCRIPT_REPEAT || stmt->kind == SCRIPT_PARALLEL ||
			       stmt->kind == SCRIPT_CLEANUP))
		script->loose = true;
}

/* The enclosing block that test or cleanup opened; NULL: none. */
static const struct script_stmt *enclosing(const struct script *script, enum script_kind kind)
{
	for (unsigned int i = script->depth; i; i--) {
		if (script->blocks[i].stmt->kind == kind)
			return script->blocks[i].stmt;
	}
	return NULL;
}

static void open_block(struct script *script, struct script_stmt *stmt)
{
	const struct block *outer = script_block(script);
	struct block *block;

	if (script->depth == SCRIPT_MAX_BLOCKS) {
		script_wrong(
			script, script->at.column,
			"more than %d blocks one in the other; put the inner ones into a loop of their own",
			SCRIPT_MAX_BLOCKS);
		return;
	}
	block = &script->blocks[script->depth + 1];
	*block = (struct block){
		.stmt = stmt,
		.tail = &stmt->body,
		.file = script->nr_including,
		.cpu_all = outer->cpu_all,
		.nr_visible = script->nr_visible,
	};
	append(script, stmt);
	script->depth++;
}

/* ---- one function per statement; words[0] is its keyword ---- */

struct keyword {
	const char *name;
	const char *usage;
	void (*parse)(struct script *script, const struct lexeme *words, int n);
};

static void usage(struct script *script, const struct lexeme *words, const char *what);

/* Whether the innermost block is that of parallel. */
static bool in_parallel(const struct script *script)
{
	const struct block *block = &script->blocks[script->depth];

	return block->stmt && block->stmt->kind == SCRIPT_PARALLEL;
}

/* Checks the number of words. Returns false after reporting a mistake. */
static bool takes(struct script *script, const struct lexeme *words, int n, int wanted)
{
	char what[64];

	if (n == wanted)
		return true;
	if (n > wanted) {
		snprintf(what, sizeof(what), "\"%.30s\" is one word too many", words[wanted].text);
		usage(script, &words[wanted], what);
	} else {
		snprintf(what, sizeof(what), "a word is missing after %.20s", words[n - 1].text);
		usage(script, &words[n - 1], what);
	}
	return false;
}

static void wrong_call_name(struct script *script, const struct lexeme *word)
{
	const struct ffa_call *near[5];
	size_t n = ffa_call_nearest(word->text, near, 5);
	char list[5 * 64] = "";

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list);

		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
			 ffa_call_name(near[i]));
	}
	if (n)
		script_wrong(script, word->column, "%.60s: no such call. Nearest: %s", word->text,
			     list);
	else
		script_wrong(script, word->column, "%.60s: no such call; `ffascope list' lists all",
			     word->text);
}

/*
 * Parses one FIELD=VALUE word. request takes those for the TX buffer, so that their number is checked
 * too. Returns false after reporting a mistake.
 */
static bool assign(struct script *script, struct script_stmt *stmt, const struct lexeme *word,
		   struct ffa_mem_request *request)
{
	char tried[1024], err[1024];
	unsigned int at;
	const char *text;
	int ret;

	if (!script_try_expand(script, word, tried, sizeof(tried)))
		return false;
	ret = ffa_mem_word(request, stmt->fid, tried, err, sizeof(err));
	if (ret < 0)
		script_wrong(script, word->column, "%s", err);
	if (ret)
		return ret > 0;
	if (!ffa_assign(stmt->row, stmt->in, tried, err, sizeof(err)))
		return true;

	text = script_message(err, &at);
	script_wrong(script, word->column + at - 1, "%s", text);
	return false;
}

/* Most calls repeat the one of the previous line, so remember the last lookup. */
static bool find_call(struct script *script, const char *word, struct script_stmt *stmt)
{
	if (!script->call_word || strcmp(word, script->call_word)) {
		if (ffa_call_parse_fid(word, &stmt->fid))
			return false;
		script->call_word = word;
		script->call_fid = stmt->fid;
		script->call_row = ffa_call_by_fid(stmt->fid);
	}
	stmt->fid = script->call_fid;
	stmt->row = script->call_row;
	return true;
}

/* Whether a block around here is that of parallel. */
static bool below_parallel(const struct script *script)
{
	for (unsigned int i = 1; i <= script->depth; i++) {
		if (script->blocks[i].stmt->kind == SCRIPT_PARALLEL)
			return true;
	}
	return false;
}

static void parse_call(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_CALL);
	struct ffa_mem_request request = { 0 };
	struct script_word **tail = &stmt->words;
	struct script_word *list = NULL;
	bool variables = false;
	struct block *block;

	if (n < 2) {
		usage(script, &words[0], "no call is named");
		return;
	}
	if (words[1].text[0] == '-') {
		script_wrong(
			script, words[1].column,
			"options of the verb do not stand in a script; those of `ffascope run' hold for all calls");
		return;
	}
	if (!find_call(script, words[1].text, stmt)) {
		wrong_call_name(script, &words[1]);
		return;
	}
	stmt->in = script_alloc(script, sizeof(*stmt->in));
	ffa_call_init(stmt->row, stmt->fid, stmt->in);

	for (int i = 2; i < n; i++) {
		struct script_word *word = script_alloc(script, sizeof(*word));

		if (!assign(script, stmt, &words[i], &request))
			continue;
		*word = (struct script_word){ .column = words[i].column, .text = words[i].text };
		*tail = word;
		tail = &word->next;
		variables = variables || script_has_variable(words[i].text);
	}
	stmt->memory = request.buffer;
	if (stmt->memory && below_parallel(script))
		script_wrong(script, words[0].column,
			     "a call with contents of the TX buffer cannot be part of parallel");
	list = stmt->words;
	stmt->words = variables || stmt->memory ? list : NULL;
	stmt->in = stmt->words ? NULL : stmt->in;
	append(script, stmt);
	block = script_block(script);
	block->call = stmt;
	for (unsigned int i = 0; i <= script->depth; i++)
		script->blocks[i].calls++;
}

/* Whether there is a call that expect and let can refer to. */
static bool has_call(struct script *script, const char *what)
{
	if (script_block(script)->call)
		return true;

	script_wrong(script, script->at.column,
		     "%s refers to the call before it in the same block, but there is none%s", what,
		     script->depth ? "" : " outside the blocks; put it after a call");
	return false;
}

static void parse_expect(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_EXPECT);

	if (n < 2) {
		usage(script, &words[0], "nothing to expect");
		return;
	}
	if (!has_call(script, "expect"))
		return;
	script_parse_terms(script, stmt, words, n);
	append(script, stmt);
}

/* "NAME = VALUE" in one to three words, put together. */
static const char *join_let(struct script *script, const struct lexeme *words, int n, char *buf,
			    size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int i = 1; i < n && i < 4; i++) {
		len += (size_t)snprintf(buf + len, size - len, "%s", words[i].text);
		if (len >= size) {
			script_wrong(script, words[i].column, "this word is too long");
			return NULL;
		}
	}
	if (n > 4) {
		usage(script, &words[4], "words too many: no arithmetic here, one value");
		return NULL;
	}
	if (!strchr(buf, '=')) {
		usage(script, &words[n - 1], "the = is missing");
		return NULL;
	}
	return buf;
}

static int add_variable(struct script *script, const char *name, size_t len)
{
	for (unsigned int i = 0; i < script->nr_variables; i++) {
		if (strlen(script->variables[i]) == len && !memcmp(script->variables[i], name, len))
			return (int)i;
	}
	if (script->nr_variables == SCRIPT_MAX_VARIABLES)
		return -1;
	script->variables[script->nr_variables] = script_keep(script, name, len);
	return (int)script->nr_variables++;
}

/* The block at whose end the variable of a let here ends. */
static const struct script_stmt *let_block(const struct script *script)
{
	unsigned int depth = script->depth;

	while (depth && script->blocks[depth].stmt->kind == SCRIPT_REPEAT)
		depth--;
	return script->blocks[depth].stmt;
}

static bool check_let_value(struct script *script, struct script_stmt *stmt, unsigned int column)
{
	const struct lexeme word = { .text = stmt->value, .column = column };
	char tried[512];
	uint64_t number;

	if (script_has_variable(stmt->value))
		return script_try_expand(script, &word, tried, sizeof(tried)) &&
		       (script_number(tried, &number) ||
			(script_wrong(script, column,
				      "a variable stands alone here, as in let a = $b"),
			 false));
	if (script_number(stmt->value, &number))
		return true;
	if (stmt->value[0] >= '0' && stmt->value[0] <= '9') {
		script_wrong(script, column,
			     "%.40s is not a number of 64 bits; decimal, 0x and 0b are read",
			     stmt->value);
		return false;
	}
	if (!has_call(script, "let"))
		return false;
	if (script_block(script)->cpu_all) {
		script_wrong(
			script, column,
			"under `cpu all' there is one answer a CPU: say `cpu 0' before the call");
		return false;
	}
	return script_check_source(script, script_block(script)->call, stmt->value, column);
}

static void parse_let(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_LET);
	char joined[512];
	const char *text, *eq, *name;
	unsigned int column;
	size_t len, taken;
	int variable;

	if (n < 2) {
		usage(script, &words[0], "which variable?");
		return;
	}
	text = join_let(script, words, n, joined, sizeof(joined));
	if (!text)
		return;

	eq = strchr(text, '=');
	taken = script_variable_name(text, &name, &len);
	if (!taken || text[0] == '{' || text + taken != eq) {
		script_wrong(
			script, words[1].column,
			"\"%.*s\" is not a name for a variable: use letters, digits and _, with no $ and no leading digit",
			(int)(eq - text < 40 ? eq - text : 40), text);
		return;
	}
	stmt->value = script_keep(script, eq + 1, strlen(eq + 1));
	if (!stmt->value[0]) {
		usage(script, &words[n - 1], "no value after the =");
		return;
	}
	/* The value is the end of the last word. */
	column = words[n - 1].column;
	if (strlen(words[n - 1].text) >= strlen(stmt->value))
		column += (unsigned int)(strlen(words[n - 1].text) - strlen(stmt->value));
	if (!check_let_value(script, stmt, column))
		return;

	variable = add_variable(script, name, len);
	if (variable < 0) {
		script_wrong(script, words[1].column, "more than %d variables",
			     SCRIPT_MAX_VARIABLES);
		return;
	}
	if (script_find_variable(script, name, len) < 0)
		script->visible[script->nr_visible++] = (unsigned int)variable;
	stmt->variable = (unsigned int)variable;
	script->let_in[variable] = let_block(script);
	append(script, stmt);
}

/* Whether a requirement has no argument; *requirement is then set. */
static bool is_plain_requirement(const char *word, enum script_requirement *requirement)
{
	static const struct {
		const char *word;
		enum script_requirement requirement;
	} all[] = {
		{ "tracing", SCRIPT_REQUIRE_TRACING },
		{ "module", SCRIPT_REQUIRE_MODULE },
		{ "unsafe", SCRIPT_REQUIRE_UNSAFE },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(word, all[i].word))
			continue;
		*requirement = all[i].requirement;
		return true;
	}
	return false;
}

static void parse_require(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_REQUIRE);

	if (n < 2) {
		usage(script, &words[0], "nothing to require");
		return;
	}
	if (enclosing(script, SCRIPT_CLEANUP)) {
		script_wrong(script, words[0].column,
			     "require is not allowed in cleanup, which always runs");
		return;
	}
	if (!strcmp(words[1].text, "forwarding")) {
		if (!takes(script, words, n, 3))
			return;
		stmt->requirement = SCRIPT_REQUIRE_FORWARDING;
		if (ffa_call_parse_fid(words[2].text, &stmt->fid)) {
			wrong_call_name(script, &words[2]);
			return;
		}
		stmt->row = ffa_call_by_fid(stmt->fid);
	} else if (!strcmp(words[1].text, "ffa")) {
		if (!takes(script, words, n, 3))
			return;
		stmt->requirement = SCRIPT_REQUIRE_FFA;
		if (ffa_version_parse(words[2].text, &stmt->version)) {
			script_wrong(script, words[2].column,
				     "%.40s: a version is wanted, 1.0, 1.1, 1.2 or 1.3",
				     words[2].text);
			return;
		}
	} else if (is_plain_requirement(words[1].text, &stmt->requirement)) {
		if (!takes(script, words, n, 2))
			return;
	} else {
		script_wrong(
			script, words[1].column,
			"%.40s cannot be required; `forwarding CALL', `ffa VERSION', `tracing', `module' and `unsafe' can",
			words[1].text);
		return;
	}
	append(script, stmt);
}

static bool read_count(struct script *script, struct script_stmt *stmt, const struct lexeme *word,
		       uint64_t min, uint64_t max, const char *what)
{
	char tried[128];

	if (script_has_variable(word->text)) {
		stmt->value = word->text;
		return script_try_expand(script, word, tried, sizeof(tried));
	}
	if (script_number(word->text, &stmt->count) && stmt->count >= min && stmt->count <= max)
		return true;

	script_wrong(script, word->column, "%.40s: %s needs a number from %llu to %llu, or $NAME",
		     word->text, what, (unsigned long long)min, (unsigned long long)max);
	return false;
}

static void parse_repeat(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_REPEAT);

	/* A line with a mistake still opens its block, so that its `end' is not a second mistake. */
	stmt->count = 1;
	if (takes(script, words, n, 2))
		read_count(script, stmt, &words[1], 1, SCRIPT_MAX_REPEAT, "repeat");
	open_block(script, stmt);
}

/* Adds a part to parallel; the statements that follow belong to it. */
static void append_part(struct script *script, struct script_stmt *stmt, const struct lexeme *words)
{
	struct block *block = script_block(script);

	for (const struct script_stmt *part = block->stmt->body; part; part = part->next) {
		if (part->value || stmt->value || part->cpu != stmt->cpu)
			continue;
		script_wrong(
			script, words[1].column,
			"a second part for the same CPU; the first is in line %u. One CPU makes one series of calls at a time",
			part->at.line);
		return;
	}
	*block->parts = stmt;
	block->parts = &stmt->next;
	block->tail = &stmt->body;
}

static void parse_cpu(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_CPU);
	struct block *block = script_block(script);

	if (enclosing(script, SCRIPT_PARALLEL) && !in_parallel(script)) {
		script_wrong(script, words[0].column,
			     "cpu begins a part of parallel, so it cannot stand in a repeat there");
		return;
	}
	if (!takes(script, words, n, 2))
		return;
	if (!strcmp(words[1].text, "all")) {
		stmt->cpu = SCRIPT_CPU_ALL;
	} else if (!strcmp(words[1].text, "any")) {
		stmt->cpu = SCRIPT_CPU_ANY;
	} else {
		if (!read_count(script, stmt, &words[1], 0, SCRIPT_MAX_CPU, "cpu (or all, any)"))
			return;
		stmt->cpu = (int)stmt->count;
	}
	if (in_parallel(script)) {
		block->call = NULL;
		if (stmt->cpu == SCRIPT_CPU_ANY)
			script_wrong(script, words[1].column,
				     "a part of parallel needs a CPU: a number, or all");
		else
			append_part(script, stmt, words);
		return;
	}
	block->cpu_all = stmt->cpu == SCRIPT_CPU_ALL;
	/* The number of answers of an earlier call must not change. */
	block->call = NULL;
	append(script, stmt);
}

static void parse_on_failure(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_ON_FAILURE);

	if (!takes(script, words, n, 2))
		return;
	stmt->stop = !strcmp(words[1].text, "stop");
	if (!stmt->stop && strcmp(words[1].text, "continue")) {
		script_wrong(script, words[1].column, "%.40s: on-failure needs stop or continue",
			     words[1].text);
		return;
	}
	append(script, stmt);
}

static void parse_cleanup(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_CLEANUP);
	const struct script_stmt *outer = script_block(script)->stmt;

	takes(script, words, n, 1);
	if (outer && outer->kind != SCRIPT_TEST)
		script_wrong(script, words[0].column,
			     "cleanup belongs into a test or outside all blocks, not into %s",
			     outer->kind == SCRIPT_REPEAT     ? "repeat"
			     : outer->kind == SCRIPT_PARALLEL ? "parallel"
							      : "cleanup");
	open_block(script, stmt);
}

static void check_name(struct script *script, const struct lexeme *word)
{
	size_t len = strlen(word->text);

	if (!len) {
		script_wrong(script, word->column, "the test has no name; reports need one");
	} else if (len > 128) {
		script_wrong(script, word->column,
			     "the name of a test is limited to 128 characters");
	} else if (strchr(word->text, '#')) {
		/* In KTAP a # starts a directive. */
		script_wrong(script, word->column,
			     "no # in the name of a test: it ends the name in KTAP");
	} else if (word->text[0] == ' ' || word->text[len - 1] == ' ' || word->text[0] == '-') {
		script_wrong(
			script, word->column,
			"the name of a test begins and ends with no blank, and begins with no -");
	} else {
		for (const struct script_stmt *t = script->tests[0]; t;
		     t = t == script->tests[1] ? NULL : t->next) {
			if (t->kind != SCRIPT_TEST || strcmp(t->name, word->text))
				continue;
			script_wrong(script, word->column,
				     "a second test of this name; the first is at %s:%u",
				     t->at.file, t->at.line);
			return;
		}
	}
}

static void parse_test(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_TEST);

	stmt->name = "";
	if (takes(script, words, n, 2)) {
		if (!words[1].quoted)
			script_wrong(script, words[1].column,
				     "the name of a test must be in quotes: test \"%.40s\"",
				     words[1].text);
		check_name(script, &words[1]);
		stmt->name = words[1].text;
	}
	if (script->depth)
		script_wrong(script, words[0].column,
			     "a test stands outside all blocks; this one is in that of line %u",
			     script_block(script)->stmt->at.line);
	else
		script->nr_tests++;
	open_block(script, stmt);
	if (!script->depth || script_block(script)->stmt != stmt || script->depth > 1)
		return;
	if (!script->tests[0])
		script->tests[0] = stmt;
	script->tests[1] = stmt;
}

static void parse_parallel(struct script *script, const struct lexeme *words, int n)
{
	struct script_stmt *stmt = new_stmt(script, SCRIPT_PARALLEL);
	unsigned int depth = script->depth;

	takes(script, words, n, 1);
	if (enclosing(script, SCRIPT_PARALLEL))
		script_wrong(script, words[0].column, "parallel cannot stand in parallel");
	open_block(script, stmt);
	if (script->depth > depth)
		script_block(script)->parts = &stmt->body;
}

static void parse_end(struct script *script, const struct lexeme *words, int n)
{
	struct block *block = script_block(script);

	takes(script, words, n, 1);
	if (!script->depth) {
		script_wrong(
			script, words[0].column,
			"end without a beginning: no test, repeat, parallel or cleanup is open");
		return;
	}
	if (block->file != script->nr_including) {
		script_wrong(
			script, words[0].column,
			"this end closes a block that %s opened at line %u; a block ends in the file in which it begins",
			block->stmt->at.file, block->stmt->at.line);
		return;
	}
	if ((block->stmt->kind == SCRIPT_REPEAT || block->stmt->kind == SCRIPT_PARALLEL) &&
	    !block->calls)
		script_wrong(script, words[0].column,
			     "the %s of line %u makes no call; add a call or remove the %s",
			     block->stmt->kind == SCRIPT_REPEAT ? "repeat" : "parallel",
			     block->stmt->at.line,
			     block->stmt->kind == SCRIPT_REPEAT ? "repeat" : "parallel");

	/* Variables set in a test are local to it. */
	if (block->stmt->kind != SCRIPT_REPEAT)
		script->nr_visible = block->nr_visible;
	script->depth--;
	/* expect and let do not refer to a call before a block. */
	script_block(script)->call = NULL;
}

static void parse_include(struct script *script, const struct lexeme *words, int n)
{
	if (takes(script, words, n, 2))
		script_include(script, &words[1]);
}

static const struct keyword keywords[] = {
	{ "call", "call CALL [FIELD=VALUE...]", parse_call },
	{ "expect", "expect WORD..., each a verdict, a status or a comparison", parse_expect },
	{ "require", "require forwarding CALL, ffa VERSION, tracing, module or unsafe",
	  parse_require },
	{ "let", "let NAME = VALUE", parse_let },
	{ "test", "test \"NAME\" ... end", parse_test },
	{ "repeat", "repeat N ... end", parse_repeat },
	{ "parallel", "parallel, then cpu N and its calls for each CPU ... end", parse_parallel },
	{ "cleanup", "cleanup ... end", parse_cleanup },
	{ "end", "end", parse_end },
	{ "cpu", "cpu N, all or any", parse_cpu },
	{ "on-failure", "on-failure stop or continue", parse_on_failure },
	{ "include", "include \"FILE\"", parse_include },
};

#define NR_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

const char *script_keyword(size_t index)
{
	return index < NR_KEYWORDS ? keywords[index].name : NULL;
}

const char *script_usage(const char *keyword)
{
	for (size_t i = 0; i < NR_KEYWORDS; i++) {
		if (!strcmp(keywords[i].name, keyword))
			return keywords[i].usage;
	}
	return NULL;
}

static void usage(struct script *script, const struct lexeme *word, const char *what)
{
	/* The usage of the statement: the keyword is the first word of the line. */
	char keyword[16];

	snprintf(keyword, sizeof(keyword), "%.*s", (int)strcspn(script->line, " \t#"),
		 script->line);
	script_wrong(script, word->column, "%s; the statement is: %s", what,
		     script_usage(keyword) ?: "?");
}

static void unknown_statement(struct script *script, const struct lexeme *word)
{
	char list[256] = "";
	uint32_t fid;

	if (!ffa_call_parse_fid(word->text, &fid)) {
		script_wrong(script, word->column, "a call begins with the word call: call %.60s",
			     word->text);
		return;
	}
	for (size_t i = 0; i < NR_KEYWORDS; i++) {
		size_t len = strlen(list);

		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", keywords[i].name);
	}
	script_wrong(script, word->column, "\"%.40s\" is not a statement; there are %s", word->text,
		     list);
}

/* In parallel only calls, expectations and repeat have a place, after the cpu of their part. */
static bool fits_parallel(struct script *script, const struct lexeme *word)
{
	static const char *const no[] = { "let", "require", "on-failure" };

	if (!enclosing(script, SCRIPT_PARALLEL))
		return true;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (strcmp(word->text, no[i]))
			continue;
		script_wrong(script, word->column, "%s has no place in parallel: put it before",
			     no[i]);
		return false;
	}
	if (!in_parallel(script) || script_block(script)->stmt->body ||
	    (strcmp(word->text, "call") && strcmp(word->text, "repeat")))
		return true;
	script_wrong(script, word->column, "a part of parallel begins with cpu N or cpu all");
	return false;
}

void script_statement(struct script *script, const struct lexeme *words, int n)
{
	for (size_t i = 0; i < NR_KEYWORDS; i++) {
		if (!words[0].quoted && !strcmp(words[0].text, keywords[i].name)) {
			if (!fits_parallel(script, &words[0]))
				return;
			keywords[i].parse(script, words, n);
			return;
		}
	}
	unknown_statement(script, &words[0]);
}
