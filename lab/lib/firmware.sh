# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Builds TF-A (the monitor) and an SPMC, OP-TEE or that of lab/spmc, into one flash image for QEMU, in two kinds:
# debug logs every FF-A call that reaches EL3, quiet logs none.

# The address that TF-A jumps to once the secure world has booted: the kernel's Image (see vm.sh).
readonly KERNEL_ADDRESS=0x40200000

# One folder per state of the sources, so that checkouts that share the cache do not interfere.
firmware_key() {
	hash_text "$(hash_of "$LAB/firmware")" "${PIN_FILE[optee-os]}" "${PIN_FILE[arm-trusted-firmware]}" \
		"$(declare -f optee_make tfa_make tfa_patch)"
}

firmware_unpack() {
	local archive=$1 into=$2
	rm -rf "$into"
	mkdir -p "$into"
	tar -xf "$archive" -C "$into" --strip-components=1
}

optee_make() {
	# Use the system's python: another one on PATH may lack pyelftools.
	make -C "$1" -j"$JOBS" O="$1/out" PYTHON3=/usr/bin/python3 PLATFORM=vexpress-qemu_armv8a \
		CFG_ARM64_core=y CFG_USER_TA_TARGETS=ta_arm64 CFG_CORE_SEL1_SPMC=y CFG_ARM_GICV3=y CFG_DT=y \
		CROSS_COMPILE64="$CROSS" CROSS_COMPILE_core="$CROSS" CROSS_COMPILE_ta_arm64="$CROSS"
}

tfa_make() {
	local dir=$1 optee=$2/out/core kind=$3 out level debug
	shift 3
	case $kind in
	debug) debug=1 level=50 ;;
	quiet) debug=0 level=20 ;;
	esac
	make -C "$dir" -j"$JOBS" BUILD_BASE="$dir/$kind" PLAT=qemu DEBUG="$debug" LOG_LEVEL="$level" \
		QEMU_USE_GIC_DRIVER=QEMU_GICV3 SPD=spmd SPMD_SPM_AT_SEL2=0 SPMC_OPTEE=1 CTX_INCLUDE_EL2_REGS=0 \
		BL32="$optee/tee-header_v2.bin" BL32_EXTRA1="$optee/tee-pager_v2.bin" \
		BL32_EXTRA2="$optee/tee-pageable_v2.bin" BL32_RAM_LOCATION=tdram \
		QEMU_TOS_FW_CONFIG_DTS="$LAB/firmware/spmc.dts" \
		ARM_LINUX_KERNEL_AS_BL33=1 PRELOADED_BL33_BASE="$KERNEL_ADDRESS" \
		CROSS_COMPILE="$CROSS" CC="${CROSS}gcc" all fip
	out=$dir/$kind/qemu/release
	[[ $kind == quiet ]] || out=$dir/$kind/qemu/debug
	mkdir -p "$FIRMWARE/$kind"
	# BL1 runs from the start of the flash; it loads the other images from offset 256 KiB on.
	cp "$out/bl1.bin" "$FIRMWARE/$kind/flash.bin.new"
	dd if="$out/fip.bin" of="$FIRMWARE/$kind/flash.bin.new" bs=4096 seek=64 conv=notrunc status=none
	mv "$FIRMWARE/$kind/flash.bin.new" "$FIRMWARE/$kind/flash.bin"
}

tfa_patch() {
	local patch
	for patch in "$LAB"/firmware/patches/*.patch; do
		patch -p1 --batch --forward -d "$1" <"$patch"
	done
}

firmware_build_locked() {
	local work=$CACHE/build/firmware optee tfa
	if [[ -f $FIRMWARE/stamp ]]; then
		return 0
	fi
	fetch_pinned optee-os
	optee=$REPLY
	fetch_pinned arm-trusted-firmware
	tfa=$REPLY
	step "Unpacking OP-TEE" firmware-unpack firmware_unpack "$optee" "$work/optee"
	step "Building OP-TEE" firmware-optee optee_make "$work/optee"
	step "Unpacking TF-A" firmware-unpack firmware_unpack "$tfa" "$work/tfa"
	step "Patching TF-A" firmware-patch tfa_patch "$work/tfa"
	step "Building TF-A (debug)" firmware-tfa-debug tfa_make "$work/tfa" "$work/optee" debug
	step "Building TF-A (quiet)" firmware-tfa-quiet tfa_make "$work/tfa" "$work/optee" quiet
	stamp_write "$FIRMWARE/stamp" "${FIRMWARE##*/}"
	rm -rf "$work"
	# Keep the three newest.
	find "$CACHE/firmware" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +4 |
		cut -d' ' -f2- | xargs -r rm -rf
}

