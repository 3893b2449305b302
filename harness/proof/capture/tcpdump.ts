/** Captures what drivers of pods on this machine send and get, each in its own network namespace. */
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { startProcess } from '../../base/child-process.ts'
import { pause } from '../../base/polling.ts'

export interface Capture {
  /** In pcap format. */
  file: string
  /** Packets that the kernel had no room for; `null` when tcpdump did not tell. */
  dropped: number | null
}

/** A driver warms up for 2 s before it takes a load. */
const lookEveryMs = 250
/** How the Job's manifest has the driver started. */
const driverCommand = 'node /driver/driver.mjs'
/** Not the harness' requests to the driver's control port, nor the kubelet's probes of it. */
const filter = '(tcp or icmp) and not port 8089'
/** Of the kernel's buffer: it holds seconds of any load that a pod can send. */
const bufferKiB = 16_384

/** Why captures cannot be had here; `null` when they can. */
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

/** Begins one for every driver that starts, until `signal` aborts; gives them once all are closed. */
export async function captureDrivers(folder: string, signal: AbortSignal): Promise<Capture[]> {
  // Those that run already send somebody else's load.
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

/** Its words with a space between, empty where the process is no more. */
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
  // What the kernel holds back for a full block is lost when the pod's network goes, right after the last answers.
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
