#!/usr/bin/env bash
# Index the encyclopedia, start a local cluster, ask it five questions of different kinds, stop it.
# usage: Examples/demo-encyclopedia.sh path/to/imprag
. "$(dirname "$0")/demo-cluster.sh"

imprag=$(realpath "$1")
cd "$(dirname "$0")/.."
model=Models/encyclopedia-tiny
work=$PWD/.build/demo/encyclopedia
rm -rf "$work"
mkdir -p "$work"

echo "== index $(zcat -f Examples/encyclopedia/passages.jsonl* | wc -l) passages of real facts"
run "$imprag" index --model $model --corpus Examples/encyclopedia/passages.jsonl* --out "$work/index" --partitions 2

echo
echo "== start two shards, a coordinator and a generator"
start_cluster $model "$work/index" "$work"

while IFS= read -r question; do
  echo
  echo "== $question"
  ask "$question"
done <Examples/encyclopedia/demo-questions.txt

stop_cluster
