# What the demos share: commands that a signal to the script ends too, and a cluster that lives no longer than the script.
# shellcheck shell=bash

set -euo pipefail

# Some machines set this; it makes OpenBLAS take slower kernels than the processor has.
unset OPENBLAS_CORETYPE

# Process ids: of what runs to its end, of the cluster, and of the last one that has ended.
child=
cluster=
ended=

# run COMMAND...: runs it to its end, and returns its status. It has a session of its own, so that Ctrl-C reaches the script
# alone, which ends all that it started.
run() {
  local status=0
  setsid "$@" </dev/null &
  child=$!
  wait "$child" || status=$?
  ended=$child child=
  return "$status"
}

# end PID SECONDS: ends the session PID, and waits so long at most until nothing of it is left.
end() {
  # The second: a session that is only just beginning.
  kill -TERM -- "-$1" 2>/dev/null || kill -TERM "$1" 2>/dev/null || return 0
  for _ in $(seq $((10 * $2))); do
    kill -0 -- "-$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$1" 2>/dev/null || true
}

end_all() {
  trap '' INT TERM HUP
  # One that was started just now has no name yet.
  local newest=${!-}
  case $newest in "$cluster" | "$ended") ;; *) child=$newest ;; esac
  # Whatever runs to an end can be killed at any moment, and begun again.
  [ -z "$child" ] || end "$child" 1
  [ -z "$cluster" ] || end "$cluster" 15
  ended=$newest child='' cluster=''
}

stopped() {
  echo >&2
  echo "stopped; the same command goes on from here" >&2
  exit "$1"
}

trap end_all EXIT
trap 'stopped 130' INT
trap 'stopped 143' TERM HUP

# start_cluster MODEL INDEX DIRECTORY: starts `imprag up` with its log in DIRECTORY, waits until it is ready, sets `endpoint`.
start_cluster() {
  local log=$3/up.log
  endpoint=ipc://$3/coordinator
  # A socket's path has at most 107 bytes.
  [ ${#endpoint} -le 100 ] || endpoint=ipc://$(mktemp -u /tmp/imprag-demo.XXXXXX)
  setsid "$imprag" up --model "$1" --index "$2" --endpoint "$endpoint" </dev/null >"$log" 2>&1 &
  cluster=$!
  until grep -q '^ready' "$log"; do
    if ! kill -0 "$cluster" 2>/dev/null; then
      cat "$log" >&2
      exit 1
    fi
    sleep 0.05
  done
  grep '^ready' "$log"
}

# ask QUESTION [OPTION...]
ask() {
  local question=$1
  shift
  run "$imprag" ask --endpoint "$endpoint" --max-tokens 48 "$question" "$@"
}

stop_cluster() {
  echo
  run "$imprag" status --endpoint "$endpoint"
  echo
  echo "== stop"
  end_all
}
