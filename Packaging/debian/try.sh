#!/usr/bin/env bash
# Installs a package in a bare Debian 12 without Swift and uses it there: an index of the encyclopedia, nodes of the example cluster
# file, a question; then takes it away. Checks the units too. As root, with debootstrap; KEEP=DIRECTORY keeps the bare Debian between runs.
# usage: Packaging/debian/try.sh imprag_VERSION_ARCHITECTURE.deb
set -euo pipefail
package=$(realpath "$1")
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d /var/tmp/imprag-deb.XXXXXX)
nodes=()
finish() {
  [ ${#nodes[@]} = 0 ] || kill "${nodes[@]}" 2>/dev/null || true
  umount "$work/root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}
trap finish EXIT
fail() { echo "failed: $*" >&2; exit 1; }

bare=${KEEP:-$work/bare}
[ -d "$bare/usr" ] || debootstrap --variant=minbase bookworm "$bare" >"$work/log" || { tail "$work/log" >&2; exit 1; }
root=$work/root
cp -a "$bare" "$root"
mount -t proc proc "$root/proc"
in_root() { chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
# In a shell of its own: in the background it is the command itself, which signals reach.
exec_as_imprag() { exec chroot "$root" setpriv --reuid imprag --regid imprag --init-groups --no-new-privs "$@"; }
as_imprag() { (exec_as_imprag "$@"); }

echo "== install"
install -m 644 "$package" "$root/imprag.deb"
in_root apt-get update -qq
in_root apt-get install -y -qq --no-install-recommends /imprag.deb >"$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }
in_root imprag --version
! in_root ldd /usr/bin/imprag | grep -E 'not found|swift' || fail "libraries are missing"
[ "$(in_root stat -c %U /var/lib/imprag)" = imprag ] || fail "/var/lib/imprag is not the user's"

echo "== index"
cp -r "$source/Models/encyclopedia-tiny" "$root/var/lib/imprag/model"
cp "$source/Examples/encyclopedia/passages.jsonl" "$root/tmp"
in_root chown -R imprag:imprag /var/lib/imprag
as_imprag imprag index --model /var/lib/imprag/model --corpus /tmp/passages.jsonl --out /var/lib/imprag/index --partitions 1 2>&1 | tail -1

echo "== the nodes of /etc/imprag/cluster.json"
for node in shard:shard-0 generator:generator-0 coordinator:coordinator; do
  command=$(sed -n "s/%i/${node#*:}/; s/^ExecStart=//p" "$root/usr/lib/systemd/system/imprag-${node%:*}@.service")
  # shellcheck disable=SC2086 # The unit's words.
  exec_as_imprag $command >"$work/${node#*:}" 2>&1 &
  nodes+=($!)
done
for _ in $(seq 150); do
  grep -q '^complete' "$work/coordinator" && break
  sleep 0.2
done
grep -q '^complete' "$work/coordinator" || { tail "$work/coordinator" >&2; fail "no complete cluster"; }
in_root imprag ask "What is the capital of Peru?" --deadline 20000 | tee "$work/answer" | head -3
grep -q Lima "$work/answer" || fail "another answer"

echo "== the gateway"
arguments=$(sed -n 's/^IMPRAG_GATEWAY="\(.*\)"/\1/p' "$root/etc/imprag/gateway")
# shellcheck disable=SC2086 # The unit's words.
exec_as_imprag imprag gateway $arguments >"$work/gateway" 2>&1 &
nodes+=($!)
for _ in $(seq 50); do grep -q '^ready' "$work/gateway" && break; sleep 0.2; done
exec 3<>/dev/tcp/127.0.0.1/7180 || fail "no gateway"
printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
grep -q '^ready' <&3 || fail "the gateway is not ready"
exec 3>&-
kill -TERM "${nodes[@]}"
for node in "${nodes[@]}"; do wait "$node" || fail "a node ended with $? on SIGTERM"; done
nodes=()

echo "== units"
units=("$root"/usr/lib/systemd/system/imprag-*.service)
if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify --root="$root" --recursive-errors=no "${units[@]#"$root"}"
  systemd-analyze security --offline=yes --root="$root" --threshold=20 --no-pager "${units[@]#"$root"}" | grep Overall
fi
if command -v lintian >/dev/null; then
  echo "== lintian"
  lintian --fail-on error --allow-root "$package"
fi

echo "== remove"
in_root apt-get purge -y -qq imprag >"$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }
[ ! -e "$root/etc/imprag/cluster.json" ] || fail "the purge left the cluster file"
[ -d "$root/var/lib/imprag/index" ] || fail "the purge took an index away"
echo "done"
