#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Finds the address of Debian's archive in both formats of apt's sources.
# Usage: archive.sh FOLDER-OF-THE-LAB
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
# shellcheck source=/dev/null
. "$1/lib/fetch.sh"

# expect ADDRESS FILE: reads the file's text from stdin.
expect() {
	local got
	rm -rf "$work/apt"
	mkdir -p "$work/apt/sources.list.d"
	cat >"$work/apt/$2"
	got=$(apt_archive "$work/apt")
	[[ $got == "$1" ]] && return
	printf 'FAILED  %s: expected <%s>, got <%s>\n' "$2" "$1" "$got"
	failed=1
}

expect '' sources.list </dev/null
expect http://mirror.example/debian sources.list <<'EOF'
# deb http://commented.example/debian bookworm main
deb cdrom:[Debian]/ bookworm main
deb http://security.example/debian-security bookworm-security main
deb http://mirror.example/debian/ bookworm main contrib
EOF
expect https://mirror.example/debian sources.list.d/own.list <<'EOF'
deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://mirror.example/debian trixie main
EOF
expect http://mirror.example/debian sources.list.d/debian.sources <<'EOF'
Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
# a comment
URIs: http://mirror.example/debian/
Suites: bookworm bookworm-updates
Components: main non-free-firmware
EOF
expect '' sources.list.d/other.sources <<'EOF'
Types: deb
URIs: https://other.example/node
Suites: nodistro
Components: main
EOF
exit "$failed"
