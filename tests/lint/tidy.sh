#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy with the checks of .clang-tidy, on the tool and its headers.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

need clang-tidy
# Exclude users of the skeletons that bpftool generates: the analyser follows calls into them.
sources 'cli/*.c' ':!cli/hyp/bpf.c' ':!cli/hyp/light.c' ':!cli/driver/probe.c' | xargs -P "$JOBS" -n 8 clang-tidy -p "$BUILD" --quiet 2> >(grep -v 'warnings generated' >&2)
