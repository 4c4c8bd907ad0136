#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Holds folders.txt against the #include lines of cli/. folders.sh [ROOT]: a source tree other than this one.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"

# Each include as "FOLDER FILE HEADER"; main.c is a folder of its own.
includes() {
	local file folder
	for file in cli/main.c cli/*/*.[ch]; do
		folder=${file#cli/}
		sed -nE "s|^#[[:space:]]*include \"([^\"]+)\".*|${folder%%/*} $file \1|p" "$file"
	done
}

includes | awk '
	# The folder that a header is from; "" for the headers that the build writes for one file or for all.
	function origin(header) {
		if (header == "event.h" || header ~ /\.l?skel\.h$/)
			return "bpf"
		if (header == "ffascope.h" || header == "layout.h")
			return "kmod"
		if (header == "config.h" || header ~ /\.(css|js)\.h$/)
			return ""
		return header ~ /\// ? substr(header, 1, index(header, "/") - 1) : "?"
	}

	function fail(text) {
		print text
		failed = 1
	}

	BEGIN { known["bpf"] = known["kmod"] = 1 }

	FNR == NR {
		if (/^#/ || !NF)
			next
		for (i = 2; i <= NF; i++) {
			if ($i == "-")
				continue
			if (!($i in known))
				fail("folders.txt: " $1 " may not include from " $i ", which does not stand above it")
			allowed[$1, $i] = 1
		}
		known[$1] = 1
		next
	}

	{
		count++
		from = origin($3)
		seen[$1] = 1
		if (!($1 in known))
			fail($2 ": the folder " $1 " is not in folders.txt")
		else if (from == "" || from == $1)
			next
		else if (from == "?")
			fail($2 ": \"" $3 "\": write the header with its folder")
		else if (!(($1, from) in allowed))
			fail($2 ": " $1 " may not include from " from " (\"" $3 "\")")
		used[$1, from] = 1
	}

	END {
		for (entry in allowed) {
			split(entry, part, SUBSEP)
			if (!(entry in used))
				fail("folders.txt: no file of " part[1] " includes from " part[2])
		}
		for (folder in known) {
			if (folder != "bpf" && folder != "kmod" && folder != "base" && !(folder in seen))
				fail("folders.txt: there is no folder " folder)
		}
		print count + 0 " includes"
		exit failed || !count
	}' tests/lint/folders.txt -
