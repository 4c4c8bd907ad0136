#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ffalab's messages about wrong arguments, given before it builds or boots anything; and help and manual agree.
# Usage: arguments.sh FFALAB MANUAL
set -uo pipefail

ffalab=$1
manual=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FFALAB_CACHE=$work/cache
failed=0

fail() {
	printf 'FAILED  %s\n' "$*"
	failed=1
}

# refused MESSAGE ARGUMENT...: expects exit status 2, the message on stderr, nothing on stdout, and no cache folder.
refused() {
	local message=$1 status=0
	shift
	"$ffalab" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	((status == 2)) || fail "ffalab $*: exit status $status instead of 2"
	grep -qF -- "$message" "$work/err" || fail "ffalab $*: no '$message' in: $(<"$work/err")"
	[[ ! -s $work/out ]] || fail "ffalab $*: wrote to stdout: $(<"$work/out")"
	[[ ! -e $FFALAB_CACHE ]] || fail "ffalab $*: created a cache"
}

refused 'which verb?'
refused "unknown verb 'boot'; verbs: run shell coverage review build" boot
refused "'run' needs a command" run
refused "'run' needs a command" run --smp 2 --
refused 'unknown option --cpus' run --cpus 3 -- true
refused '--kernel needs a value' run --kernel
refused "no kernel named 'none'" run --kernel none -- true
refused 'There are:' run --kernel none -- true
refused 'no kernel named' run --kernel '' -- true
refused 'no kernel folder ./none' run --kernel ./none -- true
refused 'exclude each other' run --kernel forward --kernel-source . -- true
refused 'is not a tree of Linux sources' run --kernel-source "$work" -- true
refused 'no folder' run --kernel-source "$work/none" -- true
refused "--smp must be a number from 1 to 4, not '5'" run --smp 5 -- true
refused "--smp must be a number from 1 to 4, not '0'" run --smp=0 -- true
refused "--timeout must be a number of seconds, not 'soon'" run --timeout soon -- true
refused "--timeout must be a number of seconds, not '0'" run --timeout 0 -- true
refused "--firmware must be debug or quiet, not 'loud'" run --firmware loud -- true
refused '--el3-log needs --firmware debug' run --firmware quiet --el3-log "$work/log" -- true
refused 'cannot read' run --secure-input "$work/none/input" -- true
refused 'cannot write' run --el3-log "$work/none/log" -- true
refused 'cannot write' run --secure-log "$work/none/log" -- true
refused "--secure-world needs optee, spmc or spmc-1.1, not 'hafnium'" run --secure-world hafnium -- true
refused 'exclude each other' run --secure-log "$work/log" --secure-input "$manual" -- true
refused '--module: no Kbuild' run --module "$work" -- true
refused '--share: no such folder' run --share "$work/none" -- true
refused "are for 'run'" shell --timeout 5
refused "'coverage' needs a command" coverage
refused "--lcov is for 'coverage'" run --lcov "$work/file" -- true
refused "--boot is for 'coverage'" run --boot -- true
refused '--add: cannot read' coverage --add "$work/none" -- true
refused '--lcov: cannot write' coverage --lcov "$work/none/file" -- true
refused '--source needs a value' coverage --source
refused "no kernel named 'none'" coverage --kernel none -- true
refused "'review' needs a series" review
refused "'review' takes one series" review a b
refused 'a range of commits needs --kernel-source' review HEAD~2..HEAD
refused 'is not a tree of Linux sources' review --kernel-source "$work" HEAD~2..HEAD
refused '--script: cannot read' review --script "$work/none" "$work"
refused "--fuzz must be a number of seconds, not 'soon'" review --fuzz soon "$work"
refused '--mail: cannot write' review --mail "$work/none/file" "$work"
refused 'unknown option --fast' review --fast
refused "'shell' takes no command" shell true
refused 'needs a terminal' shell
refused "no kernel named 'none'" build none
refused 'unknown option --fast' build --fast
refused "'kernels' takes no arguments" kernels stock
refused "'demo' takes only --quick" demo now
refused "'demo' takes only --quick" demo --quick now
refused "'test kernel' takes only --kernel or --kernel-source" test kernel now
refused "no kernel named 'none'" test kernel --kernel none
refused "unknown tests 'quick'; one of: unit cli lint vm all soak attack" test quick
refused "'test' takes one argument" test unit cli
refused "'package': unknown argument --kernel" package --kernel stock
refused "--suite must be bookworm or trixie, not 'sid'" package --suite sid
refused "--arch must be amd64 or arm64, not 'riscv64'" package --arch=riscv64
refused "is not a writable folder" package --output "$work/none"
refused "'tarball': unknown argument now" tarball now
refused "'lava': unknown option --now" lava --now
refused "'lava' takes one script" lava "$0" "$0"
refused 'is not a file' lava "$work/none.ffa"
refused 'none.yaml is not a file' lava --job "$work/none.yaml"
refused 'is not a writable folder' lava --output "$work/none"
refused "no kernel named 'none'" lava --kernel none
refused '--kernel and --kernel-build exclude each other' tarball --kernel stock --kernel-build "$work"
refused 'is not a kernel build tree' tarball --kernel-build "$work"
refused "no kernel named 'none'" tarball --kernel none
refused 'cannot write' tarball --output "$work/none/file"
refused 'unknown option --slow' bench --slow
refused "'bench' takes no arguments" bench quick
refused '--json needs a value' bench --json
refused 'cannot write' bench --json "$work/none/figures"
refused 'cannot write' bench --svg "$work/none/plot"
refused '--from: no file' bench --from "$work/none"
refused '--quick and --from exclude each other' bench --quick --from "$manual"
refused "no kernel named 'everything'" clean everything

