/** What kind needs of the machine, and what to do where that is missing. */
import { accessSync, readFileSync, statfsSync } from 'node:fs'
import { messageOf } from '../fault.ts'
import { runTool } from './kind-command.ts'
import type { MachineCheck } from './local-machine.ts'

const queryLimitMs = 15_000
const oldestKind = [0, 24] as const
/** A node image, three nodes' layers and the workload's images. */
const diskGiB = 8
/** Three nodes ran with these; several clusters, or other users of inotify, need kind's recommendation. */
const inotify = { instances: { least: 128, recommended: 512 }, watches: { least: 65_536, recommended: 524_288 } }

interface DockerInfo {
  ServerVersion?: string
  CgroupVersion?: string
  DockerRootDir?: string
  ServerErrors?: string[]
}

/** Docker and kind first: without them the rest does not matter. */
export async function checkKind(): Promise<MachineCheck[]> {
  const { check, info } = await checkDocker()
  const programs = [check, await checkKindItself()]
  if (!check.ok) return programs
  const linux = process.platform === 'linux' ? [checkInotify(), checkDisk(info.DockerRootDir ?? '/var/lib/docker')] : []
  return [...programs, ...linux, checkCgroup(info.CgroupVersion)]
}

async function checkDocker(): Promise<{ check: MachineCheck; info: DockerInfo }> {
  const name = 'docker'
  try {
    const { stdout, stderr } = await runTool(['docker', 'info', '--format', '{{json .}}'], { limitMs: queryLimitMs })
    const info = JSON.parse(stdout || '{}') as DockerInfo
    // The program exits 0 also when it reaches no daemon.
    if (info.ServerVersion) return { check: { name, ok: true, found: `Docker ${info.ServerVersion}`, fix: '' }, info }
    const found = info.ServerErrors?.[0] ?? stderr.trim()
    const fix = /permission denied/i.test(found)
      ? 'Run nodrop as a user of the group docker: sudo usermod --append --groups docker $USER, and log in again.'
      : 'Start Docker: sudo systemctl start docker, or Docker Desktop.'
    return { check: { name, ok: false, found, fix }, info: {} }
  } catch (error) {
    const fix = 'Install Docker: https://docs.docker.com/engine/install/ (on Debian: apt-get install docker.io).'
    return { check: { name, ok: false, found: messageOf(error), fix }, info: {} }
  }
}

async function checkKindItself(): Promise<MachineCheck> {
  const name = 'kind'
  const guide = 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation'
  const fix =
    process.platform === 'darwin' ? `brew install kind, or ${guide}` : `go install sigs.k8s.io/kind@latest, or ${guide}`
  try {
    const { stdout } = await runTool(['kind', 'version'], { limitMs: queryLimitMs })
    const version = /v(?<major>\d+)\.(?<minor>\d+)\.\S+/.exec(stdout)
    const [major, minor] = [Number(version?.groups?.['major']), Number(version?.groups?.['minor'])]
    const ok = major > oldestKind[0] || (major === oldestKind[0] && minor >= oldestKind[1])
    if (ok) return { name, ok, found: `kind ${version?.[0] ?? ''}`, fix: '' }
    return { name, ok, found: `${stdout.trim()}; ${oldestKind.join('.')} or newer is needed`, fix }
  } catch (error) {
    return { name, ok: false, found: messageOf(error), fix }
  }
}

/** https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files */
function checkInotify(): MachineCheck {
  const { instances, watches } = inotify
  const found = { instances: inotifyLimit('max_user_instances'), watches: inotifyLimit('max_user_watches') }
  const ok = found.instances >= instances.least && found.watches >= watches.least
  const plenty = found.instances >= instances.recommended && found.watches >= watches.recommended
  const note = ok && !plenty ? ' (enough for one cluster)' : ''
  const settings = `fs.inotify.max_user_instances=${instances.recommended} fs.inotify.max_user_watches=${watches.recommended}`
  return {
    name: 'inotify',
    ok,
    found: `${found.instances} instances, ${found.watches} watches${note}`,
    fix: ok ? '' : `sudo sysctl ${settings}`,
  }
}

function inotifyLimit(name: string): number {
  return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'))
}

function checkDisk(folder: string): MachineCheck {
  const name = 'disk'
  try {
    accessSync(folder)
    const { bavail, bsize } = statfsSync(folder)
    const free = (bavail * bsize) / 2 ** 30
    const ok = free >= diskGiB
    const found = `${free.toFixed(0)} GiB free in ${folder}${ok ? '' : `; ${diskGiB} are needed`}`
    return { name, ok, found, fix: ok ? '' : 'Make room, for example with: docker system prune' }
  } catch (error) {
    // Docker may keep its files in a virtual machine, or out of this user's reach.
    return { name, ok: true, found: `not to be seen from here: ${messageOf(error)}`, fix: '' }
  }
}

/** From Kubernetes 1.35 the kubelet refuses cgroup v1 unless told otherwise (KubeletConfiguration, failCgroupV1). */
function checkCgroup(version: string | undefined): MachineCheck {
  const found =
    version === '1'
      ? 'v1: choose a node image of Kubernetes 1.34 or older, or boot with cgroup v2'
      : `v${version ?? '?'}`
  return { name: 'cgroup', ok: true, found, fix: '' }
}

/** The newest kind node image that Docker already has; `undefined` leaves the choice, and the pull, to kind. */
export async function localNodeImage(): Promise<string | undefined> {
  const argv = ['docker', 'images', 'kindest/node', '--format', '{{.Repository}}:{{.Tag}}']
  const { stdout } = await runTool(argv, { limitMs: queryLimitMs })
  const images = stdout.split('\n').filter((line) => /:v\d/.test(line))
  return images.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
}
