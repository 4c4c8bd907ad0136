# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# The verbs and their arguments.

verb_usage() {
	cat <<-'EOF'
		Usage: ffalab VERB [OPTION...]

		Builds and boots TF-A, OP-TEE and Linux with protected KVM under QEMU, and runs commands in it.

		  demo [--quick]       install missing packages, build, boot, show a rejected and a forwarded call;
		                       --quick: on Debian's own kernel, which needs no build and has no hypervisor trace
		  run [OPTION...] -- COMMAND [ARGUMENT...]
		                       run a command in the VM: its output, errors and exit status
		  shell [OPTION...]    an interactive shell in the VM
		  coverage [OPTION...] -- COMMAND [ARGUMENT...]
		                       which lines and branches of the proxy at EL2 the command reached
		  review RANGE|MBOX|DIR [OPTION...]
		                       build and sweep each commit of a series, table what each changed
		  build [KERNEL...]    build everything that the named kernels need (default: stock)
		  kernels              list the kernels
		  test [unit|cli|lint|vm|all|soak|attack]
		                       run the tests (default: all, which are unit, cli, vm and lint)
		  test kernel [OPTION...]
		                       run the kernel's own tests of the tracefs files that ffascope reads
		  package [OPTION...]  build Debian packages in a clean root, install and try them in another one
		  tarball [OPTION...]  pack the static arm64 program, for machines without packages
		  lava [OPTION...] [SCRIPT]
		                       run the job of examples/ci/lava on LAVA's own dispatcher
		  bench [OPTION...]    measure the cost of a verdict and of cheaper alternatives
		  clean [NAME|--all]   remove build trees, or one kernel and its tree; with --all everything, downloads too

		Options of run, shell and test kernel (that takes only the first two):
		  --kernel NAME        a folder of lab/kernels, or any folder like those (default: stock)
		  --kernel-source DIR  build and boot the Linux sources in DIR, without changing them
		  --firmware KIND      quiet or debug (default: quiet; with --el3-log: debug)
		  --smp N              number of CPUs, 1 to 4 (default: 2)
		  --share DIR          DIR is /share in the VM
		  --append ARGUMENTS   append ARGUMENTS to the kernel's command line
		  --module DIR         build the kernel module in DIR too; its .ko file is in /ffalab
		  --bare               without ffascope and its module
		  --secure-world NAME  optee, or the lab's own SPMC: spmc, spmc-1.1 with FF-A 1.1 (default: optee)
		  --el3-log FILE       (run) write the monitor's record of each call that reached EL3 to FILE
		  --secure-log FILE    (run) write what the secure world logs to FILE; the lab's SPMC logs each call
		  --secure-input FILE  (run) type FILE, and later additions to it, on OP-TEE's console
		  --unsafe             load the module with unsafe=1: also calls that take buffers or memory from arm_ffa
		  --timeout SECONDS    (run) end the VM after SECONDS, with exit status 124

		Options of coverage, besides those of run:
		  --source FILE        a file of arch/arm64/kvm/hyp, or 'all' (default: nvhe/ffa.c)
		  --output FILE        write the report to FILE instead of standard output
		  --lcov FILE          write the counts to FILE, for --add, --diff and genhtml
		  --html DIR           write pages to DIR (genhtml)
		  --add FILE           add the counts of an earlier --lcov on the same kernel; can be repeated
		  --diff FILE          what only one of this run and that of an earlier --lcov reached
		  --boot               count the boot instead of the command
		  --counts FILE        keep what the plugin counted: each block of instructions
		  --traps FILE         write a line for each SMC trap of the host: CPU, section, SMCs at EL2, entries of EL3

		Options of review:
		  --kernel-source TREE the sources: a git repository, or any (default: those of the kernel stock)
		  --base COMMIT        the commit that patches are put on (default: HEAD)
		  --script FILE        also run this script (ffascope run) on each commit; can be repeated
		  --fuzz SECONDS       also make random calls for this time (ffascope fuzz); a finding is a failed script
		  --calls CALLS        the calls to sweep, separated by blanks (default: --all)
		  --html FILE          write a page with each commit's matrices side by side
		  --mail FILE          write the table in 72 columns of plain text
		  --resume             keep the results of an earlier review for commits that did not change
		  --output DIR         the folder for logs and sweeps (default: in the cache)

		Options of package and tarball:
		  --suite NAME         (package) bookworm or trixie (default: trixie)
		  --arch NAME          (package) arm64 or amd64 (default: arm64)
		  --kernel NAME        (tarball) include the module for this kernel of the lab
		  --kernel-build DIR   (tarball) include the module for the kernel built in DIR
		  --output WHERE       the folder for the packages, or the tarball's name

		Options of lava:
		  --board              the job for a board with U-Boot, which QEMU plays (default: the job for QEMU)
		  --job FILE           a job of your own, like those
		  --kernel NAME        the kernel under test (default: forward)
		  --output DIR         do not run it: write the job and the files that it downloads to DIR

		Options of bench:
		  --quick              takes a minute; too few samples to quote
		  --json FILE          write the figures to FILE
		  --svg FILE           write a plot of them to FILE
		  --markdown           print the tables for lab/bench/README.md
		  --from FILE          do not measure; print tables and plot of the figures in FILE

		Environment:
		  FFALAB_CACHE         where downloads and builds are kept (default: ~/.cache/ffalab)
		  FFALAB_SOURCES       a folder of source archives to search before downloading
		  FFALAB_JOBS          parallel jobs of a build (default: number of CPUs)
		  FFALAB_QEMU          more arguments for QEMU, separated by blanks

		Exit status of run: the command's own; 2 wrong usage; 123 the lab could not be built;
		124 timed out; 125 the VM did not boot, or ended before the command.
	EOF
}

