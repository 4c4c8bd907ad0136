# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Judges a patch series commit by commit: builds, boots and sweeps each one, and tables what it changed.

# A tree of ours that follows no other: kernel_select_source builds in it.
readonly REVIEW_MARK=.ffalab-review

review_git() {
	git -C "$REVIEW_TREE" -c user.name=ffalab -c user.email=ffalab@localhost -c core.fsync=none -c gc.auto=0 \
		-c advice.detachedHead=false -c core.untrackedCache=false -c commit.gpgSign=false -c core.hooksPath=/dev/null "$@"
}

# review_patches SOURCE: the patch files of a folder, in the order of its series if it has one; or the mailbox.
review_patches() {
	local line
	if [[ -f $1 ]]; then
		printf '%s\n' "$1"
	elif [[ -f $1/series ]]; then
		sed -E 's/[[:space:]]*(#.*)?$//; /^$/d' "$1/series" | while read -r line; do
			printf '%s\n' "$1/${line##*/}"
		done
	else
		find "$1" -maxdepth 1 -name '*.patch' | LC_ALL=C sort
	fi
}

# Makes or renews the tree from a git repository. It shares the repository's objects.
review_tree_of_git() {
	if [[ ! -d $REVIEW_TREE/.git ]]; then
		rm -rf "$REVIEW_TREE"
		git clone -q --shared --no-checkout "$REVIEW_SOURCE" "$REVIEW_TREE"
	fi
	review_git am --abort 2>/dev/null || true
	review_git checkout -q -f --detach "$REVIEW_BASE"
}

# The same from sources without git: only the files that the patches name are tracked.
review_tree_of_files() {
	local file
	if [[ ! -d $REVIEW_TREE && $REVIEW_SOURCE == "$CACHE/src/$KERNEL_SOURCE" && -f $CACHE/trees/stock/.ffalab-key ]]; then
		# With stock's objects.
		kernel_tree_new "$K_TREE" "$KERNEL_SOURCE"
	fi
	K_FROM=$REVIEW_SOURCE
	rm -rf "$REVIEW_TREE/.git"
	kernel_tree_follow
	git init -q "$REVIEW_TREE"
	echo '*' >"$REVIEW_TREE/.git/info/exclude"
	patched_files "${REVIEW_PATCHES[@]}" | while read -r file; do
		# What an earlier series has left behind does not belong to the base.
		if [[ ! -f $REVIEW_SOURCE/$file ]]; then
			rm -f "${REVIEW_TREE:?}/$file"
		else
			cmp -s "$REVIEW_SOURCE/$file" "$REVIEW_TREE/$file" || cp --remove-destination "$REVIEW_SOURCE/$file" "$REVIEW_TREE/$file"
			review_git add -f "$file"
		fi
	done
	review_git commit -q --allow-empty -m "The sources before the series"
	REVIEW_BASE=$(review_git rev-parse HEAD)
}

