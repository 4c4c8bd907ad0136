# SPDX-License-Identifier: GPL-2.0-only
# What became of the one call that was made before the marker, out of the trace's text.
/hyp_enter reason=smc/ { seen = 1 }
/hyp_exit reason=smc/ { left = 1 }
/selftest id=4242424242/ { print seen ? (left ? "forwarded" : "rejected") : "nothing"; exit }
