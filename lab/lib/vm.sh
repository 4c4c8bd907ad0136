# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Boots the VM, runs one command or a shell in it, and brings out its output and exit status.

readonly INITRD_ADDRESS=0x48000000
# OP-TEE keeps this for memory that both worlds share: a kernel ends below it or begins after it.
readonly OPTEE_SHARED=0x42000000 OPTEE_SHARED_END=0x42200000
# A word in the last page of the memory.
readonly SPMC_CHOICES=0xbffff000
# Seconds; a boot takes two or three on an idle machine.
readonly BOOT_LIMIT=180
# Seconds that a run may take unless --timeout says otherwise.
readonly RUN_LIMIT=7200

# quote WORD: the word as a shell takes it back, byte for byte.
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

vm_machine() {
	printf '%s\n' -M "virt,acpi=off,secure=on,virtualization=on,gic-version=3${VM_MACHINE:+,$VM_MACHINE}" \
		-cpu "max,sve=off,sme=off,pauth-impdef=on${K_CPU:+,$K_CPU}" -smp "$VM_SMP" -m 2G -nodefaults -display none -monitor none
}

# The device tree of the machine, as QEMU gives it; the same for all runs with as many CPUs.
vm_tree() {
	local key file
	local -a machine
	mapfile -t machine < <(vm_machine)
	key=$(hash_text "${machine[*]} $(stat -L -c '%s %Y' "$(command -v qemu-system-aarch64)")")
	file=$CACHE/build/virt-${key:0:12}.dtb
	if [[ ! -f $file ]]; then
		qemu-system-aarch64 "${machine[@]}" -M dumpdtb="$file.$$" >"$CACHE/logs/dumpdtb.log" 2>&1 ||
			die "$EXIT_FAILED" "QEMU cannot describe its machine; log: $CACHE/logs/dumpdtb.log"
		mv "$file.$$" "$file"
	fi
	REPLY=$file
}

