# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Shared by the VM tests. FFALAB is the path of ffalab; `ffalab test vm' sets it.
set -euo pipefail

: "${FFALAB:?set this to the path of ffalab, or run this test through \`ffalab test vm\'}"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
FAILED=0

# check DESCRIPTION COMMAND...: prints one line and records a failure.
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

# few_unknown DESCRIPTION CALLS UNKNOWN: of calls that are made one by one (bounds.py).
few_unknown() {
	local most
	most=$(python3 "${BASH_SOURCE[0]%/*}/bounds.py" "$2" 0.001)
	check "$1 ($3 of $2, $most permitted)" test "$3" -le "$most"
}

finish() { exit "$FAILED"; }
