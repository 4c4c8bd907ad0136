# SPDX-License-Identifier: GPL-2.0-only
# Prints the verdict of the one call made before the marker, from the trace's text.
/hyp_enter reason=smc/ { seen = 1 }
/hyp_exit reason=smc/ { left = 1 }
/selftest id=4242424242/ { print seen ? (left ? "forwarded" : "rejected") : "nothing"; exit }