# Removes what killed runs left behind: their lock is free.
vm_sweep() {
	local dir
	for dir in "$CACHE"/run/*/; do
		[[ -d $dir ]] || continue
		if [[ -f $dir/lock ]] && flock -n "$dir/lock" true; then
			rm -rf "$dir"
		fi
	done
}

# Makes the run's own folder, $RUN, which goes when ffalab ends.
vm_begin() {
	vm_sweep
	trap vm_cleanup EXIT
	RUN=$(mktemp -d "$CACHE/run/XXXXXXXX")
	exec {RUN_LOCK}>"$RUN/lock"
	flock "$RUN_LOCK"
	mkdir "$RUN/files"
}

vm_take_kernel() {
	cp --reflink=auto "$CACHE/kernels/$K_NAME/Image" "$RUN/Image"
	if [[ -n ${COVERAGE_DIR:-} ]]; then
		coverage_extract
		cp "$COVERAGE_DIR/phase" "$RUN/files/phase"
	fi
	[[ -z $MODULE ]] || cp "$MODULE" "$RUN/files/ffascope.ko"
	if [[ -n $VM_MODULE ]]; then
		step "Building the module in $VM_MODULE" "module-more-$K_NAME" module_make "$VM_MODULE" "$RUN/module"
		cp "$RUN"/module/*.ko "$RUN/files"
	fi
	if [[ -d $CACHE/kernels/$K_NAME/modules ]]; then
		cp -r "$CACHE/kernels/$K_NAME/modules" "$RUN/files/modules"
		printf 'modules=%s\n' "$(quote "$KERNEL_MODULES")" >>"$RUN/files/request"
	fi
}

# Sets VM_KERNEL, which loads the kernel. The firmware jumps to KERNEL_ADDRESS. A kernel that is too large for that
# place is loaded higher up, with a branch to it at KERNEL_ADDRESS.
vm_place_kernel() {
	local size
	# Include what the kernel uses before it has found its memory (Documentation/arch/arm64/booting.rst: image_size).
	size=$(od -A n -t u8 -j 16 -N 8 "$RUN/Image" | tr -d ' ')
	VM_KERNEL=$KERNEL_ADDRESS
	((KERNEL_ADDRESS + size > OPTEE_SHARED)) || return 0
	VM_KERNEL=$OPTEE_SHARED_END
	((VM_KERNEL + size <= INITRD_ADDRESS)) ||
		die "$EXIT_FAILED" "the kernel is too big for the lab's machine: $((size >> 20)) MiB, $(((INITRD_ADDRESS - VM_KERNEL) >> 20)) are free"
}

# Collects everything that a run needs into its folder, so that another build cannot change it under the VM.
vm_collect() {
	local tool='' dtb end
	firmware_build
	sysroot_build
	if [[ -z $VM_BARE ]]; then
		tool_build
		tool=$REPLY
	fi
	kernel_with vm_take_kernel
	vm_place_kernel

	initrd_write "$RUN/initrd" "$RUN/files" "$tool"
	vm_tree
	dtb=$RUN/virt.dtb
	cp "$REPLY" "$dtb"
	end=$(printf '0x%x' $((INITRD_ADDRESS + $(stat -c %s "$RUN/initrd"))))
	fdtput -t x "$dtb" /chosen linux,initrd-start "$INITRD_ADDRESS"
	fdtput -t x "$dtb" /chosen linux,initrd-end "$end"
	fdtput -t s "$dtb" /chosen bootargs \
		"console=hvc0 kvm-arm.mode=protected rdinit=/init panic=-1 oops=panic $VM_BOOTARGS"
}

# vm_request NAME=VALUE...: what the guest's init reads.
vm_request() {
	local pair
	for pair; do
		printf '%s=%s\n' "${pair%%=*}" "$(quote "${pair#*=}")"
	done >"$RUN/files/request"
}

# What the SPMC finds at SPMC_CHOICES (lab/spmc/main.c): a magic number, whether to log, and FF-A 1.1 instead of 1.2.
spmc_choices() {
	local choices=$((0x53504d00))
	[[ -z $VM_SECURE_LOG ]] || ((choices |= 1))
	[[ $VM_SECURE_WORLD != spmc-1.1 ]] || ((choices |= 2))
	echo "$choices"
}

# QEMU's arguments for the collected run, in the array QEMU.
vm_arguments() {
	local -a machine
	mapfile -t machine < <(vm_machine)
	QEMU=(qemu-system-aarch64 "${machine[@]}" -no-reboot -dtb "$RUN/virt.dtb"
		-bios "$FIRMWARE/$VM_FIRMWARE/flash.bin"
		-device "loader,file=$RUN/Image,addr=$VM_KERNEL,force-raw=on"
		-device "loader,file=$RUN/initrd,addr=$INITRD_ADDRESS,force-raw=on"
		# The monitor's UART, then the secure world's.
		-serial "file:$RUN/el3.log"
		-device 'virtio-serial-pci,max_ports=8'
		-chardev "file,id=console,path=$RUN/console.log" -device 'virtconsole,chardev=console'
		-chardev "file,id=ctl,path=$RUN/ctl" -device 'virtserialport,chardev=ctl,name=ctl')
	if ((VM_KERNEL != KERNEL_ADDRESS)); then
		# The instruction B, with the distance in words.
		QEMU+=(-device "loader,addr=$KERNEL_ADDRESS,data=$((0x14000000 | (VM_KERNEL - KERNEL_ADDRESS) >> 2)),data-len=4")
	fi
	if [[ $VM_SECURE_WORLD != optee ]]; then
		QEMU+=(-device "loader,addr=$SPMC_CHOICES,data=$(spmc_choices),data-len=4")
	fi
	if [[ -n $VM_SECURE_INPUT ]]; then
		QEMU+=(-chardev "pipe,id=secure,path=$RUN/secure" -serial chardev:secure)
	else
		QEMU+=(-serial "file:$RUN/secure.log")
	fi
	[[ -z ${COVERAGE_DIR:-} ]] || coverage_attach
	# shellcheck disable=SC2206 # a list of words
	QEMU+=(${FFALAB_QEMU:-})
	if [[ -n $VM_SHARE ]]; then
		QEMU+=(-fsdev "local,id=share,path=${VM_SHARE//,/,,},security_model=none"
			-device 'virtio-9p-pci,fsdev=share,mount_tag=share')
	fi
}

# Keeps the logs of a run that went wrong; the last twenty such folders stay.
vm_keep_logs() {
	KEPT=$CACHE/logs/run-$(date +%Y%m%d-%H%M%S)-$$
	mkdir -p "$KEPT"
	find "$RUN" -maxdepth 1 -name '*.log' -exec cp -t "$KEPT" {} +
	find "$CACHE/logs" -maxdepth 1 -name 'run-*' -type d | LC_ALL=C sort | head -n -20 | xargs -r rm -rf
}

# log_tail NAME: the last lines of one of the run's logs.
log_tail() {
	tail -n 25 "$RUN/$1.log" 2>/dev/null | tr -d '\r' | sed 's/^/        /' >&2
}

# QEMU's own messages, except the one about the signal that we sent.
qemu_words() { grep -v 'terminating on signal' "$RUN/qemu.log" 2>/dev/null | sed 's/^/        /' >&2 || true; }

# The monitor's lines, one a call, without what TF-A puts before each line.
el3_log_write() {
	[[ -n $VM_EL3_LOG && -f $RUN/el3.log ]] || return 0
	tr -d '\r' <"$RUN/el3.log" | sed -n 's/^VERBOSE: *\(SPM([0-9]*): 0x.*\)/\1/p' >"$VM_EL3_LOG"
}

# What the secure world wrote to its UART.
secure_log_write() {
	[[ -n $VM_SECURE_LOG && -f $RUN/secure.log ]] || return 0
	tr -d '\r' <"$RUN/secure.log" >"$VM_SECURE_LOG"
}

vm_pids=()

# vm_end [SIGNAL]: ends QEMU and the processes that serve it.
vm_end() {
	((${#vm_pids[@]} == 0)) || kill -TERM "${vm_pids[@]}" 2>/dev/null || true
	((${#vm_pids[@]} == 0)) || kill -CONT "${vm_pids[@]}" 2>/dev/null || true
	((${#vm_pids[@]} == 0)) || wait "${vm_pids[@]}" 2>/dev/null || true
	vm_pids=()
}

# On every way out of ffalab.
vm_cleanup() {
	vm_end
	[[ -z ${TTY_STATE:-} ]] || stty "$TTY_STATE" 2>/dev/null || true
	if [[ -n ${RUN:-} && -d $RUN ]]; then
		el3_log_write
		secure_log_write
		rm -rf "$RUN"
	fi
}

# Waits until the guest's init has said "ready"; status 1 where that takes too long.
vm_watch_boot() {
	local i
	for ((i = 0; i < BOOT_LIMIT * 10; i++)); do
		! grep -q '^ready' "$RUN/ctl" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# vm_watch_secure QEMU: returns when OP-TEE has panicked. It halts each CPU that enters it then, so the VM no longer ends.
# Status 1: QEMU has ended.
vm_watch_secure() {
	# "Panic at FILE:LINE" and "Panic '[abort] ...' at FILE:LINE".
	grep -Eq "Panic ('.*' )?at" < <(exec tail -c +1 -s 1 -F --pid="$1" "$RUN/secure.log" 2>/dev/null) || return 1
	sleep 5 # for its last words, and for a VM that was about to end
}

# What init said beside "ready" and "exit".
vm_notes() {
	local word rest
	while read -r word rest; do
		case $word in
		fail) say "in the VM: $rest" ;;
		insmod) say "the module ffascope did not load: $rest" ;;
		dmesg) printf '        %s\n' "$rest" >&2 ;;
		esac
	done < <(sed -n '/^ready/,$!p' "$RUN/ctl" 2>/dev/null)
}

# vm_wait QEMU WATCHER [TIMER] [OUTPUT]: until the VM has ended; the outcome in OUTCOME:
# ended, timeout, boot-timeout, secure-panic, reader-gone.
vm_wait() {
	local qemu=$1 watcher=$2 timer=${3:-} output=${4:-} ended status secure
	vm_watch_secure "$qemu" >/dev/null 2>&1 &
	secure=$!
	vm_pids+=("$secure")
	local -a pids=("$qemu" "$watcher" "$secure" ${timer:+"$timer"} ${output:+"$output"})
	OUTCOME=ended
	while :; do
		status=0
		wait -n -p ended "${pids[@]}" || status=$?
		case $ended in
		"$qemu") return 0 ;;
		"$watcher")
			if ((status != 0)); then
				OUTCOME=boot-timeout
				return 0
			fi
			vm_notes
			;;
		"$secure")
			if ((status == 0)); then
				OUTCOME='secure-panic'
				return 0
			fi
			;;
		"$timer") OUTCOME=timeout && return 0 ;;
		"$output") OUTCOME=reader-gone && return 0 ;;
		esac
		mapfile -t pids < <(printf '%s\n' "${pids[@]}" | grep -vx "$ended")
	done
}

# Ends ffalab according to OUTCOME and what the guest said; never returns to its caller's next line on failure.
vm_verdict() {
	local ended log=console
	case $OUTCOME in
	reader-gone) exit 141 ;;
	timeout)
		vm_keep_logs
		say "the VM did not end within $VM_TIMEOUT s; its console's last lines:"
		log_tail console
		[[ $VM_TIMEOUT != "$RUN_LIMIT" ]] || say "that is the default limit; --timeout SECONDS sets another one"
		die "$EXIT_TIMEOUT" "ended after $VM_TIMEOUT s; whole logs: $KEPT"
		;;
	esac
	ended=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$RUN/ctl" 2>/dev/null)
	if [[ -n $ended ]]; then
		[[ -z ${COVERAGE_DIR:-} ]] || coverage_report
		! grep -qx stuck "$RUN/ctl" || say "the VM's kernel did not switch off, as a driver hangs, and was reset"
		exit "$ended"
	fi
	if [[ $OUTCOME != secure-panic ]] && ! grep -q '^ready' "$RUN/ctl" 2>/dev/null; then
		if [[ ! -s $RUN/console.log ]]; then
			vm_boot_again
		fi
		vm_keep_logs
		say "the VM did not boot; its console's last lines:"
		log_tail console
		qemu_words
		die "$EXIT_GUEST" "boot failed; whole logs: $KEPT"
	fi
	vm_keep_logs
	if [[ $OUTCOME == secure-panic ]]; then
		log=secure
		say "the secure world panicked, and the VM could not go on; its last lines:"
	elif grep -q 'Kernel panic' "$RUN/console.log"; then
		say "the VM's kernel panicked; its console's last lines:"
	else
		say "the VM ended before the command did; its console's last lines:"
	fi
	log_tail "$log"
	qemu_words
	die "$EXIT_GUEST" "no exit status came out of the VM; whole logs: $KEPT"
}

# A kernel that dies before its console is up says why on the monitor's UART, if asked to: boots once more, asking.
vm_boot_again() {
	local qemu
	say "no word from the kernel; booting once more with its early messages"
	fdtput -t s "$RUN/virt.dtb" /chosen bootargs \
		"earlycon=pl011,0x9000000 $(fdtget "$RUN/virt.dtb" /chosen bootargs)"
	vm_arguments
	"${QEMU[@]}" </dev/null >>"$RUN/qemu.log" 2>&1 &
	qemu=$!
	vm_pids=("$qemu")
	for ((i = 0; i < 20; i++)); do
		kill -0 "$qemu" 2>/dev/null || break
		sleep 1
	done
	vm_end
	cp "$RUN/el3.log" "$RUN/console.log"
}

# Types the file, and later additions to it, into OP-TEE's UART.
vm_secure_input() {
	mkfifo "$RUN/secure.in" "$RUN/secure.out"
	cat "$RUN/secure.out" >"$RUN/secure.log" 2>/dev/null &
	vm_pids+=("$!")
	setpriv --pdeathsig TERM tail -c +1 -s 0.05 -F "$VM_SECURE_INPUT" >"$RUN/secure.in" 2>/dev/null &
	vm_pids+=("$!")
}

# vm_run WORD...: the command in the VM. Ends ffalab with the command's exit status.
vm_run() {
	local word qemu watcher timer='' output errors
	[[ -z ${COVERAGE_DIR:-} ]] || set -- /ffalab/phase "$@"
	vm_begin
	vm_request start_time="$(date +%s)" share="$VM_SHARE" shell='' unsafe="$VM_UNSAFE"
	{
		printf '#!/bin/sh\nexec'
		for word; do
			printf ' '
			quote "$word"
		done
		printf '\n'
	} >"$RUN/files/command"
	chmod +x "$RUN/files/command"
	vm_collect
	vm_arguments

	mkfifo "$RUN/in"
	: >"$RUN/out"
	: >"$RUN/err"
	QEMU+=(-chardev 'stdio,id=in,signal=off' -device 'virtserialport,chardev=in,name=in'
		-chardev "file,id=out,path=$RUN/out" -device 'virtserialport,chardev=out,name=out'
		-chardev "file,id=err,path=$RUN/err" -device 'virtserialport,chardev=err,name=err')
	[[ -z $VM_SECURE_INPUT ]] || vm_secure_input
	setpriv --pdeathsig TERM "${QEMU[@]}" <"$RUN/in" >"$RUN/qemu.log" 2>&1 &
	qemu=$!
	cat <&0 >"$RUN/in" 2>/dev/null &
	vm_pids+=("$qemu" "$!")
	# Ends when QEMU has ended and all output has been read.
	setpriv --pdeathsig TERM tail -c +1 -s 0.05 -f --pid="$qemu" "$RUN/out" 2>/dev/null &
	output=$!
	setpriv --pdeathsig TERM tail -c +1 -s 0.05 -f --pid="$qemu" "$RUN/err" >&2 2>/dev/null &
	errors=$!
	vm_watch_boot &
	watcher=$!
	vm_pids+=("$output" "$errors" "$watcher")
	VM_TIMEOUT=${VM_TIMEOUT:-$RUN_LIMIT}
	sleep "$VM_TIMEOUT" &
	timer=$!
	vm_pids+=("$timer")
	vm_wait "$qemu" "$watcher" "$timer" "$output"
	if [[ $OUTCOME == ended ]]; then
		wait "$output" "$errors" || true
	fi
	vm_end
	vm_verdict
}

# An interactive shell on the user's terminal.
vm_shell() {
	local qemu watcher rows columns
	vm_begin
	read -r rows columns < <(stty size)
	vm_request start_time="$(date +%s)" share="$VM_SHARE" unsafe="$VM_UNSAFE" shell=yes rows="$rows" columns="$columns"
	printf 'export TERM=%s\n' "$(quote "${TERM:-vt100}")" >>"$RUN/files/request"
	vm_collect
	vm_arguments
	QEMU+=(-chardev 'stdio,id=tty,signal=off' -device 'virtconsole,chardev=tty')
	TTY_STATE=$(stty -g)
	say "a shell in the VM (kernel $K_NAME); 'exit' ends it"
	setpriv --pdeathsig TERM "${QEMU[@]}" <&0 2>"$RUN/qemu.log" &
	qemu=$!
	vm_watch_boot &
	watcher=$!
	vm_pids=("$qemu" "$watcher")
	vm_wait "$qemu" "$watcher"
	vm_end
	stty "$TTY_STATE"
	vm_verdict
}
