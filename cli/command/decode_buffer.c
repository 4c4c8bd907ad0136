// SPDX-License-Identifier: GPL-2.0-only
/* Decoded descriptors, as text and as JSON, and bytes out of a file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "command/decode.h"
#include "dump/bytes.h"
#include "ffa/format.h"
#include "ffa/rules.h"

/* Bytes of a file, text or not. RX and TX have a few pages; as text a byte takes up to ten. */
#define MAX_FILE (16u << 20)

/* ---- text ---- */

static void put_value(struct decode *d, const struct ffa_part *part, const struct ffa_member *m)
{
	char value[DECODE_PART / 4];

	ffa_part_format(part, m, value, sizeof(value));
	decode_puts(d, value);
}

static const char *symbol_meaning(const struct ffa_part *part, const struct ffa_member *m)
{
	uint64_t value = ffa_part_get(part, m->name);

	for (const struct ffa_symbol *s = m->symbols; s && s->name; s++) {
		if (s->value == value)
			return s->meaning;
	}

	return NULL;
}

static void put_name(struct decode *d, const struct ffa_part *part)
{
	decode_puts(d, part->type->name);
	if (part->index || part->type->array || part->at)
		decode_printf(d, " %u", part->index);
}

/* All fields on one line. */
static void put_short(struct decode *d, const struct ffa_part *part)
{
	decode_puts(d, "  ");
	put_name(d, part);
	decode_printf(d, " at 0x%zx", part->at);
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		const struct ffa_member *m = &part->layout->members[i];

		if (!m->name)
			continue;
		decode_printf(d, "  %s ", m->name);
		put_value(d, part, m);
	}
	decode_puts(d, "\n");
}

static void put_member(struct decode *d, const struct ffa_part *part, const struct ffa_member *m,
		       int width)
{
	const char *symbol = symbol_meaning(part, m);
	char place[32], bits[16];

	ffa_member_format_bits(m, bits, sizeof(bits));
	snprintf(place, sizeof(place), "0x%02zx%s", part->at + m->at, bits);
	decode_printf(d, "  %-12s  %-*s  ", place, width, m->name);
	put_value(d, part, m);
	if (m->meaning || symbol || d->explain)
		decode_puts(d, "  # ");
	if (m->meaning)
		decode_puts(d, m->meaning);
	if (symbol)
		decode_printf(d, "%s%s", m->meaning ? ": " : "", symbol);
	if (d->explain)
		decode_printf(d, " [%s]", m->source);
	decode_puts(d, "\n");
}

static void put_part(void *ctx, const struct ffa_part *part)
{
	struct decode *d = ctx;
	int width = 0;

	if (part->type->array) {
		put_short(d, part);
		return;
	}
	put_name(d, part);
	decode_printf(d, " at 0x%zx, %u bytes\n", part->at, part->layout->size);
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		const char *name = part->layout->members[i].name;

		if (name && (int)strlen(name) > width)
			width = (int)strlen(name);
	}
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		if (part->layout->members[i].name)
			put_member(d, part, &part->layout->members[i], width);
	}
}

static void put_finding(void *ctx, const struct ffa_finding *f)
{
	struct decode *d = ctx;
	char bits[16] = "";

	decode_puts(d, f->kind == FFA_FINDING_REMARK ? "  # " : "  ! ");
	put_name(d, f->part);
	if (f->member) {
		ffa_member_format_bits(f->member, bits, sizeof(bits));
		decode_printf(d, ", 0x%02zx%s", f->part->at + f->member->at, bits);
		if (f->member->name) {
			decode_printf(d, " %s ", f->member->name);
			put_value(d, f->part, f->member);
		} else {
			decode_printf(d, "=0x%llx", (unsigned long long)f->value);
		}
	}
	decode_printf(d, ": %s", f->text);
	if (d->explain && f->source)
		decode_printf(d, " [%s]", f->source);
	decode_puts(d, "\n");
}

static void no_part(void *ctx, const struct ffa_part *part)
{
	(void)ctx;
	(void)part;
}

static void no_finding(void *ctx, const struct ffa_finding *finding)
{
	(void)ctx;
	(void)finding;
}

/* ---- JSON ---- */

struct arrays {
	const struct decode *d;
	struct json_object *parts, *findings;
};

static void add_place(struct json_object *obj, const struct ffa_part *part)
{
	json_add_string(obj, "descriptor", part->type->name);
	json_add_int(obj, "index", part->index);
	json_add_int(obj, "offset", (int64_t)part->at);
}

static void add_part(void *ctx, const struct ffa_part *part)
{
	struct arrays *all = ctx;
	struct json_object *obj = json_new_object(), *fields = json_new_object();
	struct json_object *sources = all->d->explain ? json_new_object() : NULL;
	char value[DECODE_PART / 4];

	add_place(obj, part);
	json_add_int(obj, "size", part->layout->size);
	json_add_bool(obj, "cut", part->have < part->layout->size);
	for (size_t i = 0; i < part->layout->nr_members; i++) {
		const struct ffa_member *m = &part->layout->members[i];

		if (!m->name)
			continue;
		ffa_part_format(part, m, value, sizeof(value));
		json_add_string(fields, m->name, ffa_part_given(part, m) ? value : NULL);
		if (sources)
			json_add_string(sources, m->name, m->source);
	}
	json_add(obj, "fields", fields);
	if (sources)
		json_add(obj, "sources", sources);
	json_append(all->parts, obj);
}

