#!/usr/bin/env bash
# Compiles the C kernels for arm64, with gcc and with the Swift toolchain's clang, and runs kernels.c under an emulator: as a
# processor with every extension, and as lesser ones, which must get the kernels that they can run. Stored states must become
# the same bytes at every level as on this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=.build/arm64
sources=Sources/C/CKernels
mkdir -p "$out"
warnings="-Wall -Werror -Wno-unknown-pragmas"

# compile NAME COMPILER...: the static program out/NAME. Products with panels are fused where the kernels fuse them; gcc has no
# pragma that forbids it elsewhere. (Its vectorizer dies of kernels.c.)
compile() {
  local name=$1 file fuse
  shift
  rm -rf "$out/$name.d" && mkdir "$out/$name.d"
  for file in "$sources"/*.c Tests/EmulatedKernels/kernels.c; do
    fuse=-ffp-contract=off
    [ "$file" = "$sources/panels_portable.c" ] && fuse=-ffp-contract=fast
    [[ "$1" = *gcc ]] || fuse=
    "$@" -std=gnu11 -O2 -fno-tree-vectorize $fuse $warnings -I"$sources/include" -c "$file" -o "$out/$name.d/$(basename "$file").o"
  done
}

# The states' checksum, of a program's last line.
states() { sed -n 's/.*states \([0-9a-f]*\),.*/\1/p'; }

compile native clang
clang -o "$out/native" "$out/native.d"/*.o -lm -lpthread
expected=$(IMPRAG_KERNELS=portable "$out/native" | states)

for compiler in "aarch64-linux-gnu-gcc" "clang --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include"; do
  name=${compiler%% *}
  # shellcheck disable=SC2086
  compile "$name" $compiler
  aarch64-linux-gnu-gcc -static -o "$out/$name" "$out/$name.d"/*.o -lm -lpthread
  # Processor, the level that it gets, and the one that is asked for, if any.
  while read -r processor level asked; do
    answer=$(env ${asked:+IMPRAG_KERNELS=$asked} qemu-aarch64-static -cpu "$processor" "$out/$name") || {
      echo "$answer"
      exit 1
    }
    echo "$name, $processor${asked:+, IMPRAG_KERNELS=$asked}: $answer"
    [[ "$answer" = *"level $level,"* ]] || { echo "expected level $level" >&2; exit 1; }
    [ "$(states <<<"$answer")" = "$expected" ] || { echo "expected states $expected, as on this machine" >&2; exit 1; }
  done <<'RUNS'
max neon_i8mm
max neon_dotprod neon_dotprod
max neon neon
max portable portable
cortex-a76 neon_dotprod
cortex-a72 neon
cortex-a72 neon neon_i8mm
RUNS
done
