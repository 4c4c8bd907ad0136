#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The sources that `ffalab review' builds: each commit of a range, a mailbox or a folder of patches, in a tree of its own. The
# user's sources stay as they are. Usage: review-sources.sh LAB
set -euo pipefail

LAB=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FFALAB_CACHE=$work/cache GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'

# shellcheck disable=SC2034 # used in lib/*.sh
KERNEL_SOURCE=linux-source-7.3
for part in common kernel review verbs; do
	# shellcheck source=/dev/null
	. "$LAB/lib/$part.sh"
done
cache_init
failed=0

equals() {
	if [[ $2 != "$3" ]]; then
		printf 'FAILED  %s: expected <%s>, got <%s>\n' "$1" "$2" "$3"
		failed=1
	fi
}

user_git() { git -C "$work/linux" -c user.name=u -c user.email=u@localhost -c init.defaultBranch=main "$@"; }

# A tree that looks like Linux, with a commit on top of two others and a change that is not committed.
mkdir -p "$work/linux/arch/arm64/kvm/hyp/nvhe" "$work/plain"
printf 'VERSION = 7\nPATCHLEVEL = 3\n' >"$work/linux/Makefile"
touch "$work/linux/Kbuild"
ffa=arch/arm64/kvm/hyp/nvhe/ffa.c
printf '%s\n' a b c d e f g h >"$work/linux/$ffa"
user_git init -q
user_git add -A
user_git commit -qm base
cp -r "$work/linux"/{Makefile,Kbuild,arch} "$work/plain"
sed -i 's/^b$/b1/' "$work/linux/$ffa"
user_git commit -qam 'first: check w2[31:4]'
sed -i 's/^g$/g1/' "$work/linux/$ffa"
echo new >"$work/linux/arch/new.c"
user_git add -A
user_git commit -qam 'second: a new file'
user_git format-patch -q -o "$work/patches" HEAD~2
user_git format-patch -q --stdout HEAD~2 >"$work/mbox"
echo dirty >>"$work/linux/$ffa"
before=$(user_git status --porcelain; user_git rev-parse HEAD; user_git worktree list; find "$work/linux" -path '*/.git' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum)

# prepare ARGUMENT...: as verb_review does. The subjects and the tree's files are in SUBJECTS.
prepare() {
	review_options "$@"
	review_find
	K_TREE=review-$(hash_text "$REVIEW_SOURCE" | cut -c1-8)
	REVIEW_TREE=$CACHE/trees/$K_TREE
	REVIEW_OUT=$work/out
	rm -rf "$REVIEW_OUT"
	mkdir -p "$REVIEW_OUT"
	(review_prepare) >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	{ read -r BASE && read -r STOPPED; } <"$REVIEW_OUT/base"
	SUBJECTS=$(while read -r id; do git -C "$REVIEW_TREE" log -1 --format=%s "$id"; done <"$REVIEW_OUT/commits" | paste -sd'|')
}

# at COMMIT: the lines of ffa.c there.
at() { git -C "$REVIEW_TREE" show "$1:$ffa" | paste -sd' '; }

both='first: check w2[31:4]|second: a new file'
for what in "HEAD~2..HEAD" "$work/mbox" "$work/patches"; do
	base=()
	[[ $what == HEAD* ]] || base=(--base HEAD~2)
	prepare "$what" --kernel-source "$work/linux" "${base[@]}"
	equals "$what on a repository: commits" "$both" "$SUBJECTS"
	equals "$what on a repository: base" 'a b c d e f g h' "$(at "$BASE")"
	equals "$what on a repository: last" 'a b1 c d e f g1 h' "$(at "$(tail -n 1 "$REVIEW_OUT/commits")")"
	equals "$what on a repository: all apply" '' "$STOPPED"
	prepare "$what" --kernel-source "$work/linux" "${base[@]}"
	equals "$what once more: commits" "$both" "$SUBJECTS"
done
equals 'the tree shares the objects of the repository' "$work/linux/.git/objects" "$(<"$REVIEW_TREE/.git/objects/info/alternates")"
after=$(user_git status --porcelain; user_git rev-parse HEAD; user_git worktree list; find "$work/linux" -path '*/.git' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum)
equals "the user's repository stays as it is" "$before" "$after"

# Sources without git.
plain=$(cd "$work/plain" && find . -type f | sort | xargs sha256sum)
prepare "$work/patches" --kernel-source "$work/plain"
equals 'patches on sources without git' "$both" "$SUBJECTS"
equals 'are on a base of their own' 'a b c d e f g h' "$(at "$BASE")"
git -C "$REVIEW_TREE" checkout -q -f HEAD
[[ -f $REVIEW_TREE/arch/new.c ]] || equals 'a new file is there' yes no
# An object of the build and a file that a patch made: the first stays, the second goes.
touch "$REVIEW_TREE/arch/object.o"
mkdir "$work/other"
sed -e 's/^-b$/-c/; s/^+b1$/+c2/; s/^ c$/ b/' -e '/^From /,/^---$/d' "$work"/patches/0001-* >"$work/other/2-plain.patch"
printf -- '--- a/%s\n+++ b/%s\n@@ -1,3 +1,3 @@\n-a\n+a9\n b\n c\n' "$ffa" "$ffa" >"$work/other/1-plain.patch"
printf '1-plain.patch\n# a comment\nfolder/3-wrong.patch\n' >"$work/other/series"
sed 's/^-b$/-z/' "$work"/patches/0001-* >"$work/other/3-wrong.patch"
prepare "$work/other" --kernel-source "$work/plain"
equals 'a plain patch is named by its file, in the order of series' '1-plain.patch' "$SUBJECTS"
equals 'a patch that does not apply is named' 'first: check w2[31:4]' "${STOPPED#\[PATCH 1/2\] }"
equals 'what the patch before it did stays' 'a9 b c d e f g h' "$(at HEAD)"
[[ -f $REVIEW_TREE/arch/object.o ]] || equals 'objects stay' yes no
equals 'and these sources stay as they are' "$plain" "$(cd "$work/plain" && find . -type f | sort | xargs sha256sum)"

exit "$failed"
