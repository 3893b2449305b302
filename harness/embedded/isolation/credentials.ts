/** The user, groups and capabilities of a container's processes, and the commands that set them. */
import { readFileSync } from 'node:fs'
import { defaultCapabilities } from '../schema/container-fields.ts'
import { createFilterLauncher } from './seccomp.ts'

export interface Credentials {
  uid: number
  gid: number
  home: string
  /** Supplementary groups; none with a single mapped user. */
  groups: readonly number[]
  /** Capabilities of root, without `CAP_`; other users have none. */
  capabilities: readonly string[]
}

/** The contents of a container's /etc/passwd and /etc/group. */
export interface Accounts {
  passwd: string
  group: string
}

/**
 * Whether more than one user is mapped here. In a user namespace of an unprivileged user there is only one (user_namespaces(7)), who owns
 * everything, whatever the uid inside a container.
 */
export const hasManyUsers: boolean = !/^\s*\d+\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))

/** Whether files can be given to other users: as root, if there are others. */
export const canChangeOwners: boolean = hasManyUsers && process.getuid?.() === 0

/** `user` in the form of an image: `name`, `uid`, `name:group` or `uid:gid`; empty is root. */
export function resolveCredentials(user: string, { passwd, group }: Accounts): Credentials {
  const [name = '', groupName] = (user === '' ? '0' : user).split(':')
  const entry = parseRows(passwd).find((row) => row[0] === name || row[2] === name)
  const uid = Number(entry?.[2] ?? name)
  if (!Number.isInteger(uid)) throw new Error(`unable to find user ${name}: no matching entries in passwd file`)
  // A user that is not in passwd has group 0, as with containerd.
  const gid = groupName === undefined ? Number(entry?.[3] ?? 0) : resolveGroup(groupName, group)
  const groups = entry ? findSupplementaryGroups(entry[0] ?? '', group) : []
  return { uid, gid, home: entry?.[5] || '/', groups, capabilities: defaultCapabilities }
}

/** Groups that have the user as a member. */
function findSupplementaryGroups(name: string, group: string): number[] {
  return parseRows(group).flatMap(([, , gid, members = '']) => (members.split(',').includes(name) ? [Number(gid)] : []))
}

/** `ALL` includes every capability except those named in the other list (containerd, internal/cri/server, container_create_linux.go). */
export function resolveCapabilities({
  add = [],
  drop = [],
}: {
  add?: readonly string[]
  drop?: readonly string[]
}): string[] {
  const given = [...(drop.includes('ALL') ? [] : defaultCapabilities), ...add]
  return [...new Set(given)].filter((name) => !drop.includes(name))
}

function resolveGroup(name: string, group: string): number {
  const gid = Number(parseRows(group).find((row) => row[0] === name)?.[2] ?? name)
  if (!Number.isInteger(gid)) throw new Error(`unable to find group ${name}: no matching entries in group file`)
  return gid
}

function parseRows(text: string): string[][] {
  return text.split('\n').map((line) => line.split(':'))
}

/**
 * The command prefix that runs a command as `uid`, without capabilities unless it is root. With a single mapped user, a nested user
 * namespace makes it appear as `uid`; `joins`: that of an existing process.
 */
export function createUserLauncher(credentials: Credentials, joins?: string): string[] {
  return [...createUserChange(credentials, joins), ...createFilterLauncher()]
}

function createUserChange({ uid, gid, groups, capabilities }: Credentials, joins: string | undefined): string[] {
  const left = uid === 0 ? capabilities.map((name) => `,+${name.toLowerCase()}`).join('') : ''
  const limits = ['--no-new-privs', '--inh-caps=-all', `--bounding-set=-all${left}`]
  if (hasManyUsers) {
    const others = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`
    return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, others, ...limits]
  }
  if (uid === 0 && gid === 0) return ['setpriv', ...limits]
  const nested =
    joins === undefined
      ? ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`]
      : ['nsenter', `--user=${joins}`, '--preserve-credentials']
  // Root in a new user namespace has every capability there.
  const again = uid === 0 ? ['setpriv', ...limits] : []
  return ['setpriv', '--no-new-privs', '--inh-caps=-all', ...nested, ...again]
}
