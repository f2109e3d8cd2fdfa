#!/usr/bin/env python3
"""Writes Sources/COneLogger/tables.c: 128-bit powers of ten for shortest round-trip doubles, and digit tables."""
import os

rows = []
for k in range(-292, 325):
    n, d = (10**k, 1) if k >= 0 else (1, 10**-k)
    e = n.bit_length() - d.bit_length()

    def at_least(e):
        return n << max(0, -e) >= d << max(0, e)  # 10^k >= 2^e

    while not at_least(e):
        e -= 1
    while at_least(e + 1):
        e += 1
    s = 127 - e
    g = -(-(n << max(0, s)) // (d << max(0, -s)))  # ceil(10^k * 2^(127 - floor(log2 10^k)))
    assert 1 << 127 <= g < 1 << 128
    rows.append("    {0x%xull, 0x%xull}" % (g >> 64, g & (1 << 64) - 1))

digits = ", ".join(str(48 + i // 10 | (48 + i % 10) << 8) for i in range(100))
powers = ", ".join("%dull" % 10**i if i else "0" for i in range(20))
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Sources/COneLogger/tables.c")
with open(path, "w") as file:
    file.write('#include "COneLogger.h"\n\n// Written by Scripts/generate-pow10.py.\n')
    file.write("const uint64_t ol_pow10_table[617][2] = {\n" + ",\n".join(rows) + "};\n\n")
    file.write("const uint16_t ol_digits2[100] = {%s};\n\n" % digits)
    file.write("const uint64_t ol_pow10_limit[20] = {%s};\n" % powers)
