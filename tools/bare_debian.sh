#!/bin/sh
# Types every command of the README into a bare Debian: nothing but python3, git and make, made with mmdebstrap.  Needs root, mmdebstrap,
# and the way to the package registries; takes a quarter of an hour and 3 GB.
#   tools/bare_debian.sh FOLDER [--without WORD]...       FOLDER is made, or used again; `make test` too, unless --without "make test"
# BARE_COPY: files and folders of this machine that it needs to reach the registries, such as /etc/pip.conf and certificates.
# What a container engine would add: a network of its own for the first commands, and limits.
set -eu
[ $# -gt 0 ] || { echo "bare_debian: name a folder for the machine" >&2; exit 2; }
root=$(realpath -m "$1")
shift
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] && command -v mmdebstrap >/dev/null || { echo "bare_debian: run as root, with mmdebstrap installed" >&2; exit 4; }
suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-bookworm}")
[ -e "$root/usr/bin/make" ] ||
    mmdebstrap --variant=minbase --include=python3,git,make,ca-certificates,iproute2 "$suite" "$root" >&2

if [ "${BARE_INSIDE:-}" != yes ]; then
    # mounts and processes of its own: all of them end with it
    BARE_INSIDE=yes exec unshare --mount --pid --fork sh tools/bare_debian.sh "$root" "$@"
fi
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for file in /etc/resolv.conf /etc/hosts ${BARE_COPY:-}; do
    mkdir -p "$root$(dirname "$file")"
    if [ -d "$file" ]; then mkdir -p "$root$file" && mount --bind "$file" "$root$file"
    else cp -L "$file" "$root$file"
    fi
done
rm -rf "$root/root"
mkdir -p "$root/root"
git clone --quiet . "$root/root/clonewatch"
type="cd /root/clonewatch && make setup && cd / &&
    PYTHONPATH=/root/clonewatch exec unshare --net --mount --pid --fork --mount-proc /root/clonewatch/.venv/bin/python -m tests.support.readme_typist /root/clonewatch $(printf "'%s' " "$@")"
exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb ${PIP_CERT:+PIP_CERT="$PIP_CERT"} \
    chroot "$root" /bin/sh -c "$type"
