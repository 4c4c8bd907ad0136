# shellcheck shell=bash disable=SC2016,SC2034,SC2153 # the parts use each other's variables; inner shells have their own
# SPDX-License-Identifier: GPL-2.0-only
# Runs the jobs of examples/ci/lava on LAVA's own dispatcher, without a server and without installing it: its packages are
# unpacked in the cache, and it runs in namespaces.

LAVA_VERSION=2023.01
LAVA_PACKAGES=(lava-dispatcher lava-dispatcher-host lava-common lava-server libmagic1
	python3-{aiohttp,aiosignal,async-timeout,attr,certifi,chardet,charset-normalizer,configobj,frozenlist,idna,jinja2}
	python3-{magic,markupsafe,multidict,netifaces,pexpect,ptyprocess,pyudev,requests,setproctitle,six,tz,urllib3}
	python3-{voluptuous,yarl} u-boot-tools u-boot-qemu)

lava_options() {
	LAVA_JOB=qemu LAVA_SCRIPT='' LAVA_OUTPUT='' LAVA_KERNEL=forward LAVA_FILE=''
	while (($# > 0)); do
		case $1 in
		--*=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			continue
			;;
		--board) LAVA_JOB=board ;;
		--job) need_value "$1" $# && LAVA_FILE=$2 && shift ;;
		--kernel) need_value "$1" $# && LAVA_KERNEL=$2 && shift ;;
		--output) need_value "$1" $# && LAVA_OUTPUT=$2 && shift ;;
		-h | --help)
			verb_usage
			exit 0
			;;
		-*) usage_error "'lava': unknown option $1" ;;
		*)
			[[ -z $LAVA_SCRIPT ]] || usage_error "'lava' takes one script"
			[[ -f $1 ]] || usage_error "$1 is not a file"
			LAVA_SCRIPT=$(readlink -f "$1")
			;;
		esac
		shift
	done
	[[ -z $LAVA_OUTPUT || -d $LAVA_OUTPUT && -w $LAVA_OUTPUT ]] ||
		usage_error "--output: $LAVA_OUTPUT is not a writable folder"
	LAVA_FILE=${LAVA_FILE:-$ROOT/examples/ci/lava/$LAVA_JOB.yaml}
	[[ -f $LAVA_FILE ]] || usage_error "--job: $LAVA_FILE is not a file"
	kernel_select "$LAVA_KERNEL"
}

# The version of LAVA that apt offers here.
lava_offered() { apt-cache madison lava-dispatcher | awk -F' *[|] *' 'NR == 1 { print $2 }'; }

# lava_fetch FOLDER PACKAGE...: unpacks packages of this machine's own release of Debian: compiled modules fit no other.
lava_fetch() {
	local into=$1 tmp deb
	shift
	tmp=$(mktemp -d "$CACHE/dl/.lava.XXXXXX")
	(cd "$tmp" && apt-get download "$@") || return
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$into"
	done
	rm -rf "$tmp"
}

# lava_unpack FOLDER PACKAGE...: the packages, and stand-ins for parts that LAVA looks for and these jobs do not use:
# guestfs, which changes images with file systems, udevadm, which waits for USB devices, and a TFTP server, which QEMU has.
lava_unpack() {
	local into=$1 name
	shift
	rm -rf "$into.new"
	mkdir -p "$into.new/stubs"
	lava_fetch "$into.new" "$@"
	: >"$into.new/stubs/guestfs.py"
	for name in udevadm in.tftpd; do
		printf '#!/bin/sh\nexit 0\n' >"$into.new/stubs/$name"
		chmod +x "$into.new/stubs/$name"
	done
	rm -rf "$into"
	mv "$into.new" "$into"
}

lava_ready_locked() {
	[[ ! -d $LAVA ]] || return 0
	[[ $(lava_offered) == "$LAVA_VERSION"* ]] ||
		die "$EXIT_FAILED" "apt offers no LAVA $LAVA_VERSION here, the version that is in Debian 12" \
			"There, try again after 'sudo apt-get update'." \
			"'ffalab lava --output DIR' writes job and files for a LAVA server."
	step "Fetching LAVA's dispatcher" lava-fetch lava_unpack "$LAVA" "${LAVA_PACKAGES[@]}"
}

