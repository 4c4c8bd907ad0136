#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# gcc's static analyser, -fanalyzer, on the tool.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

need gcc
# Memory that is kept in a structure of the caller's counts as leaked for it; LeakSanitizer looks for leaks (sanitize.sh).
CC=gcc own_build analyzer ffascope -Dc_args="-fanalyzer -Wno-analyzer-malloc-leak"
