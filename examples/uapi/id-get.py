#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes one FF-A call through /dev/ffascope, see ffascope(4): FFA_ID_GET, which returns the caller's own ID in w2."""
import ctypes
import fcntl
import struct

CALL = struct.Struct("=18Q18QQQII")  # in, out, begin_ns, end_ns, cpu, flags
# size, flags, calls, count, done, bad, cpu, guard_ns, limit_us, tx, rx, tx_len, rx_len
REQUEST = struct.Struct("=IIQIIIiIIQQII")
FFASCOPE_REGISTERS = 3 << 30 | REQUEST.size << 16 | 0xfa << 8 | 0x01  # _IOWR(0xfa, 0x01, ...)

if __name__ == "__main__":
    registers = [0x84000069] + [0] * 17
    call = ctypes.create_string_buffer(CALL.pack(*registers, *[0] * 18, 0, 0, 0, 0), CALL.size)
    request = bytearray(REQUEST.pack(REQUEST.size, 0, ctypes.addressof(call), 1, 0, 0, -1, *[0] * 6))
    with open("/dev/ffascope", "rb+", buffering=0) as device:
        fcntl.ioctl(device, FFASCOPE_REGISTERS, request)
    out = CALL.unpack(call)[18:36]
    for i in range(4):
        print(f"x{i} {out[i]:#x}")
