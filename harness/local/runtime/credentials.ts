/** As whom a container's processes run, and how they get there. */
import { readFileSync } from 'node:fs'

export interface Credentials {
  uid: number
  gid: number
  home: string
}

/** The contents of a container's /etc/passwd and /etc/group. */
export interface Accounts {
  passwd: string
  group: string
}

/**
 * Whether more than one user can be told apart here: not so in a user namespace of an unprivileged user, where one is
 * mapped (user_namespaces(7)); everything belongs to that one then, whoever it appears as inside of a container.
 */
export const hasManyUsers: boolean = !/^\s*\d+\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))

/** The capabilities that containerd leaves to a container's root (containerd, pkg/oci/spec.go, `defaultUnixCaps`). */
const rootCapabilities =
  'chown dac_override fsetid fowner mknod net_raw setgid setuid setfcap setpcap net_bind_service sys_chroot kill audit_write'

/** `user` as an image names it: `name`, `uid`, `name:group` or `uid:gid`; empty is root. */
export function credentialsOf(user: string, { passwd, group }: Accounts): Credentials {
  const [name = '', groupName] = (user === '' ? '0' : user).split(':')
  const entry = rowsOf(passwd).find((row) => row[0] === name || row[2] === name)
  const uid = Number(entry?.[2] ?? name)
  if (!Number.isInteger(uid)) throw new Error(`unable to find user ${name}: no matching entries in passwd file`)
  // A user that passwd does not know is in group 0, as with containerd.
  const gid = groupName === undefined ? Number(entry?.[3] ?? 0) : groupOf(groupName, group)
  return { uid, gid, home: entry?.[5] || '/' }
}

function groupOf(name: string, group: string): number {
  const gid = Number(rowsOf(group).find((row) => row[0] === name)?.[2] ?? name)
  if (!Number.isInteger(gid)) throw new Error(`unable to find group ${name}: no matching entries in group file`)
  return gid
}

function rowsOf(text: string): string[][] {
  return text.split('\n').map((line) => line.split(':'))
}

/**
 * The words in front of a command that is to run as `uid`, without capabilities unless it is root. Where one user is
 * mapped, a nested user namespace lets it appear as `uid`; `joins` is the one of a process that is there already.
 */
export function becoming({ uid, gid }: Credentials, joins?: string): string[] {
  const left = uid === 0 ? rootCapabilities.replace(/(^| )/g, ',+') : ''
  const limits = ['--no-new-privs', '--inh-caps=-all', `--bounding-set=-all${left}`]
  if (hasManyUsers) return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...limits]
  if (uid === 0 && gid === 0) return ['setpriv', ...limits]
  const nested =
    joins === undefined
      ? ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`]
      : ['nsenter', `--user=${joins}`, '--preserve-credentials']
  return ['setpriv', '--no-new-privs', '--inh-caps=-all', ...nested]
}
