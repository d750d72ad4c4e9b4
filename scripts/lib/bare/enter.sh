#!/bin/sh
# Runs a command inside a root folder: `unshare --mount --pid --fork --kill-child sh enter.sh ROOT COMMAND…`.
# The mounts live in this process's own mount namespace and vanish with it; so do all processes started inside,
# because this shell is process 1 of its own PID namespace.
set -eu
root=$1
shift
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
# Not `exec`: process 1 has to stay to collect orphans.
chroot "$root" "$@"
