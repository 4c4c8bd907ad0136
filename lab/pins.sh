# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Versions that were tested together. Each hash is of the file as Debian's archive serves it.
# shellcheck disable=SC2034
KERNEL_SOURCE=linux-source-7.3
# Debian's binary kernels: their release without the flavour.
DEBIAN_KERNEL=7.3.4+deb13

declare -A PIN_VERSION PIN_FILE PIN_SHA256

# A package, with its architecture where that is the machine's own; its version; its file; the file's SHA-256.
while read -r name version file hash; do
	PIN_VERSION[$name]=$version
	PIN_FILE[$name]=$file
	PIN_SHA256[$file]=$hash
done <<'EOT'
linux-source-7.3 7.3.4-1~bpo13+1 linux-source-7.3_7.3.4-1~bpo13+1_all.deb 703e369ddd4cce971452f5a593ee55df3a5c10c83caf0fa0df039633ed181ee3
linux-source-7.2 7.2.12-1~bpo13+1 linux-source-7.2_7.2.12-1~bpo13+1_all.deb 73ca6c22599ba411ab3179642d33501ca2c90174e13c3c8d86e996ea1cbf2a8f
linux-source-6.12 6.12.117-1 linux-source-6.12_6.12.117-1_all.deb 9141325315c7f1eca682113d185a8c77c82814aa6e32f7e127e61d6106403835
linux-binary-7.3.4+deb13-arm64 7.3.4-1~bpo13+1 linux-binary-7.3.4+deb13-arm64_7.3.4-1~bpo13+1_arm64.deb 0bbfeddbecdea8ab294daf09eb5cc1f4405af5c044b4b7aa57f5d1eaa205530f
linux-modules-7.3.4+deb13-arm64 7.3.4-1~bpo13+1 linux-modules-7.3.4+deb13-arm64_7.3.4-1~bpo13+1_arm64.deb df2a118b535e735230717512a9fe4d30b0c24a3c6e68470d5d13e9a08ddfd29a
linux-headers-7.3.4+deb13-arm64 7.3.4-1~bpo13+1 linux-headers-7.3.4+deb13-arm64_7.3.4-1~bpo13+1_arm64.deb 469a205bfcac35729e9295462dacc5fdb7b871c139ade15d151b33ccd97f2102
linux-binary-7.3.4+deb13-arm64-16k 7.3.4-1~bpo13+1 linux-binary-7.3.4+deb13-arm64-16k_7.3.4-1~bpo13+1_arm64.deb 40420b132c7ac6628f2e0f81de762a82423cc41b9df596f07fe5f9168a601185
linux-modules-7.3.4+deb13-arm64-16k 7.3.4-1~bpo13+1 linux-modules-7.3.4+deb13-arm64-16k_7.3.4-1~bpo13+1_arm64.deb 4a5a1441d36f9c06ce30f765a6b6f4f67cf28ce9befad0a4a064aa6fcc3cd544
linux-headers-7.3.4+deb13-arm64-16k 7.3.4-1~bpo13+1 linux-headers-7.3.4+deb13-arm64-16k_7.3.4-1~bpo13+1_arm64.deb c61fb0c47397dae631bc5367e4eb4a9480efcc20d6316ebc9a697cb859f52585
linux-binary-7.3.4+deb13-rt-arm64 7.3.4-1~bpo13+1 linux-binary-7.3.4+deb13-rt-arm64_7.3.4-1~bpo13+1_arm64.deb 307b2ceef95933cc710bf04c3555f40e4a21149546acc534eb6dae3d0aed3e16
linux-modules-7.3.4+deb13-rt-arm64 7.3.4-1~bpo13+1 linux-modules-7.3.4+deb13-rt-arm64_7.3.4-1~bpo13+1_arm64.deb 614532c6d427c915d7672d566047fa8b4ed0aabca74bdfd534d476665b092e1b
linux-headers-7.3.4+deb13-rt-arm64 7.3.4-1~bpo13+1 linux-headers-7.3.4+deb13-rt-arm64_7.3.4-1~bpo13+1_arm64.deb 70ce5c50172706aaff2f25b8d3de92b526693d6587680f1d4097040991b97327
linux-headers-7.3.4+deb13-common 7.3.4-1~bpo13+1 linux-headers-7.3.4+deb13-common_7.3.4-1~bpo13+1_all.deb 886647d4a7b05d2aedd22f8e16917c5b75e97e8946966d6bac48962c40b19a06
linux-kbuild-7.3.4+deb13:amd64 7.3.4-1~bpo13+1 linux-kbuild-7.3.4+deb13_7.3.4-1~bpo13+1_amd64.deb 248cce12d48862f7d38ca51efdb759c031192543d144f18bd36a5df37f156244
libc6:amd64 2.41-12+deb13u5 libc6_2.41-12+deb13u5_amd64.deb b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf
linux-kbuild-7.3.4+deb13:arm64 7.3.4-1~bpo13+1 linux-kbuild-7.3.4+deb13_7.3.4-1~bpo13+1_arm64.deb 4389f34dbea4f5266a5b7a88f9b253d426563c6bde1a35e85175eaf8ac468138
libc6:arm64 2.41-12+deb13u5 libc6_2.41-12+deb13u5_arm64.deb 0966fc3da1a26cc57647c68b5736f791b6e7eb498173a7993f63b6c89b4ed4f5
arm-trusted-firmware 2.12.1+dfsg-1 arm-trusted-firmware_2.12.1+dfsg.orig.tar.xz 332c08d71867b7f0dce0bce4cb2abd80f19cb3e0a2de6fe07245c111189d6fb7
optee-os 4.10.0-2 optee-os_4.10.0.orig.tar.gz 18633691cb075ff2249422251f1cd77c30439a95b564b46682dea1fb6580a5af
EOT
unset name version file hash