# The same for lab/spmc in OP-TEE's place: TF-A, which is built once, and the SPMC, which takes a second after a change.
# Both are apart from OP-TEE's images, which stay as they are.
spmc_tfa_key() {
	hash_text "$(hash_of "$LAB"/firmware/patches/000[12]-*.patch "$LAB/spmc/tf-a.patch")" \
		"${PIN_FILE[arm-trusted-firmware]}" "$(declare -f spmc_tfa_patch spmc_tfa_make)"
}

# All but the last of the lab's patches: this SPMC answers power messages.
spmc_tfa_patch() {
	local patch
	for patch in "$LAB"/firmware/patches/000[12]-*.patch "$LAB/spmc/tf-a.patch"; do
		patch -p1 --batch --forward -d "$1" <"$patch"
	done
}

# spmc_tfa_make DIR KIND INTO: the parts of the flash image that are TF-A's.
spmc_tfa_make() {
	local dir=$1 kind=$2 into=$3 debug=0 level=20 type=release
	[[ $kind == quiet ]] || debug=1 level=50 type=debug
	make -C "$dir" -j"$JOBS" BUILD_BASE="$dir/$kind" PLAT=qemu DEBUG="$debug" LOG_LEVEL="$level" \
		QEMU_USE_GIC_DRIVER=QEMU_GICV3 SPD=spmd SPMD_SPM_AT_SEL2=0 CTX_INCLUDE_EL2_REGS=0 \
		BL32=/dev/null BL32_RAM_LOCATION=tdram \
		ARM_LINUX_KERNEL_AS_BL33=1 PRELOADED_BL33_BASE="$KERNEL_ADDRESS" \
		CROSS_COMPILE="$CROSS" CC="${CROSS}gcc" bl1 bl2 bl31 fiptool
	mkdir -p "$into"
	cp "$dir/$kind/qemu/$type"/bl{1,2,31}.bin "$dir/tools/fiptool/fiptool" "$into"
}

# spmc_make TFA INTO: the SPMC, and the flash image of it and the parts in TFA.
spmc_make() {
	local tfa=$1 into=$2 work=$CACHE/build/spmc
	make -C "$LAB/spmc" O="$work" CROSS_COMPILE="$CROSS"
	"$tfa/fiptool" create --tb-fw "$tfa/bl2.bin" --soc-fw "$tfa/bl31.bin" --tos-fw "$work/spmc.bin" \
		--tos-fw-config "$work/spmc.dtb" "$work/fip.bin"
	mkdir -p "$into"
	cp "$tfa/bl1.bin" "$into/flash.bin.new"
	dd if="$work/fip.bin" of="$into/flash.bin.new" bs=4096 seek=64 conv=notrunc status=none
	mv "$into/flash.bin.new" "$into/flash.bin"
	rm -rf "$work"
}

# spmc_build_locked KIND TFA: one kind only, which a first run waits for.
spmc_build_locked() {
	local kind=$1 tfa=$2 work=$CACHE/build/spmc-tfa
	if [[ ! -f $tfa/stamp ]]; then
		fetch_pinned arm-trusted-firmware
		step "Unpacking TF-A" spmc-unpack firmware_unpack "$REPLY" "$work"
		step "Patching TF-A" spmc-patch spmc_tfa_patch "$work"
		step "Building TF-A for the SPMC ($kind)" "spmc-tfa-$kind" spmc_tfa_make "$work" "$kind" "$tfa"
		stamp_write "$tfa/stamp" "${tfa##*/}"
		rm -rf "$work"
	fi
	if [[ ! -f $FIRMWARE/$kind/flash.bin ]]; then
		step "Building the SPMC ($kind)" spmc-build spmc_make "$tfa" "$FIRMWARE/$kind"
	fi
	# Keep the six newest, including TF-A's parts.
	touch "$tfa"
	find "$CACHE/spmc" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +7 |
		cut -d' ' -f2- | xargs -r rm -rf
}

# FIRMWARE for lab/spmc: a folder that holds VM_FIRMWARE/flash.bin.
spmc_build() {
	local tfa key
	tfa=$(spmc_tfa_key)
	key=$(hash_text "$tfa $(hash_of "$LAB/spmc") $(declare -f spmc_make)")
	FIRMWARE=$CACHE/spmc/${key:0:16}
	if [[ ! -f $FIRMWARE/$VM_FIRMWARE/flash.bin ]]; then
		with_lock spmc spmc_build_locked "$VM_FIRMWARE" "$CACHE/spmc/tf-a-$VM_FIRMWARE-${tfa:0:16}"
	fi
}

# firmware_build: makes sure that FIRMWARE, a folder, holds {debug,quiet}/flash.bin; of lab/spmc only VM_FIRMWARE's.
firmware_build() {
	local key
	if [[ ${VM_SECURE_WORLD:-optee} != optee ]]; then
		spmc_build
		return
	fi
	key=$(firmware_key)
	FIRMWARE=$CACHE/firmware/${key:0:16}
	if [[ ! -f $FIRMWARE/stamp ]]; then
		with_lock firmware firmware_build_locked
	fi
}
