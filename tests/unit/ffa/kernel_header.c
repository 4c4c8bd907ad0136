// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the catalogue with include/linux/arm_ffa.h of a kernel source: every identifier and status
 * code that the header defines. FFASCOPE_KERNEL_SOURCE names the tree; the test is skipped without it.
 */
#include <errno.h>

#include "ffa/answer.h"
#include "ffa/catalogue.h"
#include "unit.h"

/* With fewer than this, the header's format has changed and nothing was compared. */
#define MIN_IDENTIFIERS 50
#define MIN_CODES	10

static unsigned int wrong;

static void compare_identifier(const char *macro, unsigned int width, unsigned int number)
{
	uint32_t fid = (width == 64 ? UINT32_C(0xc4000000) : UINT32_C(0x84000000)) | number;
	const struct ffa_call *call = ffa_call_by_fid(fid);
	char name[80];

	/* FFA_FN64_X is the SMC64 form of a call that has both. */
	if (!strncmp(macro, "FFA_FN64_", 9))
		snprintf(name, sizeof(name), "FFA_%.60s_64", macro + 9);
	else
		snprintf(name, sizeof(name), "%.70s", macro);
	if (!call || strcmp(call->name, name)) {
		printf("%s is 0x%08x in the header; the catalogue has %s there\n", macro, fid,
		       call ? call->name : "nothing");
		wrong++;
	}
}

static void compare_code(const char *macro, int code)
{
	const char *name = ffa_status_name(code);

	if (!name || strcmp(name, macro + strlen("FFA_RET_"))) {
		printf("%s is %d in the header; the catalogue has %s there\n", macro, code,
		       name ? name : "nothing");
		wrong++;
	}
}

int main(void)
{
	const char *tree = getenv("FFASCOPE_KERNEL_SOURCE");
	unsigned int identifiers = 0, codes = 0;
	char path[4096], line[512];
	FILE *header;

	if (!tree || !*tree) {
		printf("FFASCOPE_KERNEL_SOURCE is not set\n");
		return 77;
	}
	snprintf(path, sizeof(path), "%s/include/linux/arm_ffa.h", tree);
	header = fopen(path, "r");
	if (!header) {
		printf("%s: %s\n", path, strerror(errno));
		return 1;
	}
	while (fgets(line, sizeof(line), header)) {
		char macro[80];
		unsigned int width, number;
		int code;

		if (sscanf(line, "#define %79[A-Z0-9_] FFA_SMC_%u(%x)", macro, &width, &number) ==
		    3) {
			identifiers++;
			compare_identifier(macro, width, number);
		} else if (sscanf(line, "#define %79[A-Z_] (%d)", macro, &code) == 2 &&
			   !strncmp(macro, "FFA_RET_", 8)) {
			codes++;
			compare_code(macro, code);
		}
	}
	fclose(header);
	printf("%u identifiers, %u status codes, %u wrong\n", identifiers, codes, wrong);

	return wrong || identifiers < MIN_IDENTIFIERS || codes < MIN_CODES;
}
