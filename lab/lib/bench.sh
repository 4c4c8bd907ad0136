# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Measures the cost of a verdict. lab/bench/README.md describes the methods.

# bench_vm CPUS PART ROUNDS CALLS MANY: writes the samples of a run in the VM to $BENCH/PART-CPUS. BENCH_VM: more options.
bench_vm() {
	local smp=$1 part=$2 status=0
	say "measuring: $part with $smp CPU$( ((smp == 1)) || echo s) ..."
	in_group "$LAB/ffalab" run --firmware quiet --smp "$smp" "${BENCH_VM[@]}" --share "$BENCH" \
		--timeout 1200 -- sh /share/guest.sh "${@:2}" >"$BENCH/$part-$smp" || status=$?
	((status == 0)) || die "$EXIT_FAILED" "the measurement ($part, $smp CPUs) failed with status $status"
}

verb_bench() {
	local json='' svg='' from='' quick='' smp file native
	local -a output=() BENCH_VM=() size=(5 1000 1000000) cpus=(1 2 3 4)
	while (($# > 0)); do
		case $1 in
		--*=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			continue
			;;
		--quick)
			quick=yes
			shift
			continue
			;;
		--markdown)
			output+=(--markdown)
			shift
			continue
			;;
		--json) need_value "$1" $# && json=$2 ;;
		--svg) need_value "$1" $# && svg=$2 ;;
		--from) need_value "$1" $# && from=$2 ;;
		-h | --help)
			verb_usage
			exit 0
			;;
		-*) usage_error "unknown option $1" ;;
		*) usage_error "'bench' takes no arguments" ;;
		esac
		shift 2
	done
	[[ -z $quick || -z $from ]] || usage_error "--quick and --from exclude each other"
	[[ -z $from || -f $from ]] || usage_error "--from: no file $from"
	for file in "$json" "$svg"; do
		[[ -z $file ]] || { : >>"$file"; } 2>/dev/null || usage_error "cannot write $file"
	done
	[[ -z $json ]] || output+=(--json "$json")
	[[ -z $svg ]] || output+=(--svg "$svg")
	if [[ -n $from ]]; then
		exec /usr/bin/python3 "$LAB/bench/report.py" "${output[@]}" "$from"
	fi

	cache_init
	host_ready
	if [[ -n $quick ]]; then
		size=(1 200 20000) cpus=(2)
	fi
	with_lock "native-$(checkout_id)" native_build
	native=$REPLY/ffascope
	BENCH=$(mktemp -d)
	trap 'rm -rf "$BENCH"' EXIT
	cp "$LAB/bench/guest.sh" "$LAB/bench/by-hand.awk" "$BENCH/"
	cut -d' ' -f1 /proc/loadavg >"$BENCH/load-begin"
	bench_vm 2 cost "${size[@]}"
	for smp in "${cpus[@]}"; do
		bench_vm "$smp" cpus "${size[@]}"
	done
	BENCH_VM=(--kernel forward --secure-world spmc)
	bench_vm 2 notify "${size[@]}"
	say "measuring: this machine ..."
	/usr/bin/python3 "$LAB/bench/native.py" "$native" "$BENCH" ${quick:+--quick} >"$BENCH/native"
	cut -d' ' -f1 /proc/loadavg >"$BENCH/load-end"
	/usr/bin/python3 "$LAB/bench/report.py" ${quick:+--quick} "${output[@]}" "$BENCH"
}
