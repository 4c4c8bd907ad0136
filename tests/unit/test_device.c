// SPDX-License-Identifier: GPL-2.0-only
/* Messages about a missing or wrong device. The test replaces open() and ioctl(). */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "device/device.h"

static struct {
	int open_errno, ioctl_errno;
	uint32_t abi_version, features;
	unsigned int driver_requests, limit_us;
	uint32_t flags, tx_len;
	struct ffascope_registers reply;
} fake;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

/* Other files are those of gcov, which writes its counts when the test ends. */
int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	if (strcmp(path, DEVICE_PATH)) {
		va_start(args, flags);
		mode = va_arg(args, int);
		va_end(args);
		return __real_open(path, flags, mode);
	}
	errno = fake.open_errno;
	return fake.open_errno ? -1 : 1000;
}

/* The name of open() with 64-bit file offsets, which Meson enables. */
int __wrap_open64(const char *path, int flags, ...)
{
	return __wrap_open(path, flags);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	assert_int_equal(fd, 1000);

	if (request == FFASCOPE_INFO) {
		struct ffascope_info *info = arg;

		assert_int_equal(info->size, sizeof(*info));
		info->abi_version = fake.abi_version;
		info->max_calls = 77;
		info->features = fake.features;
	} else if (request == FFASCOPE_DRIVER) {
		struct ffascope_driver *req = arg;

		assert_int_equal(req->size, sizeof(*req));
		fake.driver_requests++;
	} else if (request == FFASCOPE_PAGES) {
		struct ffascope_pages *req = arg;

		assert_int_equal(req->size, sizeof(*req));
		fake.flags = req->flags;
		req->page_size = 4096;
	} else {
		struct ffascope_registers *req = arg;

		assert_int_equal(request, FFASCOPE_REGISTERS);
		assert_int_equal(req->size, sizeof(*req));
		fake.flags = req->flags;
		fake.tx_len = req->tx_len;
		fake.limit_us = req->limit_us;
		req->done = fake.reply.done;
		req->bad = fake.reply.bad;
	}

	errno = fake.ioctl_errno;
	return fake.ioctl_errno ? -1 : 0;
}

static void refused(int ret, const char *words, const char *more)
{
	struct error err;
	struct device *dev;

	assert_int_equal(device_open(&dev, NULL, &err), ret);
	assert_non_null(strstr(err.text, words));
	assert_non_null(strstr(err.text, more));
}

static void a_module_of_another_abi_is_named_with_both_versions(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.abi_version = FFASCOPE_ABI_VERSION + 1;
	refused(-EPROTO, "has ABI version 2", "needs 1");
}

static void a_device_that_does_not_know_the_request_is_no_module_of_ours(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.ioctl_errno = ENOTTY;
	refused(-EPROTO, "does not respond like the ffascope module",
		"Load the module of this version");
}

static void no_module_no_rights_and_lockdown_are_told_apart(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.open_errno = ENOENT;
	refused(-ENOENT, "the module is not loaded", "modprobe ffascope");
	fake.open_errno = EPERM;
	refused(-EPERM, "Operation not permitted", geteuid() ? "Run as root" : "locked down");
	fake.open_errno = 0;
	fake.ioctl_errno = EPERM;
	refused(-EPERM, "Operation not permitted", geteuid() ? "Run as root" : "locked down");
}

static struct device *open_good(void)
{
	struct error err;
	struct device *dev;

	memset(&fake, 0, sizeof(fake));
	fake.abi_version = FFASCOPE_ABI_VERSION;
	assert_int_equal(device_open(&dev, NULL, &err), 0);
	assert_int_equal(device_info(dev)->max_calls, 77);
	return dev;
}

static void calls(struct device *dev, int ret, const char *words)
{
	struct ffascope_call call = { 0 };
	unsigned int done;
	struct error err = { "" };
	int bad;

	assert_int_equal(device_call(dev, &call, 1, -1, 0, &done, &bad, &err), ret);
	if (ret)
		assert_non_null(strstr(err.text, words));
}

