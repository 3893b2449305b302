# Becomes PID 1 of a container: runs in its new namespaces, makes its root, and becomes the image's entrypoint by exec, so
# that nothing of this stays between the kernel and the entrypoint when signals arrive.
#
# $1 root directory   $2 fstab that fills it   $3 host name   $4 working directory   $5 niceness (see cpu-shares.ts)
# $6 how many words the launcher has; the launcher's words and then the container's command follow
# $NODROP_SEARCH PATH of the container: like all of its environment no word, which every user of the machine could read
# Descriptors 3 and 4 will be the container's output. Answers on 2: "ready PID", or the reason of a failure and its message.
set -euf
root=$1 fstab=$2 host=$3 directory=$4 nice=$5 launcher=$6 search=$NODROP_SEARCH
shift 6

# /proc is still the cluster's: this is the number by which the runtime can signal the process.
read -r pid _ </proc/self/stat

# Before there is anything that could be started without. Its session gets it from the runtime, which may have to ask again.
if [ "$nice" != 0 ]; then
  renice -n "$nice" -p $$ >/dev/null 2>&1 || true
fi

fail() {
  printf '%s\n%s\n' "$1" "$2" >&2
  exit 1
}
prepare() {
  said=$("$@" 2>&1) || fail CreateContainerError "$said"
}

prepare mount --all --fstab "$fstab"
# Only a sysfs that belongs to this network namespace can be mounted in a user namespace; where none can, /sys stays empty.
if mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys" 2>/dev/null && [ -d "$root/sys/firmware" ]; then
  prepare mount -t tmpfs -o ro,nosuid,nodev,noexec tmpfs "$root/sys/firmware"
fi
prepare hostname "$host"
cd "$root"
prepare pivot_root . .
# The old root lies over the new one now (pivot_root(2), "pivot_root(".", ".")").
prepare umount -l .
cd /
[ -d "$directory" ] || prepare mkdir -p "$directory"
cd "$directory" 2>/dev/null || fail CreateContainerError "cannot enter the working directory $directory"

eval "command=\${$((launcher + 1))}"
path=$command
case $command in
*/*) [ -e "$path" ] || fail StartError "exec: \"$command\": stat $command: no such file or directory" ;;
*)
  path=
  IFS=:
  for candidate in $search; do
    [ -f "$candidate/$command" ] && [ -x "$candidate/$command" ] && path=$candidate/$command && break
  done
  unset IFS
  [ -n "$path" ] || fail StartError "exec: \"$command\": executable file not found in \$PATH"
  ;;
esac
[ ! -d "$path" ] || fail StartError "exec: \"$command\": is a directory"
[ -x "$path" ] || fail StartError "exec: \"$command\": permission denied"
# execvp(3), by which the launcher ends, would give a file without a known format to a shell; a container runtime does not.
case $(head -c 4 "$path" | tr -d '\0') in
'#!'* | ?ELF) ;;
*) fail StartError "exec $path: exec format error" ;;
esac

umask 022
ulimit -c 0
printf 'ready %s\n' "$pid" >&2
exec >&3 2>&4 3>&- 4>&- "$@"
