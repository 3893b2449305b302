/** The requirements of kind, and how to fulfil those that are missing. */
import { accessSync, readFileSync, statfsSync } from 'node:fs'
import { getErrorMessage } from '../../base/fault.ts'
import { runInContainer, ownHost, isOwnHost, readEngine } from './docker-engine.ts'
import type { DockerInfo, HostFacts } from './docker-engine.ts'
import { runTool } from './tool.ts'
import type { MachineCheck } from '../machine-check.ts'

const queryLimitMs = 15_000
const oldestKind = [0, 24] as const
/** A node image, three nodes' layers and the workload's images. */
const diskGiB = 8
/** Three nodes ran with the lower values; several clusters, or other users of inotify, need those that kind recommends. */
const inotify = { instances: { least: 128, recommended: 512 }, watches: { least: 65_536, recommended: 524_288 } }

/** Docker and kind first: without them the other checks are pointless. */
export async function checkKindMachine(machineHere: HostFacts = ownHost): Promise<MachineCheck[]> {
  const { check, info } = await checkDocker()
  const programs = [check, await checkKindVersion()]
  if (!check.ok) return programs
  const { DockerRootDir: folder = '/var/lib/docker' } = info
  const machine = isOwnHost(info, machineHere)
    ? [checkInotify(readInotifyLimits()), checkDisk(folder)]
    : await checkRemoteEngine(info)
  return [...programs, ...machine, checkCgroup(info.CgroupVersion)]
}

/** For a remote engine, its containers are asked for facts that files of this machine give otherwise. */
async function checkRemoteEngine({
  OperatingSystem = 'another machine',
  NCPU = 0,
}: DockerInfo): Promise<MachineCheck[]> {
  const kernel = {
    name: 'engine',
    ok: true,
    found: `on ${OperatingSystem}, with ${NCPU} processors of its own`,
    fix: '',
  }
  const image = await findLocalNodeImage()
  if (image === undefined) return [{ ...kernel, found: `${kernel.found}; more of it shows once it has a node image` }]
  try {
    const [instances, watches, freeKiB] = (await runInContainer(image, engineScript)).trim().split(/\s+/).map(Number)
    const room = checkFreeSpace((freeKiB ?? 0) / 2 ** 20, OperatingSystem)
    return [kernel, checkInotify({ instances: instances ?? 0, watches: watches ?? 0 }), room]
  } catch (error) {
    return [{ ...kernel, found: `${kernel.found}; it cannot be asked for more: ${getErrorMessage(error)}` }]
  }
}

const engineScript =
  "cat /proc/sys/fs/inotify/max_user_instances /proc/sys/fs/inotify/max_user_watches; df -Pk / | awk 'END { print $4 }'"

async function checkDocker(): Promise<{ check: MachineCheck; info: DockerInfo }> {
  const name = 'docker'
  try {
    const { info, problem } = await readEngine()
    // The program also exits 0 when it reaches no daemon.
    if (info.ServerVersion) return { check: { name, ok: true, found: `Docker ${info.ServerVersion}`, fix: '' }, info }
    const found = info.ServerErrors?.[0] ?? problem
    const fix = /permission denied/i.test(found)
      ? 'Run nodrop as a user of the group docker: sudo usermod --append --groups docker $USER, and log in again.'
      : 'Start Docker: sudo systemctl start docker, or Docker Desktop.'
    return { check: { name, ok: false, found, fix }, info: {} }
  } catch (error) {
    const fix = 'Install Docker: https://docs.docker.com/engine/install/ (on Debian: apt-get install docker.io).'
    return { check: { name, ok: false, found: getErrorMessage(error), fix }, info: {} }
  }
}

async function checkKindVersion(): Promise<MachineCheck> {
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
    return { name, ok: false, found: getErrorMessage(error), fix }
  }
}

/** https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files */
function checkInotify(found: { instances: number; watches: number }): MachineCheck {
  const { instances, watches } = inotify
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

function readInotifyLimits(): { instances: number; watches: number } {
  const readLimit = (name: string): number => Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'))
  return { instances: readLimit('max_user_instances'), watches: readLimit('max_user_watches') }
}

function checkFreeSpace(freeGiB: number, place: string): MachineCheck {
  const ok = freeGiB >= diskGiB
  const found = `${freeGiB.toFixed(0)} GiB free in ${place}${ok ? '' : `; ${diskGiB} are needed`}`
  return { name: 'disk', ok, found, fix: ok ? '' : 'Make room, for example with: docker system prune' }
}

function checkDisk(folder: string): MachineCheck {
  try {
    accessSync(folder)
    const { bavail, bsize } = statfsSync(folder)
    return checkFreeSpace((bavail * bsize) / 2 ** 30, folder)
  } catch (error) {
    // This user may have no access to Docker's files.
    return { name: 'disk', ok: true, found: `not to be seen from here: ${getErrorMessage(error)}`, fix: '' }
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
export async function findLocalNodeImage(): Promise<string | undefined> {
  const argv = ['docker', 'images', 'kindest/node', '--format', '{{.Repository}}:{{.Tag}}']
  const { stdout } = await runTool(argv, { limitMs: queryLimitMs })
  const images = stdout.split('\n').filter((line) => /:v\d/.test(line))
  return images.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
}