on_signal() {
	trap - "$1"
	step_stop
	# The EXIT trap ends the VM, then the signal has its default effect.
	exit $((128 + $(kill -l "$1")))
}

# need_value OPTION COUNT: fail unless an argument follows the option.
need_value() { (($2 >= 2)) || usage_error "$1 needs a value"; }

# vm_options VERB ARGUMENT...: reads the options of run, shell and coverage; the remaining arguments in REST.
vm_options() {
	local verb=$1 kernel=stock source=''
	shift
	VM_FIRMWARE='' VM_SMP=2 VM_EL3_LOG='' VM_SHARE='' VM_TIMEOUT='' VM_SECURE_INPUT='' VM_BARE='' VM_BOOTARGS='' VM_UNSAFE=''
	VM_SECURE_WORLD=optee VM_SECURE_LOG='' VM_MODULE=''
	REST=()
	while (($# > 0)); do
		case $1 in
		--*=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			continue
			;;
		--boot)
			[[ $verb == coverage ]] || usage_error "$1 is for 'coverage'"
			COVERAGE_BOOT=yes
			shift
			continue
			;;
		--source | --output | --lcov | --html | --add | --diff | --traps | --counts) coverage_option "$verb" "$1" "${@:2}" ;;
		--kernel) need_value "$1" $# && kernel=$2 ;;
		--kernel-source) need_value "$1" $# && source=$2 ;;
		--firmware) need_value "$1" $# && VM_FIRMWARE=$2 ;;
		--smp) need_value "$1" $# && VM_SMP=$2 ;;
		--share) need_value "$1" $# && VM_SHARE=$2 ;;
		--module) need_value "$1" $# && VM_MODULE=$2 ;;
		--append) need_value "$1" $# && VM_BOOTARGS=$2 ;;
		--el3-log) need_value "$1" $# && VM_EL3_LOG=$2 ;;
		--secure-input) need_value "$1" $# && VM_SECURE_INPUT=$2 ;;
		--secure-log) need_value "$1" $# && VM_SECURE_LOG=$2 ;;
		--secure-world) need_value "$1" $# && VM_SECURE_WORLD=$2 ;;
		--timeout) need_value "$1" $# && VM_TIMEOUT=$2 ;;
		--unsafe)
			VM_UNSAFE=yes
			shift
			continue
			;;
		--bare)
			VM_BARE=yes
			shift
			continue
			;;
		-h | --help)
			verb_usage
			exit 0
			;;
		--)
			shift
			REST=("$@")
			break
			;;
		-*) usage_error "unknown option $1" ;;
		*)
			REST=("$@")
			break
			;;
		esac
		shift 2
	done
	[[ $verb != shell || -z $VM_EL3_LOG$VM_TIMEOUT$VM_SECURE_INPUT$VM_SECURE_LOG ]] ||
		usage_error "--el3-log, --secure-log, --secure-input and --timeout are for 'run'"
	[[ $kernel == stock || -z $source ]] || usage_error "--kernel and --kernel-source exclude each other"
	[[ $VM_SMP =~ ^[1-4]$ ]] || usage_error "--smp must be a number from 1 to 4, not '$VM_SMP'"
	[[ -z $VM_TIMEOUT || $VM_TIMEOUT =~ ^[1-9][0-9]{0,5}$ ]] ||
		usage_error "--timeout must be a number of seconds, not '$VM_TIMEOUT'"
	VM_FIRMWARE=${VM_FIRMWARE:-$([[ -n $VM_EL3_LOG ]] && echo debug || echo quiet)}
	case $VM_FIRMWARE in
	debug) ;;
	quiet) [[ -z $VM_EL3_LOG ]] || usage_error "--el3-log needs --firmware debug: the quiet one logs no calls" ;;
	*) usage_error "--firmware must be debug or quiet, not '$VM_FIRMWARE'" ;;
	esac
	if [[ -n $VM_EL3_LOG ]]; then
		{ : >"$VM_EL3_LOG"; } 2>/dev/null || usage_error "cannot write $VM_EL3_LOG"
	fi
	case $VM_SECURE_WORLD in
	optee | spmc | spmc-1.1) ;;
	*) usage_error "--secure-world needs optee, spmc or spmc-1.1, not '$VM_SECURE_WORLD'" ;;
	esac
	if [[ -n $VM_SECURE_LOG ]]; then
		[[ -z $VM_SECURE_INPUT ]] || usage_error "--secure-log and --secure-input exclude each other"
		{ : >"$VM_SECURE_LOG"; } 2>/dev/null || usage_error "cannot write $VM_SECURE_LOG"
	fi
	[[ -z $VM_SECURE_INPUT || -r $VM_SECURE_INPUT ]] || usage_error "cannot read $VM_SECURE_INPUT"
	if [[ -n $VM_SHARE ]]; then
		VM_SHARE=$(cd "$VM_SHARE" 2>/dev/null && pwd -P) || usage_error "--share: no such folder"
	fi
	if [[ -n $VM_MODULE ]]; then
		[[ -f $VM_MODULE/Kbuild || -f $VM_MODULE/Makefile ]] || usage_error "--module: no Kbuild in $VM_MODULE"
		VM_MODULE=$(cd "$VM_MODULE" && pwd -P)
	fi
	if [[ -n $source ]]; then
		kernel_select_source "$source"
	else
		kernel_select "$kernel"
	fi
	VM_MACHINE=$K_MACHINE
	VM_BOOTARGS="${K_BOOTARGS}${VM_BOOTARGS:+ $VM_BOOTARGS}"
}

