# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# The packages that the lab needs on this machine, and their installation.

# The lab in a container, from the top of the checkout; README.md has the same lines.
host_containers() {
	cat <<-'EOF'
		podman build -t ffalab -f lab/Containerfile lab && podman run --rm -it -v "$PWD:/work:z" -v ffalab:/cache ffalab demo
		docker build -t ffalab -f lab/Containerfile lab && docker run --rm -it -v "$PWD:/work:z" -v ffalab:/cache ffalab demo
	EOF
}

# host_unsuited REASON: ends ffalab with the way out.
host_unsuited() {
	local -a lines
	mapfile -t lines < <(host_containers)
	die "$EXIT_FAILED" "the lab runs on Debian 12 and 13; $1" \
		"Anywhere else it runs in a container, with podman or docker, from the top of the checkout:" "${lines[@]}"
}

# package | how to detect it: a command, /file or python:module | purpose
# A leading ? marks a package that only a test needs; the test is skipped without it. Not every Debian release has it.
host_needs() {
	# On arm64 the native compiler has the cross compiler's name too.
	if [[ $(uname -m) == aarch64 ]]; then
		echo 'libc6-dev|/usr/lib/aarch64-linux-gnu/libc.a|static programs for the VM'
	else
		echo 'gcc-aarch64-linux-gnu|aarch64-linux-gnu-gcc|everything that runs in the VM'
		echo 'libc6-dev-arm64-cross|/usr/aarch64-linux-gnu/lib/libc.a|static programs for the VM'
	fi
	cat <<-'EOF'
		qemu-system-arm|qemu-system-aarch64|the virtual machine
		gcc|gcc|the kernel's and the firmware's build tools
		libc6-dev|/usr/include/stdio.h|the kernel's and the firmware's build tools
		make|make|kernel and firmware
		patch|patch|kernel and firmware patches
		flex|flex|kernel
		bison|bison|kernel
		bc|bc|kernel
		libssl-dev|/usr/include/openssl/ssl.h|kernel, TF-A's fiptool
		libelf-dev|/usr/include/libelf.h|kernel, ffascope
		dwarves|pahole|the kernel's type information (BTF)
		perl|perl|kernel
		python3|/usr/bin/python3|OP-TEE, meson
		python3-pyelftools|python:elftools|OP-TEE
		python3-cryptography|python:cryptography|OP-TEE
		device-tree-compiler|fdtput|the VM's device tree
		cpio|cpio|the VM's root
		rsync|rsync|kernel trees
		xz-utils|xz|source archives
		ccache|ccache|quick second builds
		clang|clang|ffascope's BPF program
		bpftool|bpftool|ffascope's BPF program
		meson|meson|ffascope
		ninja-build|ninja|ffascope
		pkg-config|pkg-config|ffascope
		libbpf-dev|/usr/include/bpf/libbpf.h|ffascope
		zlib1g-dev|/usr/include/zlib.h|ffascope
		libjson-c-dev|/usr/include/json-c/json.h|ffascope
		libedit-dev|/usr/include/histedit.h|ffascope
		libcmocka-dev|/usr/include/cmocka.h|ffascope's unit tests
		mandoc|mandoc|the check of the manual pages
		tmux|tmux|the test of the shell in a terminal
		python3-yaml|python:yaml|the check of the CI examples
		?lava-common|/usr/lib/python3/dist-packages/lava_common|the check of the LAVA job
		shellcheck|shellcheck|the check of the lab's scripts
		debian-archive-keyring|/usr/share/keyrings/debian-archive-keyring.gpg|Debian's archive
		ca-certificates|/etc/ssl/certs/ca-certificates.crt|Debian's archive
	EOF
}

# All of them, one a line, for an image that has everything.
host_packages_all() { host_needs | sed 's/^?//; s/|.*//' | sort -u; }

host_has() {
	case $1 in
	/*) [[ -e $1 ]] ;;
	python:*) /usr/bin/python3 -c "import ${1#python:}" 2>/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# Lists missing packages with their purpose. HOST_MORE lists those that one verb needs in addition.
host_missing() {
	local package sign reason
	while IFS='|' read -r package sign reason; do
		host_has "$sign" && continue
		if [[ $package == \?* ]]; then
			package=${package#?}
			apt-cache show "$package" >/dev/null 2>&1 || continue
		fi
		printf '%s|%s\n' "$package" "$reason"
	done < <(host_needs && printf '%s' "${HOST_MORE:+$HOST_MORE$'\n'}")
}

host_install() {
	local -a root=("$@")
	# Without recommended packages, which would install desktop software.
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		"${host_packages[@]}" && return
	echo 'apt-get install failed; updating the package lists'
	"${root[@]}" apt-get update
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${host_packages[@]}"
}

# host_ready: installs what the lab needs and is missing. Only the installation uses root permissions.
host_ready() {
	local package reason missing line answer stamp key
	local -a root=()
	command -v apt-get >/dev/null || host_unsuited "this machine has no apt-get"
	key=$(hash_of "$LAB/lib/host.sh")
	stamp=$CACHE/host.stamp
	# Checking takes a moment, so a positive result is cached for a day.
	if [[ -z ${HOST_MORE:-} ]] && stamp_is "$stamp" "$key" && [[ -n $(find "$stamp" -mmin -1440) ]] && host_has qemu-system-aarch64; then
		return 0
	fi
	missing=$(host_missing)
	if [[ -z $missing ]]; then
		stamp_write "$stamp" "$key"
		return 0
	fi
	apt_needs_debian
	host_packages=()
	say "missing on this machine:"
	while IFS='|' read -r package reason; do
		printf '        %-24s %s\n' "$package" "$reason" >&2
		host_packages+=("$package")
	done <<<"$missing"
	line="sudo apt-get install --no-install-recommends ${host_packages[*]}"
	if [[ -t 0 && -t 2 && ${CI:-} != true ]]; then
		read -r -p "ffalab: install them now with '$line'? [Y/n] " answer
		case $answer in
		'' | [Yy]*) ;;
		*) die "$EXIT_FAILED" "nothing installed" "Run '$line' and try again." ;;
		esac
		((EUID == 0)) || { root=(sudo) && sudo -v; } ||
			die "$EXIT_FAILED" "no root permissions" "Run '$line' and try again."
	elif ((EUID != 0)); then
		root=(sudo -n)
		sudo -n true 2>/dev/null ||
			die "$EXIT_FAILED" "installing them needs root permissions" "Run '$line' and try again."
	fi
	step "Installing ${#host_packages[@]} packages" apt-install host_install "${root[@]}"
	missing=$(host_missing | cut -d'|' -f1 | xargs)
	[[ -z $missing ]] ||
		die "$EXIT_FAILED" "still missing after the installation: $missing" "Log: $CACHE/logs/apt-install.log"
	stamp_write "$stamp" "$key"
}