static void a_buffer_is_sent_with_the_calls_until_it_is_taken_away(void **state)
{
	static const struct {
		int error, ret;
		const char *words;
	} errors[] = {
		{ ENODEV, -ENODEV, "arm_ffa has no device" },
		{ ENOENT, -ENOTSUP, "CONFIG_KALLSYMS_ALL" },
		{ EPROTO, -ENOTSUP, "in a way that the module does not know" },
		{ EMSGSIZE, -EMSGSIZE, "do not fit" },
		{ EACCES, -EACCES, "unsafe=1" },
	};
	struct device *dev = open_good();
	uint8_t tx[5];

	(void)state;
	device_set_tx(dev, tx, sizeof(tx));
	calls(dev, -EPROTO, "it is older than this ffascope");
	device_close(dev);

	dev = open_good();
	fake.features = FFASCOPE_FEATURE_MEMORY;
	device_close(dev);
	fake.abi_version = FFASCOPE_ABI_VERSION;
	assert_int_equal(device_open(&dev, NULL, &(struct error){ "" }), 0);
	calls(dev, 0, "");
	assert_int_equal(fake.flags, 0);
	device_set_tx(dev, tx, sizeof(tx));
	calls(dev, 0, "");
	assert_int_equal(fake.flags, FFASCOPE_REGISTERS_BUFFERS);
	assert_int_equal(fake.tx_len, 5);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake.ioctl_errno = errors[i].error;
		calls(dev, errors[i].ret, errors[i].words);
	}
	fake.ioctl_errno = 0;
	device_set_tx(dev, NULL, 0);
	calls(dev, 0, "");
	assert_int_equal(fake.flags, 0);
	device_close(dev);
}

static void pages_are_asked_for_and_refusals_explained(void **state)
{
	struct device *dev = open_good();
	uint64_t addresses[2];
	struct error err;
	uint32_t size = 0;

	(void)state;
	assert_int_equal(device_pages(dev, addresses, 2, false, false, &size, &err), -EPROTO);
	device_close(dev);

	fake.features = FFASCOPE_FEATURE_MEMORY;
	assert_int_equal(device_open(&dev, NULL, &err), 0);
	assert_int_equal(device_pages(dev, addresses, 2, true, true, &size, &err), 0);
	assert_int_equal(size, 4096);
	assert_int_equal(fake.flags, FFASCOPE_PAGES_CONTIGUOUS | FFASCOPE_PAGES_KEEP);
	fake.ioctl_errno = EACCES;
	assert_int_equal(device_pages(dev, addresses, 2, false, false, &size, &err), -EACCES);
	assert_non_null(strstr(err.text, "unsafe=1"));
	fake.ioctl_errno = ENOSPC;
	assert_int_equal(device_pages(dev, addresses, 2, false, false, &size, &err), -ENOSPC);
	fake.ioctl_errno = ENOMEM;
	assert_int_equal(device_pages(dev, addresses, 2, true, false, &size, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "2 pages in a row"));
	device_close(dev);
}

static void an_older_module_is_not_asked_for_what_it_does_not_have(void **state)
{
	struct ffascope_driver req = { .op = FFASCOPE_DRIVER_QUERY };
	struct device *dev = open_good();
	struct error err;

	(void)state;
	assert_int_equal(device_driver(dev, &req, &err), -EPROTO);
	assert_non_null(strstr(err.text, "older than this ffascope"));
	assert_non_null(strstr(err.text, "modprobe ffascope"));
	assert_int_equal(fake.driver_requests, 0);
	device_close(dev);
}