# review_apply_one PATCH|MBOX: as commits; status 1 with REVIEW_STOPPED at the first that does not apply.
review_apply_one() {
	if grep -qE '^(From |Subject: )' "$1"; then
		review_git am -q --keep-cr -3 "$1" && return
		REVIEW_STOPPED=$(sed -n 's/^Subject: //p' "$REVIEW_TREE/.git/rebase-apply/info")
		review_git am --quit
	else
		review_git apply --index "$1" && review_git commit -q -m "${1##*/}" && return
		REVIEW_STOPPED=${1##*/}
	fi
	review_git reset -q --hard
	return 1
}

# The patches as commits. Those after one that does not apply are not tried.
review_apply() {
	local patch
	REVIEW_STOPPED=''
	for patch in "${REVIEW_PATCHES[@]}"; do
		review_apply_one "$patch" || break
	done
	printf '%s\n' "$REVIEW_BASE" "$REVIEW_STOPPED" >"$REVIEW_OUT/base"
	review_git rev-list --reverse "$REVIEW_BASE..HEAD" >"$REVIEW_OUT/commits"
}

review_prepare() {
	if [[ -e $REVIEW_SOURCE/.git ]]; then
		review_tree_of_git
	else
		review_tree_of_files
	fi
	touch "$REVIEW_TREE/$REVIEW_MARK"
	if ((${#REVIEW_PATCHES[@]} > 0)); then
		review_apply
	else
		printf '%s\n' "$REVIEW_BASE" '' >"$REVIEW_OUT/base"
		printf '%s\n' "${REVIEW_COMMITS[@]}" >"$REVIEW_OUT/commits"
	fi
}

# Runs in the VM, with the results in /share.
review_guest() {
	cat <<-'GUEST'
		cd /share || exit 1
		fuzz=$1
		shift
		ffascope --json sweep --allow-state-change --save sweep.json "$@" >sweep.out 2>&1
		[ ! -f parent.json ] || ffascope --json diff parent.json sweep.json >diff.json
		: >scripts
		for script in run/*; do
			[ -f "$script" ] || continue
			ffascope run --allow-state-change "$script" >"out.${script##*/}" 2>&1
			echo "$? ${script##*/}" >>scripts
		done
		if [ -n "$fuzz" ]; then
			ffascope fuzz --allow-state-change --time "$fuzz" >out.fuzz 2>&1
			echo "$? fuzz" >>scripts
		fi
		[ -s sweep.json ]
	GUEST
}

# review_key ID: what the result of a commit depends on.
review_key() {
	hash_text "$(review_git rev-parse "$1^{tree}") $(review_git log -1 --format=%B "$1") ${REVIEW_SWEEP[*]} $REVIEW_FUZZ $(hash_of "$ROOT/kmod" "$ROOT/cli" \
		"$LAB/kernels/base.config" "${REVIEW_SCRIPTS[@]}") ${REVIEW_LAST:+$(hash_of "$REVIEW_LAST")}"
}

# review_commit NUMBER ID: builds, boots and sweeps one commit.
review_commit() {
	local folder key status=0 file begin=$SECONDS
	folder=$REVIEW_OUT/$(printf '%03d' "$1")
	key=$(review_key "$2")
	if [[ -n $REVIEW_RESUME ]] && stamp_is "$folder/key" "$key"; then
		say "commit $1 of $REVIEW_COUNT: kept from the earlier review"
	else
		rm -rf "$folder"
		mkdir -p "$folder/share/run"
		{ echo "$2" && review_git log -1 --format=%B "$2"; } >"$folder/commit"
		for file in "${REVIEW_SCRIPTS[@]}"; do
			cp "$file" "$folder/share/run/"
		done
		[[ -z $REVIEW_LAST ]] || cp "$REVIEW_LAST" "$folder/share/parent.json"
		review_guest >"$folder/share/guest.sh"
		say "commit $1 of $REVIEW_COUNT: $(review_git log -1 --format='%h %s' "$2")"
		review_git checkout -q -f --detach "$2"
		rm -f "$CACHE/logs/kernel-$K_TREE.log"
		in_group "$LAB/ffalab" run --kernel-source "$REVIEW_TREE" --share "$folder/share" --timeout "$((600 + REVIEW_FUZZ))" -- \
			sh /share/guest.sh "$REVIEW_FUZZ" "${REVIEW_SWEEP[@]}" >"$folder/run.log" 2>&1 || status=$?
		cp "$CACHE/logs/kernel-$K_TREE.log" "$folder/build.log" 2>/dev/null || true
		for file in sweep.json diff.json scripts; do
			[[ ! -s $folder/share/$file ]] || cp "$folder/share/$file" "$folder/$file"
		done
		case $status in
		0) echo 'done' ;;
		"$EXIT_FAILED")
			# Anything else that could not be built is not the commit's fault.
			grep -qF "Building the kernel of $REVIEW_TREE: failed" "$folder/run.log" ||
				die "$EXIT_FAILED" "the lab failed; whole log: $folder/run.log" "$(tail -n 5 "$folder/run.log")"
			echo build-failed
			;;
		"$EXIT_GUEST" | "$EXIT_TIMEOUT") echo boot-failed ;;
		*) echo sweep-failed ;;
		esac >"$folder/status"
		stamp_write "$folder/key" "$key"
	fi
	say "commit $1 of $REVIEW_COUNT: $(<"$folder/status") ($((SECONDS - begin)) s)"
	[[ $(<"$folder/status") != 'done' ]] || REVIEW_LAST=$folder/sweep.json
}

