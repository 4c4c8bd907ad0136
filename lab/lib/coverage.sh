# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Which code at EL2 a command reaches: a plugin of QEMU counts, and report.py applies the counts to the sources.

# The version of QEMU's plugin interface (lab/coverage/qemu.h).
coverage_qemu_api() {
	local version
	version=$(qemu-system-aarch64 --version | sed -nE '1s/.*version ([0-9]+)\.([0-9]+).*/\1 \2/p')
	case $version in
	[1-8]\ *) echo 1 ;;
	'9 0') echo 2 ;;
	*) echo 3 ;;
	esac
}

coverage_make() {
	local dir=$1
	gcc -O2 -std=gnu11 -Wall -Wextra -DQEMU_API="$(coverage_qemu_api)" -shared -fPIC -fvisibility=hidden -pthread \
		-o "$dir/plugin.so.new" "$LAB/coverage/plugin.c"
	"${CROSS}gcc" -O2 -static -o "$dir/phase" "$LAB/coverage/phase.c"
	mv "$dir/plugin.so.new" "$dir/plugin.so"
}

# coverage_build: the folder with the plugin and the program that marks phases, in REPLY.
coverage_build() {
	local key dir
	key=$(hash_text "$(hash_of "$LAB/coverage") $(coverage_qemu_api) $(declare -f coverage_make)")
	dir=$CACHE/build/coverage-${key:0:12}
	if [[ ! -f $dir/plugin.so ]]; then
		mkdir -p "$dir"
		with_lock coverage step "Building the coverage plugin" coverage-build coverage_make "$dir"
	fi
	REPLY=$dir
}

# coverage_extract: under the tree's lock: makes sure that $COVERAGE_PLAN describes the selected kernel. The plugin's
# arguments are in $COVERAGE_PLAN.arguments.
coverage_extract() {
	local tree=$CACHE/trees/$K_TREE key
	[[ -z $K_BINARY ]] || die "$EXIT_USAGE" "coverage needs a kernel that the lab builds: Debian's package has no vmlinux"
	kernel_tree_patch_for_module
	key=$(hash_text "$(stat -c '%s %y' "$tree/vmlinux") $(hash_of "$LAB/coverage/extract.py")")
	COVERAGE_PLAN=$CACHE/build/coverage-$K_NAME.json
	if ! stamp_is "$COVERAGE_PLAN.stamp" "$key"; then
		rm -f "$COVERAGE_PLAN.stamp"
		step "Reading the hypervisor's code of kernel $K_NAME" "coverage-$K_NAME" coverage_extract_make "$tree"
		stamp_write "$COVERAGE_PLAN.stamp" "$key"
	fi
	# Another build may replace the plan while the VM runs.
	cp "$COVERAGE_PLAN" "$RUN/plan.json"
	cp "$COVERAGE_PLAN.arguments" "$RUN/plan.arguments"
}

coverage_extract_make() {
	/usr/bin/python3 "$LAB/coverage/extract.py" "$1/vmlinux" "$1" "$COVERAGE_PLAN.new" >"$COVERAGE_PLAN.arguments"
	mv "$COVERAGE_PLAN.new" "$COVERAGE_PLAN"
}

# coverage_attach: adds the plugin to QEMU's arguments.
coverage_attach() {
	QEMU+=(-plugin "$COVERAGE_DIR/plugin.so,$(<"$RUN/plan.arguments"),out=$RUN/counts")
}

# coverage_report: after the VM has ended. Prints to COVERAGE_REPORT.
coverage_report() {
	local root=$CACHE/trees/$K_TREE status=0 info=${COVERAGE_LCOV:-$RUN/coverage.info}
	local -a more=()
	local file
	[[ -z $K_FROM ]] || root=$K_FROM
	[[ -s $RUN/counts ]] || die "$EXIT_FAILED" "QEMU wrote no counts" "$(head -c 400 "$RUN/qemu.log" 2>/dev/null)"
	for file in "${COVERAGE_ADD[@]}"; do
		more+=(--add "$file")
	done
	[[ -z $COVERAGE_DIFF ]] || more+=(--diff "$COVERAGE_DIFF")
	[[ -z $COVERAGE_TRAPS ]] || more+=(--traps "$COVERAGE_TRAPS")
	[[ -z $COVERAGE_BOOT ]] || more+=(--boot)
	[[ -z $COVERAGE_COUNTS ]] || cp "$RUN/counts" "$COVERAGE_COUNTS"
	/usr/bin/python3 "$LAB/coverage/report.py" "$K_NAME" "$RUN/plan.json" "$RUN/counts" --source "$COVERAGE_SOURCE" \
		--lcov "$info" --root "$root" --command "${REST[*]}" "${more[@]}" >"$COVERAGE_REPORT" || status=$?
	((status == 0)) || exit "$EXIT_FAILED"
	[[ -z $COVERAGE_HTML ]] || coverage_html "$info" "$root"
}

coverage_html() {
	genhtml --quiet --branch-coverage --title "EL2 of kernel $K_NAME" --prefix "$2" -o "$COVERAGE_HTML" "$1" \
		>"$CACHE/logs/genhtml.log" 2>&1 ||
		die "$EXIT_FAILED" "genhtml failed; log: $CACHE/logs/genhtml.log"
	say "pages: $COVERAGE_HTML/index.html"
}

# coverage_option VERB OPTION [VALUE...]: one of the options with a value that only coverage has.
coverage_option() {
	[[ $1 == coverage ]] || usage_error "$2 is for 'coverage'"
	need_value "$2" $(($# - 1))
	case $2 in
	--add | --diff) [[ -r $3 ]] || usage_error "$2: cannot read $3" ;;
	--html) mkdir -p "$3" 2>/dev/null || usage_error "--html: cannot write to $3" ;;
	--source) ;;
	*) { : >"$3"; } 2>/dev/null || usage_error "$2: cannot write $3" ;;
	esac
	case $2 in
	--source) COVERAGE_SOURCE=$3 ;;
	--output) COVERAGE_REPORT=$3 ;;
	--lcov) COVERAGE_LCOV=$3 ;;
	--html) COVERAGE_HTML=$3 ;;
	--add) COVERAGE_ADD+=("$3") ;;
	--diff) COVERAGE_DIFF=$3 ;;
	--traps) COVERAGE_TRAPS=$3 ;;
	--counts) COVERAGE_COUNTS=$3 ;;
	esac
}

verb_coverage() {
	COVERAGE_SOURCE=nvhe/ffa.c COVERAGE_ADD=() COVERAGE_DIFF='' COVERAGE_LCOV='' COVERAGE_HTML='' COVERAGE_BOOT=''
	COVERAGE_REPORT=/dev/stdout COVERAGE_TRAPS='' COVERAGE_COUNTS=''
	vm_options coverage "$@"
	((${#REST[@]} > 0)) || usage_error "'coverage' needs a command: ffalab coverage [OPTION...] -- COMMAND"
	[[ -z $COVERAGE_HTML ]] || HOST_MORE='lcov|genhtml|pages of coverage'
	cache_init
	host_ready
	coverage_build
	COVERAGE_DIR=$REPLY
	vm_run "${REST[@]}"
}
