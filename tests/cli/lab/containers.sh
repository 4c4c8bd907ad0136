#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Where the lab cannot run, ffalab prints the README's container lines; on arm64 it wants no cross compiler.
# Usage: containers.sh FFALAB README
set -uo pipefail

ffalab=$1
readme=$2
lab=$(dirname "$(readlink -f "$ffalab")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	printf 'FAILED  %s\n' "$*"
	failed=1
}

mapfile -t lines < <(bash -c '. "$1/lib/host.sh" && host_containers' sh "$lab")
((${#lines[@]} == 2)) || fail "${#lines[@]} lines instead of one for podman and one for docker"
for line in "${lines[@]}"; do
	grep -qxF -- "$line" "$readme" || fail "the README has no line: $line"
	[[ $line == *" -f lab/Containerfile lab "* ]] || fail "the line does not build lab/Containerfile: $line"
done
[[ -f $lab/Containerfile ]] || fail 'there is no lab/Containerfile'

# A machine without apt-get.
mkdir "$work/bin"
cp -s /usr/bin/* "$work/bin/" 2>/dev/null
rm "$work/bin/apt-get"
status=0
PATH=$work/bin FFALAB_CACHE=$work/cache "$ffalab" build stock >"$work/out" 2>"$work/err" </dev/null || status=$?
((status == 123)) || fail "exit status $status instead of 123 without apt-get"
for line in "${lines[@]}"; do
	grep -qxF -- "        $line" "$work/err" || fail "without apt-get ffalab does not say: $line"
done

# An arm64 machine.
rm "$work/bin/uname"
printf '#!/bin/sh\necho aarch64\n' >"$work/bin/uname"
chmod +x "$work/bin/uname"
packages=$(PATH=$work/bin bash -c '. "$1/lib/host.sh" && host_packages_all' sh "$lab")
[[ $packages == *qemu-system-arm* && $packages == *libc6-dev* ]] || fail 'an arm64 machine gets too little'
[[ $packages != *aarch64-linux-gnu* && $packages != *cross* ]] || fail 'an arm64 machine gets a cross compiler'
exit "$failed"
