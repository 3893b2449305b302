/** The requirements of the embedded cluster, and how to fulfil those that are missing. */
import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { runCommand } from '../../base/child-process.ts'
import {
  createIsolationCommand,
  findMissingPackages,
  findOverlaidFileSystems,
  listImagePackages,
  readLockedMounts,
  readPriorities,
  systemPath,
} from '@nodrop/embedded-kubernetes'

import type { MachineCheck } from '../machine-check.ts'

/** The PATH of an unprivileged user often lacks the directories of administration programs. */
const systemEnv = { PATH: systemPath, LC_ALL: 'C' }

/** The images of the sample workload and of the driver. */
export const imagesFolder: string = join(import.meta.dirname, '../../../apps')

/** Programs and the Debian packages that contain them. */
export const programs: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  setsid: 'util-linux',
  mount: 'mount',
  pivot_root: 'util-linux',
  hostname: 'hostname',
  ip: 'iproute2',
  nft: 'nftables',
  perl: 'perl-base',
  umount: 'mount',
  sh: 'dash',
  env: 'coreutils',
  mkfifo: 'coreutils',
  mknod: 'coreutils',
  mktemp: 'coreutils',
  find: 'findutils',
}

/** All requirements, in the order in which it makes sense to repair them. */
export async function checkEmbeddedMachine(): Promise<MachineCheck[]> {
  if (process.platform !== 'linux') {
    const fix = 'Run nodrop on Linux, in a virtual machine for example.'
    return [{ name: 'system', ok: false, found: `${process.platform}; the embedded cluster needs Linux`, fix }]
  }
  const system = { name: 'system', ok: true, found: 'Linux', fix: '' }
  const tools = checkPrograms()
  if (!tools.ok) return [system, tools, await checkPackages()]
  const [namespaces, packages] = await Promise.all([checkNamespaces(), checkPackages()])
  return [
    system,
    tools,
    namespaces,
    ...(namespaces.ok ? [await checkKernel()] : []),
    packages,
    checkTracking(),
    checkPriority(),
  ]
}

/** `isThere` is replaced in tests. */
export function checkPrograms(isThere: (program: string) => boolean = isExecutable): MachineCheck {
  const missing = Object.keys(programs).filter((program) => !isThere(program))
  const packages = new Set(missing.map((program) => programs[program]))
  return {
    name: 'programs',
    ok: missing.length === 0,
    found: missing.length === 0 ? Object.keys(programs).join(', ') : `missing: ${missing.join(', ')}`,
    fix: missing.length === 0 ? '' : `apt-get install ${[...packages].join(' ')}`,
  }
}

function isExecutable(program: string): boolean {
  return systemPath.split(':').some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

async function checkNamespaces(): Promise<MachineCheck> {
  const name = 'namespaces'
  const { exitCode, stderr } = await runCommand([...createIsolationCommand(isRoot()), 'true'], { env: systemEnv })
  if (exitCode === 0) return { name, ok: true, found: isRoot() ? 'as root' : 'user namespaces, without root', fix: '' }
  if (isRoot()) {
    const fix = 'In a container, start it with --privileged; otherwise run as a user who may create user namespaces.'
    return { name, ok: false, found: `root may not create them here: ${stderr.trim()}`, fix }
  }
  const { found, fix } = findForbiddingSetting() ?? { found: stderr.trim(), fix: '' }
  return { name, ok: false, found: `user namespaces are forbidden: ${found}`, fix: `${fix}Or run nodrop as root.` }
}

/** The settings with which distributions forbid unprivileged user namespaces. */
function findForbiddingSetting(): { found: string; fix: string } | null {
  const settings = [
    { name: 'kernel.unprivileged_userns_clone', forbids: '0', allows: '1' },
    { name: 'user.max_user_namespaces', forbids: '0', allows: '15000' },
    { name: 'kernel.apparmor_restrict_unprivileged_userns', forbids: '1', allows: '0' },
  ]
  for (const { name, forbids, allows } of settings) {
    if (readSysctl(name) !== forbids) continue
    return { found: `${name} is ${forbids}`, fix: `sudo sysctl -w ${name}=${allows}\n` }
  }
  return null
}

function readSysctl(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim()
  } catch {
    return null
  }
}

