# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the VM tests share. FFALAB is the path of ffalab; `ffalab test vm' sets it.
set -euo pipefail

: "${FFALAB:?is the path of ffalab; run this test through \`ffalab test vm\'}"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
FAILED=0

# check DESCRIPTION COMMAND...: one line, and a failure is remembered.
check() {
	local what=$1
	shift
	if "$@"; then
		printf 'ok      %s\n' "$what"
	else
		printf 'FAILED  %s\n' "$what"
		FAILED=1
	fi
}

# equals DESCRIPTION EXPECTED GOT
equals() {
	if [[ $2 == "$3" ]]; then
		printf 'ok      %s\n' "$1"
	else
		printf 'FAILED  %s: expected <%s>, got <%s>\n' "$1" "$2" "$3"
		FAILED=1
	fi
}

finish() { exit "$FAILED"; }
