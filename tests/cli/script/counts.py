# SPDX-License-Identifier: GPL-2.0-only
"""counts.py KERNEL [FILE]: counts a report's results with `prove' and with the kernel's KTAP parser; prints JSON."""
import io
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def by_kernel(kernel, text):
    """Counts by tools/testing/kunit/kunit_parser.py, which must report no errors."""
    sys.path.insert(0, str(Path(kernel) / "tools/testing/kunit"))
    import kunit_parser  # pylint: disable=import-error,import-outside-toplevel
    from kunit_printer import Printer  # pylint: disable=import-error,import-outside-toplevel

    out = io.StringIO()
    counts = kunit_parser.parse_run_tests(text.splitlines(), Printer(output=out)).counts
    if counts.errors or counts.crashed:
        raise ValueError(f"the kernel's parser reports errors: {counts}\n{out.getvalue()}")
    return {"passed": counts.passed, "failed": counts.failed, "skipped": counts.skipped}


# prove is based on TAP::Parser but prints only a summary.
PERL = r"""
use TAP::Parser; local $/; my $p = TAP::Parser->new({tap => <STDIN>}); $p->run;
my ($pass, $fail, $skip) = (0, 0, 0);
$skip = () = $p->skipped; $pass = (() = $p->actual_passed) - $skip; $fail = () = $p->actual_failed;
printf "%d %d %d %d\n", $pass, $fail, $skip, scalar($p->parse_errors);
"""


def by_prove(text):
    out = subprocess.run(["perl", "-e", PERL], input=text, capture_output=True, text=True, check=True).stdout
    passed, failed, skipped, errors = map(int, out.split())
    if errors:
        raise ValueError("TAP::Parser complains")
    with tempfile.NamedTemporaryFile("w", suffix=".tap") as f:
        f.write(text)
        f.flush()
        r = subprocess.run(["prove", "-e", "cat", f.name], capture_output=True, text=True, check=False)
    bail = re.search(r"(?m)^Bail out!", text)
    # Exit status 0 only if every test passed.
    if (r.returncode == 0) != (not failed and not bail):
        raise ValueError(f"prove ends with {r.returncode}: {r.stdout}")
    return {"passed": passed, "failed": failed, "skipped": skipped}


if __name__ == "__main__":
    report = Path(sys.argv[2]).read_text() if len(sys.argv) > 2 else sys.stdin.read()
    kernel_counts, prove_counts = by_kernel(sys.argv[1], report), by_prove(report)
    if kernel_counts != prove_counts:
        sys.exit(f"prove counts {prove_counts}, the kernel's parser {kernel_counts}")
    print(json.dumps(prove_counts))
