# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Fetches from Debian's archive through an apt configuration of our own: the machine's stays as it is.

# apt_archive FOLDER: the base address of the Debian archive that this machine uses, from the apt sources in FOLDER;
# nothing where they name none.
apt_archive() {
	local etc=$1 file uri=''
	for file in "$etc"/sources.list "$etc"/sources.list.d/*.list; do
		[[ -f $file ]] || continue
		# deb [options] ADDRESS SUITE COMPONENT...
		uri=$(sed -E 's/#.*//; s/\[[^]]*\]//' "$file" | awk '
			$1 ~ /^deb(-src)?$/ && $2 ~ /^https?:.*\/debian\/?$/ && $4 == "main" { print $2; exit }')
		[[ -z $uri ]] || break
	done
	if [[ -z $uri ]]; then
		for file in "$etc"/sources.list.d/*.sources; do
			[[ -f $file ]] || continue
			uri=$(awk -v RS= '!/(^|\n)Enabled: *no/ && /(^|\n)Components:[^\n]*main/' "$file" | awk '
				tolower($1) == "uris:" {
					for (i = 2; i <= NF; i++)
						if ($i ~ /^https?:.*\/debian\/?$/) { print $i; exit }
				}')
			[[ -z $uri ]] || break
		done
	fi
	printf '%s\n' "${uri%/}"
}

apt_keyring() {
	local file
	for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
		if [[ -f $file ]]; then
			printf '%s\n' "$file"
			return
		fi
	done
	die "$EXIT_FAILED" "the keys of Debian's archive are not on this machine" \
		"Run 'sudo apt-get install debian-archive-keyring' and try again."
}

# Ends ffalab where apt knows no archive of Debian: on another distribution, for instance.
apt_needs_debian() {
	[[ -n $(apt_archive /etc/apt) ]] ||
		host_unsuited "apt's sources on this machine name no archive of Debian (component main)"
}

apt_configure() {
	local dir=$CACHE/apt uri ring suite arch
	# Packages for the VM, and some of this machine's architecture.
	arch=$(dpkg --print-architecture)
	[[ $arch == arm64 ]] || arch+=,arm64
	uri=$(apt_archive /etc/apt)
	ring=$(apt_keyring)
	mkdir -p "$dir"/{lists/partial,cache/archives/partial}
	: >>"$dir/status"
	cat >"$dir/apt.conf" <<-EOF
		APT::Architecture "arm64";
		APT::Architectures "$arch";
		APT::Sandbox::User "root";
		APT::Default-Release "";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Dir::State::Lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::Cache "$dir/cache";
	EOF
	for suite in trixie trixie-backports; do
		printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$arch" "$ring" "$uri" "$suite"
	done >"$dir/sources.list"
	printf 'deb [arch=arm64 signed-by=%s] %s bookworm main\n' "$ring" "$uri" >>"$dir/sources.list"
	for suite in trixie sid; do
		printf 'deb-src [signed-by=%s] %s %s main\n' "$ring" "$uri" "$suite"
	done >>"$dir/sources.list"
}

own_apt() { APT_CONFIG=$CACHE/apt/apt.conf "$@"; }

apt_refresh() {
	apt_configure
	own_apt apt-get update
	touch "$CACHE/apt/fresh"
}

# Reads the package lists, once in this run at most.
apt_lists() {
	[[ -z ${apt_lists_read:-} ]] || return 0
	apt_needs_debian
	step "Reading Debian's package lists" apt-lists apt_refresh
	apt_lists_read=yes
}

hash_ok() {
	local want=${PIN_SHA256[${1##*/}]:-}
	[[ -z $want || $(sha256sum <"$1") == "$want  -" ]]
}

# download_into FOLDER COMMAND...: runs a download in a folder of its own, then moves what came.
download_into() {
	local into=$1 tmp
	shift
	tmp=$(mktemp -d "$CACHE/dl/.part.XXXXXX")
	(cd "$tmp" && own_apt "$@") || {
		rm -rf "$tmp"
		return 1
	}
	find "$tmp" -maxdepth 1 -type f -exec mv -t "$into" {} +
	rm -rf "$tmp"
}

