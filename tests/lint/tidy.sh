#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy with the checks of .clang-tidy, on the tool and its headers. Files that passed before are left out (tidy.py).
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

need clang-tidy
need clang
# Exclude users of the skeletons that bpftool generates: the analyser follows calls into them.
sources 'cli/*.c' ':!cli/hyp/bpf.c' ':!cli/hyp/light.c' ':!cli/driver/probe.c' |
	xargs python3 tests/lint/tidy.py -p "$BUILD" --jobs "$JOBS" ${TIDY_CACHE:+--cache "$TIDY_CACHE"}
