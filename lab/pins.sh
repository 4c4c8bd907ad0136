# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Versions that were tested together. Each hash is of the file as Debian's archive serves it.
# shellcheck disable=SC2034
KERNEL_SOURCE=linux-source-7.3

declare -A PIN_VERSION=(
	[linux-source-7.3]='7.3.4-1~bpo13+1'
	[linux-source-7.2]='7.2.12-1~bpo13+1'
	[arm-trusted-firmware]='2.12.1+dfsg-1'
	[optee-os]='4.10.0-2'
)
declare -A PIN_FILE=(
	[linux-source-7.3]='linux-source-7.3_7.3.4-1~bpo13+1_all.deb'
	[linux-source-7.2]='linux-source-7.2_7.2.12-1~bpo13+1_all.deb'
	[arm-trusted-firmware]='arm-trusted-firmware_2.12.1+dfsg.orig.tar.xz'
	[optee-os]='optee-os_4.10.0.orig.tar.gz'
)
declare -A PIN_SHA256=(
	['linux-source-7.3_7.3.4-1~bpo13+1_all.deb']=703e369ddd4cce971452f5a593ee55df3a5c10c83caf0fa0df039633ed181ee3
	['linux-source-7.2_7.2.12-1~bpo13+1_all.deb']=73ca6c22599ba411ab3179642d33501ca2c90174e13c3c8d86e996ea1cbf2a8f
	['arm-trusted-firmware_2.12.1+dfsg.orig.tar.xz']=332c08d71867b7f0dce0bce4cb2abd80f19cb3e0a2de6fe07245c111189d6fb7
	['optee-os_4.10.0.orig.tar.gz']=18633691cb075ff2249422251f1cd77c30439a95b564b46682dea1fb6580a5af
)
