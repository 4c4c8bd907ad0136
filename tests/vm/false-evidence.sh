#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernels whose trace or registers say something false (lab/evidence): random calls compared with the EL3 log. The tool
# answers unknown or names the witness that it does not use; it is never wrong. Each folder's `expect' says what must be
# seen. A sample of kernels with few calls; FFALAB_LONG=yes takes all of them and 5,000 calls of each. FALSE_EVIDENCE names
# the kernels to take.
. "${BASH_SOURCE[0]%/*}/lib.sh"

HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
FOLDER=${HERE%/tests/vm}/lab/evidence
names=${FALSE_EVIDENCE:-pair-lost-sometimes}
calls=${CALLS:-400}
if [[ -n ${FFALAB_LONG:-} ]]; then
	names=${FALSE_EVIDENCE:-$(cd "$FOLDER" && printf '%s\n' */expect | sed 's,/expect,,')}
	calls=${CALLS:-5000}
fi

# expected NAME WORD: the rest of the lines of its `expect' that begin with WORD.
expected() { sed -n "s/^$2 //p" "$FOLDER/$1/expect"; }

for name in $names; do
	begin=$SECONDS
	"$FFALAB" build "$FOLDER/$name" >"$WORK/build" 2>&1 || { cat "$WORK/build"; check "$name: builds" false; continue; }
	check "$name: 0 wrong" env KERNEL="$FOLDER/$name" CALLS="$calls" TIMEOUT=900 PLUGIN=yes TRACE="$(expected "$name" trace)" \
		REASON="$(expected "$name" unknown)" SAYS="$(expected "$name" says)" "$HERE/witness.sh"
	echo "        $((SECONDS - begin)) s"
done
finish
