// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes one FF-A call through /dev/ffascope, see ffascope(4): FFA_ID_GET, which returns the caller's
 * endpoint ID in w2.  cc -o id-get id-get.c && sudo ./id-get
 */
#include <fcntl.h>
#include <ffascope.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(void)
{
	struct ffascope_info info = { .size = sizeof(info) };
	struct ffascope_call call = { .in = { 0x84000069 } };
	struct ffascope_registers request = {
		.size = sizeof(request),
		.calls = (uintptr_t)&call,
		.count = 1,
		.cpu = -1, /* any CPU */
	};
	int fd = open("/dev/ffascope", O_RDWR);

	if (fd < 0 || ioctl(fd, FFASCOPE_INFO, &info)) {
		perror("/dev/ffascope");
		return 1;
	}
	if (info.abi_version != FFASCOPE_ABI_VERSION) {
		fprintf(stderr, "unsupported ABI version of the module: %u\n", info.abi_version);
		return 1;
	}
	if (ioctl(fd, FFASCOPE_REGISTERS, &request)) {
		perror("FFASCOPE_REGISTERS");
		return 1;
	}
	for (int i = 0; i < 4; i++)
		printf("x%d 0x%llx\n", i, (unsigned long long)call.out[i]);
	printf("on CPU %u, in %llu ns\n", call.cpu, (unsigned long long)(call.end_ns - call.begin_ns));
	return 0;
}
