# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the analysers' scripts share. `ffalab test lint' runs them with these set:
#   BUILD   a native build of the project
#   SCRATCH a folder that stays, for build trees of their own
#   JOBS    how many things to do at a time
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

: "${BUILD:?is the native build; run this through \`ffalab test lint\'}"
: "${SCRATCH:?is where build trees go; run this through \`ffalab test lint\'}"
JOBS=${JOBS:-$(nproc)}

# need PROGRAM: a machine without it skips the test, and says so.
need() {
	command -v "$1" >/dev/null || {
		echo "no $1 on this machine"
		exit 77
	}
}

# own_build NAME TARGET OPTION...: a build tree with options of its own in $SCRATCH/NAME, its target (all) up to date.
own_build() {
	local dir=$SCRATCH/$1 log=$SCRATCH/$1.log target=$2
	shift 2
	if [[ ! -f $dir/build.ninja || "$(cat "$dir.options" 2>/dev/null)" != "$*" ]]; then
		rm -rf "$dir"
		meson setup "$dir" . "$@" >"$log" 2>&1 || {
			cat "$log"
			return 1
		}
		printf '%s' "$*" >"$dir.options"
	fi
	ninja -C "$dir" -j"$JOBS" "$target" >"$log" 2>&1 || {
		grep -v '^\[' "$log" || cat "$log"
		return 1
	}
}

# sources PATTERN...: files of the project, as git knows them.
sources() { git ls-files -- "$@"; }