# LAVA, a folder with the dispatcher's packages. Python's compiled modules belong to one release of Debian.
lava_ready() {
	local key
	key=$(hash_text "${LAVA_PACKAGES[*]}" "$(/usr/bin/python3 -V)" \
		"$(declare -f lava_fetch lava_unpack)")
	LAVA=$CACHE/lava/${key:0:12}
	mkdir -p "$CACHE/lava"
	with_lock lava lava_ready_locked
}

# The device tree that the firmware gives to Linux, with its power interface and its reserved memory: U-Boot has only
# the one that it loads.
lava_board_tree() {
	local key file
	key=$(hash_text "$FIRMWARE $(stat -L -c '%s %Y' "$(command -v qemu-system-aarch64)")")
	file=$CACHE/build/board-${key:0:12}.dtb
	if [[ ! -f $file ]]; then
		"$LAB/ffalab" run --kernel "$LAVA_KERNEL" --bare -- cat /sys/firmware/fdt >"$file.$$"
		fdtput -d "$file.$$" /chosen linux,initrd-start linux,initrd-end
		mv "$file.$$" "$file"
	fi
	cp "$file" "$LAVA_FILES/board.dtb"
}

lava_rootfs() {
	local root=$RUN/root
	mkdir -p "$root/bin"
	cp "$CACHE/sysroot-arm64/usr/bin/busybox" "$root/bin/busybox"
	cp "$LAB/lava/init" "$root/init"
	(cd "$root" && find . -print0 | LC_ALL=C sort -z |
		cpio --null --create --format=newc --owner=0:0 --quiet) >"$LAVA_FILES/rootfs.cpio"
	rm -rf "$root"
	[[ $LAVA_JOB != board ]] || gzip -n "$LAVA_FILES/rootfs.cpio"
}

lava_take_kernel() {
	cp --reflink=auto "$CACHE/kernels/$K_NAME/Image" "$LAVA_FILES/Image"
	ln -s "$LAVA_FILES/Image" "$RUN/Image"
	vm_place_kernel
	((VM_KERNEL == KERNEL_ADDRESS)) || die "$EXIT_FAILED" "kernel $K_NAME is too big for the job's addresses"
}

# Everything that the job downloads, into LAVA_FILES.
lava_files() {
	local dtb
	"$LAB/ffalab" tarball --kernel "$LAVA_KERNEL" --output "$LAVA_FILES/ffascope-arm64.tar.gz"
	lava_rootfs
	if [[ $LAVA_JOB == board ]]; then
		lava_board_tree
		return
	fi
	cp "$FIRMWARE/quiet/flash.bin" "$LAVA_FILES/flash.bin"
	dtb=$LAVA_FILES/virt.dtb
	vm_tree
	cp "$REPLY" "$dtb"
	# LAVA packs the root file system again, so its end is not known here. The kernel skips the zeros behind it.
	fdtput -t x "$dtb" /chosen linux,initrd-start "$INITRD_ADDRESS"
	fdtput -t x "$dtb" /chosen linux,initrd-end "$(printf '0x%x' $((INITRD_ADDRESS + (32 << 20))))"
	fdtput -t s "$dtb" /chosen bootargs "console=ttyAMA0 kvm-arm.mode=protected rdinit=/init panic=-1 oops=panic"
}

# QEMU as the board, for its device dictionary. It waits for the power switch.
lava_board_command() {
	local -a machine
	mapfile -t machine < <(VM_SMP=2 VM_MACHINE='' vm_machine | grep -vx -e -monitor -e none -e -display)
	printf '%s ' qemu-system-aarch64 "${machine[@]}" -display none -no-reboot -S \
		-bios "$FIRMWARE/quiet/flash.bin" -monitor "unix:$RUN/monitor,server=on,wait=off" -serial stdio \
		-device "loader,file=$LAVA/usr/lib/u-boot/qemu_arm64/u-boot.bin,addr=$KERNEL_ADDRESS,force-raw=on" \
		-netdev "user,id=net,tftp=$RUN/tftp" -device "virtio-net-pci,netdev=net,romfile="
}

lava_light() { PYTHONPATH=$LAVA/usr/lib/python3/dist-packages /usr/bin/python3 "$LAB/lava/light.py" "$@"; }