static void refusals_of_arm_ffa_operations_name_the_mend(void **state)
{
	static const struct {
		int error, ret;
		const char *words;
	} refusals[] = {
		{ 0, 0, "" },
		{ EINTR, -EINTR, "" },
		{ ENODEV, -ENODEV, "/sys/bus/arm_ffa/devices" },
		{ EBUSY, -EBUSY, "choose another --id" },
		{ ENOENT, -ENOENT, "was not requested" },
		{ EACCES, -EACCES, "unsafe=1" },
		{ EOPNOTSUPP, -ENOTSUP, "no such operation" },
		{ EXDEV, -EXDEV, "CPU -1 went offline" },
	};
	struct ffascope_driver req = { .op = FFASCOPE_DRIVER_REQUEST, .cpu = -1 };
	struct error err = { "" };
	struct device *dev;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.abi_version = FFASCOPE_ABI_VERSION;
	fake.features = FFASCOPE_FEATURE_DRIVER;
	assert_int_equal(device_open(&dev, NULL, &err), 0);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		fake.ioctl_errno = refusals[i].error;
		assert_int_equal(device_driver(dev, &req, &err), refusals[i].ret);
		assert_non_null(strstr(err.text, refusals[i].words));
	}
	device_close(dev);
}

static void what_was_made_is_told_whatever_ended_the_batch(void **state)
{
	static const int errors[] = { 0, EINTR, EXDEV, EFAULT, ENOMEM };
	struct ffascope_call calls[4] = { { .flags = 0 } };
	struct device *dev = open_good();
	struct error err;
	unsigned int done;
	int bad;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake.ioctl_errno = errors[i];
		fake.reply.done = 3;
		fake.reply.bad = UINT32_MAX;
		assert_int_equal(device_call(dev, calls, 4, 0, 0, &done, &bad, &err), -errors[i]);
		assert_int_equal(done, 3);
		assert_int_equal(bad, -1);
	}
	device_close(dev);
}

static void a_limit_is_given_to_a_module_that_knows_it(void **state)
{
	struct ffascope_call calls[4] = { { .flags = 0 } };
	struct device *dev = open_good();
	struct error err;
	unsigned int done;
	int bad;

	(void)state;
	fake.reply.bad = UINT32_MAX;
	device_call_within(dev, 5000, calls, 4, 0, 0, &done, &bad, &err);
	assert_int_equal(fake.limit_us, 0);
	device_close(dev);

	fake.features = FFASCOPE_FEATURE_LIMIT;
	assert_int_equal(device_open(&dev, NULL, &err), 0);
	device_call_within(dev, 5000, calls, 4, 0, 0, &done, &bad, &err);
	assert_int_equal(fake.limit_us, 5000);
	device_call(dev, calls, 4, 0, 0, &done, &bad, &err);
	assert_int_equal(fake.limit_us, 0);
	device_close(dev);
}

static void a_call_that_the_module_refuses_is_pointed_at(void **state)
{
	struct ffascope_call calls[4] = { { .flags = 0 } };
	struct device *dev = open_good();
	struct error err;
	unsigned int done;
	int bad;

	(void)state;
	fake.reply.bad = 2;
	fake.ioctl_errno = EACCES;
	assert_int_equal(device_call(dev, calls, 4, 0, 0, &done, &bad, &err), -EACCES);
	assert_int_equal(bad, 2);
	assert_non_null(strstr(err.text, "unsafe=1"));
	fake.ioctl_errno = EINVAL;
	assert_int_equal(device_call(dev, calls, 4, 0, 0, &done, &bad, &err), -EINVAL);
	assert_int_equal(bad, 2);
	assert_non_null(strstr(err.text, "0x60 to 0xff"));
	device_close(dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_of_another_abi_is_named_with_both_versions),
		cmocka_unit_test(a_device_that_does_not_know_the_request_is_no_module_of_ours),
		cmocka_unit_test(no_module_no_rights_and_lockdown_are_told_apart),
		cmocka_unit_test(a_buffer_is_sent_with_the_calls_until_it_is_taken_away),
		cmocka_unit_test(pages_are_asked_for_and_refusals_explained),
		cmocka_unit_test(an_older_module_is_not_asked_for_what_it_does_not_have),
		cmocka_unit_test(refusals_of_arm_ffa_operations_name_the_mend),
		cmocka_unit_test(what_was_made_is_told_whatever_ended_the_batch),
		cmocka_unit_test(a_limit_is_given_to_a_module_that_knows_it),
		cmocka_unit_test(a_call_that_the_module_refuses_is_pointed_at),
	};

	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
