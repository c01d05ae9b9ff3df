#!/usr/bin/env bash
# Index the encyclopedia, start a local cluster, ask it five questions of different kinds, stop it.
# usage: Examples/demo.sh path/to/imprag
set -euo pipefail

imprag=$(realpath "$1")
cd "$(dirname "$0")/.."
# Some machines set this; it makes OpenBLAS take slower kernels than the processor has.
unset OPENBLAS_CORETYPE
model=Models/encyclopedia-tiny
index=.build/demo/index
log=.build/demo/up.log
rm -rf .build/demo
mkdir -p .build/demo

echo "== index $(zcat -f Examples/encyclopedia/passages.jsonl* | wc -l) passages of real facts"
"$imprag" index --model $model --corpus Examples/encyclopedia/passages.jsonl* --out $index --shards 2

echo
echo "== start two shards, a coordinator and a generator"
endpoint=ipc://$PWD/.build/demo/coordinator
# A socket's path has at most 107 bytes.
[ ${#endpoint} -le 100 ] || endpoint=ipc://$(mktemp -u /tmp/imprag-demo.XXXXXX)
"$imprag" up --model $model --index $index --endpoint "$endpoint" >$log 2>&1 &
cluster=$!
trap 'kill -INT $cluster 2>/dev/null || true; wait $cluster || true' EXIT
until grep -q '^ready' $log; do
  if ! kill -0 $cluster 2>/dev/null; then
    cat $log >&2
    exit 1
  fi
  sleep 0.05
done
grep '^ready' $log

while IFS= read -r question; do
  echo
  echo "== $question"
  "$imprag" ask --endpoint "$endpoint" "$question"
done <Examples/encyclopedia/demo-questions.txt

echo
"$imprag" status --endpoint "$endpoint"
echo
echo "== stop"