static void add_finding(void *ctx, const struct ffa_finding *f)
{
	struct arrays *all = ctx;
	struct json_object *obj = json_new_object();
	char bits[16];

	json_add_string(obj, "kind", ffa_finding_name(f->kind));
	add_place(obj, f->part);
	json_add_string(obj, "field", f->member ? f->member->name : NULL);
	if (f->member) {
		json_add_int(obj, "member_offset", f->member->at);
		ffa_format_bits(f->member->hi, f->member->lo, bits, sizeof(bits));
		json_add_string(obj, "bits", bits);
	}
	if (f->kind == FFA_FINDING_RULE)
		json_add_string(obj, "rule", ffa_violation_name(f->rule));
	if (f->kind == FFA_FINDING_RULE || f->kind == FFA_FINDING_VALUE)
		json_add_hex(obj, "value", f->value, 1);
	json_add_string(obj, "text", f->text);
	json_add_string(obj, "source", f->source);
	json_append(all->findings, obj);
}

static void put_json(struct decode *d, const struct ffa_descriptor *type, const uint8_t *buf,
		     size_t len, bool unsure)
{
	struct arrays all = { .d = d, .parts = json_new_array(), .findings = json_new_array() };
	struct ffa_reader reader = { .part = add_part, .finding = add_finding, .ctx = &all };
	struct json_object *obj = json_new_object();

	ffa_descriptor_read(type, decode_version(d), buf, len, &reader);
	json_add_string(obj, "buffer", type->name);
	json_add_string(obj, "ffa_version", ffa_version_name(decode_version(d)));
	json_add_int(obj, "length", (int64_t)len);
	json_add_bool(obj, "order_unsure", unsure);
	json_add(obj, "parts", all.parts);
	json_add(obj, "findings", all.findings);
	decode_json_put(d, obj);
}

/* ---- the file ---- */

static int read_all(const char *file, uint8_t **bytes, size_t *len)
{
	int fd = strcmp(file, "-") ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	ssize_t n = 1;
	int ret = 0;

	*len = 0;
	*bytes = fd < 0 ? NULL : malloc(MAX_FILE);
	if (!*bytes)
		return fd < 0 ? -errno : -ENOMEM;
	while (n && *len < MAX_FILE) {
		n = read(fd, *bytes + *len, MAX_FILE - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = -errno;
		if (n <= 0)
			break;
		*len += (size_t)n;
	}
	if (*len == MAX_FILE)
		ret = -EFBIG;
	if (fd != STDIN_FILENO)
		close(fd);

	return ret;
}

void decode_buffer_put(struct decode *d, const struct ffa_descriptor *type, const uint8_t *buf,
		       size_t len, bool unsure)
{
	struct ffa_reader reader = { .part = put_part, .finding = no_finding, .ctx = d };

	if (d->opts->json) {
		put_json(d, type, buf, len, unsure);
		return;
	}
	decode_printf(d, "%s, %zu bytes, read as FF-A %s\n", type->title, len,
		      ffa_version_name(decode_version(d)));
	if (unsure)
		decode_puts(d, "# groups of digits were read as bytes in order; --words reads them "
			       "as little-endian numbers\n");
	ffa_descriptor_read(type, decode_version(d), buf, len, &reader);
	reader.part = no_part;
	reader.finding = put_finding;
	ffa_descriptor_read(type, decode_version(d), buf, len, &reader);
}

int decode_buffer_load(const char *file, bool words, uint8_t **bytes, size_t *len, bool *unsure,
		       char *why, size_t size)
{
	struct dump_bytes dump = { .words = words };
	int ret = read_all(file, bytes, len);

	why[0] = '\0';
	*unsure = false;
	if (ret || !dump_is_text(*bytes, *len))
		return ret;

	dump.size = *len;
	dump.buf = malloc(*len + 1);
	ret = dump.buf ? dump_bytes_read((const char *)*bytes, *len, &dump) : -ENOMEM;
	if (ret == -ENOSPC)
		snprintf(why, size, "the lines that * stands for do not fit");
	else if (ret == -EINVAL)
		snprintf(why, size, "%s", dump.why);
	free(*bytes);
	*bytes = dump.buf;
	*len = dump.len;
	*unsure = dump.unsure;

	return ret == -ENOSPC ? -EINVAL : ret;
}

int decode_buffer_file(struct decode *d, const struct ffa_descriptor *type, const char *file,
		       bool words, char *why, size_t size)
{
	uint8_t *bytes = NULL;
	bool unsure;
	size_t len;
	int ret = decode_buffer_load(file, words, &bytes, &len, &unsure, why, size);

	if (!ret)
		decode_buffer_put(d, type, bytes, len, unsure);
	free(bytes);

	return ret;
}