# The base, then each commit, then what did not apply.
review_all() {
	local number=0 id base stopped
	mapfile -t REVIEW_COMMITS <"$REVIEW_OUT/commits"
	{ read -r base && read -r stopped; } <"$REVIEW_OUT/base"
	REVIEW_COUNT=${#REVIEW_COMMITS[@]}
	REVIEW_LAST=''
	for id in "$base" "${REVIEW_COMMITS[@]}"; do
		review_commit "$number" "$id"
		number=$((number + 1))
	done
	find "$REVIEW_OUT" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*' | while read -r id; do
		((10#${id##*/} < number)) || rm -rf "$id"
	done
	if [[ -n $stopped ]]; then
		id=$REVIEW_OUT/$(printf '%03d' "$number")
		mkdir -p "$id"
		printf '%s\n' '-' "$stopped" >"$id/commit"
		echo does-not-apply >"$id/status"
	fi
}

review_locked() {
	step "Preparing the sources of $REVIEW_WHAT" "$K_TREE-prepare" review_prepare
	review_all
}

# review_find: what the argument names: a folder or mailbox of patches, else a range of REVIEW_SOURCE.
review_find() {
	local ids
	REVIEW_PATCHES=() REVIEW_COMMITS=()
	if [[ -e $REVIEW_WHAT ]]; then
		mapfile -t REVIEW_PATCHES < <(review_patches "$(readlink -f "$REVIEW_WHAT")")
		((${#REVIEW_PATCHES[@]} > 0)) || usage_error "no patches in $REVIEW_WHAT"
		for ids in "${REVIEW_PATCHES[@]}"; do
			[[ -r $ids ]] || usage_error "cannot read $ids"
		done
		[[ ! -e $REVIEW_SOURCE/.git ]] || REVIEW_BASE=$(git -C "$REVIEW_SOURCE" rev-parse -q --verify "${REVIEW_BASE:-HEAD}^{commit}") ||
			usage_error "no commit ${REVIEW_BASE:-HEAD} in $REVIEW_SOURCE"
		return
	fi
	[[ -n $REVIEW_GIVEN ]] || usage_error "no file or folder $REVIEW_WHAT; a range of commits needs --kernel-source"
	[[ -e $REVIEW_SOURCE/.git ]] || usage_error "$REVIEW_SOURCE is not a git repository: give a mailbox or a folder of patches"
	[[ -z $REVIEW_BASE ]] || usage_error "--base is for a mailbox or a folder of patches"
	ids=$(git -C "$REVIEW_SOURCE" rev-list --reverse --first-parent "$REVIEW_WHAT" -- 2>/dev/null) ||
		usage_error "neither a file, nor a range of commits in $REVIEW_SOURCE: $REVIEW_WHAT"
	[[ $REVIEW_WHAT == *..* ]] || usage_error "$REVIEW_WHAT is not a range; did you mean $REVIEW_WHAT^..$REVIEW_WHAT?"
	[[ -n $ids ]] || usage_error "no commits in $REVIEW_WHAT"
	mapfile -t REVIEW_COMMITS <<<"$ids"
	REVIEW_BASE=$(git -C "$REVIEW_SOURCE" rev-parse -q --verify "${REVIEW_COMMITS[0]}^") ||
		usage_error "the first commit of $REVIEW_WHAT has no parent"
}

# review_options ARGUMENT...: sets the variables of a review.
review_options() {
	REVIEW_WHAT='' REVIEW_SOURCE='' REVIEW_GIVEN='' REVIEW_BASE='' REVIEW_RESUME='' REVIEW_OUT='' REVIEW_SCRIPTS=() REVIEW_SWEEP=() REVIEW_REPORT=() REVIEW_FUZZ=''
	while (($# > 0)); do
		case $1 in
		--*=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			continue
			;;
		--resume) REVIEW_RESUME=yes && set -- '' "$@" ;;
		--kernel-source) need_value "$1" $# && REVIEW_SOURCE=$2 ;;
		--base) need_value "$1" $# && REVIEW_BASE=$2 ;;
		--output) need_value "$1" $# && REVIEW_OUT=$2 ;;
		--calls) need_value "$1" $# && read -r -a REVIEW_SWEEP <<<"$2" ;;
		--fuzz)
			need_value "$1" $#
			[[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || usage_error "--fuzz must be a number of seconds, not '$2'"
			REVIEW_FUZZ=$2
			;;
		--script)
			need_value "$1" $#
			[[ -r $2 ]] || usage_error "--script: cannot read $2"
			REVIEW_SCRIPTS+=("$(readlink -f "$2")")
			;;
		--html | --mail)
			need_value "$1" $#
			{ : >"$2"; } 2>/dev/null || usage_error "$1: cannot write $2"
			REVIEW_REPORT+=("$1" "$2")
			;;
		-h | --help)
			verb_usage
			exit 0
			;;
		-*) usage_error "unknown option $1" ;;
		*)
			[[ -z $REVIEW_WHAT ]] || usage_error "'review' takes one series"
			REVIEW_WHAT=$1
			shift
			continue
			;;
		esac
		shift 2
	done
	[[ -n $REVIEW_WHAT ]] || usage_error "'review' needs a series: ffalab review RANGE|MBOX|DIR [--kernel-source TREE]"
	((${#REVIEW_SWEEP[@]} > 0)) || REVIEW_SWEEP=(--all)
	[[ -z $REVIEW_SOURCE ]] || kernel_select_source "$REVIEW_SOURCE"
	REVIEW_GIVEN=${REVIEW_SOURCE:+yes}
	REVIEW_SOURCE=${REVIEW_SOURCE:+$K_FROM}
}

verb_review() {
	local status=0
	review_options "$@"
	[[ -z $REVIEW_GIVEN ]] || review_find
	HOST_MORE='git|git|the series'
	[[ -n $REVIEW_GIVEN || -e $REVIEW_WHAT ]] || review_find
	cache_init
	host_ready
	if [[ -z $REVIEW_GIVEN ]]; then
		kernel_pristine "$KERNEL_SOURCE"
		REVIEW_SOURCE=$CACHE/src/$KERNEL_SOURCE
		review_find
	fi
	# First: a failure here is not a commit's.
	VM_BARE=''
	firmware_build
	sysroot_build
	tool_build
	K_TREE=review-$(hash_text "$REVIEW_SOURCE" | cut -c1-8)
	REVIEW_TREE=$CACHE/trees/$K_TREE
	REVIEW_OUT=${REVIEW_OUT:-$CACHE/reviews/$K_TREE-$(hash_text "$(readlink -f "$REVIEW_WHAT" || true) $REVIEW_WHAT" | cut -c1-8)}
	mkdir -p "$REVIEW_OUT"
	[[ -n $REVIEW_RESUME ]] || rm -rf "$REVIEW_OUT"/[0-9][0-9][0-9]
	with_lock "$K_TREE" review_locked
	[[ ! -t 1 ]] || REVIEW_REPORT+=(--color)
	/usr/bin/python3 "$LAB/review/review.py" "$REVIEW_OUT" "${REVIEW_REPORT[@]}" || status=$?
	say "logs and sweeps: $REVIEW_OUT"
	exit "$status"
}