# newest_version PACKAGE: the newest one that the signed archive offers.
newest_version() { own_apt apt-cache madison "$1" | awk -F' *[|] *' 'NR == 1 { print $2 }'; }

# fetch_newest NAME: the newest version of a package whose pinned one has left the archive; its path in REPLY.
fetch_newest() {
	local name=$1 version arch file
	version=$(newest_version "$name")
	[[ -n $version ]] || die "$EXIT_FAILED" "Debian's archive has no ${name%:*} any more" \
		"Put a version that it has into lab/pins.sh."
	say "the archive no longer has $name ${PIN_VERSION[$name]}; taking its newest, $version"
	arch=${PIN_FILE[$name]##*_}
	file=${name%:*}_${version//:/%3a}_$arch
	[[ -f $CACHE/dl/$file ]] ||
		step "Fetching $name $version" "fetch-$name" download_into "$CACHE/dl" apt-get download "$name=$version"
	REPLY=$CACHE/dl/$file
	[[ -f $REPLY ]] || die "$EXIT_FAILED" "cannot fetch $file from the archive; log: $CACHE/logs/fetch-$name.log"
}

# fetch_pinned NAME: gives the path of the pinned file (see pins.sh) in REPLY. First from the cache, then from
# FFALAB_SOURCES, then from the archive.
fetch_pinned() {
	local name=$1 file=${PIN_FILE[$1]:-} version=${PIN_VERSION[$1]:-} dir
	[[ -n $file ]] || die "$EXIT_FAILED" "no version of $name is pinned in lab/pins.sh"
	for dir in "$CACHE/dl" ${FFALAB_SOURCES:+"$FFALAB_SOURCES"}; do
		[[ -f $dir/$file ]] || continue
		if hash_ok "$dir/$file"; then
			REPLY=$dir/$file
			return
		fi
		say "$dir/$file is not the file pinned in lab/pins.sh (SHA-256 differs); it is not used"
	done
	apt_lists
	case $file in
	*.deb)
		if ! own_apt apt-cache madison "$name" | awk -F' *[|] *' '{ print $2 }' | grep -qxF "$version"; then
			fetch_newest "$name"
			return
		fi
		step "Fetching $name $version" "fetch-$name" download_into "$CACHE/dl" apt-get download "$name=$version"
		;;
	*)
		step "Fetching the source of $name $version" "fetch-$name" download_into "$CACHE/dl" \
			apt-get source --download-only "$name=$version"
		;;
	esac
	REPLY=$CACHE/dl/$file
	[[ -f $REPLY ]] || die "$EXIT_FAILED" "cannot fetch $file from the archive; log: $CACHE/logs/fetch-$name.log"
	if ! hash_ok "$REPLY"; then
		rm -f "$REPLY"
		die "$EXIT_FAILED" "$file from the archive is not the file pinned in lab/pins.sh (SHA-256 differs)"
	fi
}

# fetch_pinned_debs NAME...: downloads those of the pinned packages that are not here yet, all at once.
fetch_pinned_debs() {
	local name file
	local -a wanted=()
	for name; do
		file=${PIN_FILE[$name]:-}
		[[ -f $CACHE/dl/$file || -f ${FFALAB_SOURCES:-$CACHE/dl}/$file ]] ||
			wanted+=("$name=${PIN_VERSION[$name]:-}")
	done
	((${#wanted[@]} > 0)) || return 0
	apt_lists
	step "Fetching ${#wanted[@]} packages of $1" "fetch-$1" download_into "$CACHE/dl" apt-get download "${wanted[@]}"
}

# fetch_debs SUITE FOLDER PACKAGE...: arm64 packages of a suite, unpacked into FOLDER.
fetch_debs() {
	local suite=$1 into=$2 tmp package deb
	shift 2
	tmp=$(mktemp -d "$CACHE/dl/.debs.XXXXXX")
	download_into "$tmp" apt-get download "${@/%//$suite}"
	for package; do
		deb=$(find "$tmp" -name "${package}_*_*.deb" -print -quit)
		[[ -n $deb ]] || {
			echo "no file came for $package"
			return 1
		}
		dpkg-deb -x "$deb" "$into"
	done
	rm -rf "$tmp"
}
