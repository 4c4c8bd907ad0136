# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Messages, cache folders, locks, stamps, and long steps with progress and a log.

# Exit statuses of ffalab itself; `run' returns the command's own.
readonly EXIT_USAGE=2 EXIT_FAILED=123 EXIT_TIMEOUT=124 EXIT_GUEST=125

say() { printf 'ffalab: %s\n' "$*" >&2; }

# die STATUS MESSAGE...: prints each message as a line on stderr and exits.
die() {
	local status=$1
	shift
	printf 'ffalab: %s\n' "$1" >&2
	shift
	(($# == 0)) || printf '        %s\n' "$@" >&2
	exit "$status"
}

usage_error() { die "$EXIT_USAGE" "$1" "Try '${0##*/} --help'."; }

cache_init() {
	CACHE=${FFALAB_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/ffalab}
	mkdir -p "$CACHE"/{apt,dl,src,trees,kernels,firmware,build,ccache,logs,run,locks} ||
		die "$EXIT_FAILED" "cannot write to the cache folder $CACHE" \
			"Set FFALAB_CACHE to a writable folder."
	CACHE=$(cd "$CACHE" && pwd -P)
	case $CACHE in
	*[[:space:]:,]*)
		die "$EXIT_FAILED" "the cache folder's path contains a blank, a colon or a comma: $CACHE" \
			"make and QEMU do not support that. Set FFALAB_CACHE to another folder."
		;;
	esac
	JOBS=${FFALAB_JOBS:-$(nproc)}
}

# hash_of FILE|FOLDER...: one SHA-256 over names and contents, independent of the machine.
hash_of() {
	local path
	for path; do
		if [[ -d $path ]]; then
			(cd "$path" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
		else
			sha256sum <"$path"
		fi
	done | sha256sum | cut -c1-64
}

hash_text() { printf '%s' "$*" | sha256sum | cut -c1-64; }

stamp_is() { [[ -f $1 && $(<"$1") == "$2" ]]; }

# stamp_write FILE KEY: written last and atomically, so that a stamp never describes an incomplete build.
stamp_write() {
	printf '%s\n' "$2" >"$1.new.$$"
	mv "$1.new.$$" "$1"
}

# with_lock NAME COMMAND...: runs the command under a lock of the cache. Prints a message if it has to wait for another run.
with_lock() {
	local name=$1 fd
	shift
	exec {fd}>"$CACHE/locks/$name"
	if ! flock -w 2 "$fd"; then
		say "waiting for another ffalab (lock ${name})"
		# In the background, so that signals are handled while waiting. The lock belongs to our open file.
		flock "$fd" &
		wait $!
	fi
	"$@"
	exec {fd}>&-
}

step_pid=''
# The process groups of tests that run side by side; the values are the tests' names.
declare -A side_by_side=()

# Ends the running step, the running tests and everything that they started.
step_stop() {
	local pid
	for pid in $step_pid "${!side_by_side[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null || true
	done
	for pid in $step_pid "${!side_by_side[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	step_pid=''
	side_by_side=()
}

# in_group COMMAND...: runs it in a process group of its own, so that it can be ended as a whole and a signal reaches it only
# through ffalab. Returns its status.
in_group() {
	local status=0
	set -m
	"$@" </dev/null &
	step_pid=$!
	set +m
	wait "$step_pid" || status=$?
	step_pid=''
	return "$status"
}

# step LABEL LOG COMMAND...: runs a long command with its output in logs/LOG.log and shows progress. On failure, prints the
# tail and the path of the log and exits.
step() {
	local label=$1 log=$CACHE/logs/$2.log begin=$SECONDS status=0 line
	shift 2
	if [[ ! -t 2 ]]; then
		say "$label ..."
	fi
	# Its own process group, so that it can be ended as a whole and Ctrl-C reaches it only through ffalab.
	set -m
	(
		set -e
		trap - EXIT INT TERM HUP
		"$@"
	) </dev/null >"$log" 2>&1 &
	step_pid=$!
	set +m
	if [[ -t 2 ]]; then
		while kill -0 "$step_pid" 2>/dev/null; do
			line=$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | grep -a . | tail -n 1 | tr -cd '[:print:]') || true
			printf '\r\033[K%s %4ds  %.*s' "ffalab: $label" $((SECONDS - begin)) \
				"$((${COLUMNS:-80} - ${#label} - 20 > 0 ? ${COLUMNS:-80} - ${#label} - 20 : 0))" "$line" >&2
			sleep 0.5
		done
		printf '\r\033[K' >&2
	fi
	wait "$step_pid" || status=$?
	step_pid=''
	if ((status != 0)); then
		say "$label: failed with status $status after $((SECONDS - begin)) s. The end of its log:"
		tail -n 20 "$log" | sed 's/^/        /' >&2
		die "$EXIT_FAILED" "$label failed; whole log: $log"
	fi
	say "$label: done in $((SECONDS - begin)) s"
}
