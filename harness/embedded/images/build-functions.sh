# In front of RUN lines where one user is mapped: everything belongs to that one, so there is no owner to set, and accounts
# are lines of their files.
chown() { :; }
chgrp() { :; }
nodrop_account() {
  name='' id='' gid='' home=/
  while [ $# -gt 0 ]; do
    case $1 in
    --uid=*) id=${1#*=} ;;
    --gid=*) gid=${1#*=} ;;
    --home-dir=* | --home=*) home=${1#*=} ;;
    -u | --uid) id=$2 && shift ;;
    -g | --gid) gid=$2 && shift ;;
    -d | --home-dir | --home) home=$2 && shift ;;
    -s | --shell | -c | --comment | --gecos | -G | --groups | --ingroup) shift ;;
    -*) ;;
    *) [ -n "$name" ] || name=$1 ;;
    esac
    shift
  done
}
useradd() {
  nodrop_account "$@"
  printf '%s:x:%s:%s::%s:/bin/sh\n' "$name" "${id:-1000}" "${gid:-${id:-1000}}" "$home" >>/etc/passwd
}
groupadd() {
  nodrop_account "$@"
  printf '%s:x:%s:\n' "$name" "${gid:-1000}" >>/etc/group
}
adduser() { useradd "$@"; }
addgroup() { groupadd "$@"; }
