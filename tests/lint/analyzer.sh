#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# gcc's static analyser, -fanalyzer, on the tool.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

need gcc
CC=gcc own_build analyzer -Dc_args=-fanalyzer
