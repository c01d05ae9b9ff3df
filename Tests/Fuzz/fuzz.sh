#!/usr/bin/env bash
# Fuzzes the readers of foreign bytes (Tests/FuzzTargets) with libFuzzer, which the Swift toolchain brings, and
# AddressSanitizer.
#
#     Tests/Fuzz/fuzz.sh SECONDS [TARGET…]    each target so long; without TARGET all of them
#     Tests/Fuzz/fuzz.sh seeds [TARGET…]      writes the seeds of new and changed formats to Tests/Fuzz/Corpus;
#                                             rename those of a former format that is still read, as seed-of-format-N
#
# What is learnt stays in .build/fuzz/corpus. An input that ends the process, takes longer than ten seconds or 2 GiB of
# memory is written to .build/fuzz/found: fix the cause, and commit the input as Tests/Fuzz/Corpus/TARGET/found-WHAT, which
# the tests of FuzzTests read ever after.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?how many seconds for each target, or the word seeds}
shift
scratch=.build/fuzz
# The printer of back traces takes many seconds for each.
export SWIFT_BACKTRACE=enable=no
# Caches that live as long as the process are no leaks.
export ASAN_OPTIONS=detect_leaks=0

swift build -c release --scratch-path $scratch --target FuzzTargets -Xswiftc -enable-testing \
  -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address
# By hand: SwiftPM gives everything that it links a `main` of its own, and so does libFuzzer.
find $scratch/release/ -name '*.o' > $scratch/objects
swiftc -O -swift-version 6 -parse-as-library -sanitize=fuzzer,address -use-ld=lld -suppress-warnings \
  $(for map in Sources/C/*/module.modulemap $scratch/release/*.build/module.modulemap; do
    printf -- '-Xcc -fmodule-map-file=%s ' $map; done) \
  -I $scratch/release/Modules Tests/Fuzz/Main.swift @$scratch/objects -lprotobuf-c -o $scratch/fuzz

[ $# -gt 0 ] || set -- $(sed -n 's/^    case \([a-zA-Z]*\)\( = "\(.*\)"\)\?$/\1 \3/p' Tests/FuzzTargets/FuzzTarget.swift | awk '{ print $NF }')
status=0
for target; do
  corpus=Tests/Fuzz/Corpus/$target
  mkdir -p $corpus $scratch/corpus/$target $scratch/found/$target
  if [ "$seconds" = seeds ]; then
    rm -f $corpus/seed-[0-9]*
    FUZZ_TARGET=$target FUZZ_SEEDS=$corpus $scratch/fuzz
    continue
  fi
  FUZZ_TARGET=$target $scratch/fuzz -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=$scratch/found/$target/ $scratch/corpus/$target $corpus > $scratch/$target.log 2>&1 ||
    { status=1; echo "$target: found an input, see $scratch/$target.log" >&2; }
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' $scratch/$target.log) inputs in $seconds s"
done
exit $status