verb_run() {
	vm_options run "$@"
	((${#REST[@]} > 0)) || usage_error "'run' needs a command: ffalab run [OPTION...] -- COMMAND"
	cache_init
	host_ready
	vm_run "${REST[@]}"
}

verb_shell() {
	vm_options shell "$@"
	((${#REST[@]} == 0)) || usage_error "'shell' takes no command; use 'ffalab run -- COMMAND'"
	[[ -t 0 && -t 1 ]] || usage_error "'shell' needs a terminal; use 'ffalab run -- COMMAND' in scripts"
	cache_init
	host_ready
	vm_shell
}

verb_build() {
	local name
	VM_BARE=''
	for name; do
		case $name in
		-h | --help)
			verb_usage
			exit 0
			;;
		-*) usage_error "unknown option $name" ;;
		esac
	done
	(($# > 0)) || set -- stock
	for name; do
		kernel_select "$name"
	done
	cache_init
	host_ready
	firmware_build
	sysroot_build
	tool_build
	for name; do
		kernel_select "$name"
		kernel_with true
		say "kernel $K_NAME is ready"
	done
}

verb_kernels() {
	local name state about patches
	(($# == 0)) || usage_error "'kernels' takes no arguments"
	cache_init
	printf '%-19s %-12s %-26s %8s  %s\n' NAME STATE SOURCE PATCHES DESCRIPTION
	for name in $(kernel_names); do
		kernel_select "$name"
		state='not built'
		if [[ -f $CACHE/kernels/$K_NAME/stamp ]]; then
			state='out of date'
			! stamp_is "$CACHE/kernels/$K_NAME/stamp" "$(kernel_key)" || state=built
		fi
		about=''
		[[ ! -f $LAB/kernels/$name/description ]] || read -r about <"$LAB/kernels/$name/description"
		patches=$(kernel_series | wc -l)
		printf '%-19s %-12s %-26s %8d  %s\n' "$name" "$state" "$K_SOURCE" "$patches" "$about"
	done
}

# demo_kernel NAME: the demonstration's part on one kernel. $DEMO is the VM's /share.
demo_kernel() {
	local status=0
	in_group "$LAB/ffalab" run --kernel "$1" --share "$DEMO" -- sh -c "$(<"$LAB/guest/demo")" demo "$1" || status=$?
	((status == 0)) || die "$status" "the demonstration on kernel $1 failed"
}

verb_demo() {
	local kernel
	local -a kernels=(stock forward)
	case ${1:-} in
	'') ;;
	--quick) kernels=(debian) ;;
	-h | --help)
		verb_usage
		exit 0
		;;
	*) usage_error "'demo' takes only --quick" ;;
	esac
	(($# <= 1)) || usage_error "'demo' takes only --quick"
	cache_init
	host_ready
	DEMO=$(mktemp -d)
	trap 'rm -rf "$DEMO"' EXIT
	for kernel in "${kernels[@]}"; do
		demo_kernel "$kernel"
	done
}

# clean_kernel NAME|DIR: removes one kernel with its build tree, which other kernels may share. DIR is a tree that
# --kernel-source used, or a folder like those in lab/kernels.
clean_kernel() {
	local path
	if [[ $1 == */* && -f $1/Kbuild ]]; then
		kernel_select_source "$1"
	else
		kernel_select "$1"
	fi
	# Only after the name has been checked.
	cache_init
	exec {CLEAN_LOCK}>"$CACHE/locks/kernel-$K_TREE"
	flock -n "$CLEAN_LOCK" || die "$EXIT_FAILED" "another ffalab is building in the tree $K_TREE; nothing removed"
	for path in "$CACHE/trees/$K_TREE" "$CACHE/kernels/$K_NAME" "$CACHE/build"/module-*-"$K_NAME".ko*; do
		rm -rf "$path"
	done
	say "removed kernel $K_NAME and the build tree $K_TREE"
}

# Removes only folders of the cache that ffalab made.
verb_clean() {
	local lock folder
	local -a folders=(trees kernels build logs)
	case ${1:-} in
	'') ;;
	--all) folders+=(apt dl src roots lava firmware spmc sysroot-arm64 sysroot-arm64.stamp ccache tidy host.stamp) ;;
	-h | --help)
		verb_usage
		exit 0
		;;
	-*) usage_error "unknown option $1" ;;
	*)
		(($# == 1)) || usage_error "'clean' takes at most one argument"
		clean_kernel "$1"
		return
		;;
	esac
	(($# <= 1)) || usage_error "'clean' takes at most one argument"
	cache_init
	vm_sweep
	for lock in "$CACHE"/run/*/lock "$CACHE"/locks/*; do
		[[ ! -e $lock ]] || flock -n "$lock" true ||
			die "$EXIT_FAILED" "another ffalab is using $CACHE; nothing removed"
	done
	for folder in "${folders[@]}"; do
		rm -rf "${CACHE:?}/$folder"
	done
	say "removed from $CACHE: ${folders[*]}"
}
