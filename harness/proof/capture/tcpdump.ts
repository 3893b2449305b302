/** Captures the traffic of drivers in pods on this machine, each in its own network namespace. */
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startProcess } from '../../base/child-process.ts'
import { pause } from '../../base/polling.ts'

export interface Capture {
  /** In pcap format. */
  file: string
  /** Packets that the kernel dropped for lack of space; `null` if tcpdump did not report it. */
  dropped: number | null
}

/** A driver warms up for 2 s before it accepts a load. */
const lookEveryMs = 250
/** The driver's command in the Job's manifest. */
const driverCommand = 'node /driver/driver.mjs'
/** Without the harness' requests to the driver's control port, and the kubelet's probes of it. */
const filter = '(tcp or icmp) and not port 8089'
/** Size of the kernel's buffer: it holds seconds of any load that a pod can send. */
const bufferKiB = 16_384

/** Why captures are impossible here; `null` if they are possible. */
export function findCaptureObstacle(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'a capture in a pod takes root on the Linux machine whose kernel the pod runs on'
  }
  return hasProgram('tcpdump') && hasProgram('nsenter') ? null : 'this machine has no tcpdump or no nsenter'
}

function hasProgram(name: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(':')
  return folders.some((folder) => existsSync(join(folder, name)))
}

/** Starts one for every driver that starts, until `signal` aborts; returns them once all are closed. */
export async function captureDrivers(folder: string, signal: AbortSignal): Promise<Capture[]> {
  // Drivers that run already belong to other runs.
  const known = new Set(listDrivers())
  const running: Promise<Capture>[] = []
  while (!signal.aborted) {
    for (const pid of listDrivers()) {
      if (known.has(pid)) continue
      known.add(pid)
      running.push(captureDriver(pid, join(folder, `driver-${pid}.pcap`), signal))
    }
    await pause(lookEveryMs, signal)
  }
  return Promise.all(running)
}

/** The ids of drivers' processes in networks other than this process's own: of pods on this machine. */
export function listDrivers(): number[] {
  const own = readNetwork('self')
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => readCommand(pid) === driverCommand && readNetwork(pid) !== own).map(Number)
}

/** Its arguments separated by spaces, empty if the process has ended. */
function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}

function readNetwork(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return ''
  }
}

/** Ends when `signal` aborts, or with the pod's network. */
async function captureDriver(pid: number, file: string, signal: AbortSignal): Promise<Capture> {
  // Packets held back for a full block would be lost when the pod's network is removed, right after the last answers.
  const timely = ['--immediate-mode', '--packet-buffered']
  const options = ['-i', 'eth0', '-n', '-B', String(bufferKiB), ...timely, '-Z', 'root', '-w', file]
  const child = startProcess(['nsenter', `--net=/proc/${pid}/ns/net`, 'tcpdump', ...options, filter])
  const stopCapture = (): void => child.kill('SIGINT')
  signal.addEventListener('abort', stopCapture, { once: true })
  const said = child.stderr === null ? '' : await text(child.stderr)
  await child.exited
  signal.removeEventListener('abort', stopCapture)
  const dropped = /^(?<count>\d+) packets? dropped by kernel/m.exec(said)?.groups?.['count']
  return { file, dropped: dropped === undefined ? null : Number(dropped) }
}
