#!/usr/bin/env bash
# Products with panels at every level of x86, over SIMDe's plain C: also those that this processor cannot run. gcc, since it
# takes no notice of clang's pragmas, which would let it use the very instructions. Then looks that those of AVX-VNNI have the
# encoding of processors without AVX-512.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=.build/x86-kernels
sources=Sources/C/CKernels
rm -rf "$out" && mkdir -p "$out"
# Without the empty assembly that keeps clang from computing products once: its operands are no registers here.
for file in panels_avx2 panels_avx512; do
  gcc -std=gnu11 -O1 -ffp-contract=off -w -Wno-psabi -D'__asm__(...)=' -ITests/EmulatedKernels/simde -I"$sources/include" \
    -c "$sources/$file.c" -o "$out/$file.o"
done
for file in "$sources"/{panels_portable,panels,portable}.c Tests/EmulatedKernels/x86.c; do
  gcc -std=gnu11 -O2 -ffp-contract=off -Wall -Werror -Wno-unknown-pragmas -I"$sources" -I"$sources/include" -c "$file" \
    -o "$out/$(basename "$file").o"
done
# Of the dispatcher only the portable tables are asked for.
cat >"$out/dispatch.c" <<'C'
#include "panels_tables.h"
#include "tables.h"
const struct imprag_panel_kernels *imprag_panel_kernels_named(const char *name) { return &imprag_panels_portable; }
const struct imprag_kernels *imprag_kernels_named(const char *name) { return &imprag_kernels_portable; }
C
gcc -std=gnu11 -O2 -I"$sources" -I"$sources/include" -c "$out/dispatch.c" -o "$out/dispatch.o"
gcc -o "$out/kernels" "$out"/*.o -lm
"$out/kernels"

clang -std=gnu11 -O2 -I"$sources/include" -c "$sources/panels_avx2.c" -o "$out/native.o"
instructions=$(objdump -d --no-show-raw-insn "$out/native.o")
grep -q '{vex} vpdpbusd' <<<"$instructions" || { echo "no vpdpbusd of AVX-VNNI in panels_avx2.c" >&2; exit 1; }
# A 512-bit register, a mask or one of the upper sixteen registers would be AVX-512's.
if grep -E '%zmm|%[xy]mm(1[6-9]|2[0-9]|3[01])|%k[0-7]' <<<"$instructions"; then
  echo "panels_avx2.c has instructions of AVX-512" >&2
  exit 1
fi
echo "vpdpbusd is encoded for AVX-VNNI"
