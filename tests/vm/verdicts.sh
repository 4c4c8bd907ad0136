#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Kernel stock: the verdict for each call, and its wording.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
try() {
	name=$1
	shift
	ffascope --json call --allow-state-change "$@" >/tmp/out 2>/tmp/err
	echo "$name $? $(sed -E 's/.*"verdict":"([a-z]*)","by":(null|"[a-z0-9-]*").*"smcs":([0-9]*|null).*"status":(null|"[A-Z_]*").*/\1 \2 \3 \4/' /tmp/out)" | tr -d '"'
}
for call in bitmap-create bitmap-destroy bind unbind set get info-get; do
	try $call notification-$call
done
try info-get-64 notification-info-get-64
try id-get id-get
try spm-id-get spm-id-get
try version ffa-version version=1.2
try version-too-low ffa-version version=0.9
try features features feature=sri
try regs partition-info-get-regs
try upper-half id-get x0[32]=1
try upper-half-all id-get x0[63:32]=0xffffffff
try beyond 0x84000099
try number 0x84000069
try twice --count 2 id-get
ffascope call --record /share/recording --count 300 --cpu 1 notification-get receiver=0 >/share/live.txt; echo "record $?"
ffascope replay /share/recording >/share/again.txt; echo "replay $?"
ffascope --json call --record /share/one id-get >/share/one.json
ffascope call notification-bitmap-create vm-id=0 vcpu-count=4 w1[31:16]=1
ffascope call --allow-state-change notification-info-get-64
GUEST
"$FFALAB" run --share "$WORK" -- sh /share/guest.sh >"$WORK/out"

is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }

for call in bitmap-create bitmap-destroy bind unbind set get info-get; do
	is "$call" '0 rejected el2 0 NOT_SUPPORTED'
done
is info-get-64 '0 forwarded secure-world 1 NO_DATA'
is id-get '0 forwarded secure-world 1 SUCCESS'
is spm-id-get '0 forwarded secure-world 1 SUCCESS'
is version '0 answered el2 0 null'
is features '0 forwarded secure-world 1 SUCCESS'
is regs '0 rejected el2 0 NOT_SUPPORTED'
is upper-half '0 rejected el2 0 NOT_SUPPORTED'
is upper-half-all '0 rejected el2 0 NOT_SUPPORTED'
is beyond '0 forwarded secure-world 1 NOT_SUPPORTED'
is number '0 forwarded secure-world 1 SUCCESS'
is record 0
is replay 0
equals 'the module refuses a lower version' 3 "$(sed -n 's/^version-too-low \([0-9]*\).*/\1/p' "$WORK/out")"
equals '--count 2 --json gives two objects' 2 "$(grep -c . <(sed -n '/^twice/,/^record/p' "$WORK/out" | grep forwarded))"

check 'replay in the VM gives the same lines' cmp "$WORK/live.txt" "$WORK/again.txt"
if [[ -n ${FFASCOPE:-} ]]; then
	"$FFASCOPE" replay "$WORK/recording" >"$WORK/host.txt"
	check 'replay on the host gives the same lines' cmp "$WORK/live.txt" "$WORK/host.txt"
	"$FFASCOPE" --json replay "$WORK/one" >"$WORK/host.json"
	check 'replay gives the same JSON' cmp "$WORK/one.json" "$WORK/host.json"
fi
grep -A 8 '^FFA_' "$WORK/out"
finish