/**
 * Tries each in its own namespaces; prints the first that fails. The first argument is the options of overlays, the others are their lower
 * directories.
 */
const probe = `
options=$1
shift
mount -t tmpfs nodrop /run || { echo tmpfs; exit 1; }
for lower; do
  own=$(mktemp -d /run/XXXXXX) && mkdir "$own/upper" "$own/work" "$own/joined" &&
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$own/upper,workdir=$own/work$options" "$own/joined" ||
    { echo overlay "on $lower"; exit 1; }
done
ip link add probe0 type veth peer name probe1 || { echo veth; exit 1; }
nft -f - <<rules || { echo nf_tables nft_numgen nft_nat nft_reject_ipv4 nft_masq; exit 1; }
table ip probe {
  chain nat { type nat hook output priority -100; ip daddr 10.96.0.1 tcp dport 80 dnat ip to numgen random mod 1 map { 0 : 10.244.0.2 . 80 }; }
  chain late { type nat hook postrouting priority 100; masquerade; }
  chain filter { type filter hook output priority 0; ct state invalid drop; reject; }
}
rules
`

async function checkKernel(): Promise<MachineCheck> {
  const name = 'kernel'
  const options = isRoot() ? '' : ',userxattr'
  const lowers = await findOverlaidFileSystems(readLockedMounts(!isRoot()))
  const argv = [...createIsolationCommand(isRoot()), 'sh', '-c', probe, 'sh', options, ...lowers]
  const { exitCode, stdout, stderr } = await runCommand(argv, { env: systemEnv })
  if (exitCode === 0) return { name, ok: true, found: 'tmpfs, overlayfs, veth, nf_tables', fix: '' }
  const [modules = '', on = ''] = stdout.trim().split(/ (?=on )/)
  const newer = isRoot() || modules !== 'overlay' ? '' : '\nWithout root, overlayfs needs Linux 5.11 or newer.'
  const found = `${modules}${on === '' ? '' : ` ${on}`}: ${stderr.trim()}`
  return { name, ok: false, found, fix: `sudo modprobe -a ${modules}${newer}` }
}

/** Optional: without it losses on connections that no pod answered are attributed to pods only by moments. */
function checkTracking(): MachineCheck {
  const name = 'connection tracking'
  if (isExecutable('conntrack')) return { name, ok: true, found: 'conntrack', fix: '' }
  return { name, ok: true, found: 'conntrack is missing', fix: 'apt-get install conntrack' }
}

/** The processes over which a driver on the embedded cluster has priority. */
export function readDriverPrecedence(): 'all' | 'workload' {
  return readPriorities().mayRaise ? 'all' : 'workload'
}

/** Optional; but on a busy machine a driver with priority is late less often, and fewer rounds are repeated. */
function checkPriority(): MachineCheck {
  const name = 'priority'
  if (readDriverPrecedence() === 'all')
    return { name, ok: true, found: 'the driver goes before everything else', fix: '' }
  const found =
    'the driver goes before the workload, which is lowered, and not before other programs: that takes a right'
  const fix =
    `echo "$USER - nice -10" | sudo tee /etc/security/limits.d/nodrop.conf\n` +
    'and log in again; or run nodrop as root, which also keeps idle processors awake.'
  return { name, ok: true, found, fix }
}

async function checkPackages(): Promise<MachineCheck> {
  const name = 'packages of the images'
  try {
    const packages = await listImagePackages(imagesFolder)
    const missing = await findMissingPackages(packages)
    if (missing.length === 0) return { name, ok: true, found: packages.join(', '), fix: '' }
    return { name, ok: false, found: `missing: ${missing.join(', ')}`, fix: `apt-get install ${missing.join(' ')}` }
  } catch (error) {
    const fix =
      error instanceof Fault
        ? 'Change the Dockerfile; kind builds every image that Docker can build.'
        : 'The images are made of Debian packages that are installed on the machine: use Debian or Ubuntu.'
    return { name, ok: false, found: getErrorMessage(error), fix }
  }
}
