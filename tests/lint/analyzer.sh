#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# gcc's static analyser, -fanalyzer, on the tool.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

need gcc
# -fanalyzer reports memory stored in a caller's structure as leaked; LeakSanitizer checks for leaks (sanitize.sh).
CC=gcc own_build analyzer ffascope -Dc_args="-fanalyzer -Wno-analyzer-malloc-leak"