# The device and the dispatcher as a lab's server would configure them.
lava_configure() {
	local -a device=("$LAVA/usr/share/lava-server/device-types/qemu.jinja2")
	if [[ $LAVA_JOB == board ]]; then
		device=("$LAB/lava/board.jinja2")
	fi
	lava_light job "$LAVA_FILE" "$RUN/job.yaml" "file://$LAVA_FILES" \
		${LAVA_SCRIPT:+"file://$LAVA_SCRIPT"}
	lava_light device "$RUN/job.yaml" "${device[0]}" "$LAVA/usr/share/lava-server/device-types" "$RUN/device.yaml" \
		"board_command=$(lava_board_command)" "board_power=/usr/bin/python3 $LAB/lava/light.py power $RUN/monitor"
	# QEMU's address for its host.
	echo 'dispatcher_ip: 10.0.2.2' >"$RUN/dispatcher.yaml"
	mkdir -p "$RUN/tftp" "$RUN/state"
	echo "TFTP_DIRECTORY=\"$RUN/tftp\"" >"$RUN/tftpd-hpa"
}

# lava_run: the dispatcher on the job; its log in RUN/log.yaml. It writes below /var/lib/lava, and reads where TFTP's
# folder is from /etc/default: both are there in its own view of the file system only.
lava_run() {
	unshare --map-root-user --mount --pid --fork --kill-child sh -euc '
		run=$1 lava=$2
		mkdir "$run/lib"
		mount --rbind /var/lib "$run/lib"
		mount -t tmpfs tmpfs /var/lib
		for path in "$run/lib"/*; do
			[ -d "$path" ] || continue
			mkdir "/var/lib/${path##*/}"
			mount --rbind "$path" "/var/lib/${path##*/}"
		done
		mkdir -p /var/lib/lava
		mount --bind "$run/state" /var/lib/lava
		mkdir "$run/default"
		cp -r /etc/default/. "$run/default" 2>/dev/null || true
		cp "$run/tftpd-hpa" "$run/default"
		mount --bind "$run/default" /etc/default
		export PYTHONPATH="$lava/usr/lib/python3/dist-packages:$lava/stubs" PATH="$lava/stubs:$lava/usr/bin:$PATH"
		for path in "$lava"/usr/lib/*-linux-gnu*; do
			export LD_LIBRARY_PATH="$path"
		done
		cd "$run"
		/usr/bin/python3 "$lava/usr/bin/lava-run" --job-id 1 --output-dir "$run/out" --device "$run/device.yaml" \
			--dispatcher "$run/dispatcher.yaml" "$run/job.yaml" 2>"$run/log.yaml" || true
	' sh "$RUN" "$LAVA"
}

lava_keep() {
	LAVA_KEPT=$CACHE/logs/lava-$(date +%Y%m%d-%H%M%S)-$$
	mkdir -p "$LAVA_KEPT"
	cp "$RUN"/{job,device,log}.yaml "$LAVA_KEPT" 2>/dev/null || true
	find "$CACHE/logs" -maxdepth 1 -name 'lava-*' -type d | LC_ALL=C sort | head -n -20 | xargs -r rm -rf
}

verb_lava() {
	local status=0
	lava_options "$@"
	cache_init
	[[ -n $LAVA_OUTPUT ]] || unshare --map-root-user --mount true 2>/dev/null ||
		die "$EXIT_FAILED" "cannot run LAVA's dispatcher: no user namespaces with mounts (unshare --map-root-user --mount)" \
			"'ffalab lava --output DIR' writes job and files for a LAVA server."
	host_ready
	vm_begin
	VM_SMP=2 VM_MACHINE=$K_MACHINE VM_BARE='' VM_EL3_LOG='' VM_SECURE_LOG=''
	firmware_build
	sysroot_build
	LAVA_FILES=$RUN/files
	if [[ -n $LAVA_OUTPUT ]]; then
		LAVA_FILES=$(cd "$LAVA_OUTPUT" && pwd -P)
	fi
	kernel_with lava_take_kernel
	step "Packing the job's files" lava-files lava_files
	if [[ -n $LAVA_OUTPUT ]]; then
		cp "$LAVA_FILE" "$LAVA_FILES/"
		say "written to $LAVA_FILES: ${LAVA_FILE##*/} and the files that it downloads"
		return 0
	fi
	lava_ready
	lava_configure
	step "Running the job on LAVA's dispatcher" lava-job lava_run
	lava_keep
	lava_light results "$RUN/log.yaml" || status=$?
	say "LAVA's log: $LAVA_KEPT/log.yaml"
	((status != 2)) || die "$EXIT_GUEST" "the job reported no case; LAVA's log has the reason"
	exit "$status"
}
