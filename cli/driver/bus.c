// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver/bus.h"

/* The first word of a device's attribute, at most 39 characters; "" where it cannot be read. */
static void read_word(const char *device, const char *attribute, char word[40])
{
	char path[512];
	FILE *f;

	word[0] = '\0';
	snprintf(path, sizeof(path), DRIVER_BUS_DEVICES "/%s/%s", device, attribute);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fscanf(f, "%39s", word) != 1)
		word[0] = '\0';
	fclose(f);
}

size_t driver_bus_devices(struct driver_device *list, size_t max)
{
	struct dirent **entries;
	int nr_entries = scandir(DRIVER_BUS_DEVICES, &entries, NULL, alphasort);
	size_t n = 0;

	for (int i = 0; i < nr_entries; i++) {
		const char *name = entries[i]->d_name;
		char id[40];

		if (name[0] != '.' && n < max) {
			struct driver_device *device = &list[n++];

			snprintf(device->name, sizeof(device->name), "%.23s", name);
			read_word(name, "uuid", device->uuid);
			read_word(name, "partition_id", id);
			device->id = (uint16_t)strtoul(id, NULL, 16);
		}
		free(entries[i]);
	}
	if (nr_entries >= 0)
		free(entries);
	return n;
}
