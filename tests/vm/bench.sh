#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# `ffalab bench' end to end with few samples. The figures are printed only; the test checks that each one exists.
. "${BASH_SOURCE[0]%/*}/lib.sh"

"$FFALAB" bench --quick --json "$WORK/json" --svg "$WORK/svg" </dev/null >"$WORK/out" || check 'bench --quick' false
cat "$WORK/out"
check 'every figure was measured' python3 - "$WORK/json" <<'PYTHON'
import json, sys
bench = json.load(open(sys.argv[1]))
figures = bench["figures"]
wanted = [f"{name}.{kind}" for kind in ("rejected", "forwarded")
          for name in ("loop-off", "loop-on", "cat", "read", "batch", "batch-20us", "prompt", "by-hand", "part-drain",
                       "loop-rate-2", "verdict-rate-2", "all-rate-2")]
wanted += ["request.off", "request.traced", "notify.round-trip", "fresh-first", "startup-whole", "memory-1-kib", "memory-1000-kib", "size-bytes", "native-describe",
           "decode-rate", "replay-rate"]
missing = [name for name in wanted if not figures.get(name, {}).get("median")]
if missing:
    print("missing:", *missing)
sys.exit(bool(missing) or not bench["quick"])
PYTHON
check 'the plot was written' test -s "$WORK/svg"
finish
