#!/usr/bin/env bash
# Makes imprag_VERSION_ARCHITECTURE.deb of a program that was linked with --static-swift-stdlib, and prints its path. The same program
# and commit make the same bytes. DEBFULLNAME and DEBEMAIL name the maintainer.
# usage: Packaging/debian/build.sh path/to/imprag DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
imprag=$(realpath "$1")
mkdir -p "$2"
out=$(cd "$2" && pwd)

if ldd "$imprag" | grep -q libswiftCore; then
  echo "$imprag needs Swift's libraries, which Debian does not have: link it with --static-swift-stdlib" >&2
  exit 1
fi

maintainer="${DEBFULLNAME:-ImpRAG} <${DEBEMAIL:-imprag@example.org}>"
version=$("$imprag" --version | cut -d ' ' -f 2)
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$source" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
umask 022
root=$out/root
rm -rf "$root"
doc=$root/usr/share/doc/imprag
mkdir -p "$root"/{DEBIAN,usr/bin,usr/lib/systemd/system,etc/imprag} "$doc/examples"

strip --remove-section=.comment --remove-section=.note -o "$root/usr/bin/imprag" "$imprag"
install -m 644 "$here/cluster.json" "$root/etc/imprag"
install -m 644 "$here/gateway" "$root/etc/imprag"
printf '%s\n' /etc/imprag/cluster.json /etc/imprag/gateway > "$root/DEBIAN/conffiles"
install -m 755 "$here"/{postinst,prerm,postrm} "$root/DEBIAN"

# Tokenizers run regular expressions as machine code that PCRE2 writes at run time. Shards have no tokenizer.
for role in shard coordinator generator; do
  memory=''
  [ $role != shard ] || memory='MemoryDenyWriteExecute=yes'
  sed -e "s/@ROLE@@NAME/$role@NAME/; s/@ROLE@/$role/; s/^@MEMORY@\$/$memory/" "$here/imprag-node@.service.in" |
    cat -s > "$root/usr/lib/systemd/system/imprag-$role@.service"
done

# A gateway is no node: it has no entry in the cluster file, and writes nothing.
sed -e '1,2c # Serves the cluster by HTTP: systemctl enable --now imprag-gateway. Its command line is in /etc/imprag/gateway.' \
  -e 's/@ROLE@ %i/gateway/; s/cluster\.md/gateway.md/; s/^# A node that ends.*/# As the nodes: back when what it needs is./' \
  -e 's|^ExecStart=.*|EnvironmentFile=/etc/imprag/gateway\nExecStart=/usr/bin/imprag gateway $IMPRAG_GATEWAY\nExecReload=/bin/sh -c "kill -HUP $MAINPID"|' \
  -e '/^StateDirectory/d; /^LogsDirectory/d; s|^WorkingDirectory=.*|WorkingDirectory=/|; /^# SIGTERM/d; /^TimeoutStopSec/d' \
  -e '/^# Of @resources/d; s/^@MEMORY@$/MemoryDenyWriteExecute=yes/' "$here/imprag-node@.service.in" |
  cat -s > "$root/usr/lib/systemd/system/imprag-gateway.service"

install -m 644 "$source"/docs/*.md "$here/copyright" "$doc"
install -m 644 "$source"/Cluster/{cluster,membership}.json "$doc/examples"
printf 'imprag (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md of the source.\n\n -- %s  %s\n' \
  "$version" "$maintainer" "$(date --utc --rfc-email --date "@$SOURCE_DATE_EPOCH")" | gzip -9n > "$doc/changelog.gz"

# made COMMAND FILE ARGUMENTS: what the program says about itself, if this version can.
made() {
  "$imprag" --help | grep -q "^  $1 " || return 0
  mkdir -p "$(dirname "$root/$2")"
  "$imprag" "${@:3}" > "$root/$2"
}
made man usr/share/man/man1/imprag.1 man
[ ! -e "$root/usr/share/man/man1/imprag.1" ] || gzip -9n "$root/usr/share/man/man1/imprag.1"
made completions usr/share/bash-completion/completions/imprag completions bash
made completions usr/share/zsh/vendor-completions/_imprag completions zsh
made completions usr/share/fish/vendor_completions.d/imprag.fish completions fish

# dpkg-shlibdeps wants to stand in a source package.
mkdir -p "$out/depends/debian"
printf 'Source: imprag\n\nPackage: imprag\nArchitecture: any\n' > "$out/depends/debian/control"
libraries=$(cd "$out/depends" && dpkg-shlibdeps -O -e"$root/usr/bin/imprag" | sed -n 's/^shlibs:Depends=//p')

cat > "$root/DEBIAN/control" <<END
Package: imprag
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
Depends: adduser, ca-certificates, $libraries
Suggests: systemd
Section: science
Priority: optional
Description: passage index and a language model that reads it, as one cluster
 Indexes a corpus of passages and answers prompts over it with one decoder-only
 language model and no textual query: its bottom layers turn the prompt into a
 vector, shards find the passages of largest inner product, and the same pass
 reads them and continues to the answer.
 .
 This package has the program and a systemd unit for each role of a node, and
 one for HTTP. It has no model.
END
(cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) > "$root/DEBIAN/md5sums"

package=$out/imprag_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >/dev/null
echo "$package"
