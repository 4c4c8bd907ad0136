#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# lint.sh MANDOC PAGE: mandoc's lint, matters of style among it, finds nothing; but which of the pages that are referred
# to are installed depends on the machine.
said=$("$1" -T lint "$2" 2>/dev/null | grep -v 'STYLE: referenced manual not found')
[ -z "$said" ] || {
	printf '%s\n' "$said"
	exit 1
}
