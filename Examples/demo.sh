#!/usr/bin/env bash
# Fetch a model and the lead sections of 10,033 Wikipedia articles, index them, start a local cluster, ask it questions of
# different kinds, stop it. What is there from an earlier run is used again. Without network: the encyclopedia.
# usage: Examples/demo.sh path/to/imprag
. "$(dirname "$0")/demo-cluster.sh"

imprag=$(realpath "$1")
cd "$(dirname "$0")/.."
python=${IMPRAG_PYTHON:-/usr/bin/python3}
fetch=Models/wiki-135m/fetch.py
work=$PWD/.build/demo/wikipedia
corpus=$work/corpus.jsonl
# Seconds until the questions begin, and those of them for indexing, at most. Where all articles would take longer, as many
# topics are indexed as fit, one at least.
total=210
budget=150
# Passages that are indexed to find out how fast this machine is.
probe=160
# Whether the words of a question find passages too.
words=(--words fuse)
mkdir -p "$work"

echo "== fetch the model and the articles"
if ! { run "$python" $fetch corpus >"$work/articles" && run "$python" $fetch model --imprag "$imprag" >"$work/model"; }; then
  echo
  echo "The model and the articles are not to be had, for the reason above: here is the encyclopedia, which needs no network."
  echo
  trap - EXIT
  exec Examples/demo-encyclopedia.sh "$imprag"
fi

articles=$(cat "$work/articles")
model=$(cat "$work/model")

# index CORPUS DIRECTORY [OPTION...]
index() {
  run "$imprag" index --model "$model" --corpus "$1" --out "$2" --partitions 2 "${@:3}"
}

echo
if [ ! -f "$corpus" ]; then
  echo "== see how fast this machine is"
  head -n $probe "$articles" >"$work/probe.jsonl"
  rm -rf "$work/probe"
  index "$work/probe.jsonl" "$work/probe" >"$work/probe.log"
  rate=$(sed -n 's/.*: \([0-9]*\) passages\/s.*/\1/p' "$work/probe.log")
  rm -rf "$work/probe" "$work/probe.jsonl"
  left=$((total - SECONDS))
  run "$python" Examples/wikipedia/select_topics.py "$articles" --passages $((rate * (left < budget ? left : budget))) --out "$corpus"
  echo
fi
topics=$(cat "$work/topics")
echo "== index $(wc -l <"$corpus") articles: $(paste -sd, "$work/topics" | sed 's/,/, /g')"
# An index that another model made is of no use, nor is one of the first layout.
stamp=$(cat "$model/config.json" "$model"/*.safetensors | sha256sum)
if [ "$(cat "$work/stamp" 2>/dev/null)" != "$stamp" ] || [ -e "$work/index/shard-0000" ]; then
  rm -rf "$work/index"
  echo "$stamp" >"$work/stamp"
fi
index "$corpus" "$work/index"

echo
echo "== start two shards, a coordinator and a generator"
start_cluster "$model" "$work/index" "$work"

# Of each kind the first question whose topic is indexed.
asked=" "
while IFS=$'\t' read -r kind topic question; do
  case $asked in *" $kind "*) continue ;; esac
  grep -qxF "$topic" <<<"$topics" || continue
  asked+="$kind "
  options=("${words[@]}")
  echo
  if [ "$kind" = filter ]; then
    echo "== among articles on $topic: $question"
    options+=(--filter "{\"field\": \"topic\", \"equals\": \"$topic\"}")
  elif [ "$kind" = unanswerable ]; then
    echo "== nothing answers this: $question"
  else
    echo "== $question"
  fi
  ask "$question" "${options[@]}"
done <Examples/wikipedia/demo-questions.tsv

stop_cluster
