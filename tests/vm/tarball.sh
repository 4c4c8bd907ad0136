#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The tarball for machines without packages: everything in it runs on a root that has only busybox, with a module that
# kmod/build.sh built for a kernel tree of another architecture. The C example makes the same call as the program.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "$0")/../.." && pwd)
cache=${FFALAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ffalab}
"$FFALAB" build stock 2>"$WORK/log" || { cat "$WORK/log" && exit 1; }
"$FFALAB" tarball --kernel-build "$cache/trees/stock" --output "$WORK/tarball.tar.gz" 2>"$WORK/log" ||
	{ cat "$WORK/log" && exit 1; }
aarch64-linux-gnu-gcc -static -Wall -Werror -I "$root/kmod" -o "$WORK/id-get" "$root/examples/uapi/id-get.c"

cat >"$WORK/inside" <<'EOF2'
set -e
[ ! -e /usr/bin/ffascope ] && [ ! -e /dev/ffascope ]
mkdir /tmp/somewhere
tar -xzf /share/tarball.tar.gz -C /tmp/somewhere
cd /tmp/somewhere/ffascope-*
insmod ./ffascope.ko
ls -l /dev/ffascope >/share/device
./ffascope --json call id-get >/share/forwarded
./ffascope --json call notification-bitmap-create vm-id=0 vcpu-count=4 >/share/rejected
./ffascope run --check examples/smoke/*.ffa
/share/id-get >/share/example
cp man/ffascope.4.txt /share/page
rmmod ffascope
EOF2
status=0
"$FFALAB" run --bare --share "$WORK" --timeout 120 -- sh /share/inside >"$WORK/out" 2>"$WORK/err" || status=$?
equals 'everything runs with busybox only' 0 "$status"
((status == 0)) || cat "$WORK/out" "$WORK/err"

# get FILE KEY: prints a value of the call's object.
get() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$WORK/$1" "$2"; }
check 'only root can access the device' grep -q '^crw------- .* root ' "$WORK/device"
equals 'ID_GET is forwarded' forwarded "$(get forwarded verdict)"
equals 'BITMAP_CREATE is rejected' rejected "$(get rejected verdict)"
answer=$(python3 -c 'import json, sys
for i, x in enumerate(json.load(open(sys.argv[1]))["out"][:4]): print(f"x{i} {x}")' "$WORK/forwarded")
equals 'the example got the same answer' "$answer" "$(head -n 4 "$WORK/example")"
check 'the pages are plain text' test "$(tr -d '[:print:]\n\t' <"$WORK/page" | wc -c)" -eq 0
check "the device's page is included" grep -q 'FFASCOPE_REGISTERS' "$WORK/page"
finish
