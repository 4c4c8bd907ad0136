#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# lint.sh MANDOC PAGE: fails on any finding of mandoc's lint, style included, except a reference to a page that is not
# installed on this machine.
said=$("$1" -T lint "$2" 2>/dev/null | grep -v 'STYLE: referenced manual not found')
[ -z "$said" ] || {
	printf '%s\n' "$said"
	exit 1
}
