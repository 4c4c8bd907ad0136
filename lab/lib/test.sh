# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Runs the tests and counts their results: native tests by meson, then VM tests and analysers side by side.

PASSED=0 FAILED=0 SKIPPED=0
# The seconds that each test of tests/vm and tests/lint took.
declare -A COSTS=()

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

# test_order: sorts the scripts of its input by what they cost last time, the longest first, so that no long one runs alone
# at the end. An unknown test counts as long. lint/kernel comes last, because it needs a kernel that another test builds.
test_order() {
	local script name seconds
	while read -r script; do
		name=$(test_name "$script")
		seconds=$(sed -n "s|^$name ||p" "$CACHE/logs/test-costs" 2>/dev/null) || true
		[[ $name != lint/kernel ]] || seconds=0
		printf '%d %s\n' "${seconds:-999}" "$script"
	done | sort -s -k1,1nr | cut -d' ' -f2-
}

# test_name SCRIPT: tests/vm/smoke.sh is vm/smoke.
test_name() {
	local name=${1%.sh}
	printf '%s' "${name#"$ROOT"/tests/}"
}

# test_start SCRIPT: starts a test in a process group of its own, so that a signal to ffalab ends its VMs too.
test_start() {
	local name
	name=$(test_name "$1")
	set -m
	CCACHE_DIR=$CACHE/ccache "$1" </dev/null >"$OUTPUT/${name//\//-}" 2>&1 &
	set +m
	side_by_side[$!]=$name
	BEGUN[$name]=$SECONDS
}

# Waits for a test to end, and prints what it said and its result.
test_end() {
	local pid name status=0
	wait -n -p pid "${!side_by_side[@]}" || status=$?
	name=${side_by_side[$pid]}
	unset "side_by_side[$pid]"
	COSTS[$name]=$((SECONDS - BEGUN[$name]))
	sed 's/^/# /' "$OUTPUT/${name//\//-}"
	test_result "$status" "$name (${COSTS[$name]} s)"
}

# test_scripts SCRIPT...: runs tests of tests/vm and tests/lint, as many at once as this machine has CPUs. The tests of
# tests/vm boot the VMs that they need.
test_scripts() {
	local script OUTPUT
	local -A BEGUN=()
	export FFALAB=$LAB/ffalab
	# Recordings made in the VM are also replayed on this machine.
	with_lock "native-$(checkout_id)" native_build
	export FFASCOPE=$REPLY/ffascope
	export BUILD=$REPLY KERNEL_TREE=$CACHE/trees/stock TIDY_CACHE=$CACHE/tidy JOBS SCRATCH
	SCRATCH=$CACHE/build/lint-$(checkout_id)
	OUTPUT=$SCRATCH/output
	mkdir -p "$OUTPUT"
	while read -r script; do
		[[ -x $script ]] || continue
		((${#side_by_side[@]} < JOBS)) || test_end
		test_start "$script"
	done < <(printf '%s\n' "$@" | test_order)
	while ((${#side_by_side[@]})); do
		test_end
	done
}

# test_costs: prints the ten tests that took longest, and keeps all costs for the next run's order.
test_costs() {
	local file=$CACHE/logs/test-costs name
	((${#COSTS[@]})) || return 0
	for name in "${!COSTS[@]}"; do
		printf '%s %s\n' "$name" "${COSTS[$name]}"
	done | sort -k2,2nr >"$file.new.$$"
	if ((${#COSTS[@]} > 1)); then
		printf '# the tests that took longest, in seconds:\n'
		head -n 10 "$file.new.$$" | sed 's/^/#   /'
	fi
	touch "$file"
	awk 'NR == FNR { known[$1] = 1 } NR == FNR || !($1 in known)' "$file.new.$$" "$file" >"$file.all.$$"
	rm "$file.new.$$"
	mv "$file.all.$$" "$file"
}

# ---- the kernel's own tests ----

# The folder of the kernel's tracefs tests that belong to the selected kernel. A tree without tests of remotes gets those
# of the lab's pinned source.
contract_tests() {
	REPLY=$K_FROM/tools/testing/selftests/ftrace
	[[ -z $K_FROM || ! -d $REPLY/test.d/remotes ]] || return 0
	[[ -z $K_FROM ]] || say "$K_FROM has no tests of tracefs remotes; taking those of $KERNEL_SOURCE"
	kernel_pristine "$KERNEL_SOURCE"
	REPLY=$CACHE/src/$KERNEL_SOURCE/tools/testing/selftests/ftrace
}

# test_kernel ARGUMENT...: runs test.d/remotes of the kernel's selftests in the VM, and reports each of its cases. They
# check the tracefs files that ffascope reads. Two of them take a CPU offline, which OP-TEE does not survive here.
test_kernel() {
	local line status=0
	local -a kernel=("$@")
	vm_options run --secure-world spmc "$@"
	((${#REST[@]} == 0)) || usage_error "'test kernel' takes only --kernel or --kernel-source"
	cache_init
	host_ready
	contract_tests
	CONTRACT=$(mktemp -d "$CACHE/build/contract.XXXXXX")
	trap 'rm -rf "$CONTRACT"' EXIT
	cp -r "$REPLY" "$CONTRACT/ftrace"
	# In a process group of its own, so that a signal to ffalab ends the VM too.
	set -m
	"$LAB/ffalab" run "${kernel[@]}" --bare --secure-world spmc --share "$CONTRACT" --timeout 3600 -- sh -c \
		'cd /share/ftrace && sh ./ftracetest --ktap -vv --logdir /tmp/logs test.d/remotes' </dev/null \
		>"$CONTRACT/ktap" &
	step_pid=$!
	set +m
	wait "$step_pid" || status=$?
	step_pid=''
	while IFS= read -r line; do
		case $line in
		'ok '*'# SKIP'*) test_result 77 "${line#ok * }" ;;
		'ok '*) test_result 0 "${line#ok * }" ;;
		'not ok '*) test_result 1 "${line#not ok * }" ;;
		[0-9]*..* | 'TAP version'* | '# Totals'*) ;;
		*) printf '# %s\n' "$line" ;;
		esac
	done <"$CONTRACT/ktap"
	((status < 123)) || die "$status" "the kernel's tests did not end"
	printf '%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
	((FAILED == 0)) || exit 1
	((PASSED > 0)) || die 1 "no test was run: this kernel has no tracefs remote of a hypervisor"
}

verb_test() {
	local tier=${1:-all}
	if [[ $tier == kernel ]]; then
		shift
		test_kernel "$@"
		return
	fi
	(($# <= 1)) || usage_error "'test' takes one argument"
	case $tier in
	-h | --help)
		verb_usage
		exit 0
		;;
	unit | cli | lint | vm | all | soak | attack) ;;
	*) usage_error "unknown tests '$tier'; one of: unit cli lint vm all soak attack kernel" ;;
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
	vm | lint) test_scripts "$ROOT/tests/$tier"/*.sh ;;
	soak | attack) FFALAB_LONG=yes test_scripts "$ROOT/tests/vm/$tier.sh" ;;
	all)
		test_meson unit
		test_meson cli
		test_scripts "$ROOT"/tests/{vm,lint}/*.sh
		;;
	esac
	test_costs
	printf '%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
	((FAILED == 0)) || exit 1
	((PASSED + SKIPPED > 0)) || die 1 "no test was run"
}
