#!/usr/bin/env bash
# Plays the pods of overlays/static and of index with podman: builds an index in parts, joins them, starts shards, a coordinator and
# generators as the manifests say, asks a question, takes one shard away, asks again. As root, on Debian 12 with podman, runc and
# debootstrap; the image is Debian with the libraries of the Dockerfile's last stage and the program given as $IMPRAG.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
IMPRAG=${IMPRAG:-$root/.build/release/imprag}
export TRY=${TRY:-/var/tmp/imprag-try}
tools=$root/.build/kubernetes/bin
podman() { command podman --runtime runc --cgroup-manager cgroupfs "$@"; }
export -f podman
question="What is the capital of Peru?"

[ -x "$tools/kubectl" ] || "$here/check.sh"
mkdir -p "$TRY"

image() {
  packages=$(sed -n '/^FROM debian/,$p' "$root/Dockerfile" | grep -oE '\b(lib[a-z0-9.-]+|zlib1g|ca-certificates)\b' | sort -u | paste -sd,)
  [ -d "$TRY/debian/usr" ] || debootstrap --variant=minbase --include="$packages" bookworm "$TRY/debian" >"$TRY/debootstrap.log"
  install -m 755 "$IMPRAG" "$TRY/debian/usr/local/bin/imprag"
  # A program that was not linked with --static-swift-stdlib brings Swift's libraries along.
  ldd "$IMPRAG" | awk '/swift|dispatch|Blocks|Foundation/ && $3 ~ /^\// { print $3 }' | xargs -r cp -t "$TRY/debian/usr/local/lib"
  chroot "$TRY/debian" ldconfig
  tar -C "$TRY/debian" -c . | podman import --change 'ENTRYPOINT ["imprag"]' --change 'WORKDIR /data' - imprag-try >/dev/null
}

play() { # of a folder, the containers called WHAT
  "$tools/kubectl" kustomize "$here/$1" | "$tools/python" "$here/pods.py" "$2"
}

stop() { podman ps --all --quiet --filter name=imprag-try- | xargs -r podman --runtime runc --cgroup-manager cgroupfs rm --force --time 1 >/dev/null; }

ask() {
  podman run --rm --ulimit nofile=1024 --ulimit nproc=4096 --network host --read-only --user 10001:10001 --cap-drop ALL imprag-try \
    ask "$question" --endpoint tcp://127.0.0.1:7100 --deadline 20000
}

image
trap stop EXIT
stop
rm -rf "$TRY"/{model,corpus,work,scratch,store,cluster,replicas}
mkdir -p "$TRY"/{model,corpus,work,scratch,store,cluster,replicas}
cp "$root"/Models/encyclopedia-tiny/* "$TRY/model"
cp "$root/Examples/encyclopedia/passages.jsonl" "$TRY/corpus"
chown -R 10001:10001 "$TRY"/{model,corpus,work,scratch,store,cluster,replicas}

for step in index merge create; do
  # The manifests name the directory of the corpus: here it holds one file.
  play index $step | sed 's#--corpus /corpus#--corpus /corpus/passages.jsonl#' | while read -r line; do
    echo "== $step: ${line##*imprag-try }" | head -1
    eval "$line" </dev/null 2>&1 | tail -1
  done
done
play overlays/static cluster > "$TRY/nodes.sh"
while read -r line; do eval "$line" </dev/null >/dev/null; done < "$TRY/nodes.sh"
for _ in $(seq 100); do
  podman logs imprag-try-coordinator 2>/dev/null | grep -q '^complete' && break
  sleep 0.2
done
podman ps --format '{{.Names}} {{.Status}}' | sort
ask
echo "== one shard gets SIGTERM"
podman stop --time 40 imprag-try-imprag-shard-1 >/dev/null
echo "exit code $(podman inspect --format '{{.State.ExitCode}}' imprag-try-imprag-shard-1)"
ask
echo "== and comes back"
podman start imprag-try-imprag-shard-1 >/dev/null
for _ in $(seq 100); do
  podman logs imprag-try-imprag-shard-1 2>/dev/null | grep -c '^ready' | grep -q 2 && break
  sleep 0.2
done
podman run --rm --ulimit nofile=1024 --ulimit nproc=4096 --network host --read-only --user 10001:10001 imprag-try status | cut -c 1-100
