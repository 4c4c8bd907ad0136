# SPDX-License-Identifier: GPL-2.0-only
"""How many unknown verdicts a test permits. `bounds.py N SHARE' prints how many of N calls may be disturbed.

A verdict is unknown where something disturbed a call: a stall of the machine, a task that moved, another user of the
trace. Disturbances are independent of each other and rare, so their number in a sample has a binomial distribution. A
test states the largest share of calls that may be disturbed on a busy machine, and permits as many disturbances as all
but one of ten million samples with that share have. A fixed share of a small sample would be left to chance.

One disturbance may cost several calls in a row, up to a whole batch, but rarely does. So in a large sample few calls may
be unknown, and in a small one a few batches.
"""
import math
import sys

# Probability of a false alarm of one check: those of all checks of a run together stay below one in a million.
FALSE_ALARM = 1e-7
# Batches that a small sample may lose as a whole.
WHOLE_BATCHES = 4


def log_term(n, k, share):
    """The logarithm of the probability of k of n."""
    return (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            + k * math.log(share) + (n - k) * math.log1p(-share))


def most(n, share):
    """The smallest k for which more than k of n, each with the probability share, are a false alarm."""
    # Add the terms of the tail from its far end: 1 - the rest has no such precision.
    tail, k = 0.0, n
    while k > 0:
        tail += math.exp(log_term(n, k, share))
        if tail > FALSE_ALARM:
            break
        k -= 1
    return k


def runs(unknown):
    """The number of runs of consecutive unknown calls. unknown: whether each is, in order."""
    return sum(now and not before for before, now in zip([False, *unknown], unknown))


def permitted(n, share, batch=1, share_of_calls=0.0):
    """The disturbances and the unknown calls that n calls may have. share: of the calls, that are disturbed; batch: calls
    that one disturbance can cost; share_of_calls: of the calls, that are unknown in a large sample."""
    disturbances = most(n, share)
    if batch == 1:
        return disturbances, disturbances
    return disturbances, max(WHOLE_BATCHES * batch, int(share_of_calls * n))


def judge(unknown, share, batch=1, share_of_calls=0.0):
    """Whether not too many are unknown, and a line about it. unknown: whether each call is, in order."""
    calls = sum(unknown)
    disturbances = runs(unknown) if batch > 1 else calls
    most_disturbances, most_calls = permitted(len(unknown), share, batch, share_of_calls)
    return (disturbances <= most_disturbances and calls <= most_calls,
            f"unknown {calls} of {len(unknown)} ({calls / max(len(unknown), 1):.2%}), {most_calls} permitted; "
            f"disturbances {disturbances}, {most_disturbances} permitted")


if __name__ == "__main__":
    print(most(int(sys.argv[1]), float(sys.argv[2])))
