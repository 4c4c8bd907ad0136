# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Runs the three tiers of tests and counts their results.

PASSED=0 FAILED=0 SKIPPED=0

# test_result STATUS NAME: prints one result; status 77 means skipped.
test_result() {
	case $1 in
	0)
		PASSED=$((PASSED + 1))
		printf 'ok - %s\n' "$2"
		;;
	77)
		SKIPPED=$((SKIPPED + 1))
		printf 'ok - %s # SKIP\n' "$2"
		;;
	*)
		FAILED=$((FAILED + 1))
		printf 'not ok - %s (status %s)\n' "$2" "$1"
		;;
	esac
}

native_configure() {
	local dir=$1
	shift
	rm -rf "$dir"
	meson setup "$dir" "$ROOT" "$@"
}

# native_build: builds the program and its tests for this machine; returns the folder in REPLY.
native_build() {
	local dir options=()
	dir=$CACHE/build/native-$(checkout_id)
	if [[ -d $CACHE/src/$KERNEL_SOURCE ]]; then
		options+=("-Dkernel-source=$CACHE/src/$KERNEL_SOURCE")
	fi
	if ! stamp_is "$dir.stamp" "${options[*]}" || [[ ! -f $dir/build.ninja ]]; then
		rm -f "$dir.stamp"
		step "Configuring ffascope for this machine" native-configure native_configure "$dir" "${options[@]}"
		stamp_write "$dir.stamp" "${options[*]}"
	fi
	step "Building ffascope for this machine" native-build ninja -C "$dir" -j"$JOBS"
	REPLY=$dir
}

# test_meson SUITE: runs a suite of the native build.
test_meson() {
	local suite=$1 status=0 log result name
	with_lock "native-$(checkout_id)" native_build
	log=$REPLY/meson-logs/ffalab-$suite
	rm -f "$log.json"
	meson test -C "$REPLY" --no-rebuild --suite "$suite" --logbase "ffalab-$suite" \
		--print-errorlogs >"$log.out" 2>&1 </dev/null || status=$?
	if [[ ! -f $log.json ]]; then
		cat "$log.out" >&2
		test_result "$status" "$suite: meson test"
		return
	fi
	while IFS=$'\t' read -r name result; do
		case $result in
		OK | EXPECTEDFAIL) test_result 0 "$name" ;;
		SKIP) test_result 77 "$name" ;;
		*) test_result "$result" "$name" ;;
		esac
	done < <(/usr/bin/python3 -c '
import json, sys
for line in open(sys.argv[1]):
    test = json.loads(line)
    print(sys.argv[2] + "/" + test["name"].rsplit(" / ", 1)[-1], test["result"], sep="\t")' "$log.json" "$suite")
	if ((status != 0)); then
		sed -n '/^Summary of Failures/q; p' "$log.out" | sed 's/^/# /'
		((FAILED > 0)) || test_result "$status" "$suite: meson test"
	fi
}

# Lists the kernels that are built, so that longer tests can avoid waiting for a build.
kernels_built() {
	local name
	for name in $(kernel_names); do
		kernel_select "$name"
		! stamp_is "$CACHE/kernels/$name/stamp" "$(kernel_key)" || printf '%s ' "$name"
	done
}

# test_vm SCRIPT...: runs programs of tests/vm one after another; each boots the VMs it needs.
test_vm() {
	local script name status begin
	export FFALAB=$LAB/ffalab
	# Recordings made in the VM are also replayed on this machine.
	with_lock "native-$(checkout_id)" native_build
	export FFASCOPE=$REPLY/ffascope
	for script; do
		[[ -x $script ]] || continue
		name=vm/$(basename "$script" .sh)
		begin=$SECONDS
		status=0
		# Its own process group, so that ffalab can end its VMs when it gets a signal.
		set -m
		"$script" </dev/null > >(sed -u 's/^/# /') 2>&1 &
		step_pid=$!
		set +m
		wait "$step_pid" || status=$?
		step_pid=''
		test_result "$status" "$name ($((SECONDS - begin)) s)"
	done
}

# Runs the analysers in tests/lint one after another on the native build.
test_lint() {
	local script status begin out
	with_lock "native-$(checkout_id)" native_build
	export BUILD=$REPLY KERNEL_TREE=$CACHE/trees/stock JOBS SCRATCH
	SCRATCH=$CACHE/build/lint-$(checkout_id)
	mkdir -p "$SCRATCH"
	for script in "$ROOT"/tests/lint/*.sh; do
		[[ -x $script ]] || continue
		begin=$SECONDS
		status=0
		out=$SCRATCH/$(basename "$script" .sh).out
		CCACHE_DIR=$CACHE/ccache "$script" </dev/null >"$out" 2>&1 || status=$?
		sed 's/^/# /' "$out"
		test_result "$status" "lint/$(basename "$script" .sh) ($((SECONDS - begin)) s)"
	done
}

verb_test() {
	local tier=${1:-all}
	(($# <= 1)) || usage_error "'test' takes one argument"
	case $tier in
	-h | --help)
		verb_usage
		exit 0
		;;
	unit | cli | lint | vm | all | soak | attack) ;;
	*) usage_error "unknown tests '$tier'; one of: unit cli lint vm all soak attack" ;;
	esac
	if [[ $tier == lint || $tier == all ]]; then
		HOST_MORE='?clang-format|clang-format|the look of the C code
?clang-tidy|clang-tidy|the analysers
?cppcheck|cppcheck|the analysers
?sparse|sparse|the analysers
?gcovr|gcovr|coverage of the native tests'
	fi
	cache_init
	host_ready
	FFALAB_BUILT=$(kernels_built)
	export FFALAB_BUILT
	if [[ $tier == all ]]; then
		# Unpack it first: some tests compare the catalogue with the kernel source.
		kernel_pristine "$KERNEL_SOURCE"
	fi
	case $tier in
	unit | cli) test_meson "$tier" ;;
	vm) test_vm "$ROOT"/tests/vm/*.sh ;;
	lint) test_lint ;;
	soak | attack) FFALAB_LONG=yes test_vm "$ROOT/tests/vm/$tier.sh" ;;
	all)
		test_meson unit
		test_meson cli
		test_vm "$ROOT"/tests/vm/*.sh
		# Last, so that the module's checks find a built kernel.
		test_lint
		;;
	esac
	printf '%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
	((FAILED == 0)) || exit 1
	((PASSED + SKIPPED > 0)) || die 1 "no test was run"
}
