# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Shared by the analysers' scripts. `ffalab test lint' sets:
#   BUILD   a native build of the project
#   SCRATCH a persistent folder for their build trees
#   JOBS    number of parallel jobs
#   TIDY_CACHE  a folder for tidy.sh; without it clang-tidy examines all files
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

: "${BUILD:?set this to the native build, or run this through \`ffalab test lint\'}"
: "${SCRATCH:?set this to a folder for build trees, or run this through \`ffalab test lint\'}"
JOBS=${JOBS:-$(nproc)}

# need PROGRAM: skips the test with a message if the program is missing.
need() {
	command -v "$1" >/dev/null || {
		echo "no $1 on this machine"
		exit 77
	}
}

# own_build NAME TARGET OPTION...: builds the target with its own options in $SCRATCH/NAME.
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

# sources PATTERN...: lists the project's files that git tracks.
sources() { git ls-files -- "$@"; }