# With an empty cache, `kernels' lists every kernel.
"$ffalab" kernels >"$work/out" || fail "ffalab kernels: exit status $?"
for kernel in stock stock-7.2 forward; do
	grep -q "^$kernel  *not built " "$work/out" || fail "ffalab kernels: no line for $kernel"
done

# clean removes ffalab's files and keeps unrelated ones.
mkdir -p "$FFALAB_CACHE/trees/old" "$FFALAB_CACHE/dl"
touch "$FFALAB_CACHE/mine" "$FFALAB_CACHE/dl/archive"
"$ffalab" clean 2>/dev/null || fail "ffalab clean: exit status $?"
[[ ! -e $FFALAB_CACHE/trees/old ]] || fail 'clean left a build tree'
[[ -e $FFALAB_CACHE/dl/archive ]] || fail 'clean removed a download'
"$ffalab" clean --all 2>/dev/null || fail "ffalab clean --all: exit status $?"
[[ ! -e $FFALAB_CACHE/dl ]] || fail 'clean --all left a download'
[[ -e $FFALAB_CACHE/mine ]] || fail 'clean --all removed a file that is not its own'

# Help and manual page name the same options and verbs.
"$ffalab" --help >"$work/help" || fail "--help: exit status $?"
options=$(grep -oE -- '--[a-z0-9-]+' "$work/help" | sort -u)
written=$({ grep -oE 'Fl -[a-z0-9-]+' "$manual" | sed 's/^Fl /-/' && echo; } | grep . | grep -vx -- '--help' | sort -u)
[[ $options == "$written" ]] || fail "options differ between --help <${options//$'\n'/ }> and manual <${written//$'\n'/ }>"
verbs=$(sed -nE 's/^  ([a-z]+)( .*)?$/\1/p' "$work/help" | sort -u)
written=$(sed -nE 's/^\.It Cm ([a-z]+)$/\1/p' "$manual" | sort -u)
[[ -n $verbs && $verbs == "$written" ]] || fail "verbs differ between --help <$verbs> and manual <$written>"

exit "$failed"
