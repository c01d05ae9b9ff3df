#!/usr/bin/env bash
# Makes a container image of a Debian package of imprag, for what the Dockerfile does with Swift's image: a bare Debian 12 from
# debootstrap, the package, and what it depends on. Nothing comes from a registry of images. As root, with podman and runc.
# usage: Packaging/image.sh imprag_VERSION_ARCHITECTURE.deb [NAME]
set -euo pipefail
package=$(realpath "$1")
name=${2:-imprag}
work=$(mktemp -d /var/tmp/imprag-image.XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
# Debian's crun refuses some machines' cgroups.
podman() { command podman --runtime runc --cgroup-manager cgroupfs "$@"; }

debootstrap --variant=minbase bookworm "$root" >"$work/log" || { tail "$work/log" >&2; exit 1; }
# Security updates too; the others from where debootstrap has its packages.
sources=$root/etc/apt/sources.list
updates=$(sed -n 's/ bookworm / bookworm-updates /p' "$sources")
printf '%s\n' "$updates" 'deb http://security.debian.org/debian-security bookworm-security main' >> "$sources"
# By number, so that Kubernetes can see that it is not root; the package keeps a user that is there.
chroot "$root" groupadd --gid 10001 imprag
chroot "$root" useradd --uid 10001 --gid 10001 --home-dir /data --create-home imprag
install -m 644 "$package" "$root/imprag.deb"
in_root() { chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
in_root apt-get update -qq
in_root apt-get upgrade -y -qq >"$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }
in_root apt-get install -y -qq --no-install-recommends /imprag.deb >"$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }
in_root apt-get clean
rm -rf "$root"/imprag.deb "$root"/var/lib/apt/lists/* "$root"/var/cache/{apt,debconf,ldconfig}/* "$root"/var/log/* "$root"/usr/share/man/*

tar -C "$root" --numeric-owner -c . | podman import --change 'ENTRYPOINT ["imprag"]' --change 'CMD ["--help"]' \
  --change 'USER 10001:10001' --change 'WORKDIR /data' --quiet - "$name" >/dev/null
podman run --rm --pull=never --ulimit nofile=1024 --ulimit nproc=4096 --network none --read-only --cap-drop ALL "$name" --version
podman images --format '{{.Repository}}:{{.Tag}} {{.Size}}' "$name"
