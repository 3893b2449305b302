/** The commands of people who watch a rollout, played with the real kubectl, and their output. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCommand, startProcess } from '../../base/child-process.ts'
import type { RunningProcess } from '../../base/child-process.ts'
import { waitUntil } from '../../base/polling.ts'
import { buildContainer, gracefulScript } from '../stage/pods.ts'

/** One command as typed, with its complete output. */
export interface CommandOutput {
  command: string
  output: string
}

/** The same on every cluster, so that columns have the same width. */
export const namespace = 'kubectl-session'
const program = 'kubectl'
const timeoutFlag = '--timeout=90s'
/** For commands without such an option. */
const commandLimitMs = 120_000
/** Long enough for every step of a rollout to be seen. */
const minReadySeconds = 2
const settleMs = 1500

/** kubectl with its own home: nothing of the user's is read or written. */
class KubectlShell implements Disposable {
  readonly outputs: CommandOutput[] = []
  readonly #home: string = mkdtempSync(join(tmpdir(), 'nodrop-kubectl-'))
  readonly #env: NodeJS.ProcessEnv

  constructor(kubeconfig: string) {
    this.#env = { PATH: process.env['PATH'] ?? '', HOME: this.#home, KUBECONFIG: kubeconfig }
  }

  start(command: string): RunningProcess {
    return startProcess(parseCommand(command), { env: this.#env, diesWithParent: true })
  }

  async run(command: string, input = ''): Promise<string> {
    const limitMs = commandLimitMs
    const { stdout, stderr } = await runCommand(parseCommand(command), { env: this.#env, input, limitMs })
    return stdout + stderr
  }

  /** `shown`: recorded in place of a command that contains names specific to a cluster. */
  async record(command: string, { input = '', shown = command } = {}): Promise<void> {
    this.outputs.push({ command: shown, output: await this.run(command, input) })
  }

  [Symbol.dispose](): void {
    rmSync(this.#home, { recursive: true, force: true })
  }
}

function parseCommand(command: string): string[] {
  return [program, '--namespace', namespace, ...command.split(' ')]
}

/** A Service and a Deployment of two pods that are ready at once and end properly; JSON, which is also YAML. */
function buildManifest(): string {
  const labels = { app: 'web' }
  const main = buildContainer('main', gracefulScript, {
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [{ name: 'GREETING', value: 'hello' }],
    readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
  })
  const pod = { automountServiceAccountToken: false, enableServiceLinks: false, terminationGracePeriodSeconds: 5 }
  const template = { metadata: { labels }, spec: { ...pod, containers: [main] } }
  const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  const items = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', labels },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels },
      spec: { replicas: 2, minReadySeconds, selector: { matchLabels: labels }, strategy, template },
    },
  ]
  // If the first byte is a brace, kubectl before 1.33 reads everything as JSON, which has no documents.
  return items.map((item) => `---\n${JSON.stringify(item)}\n`).join('')
}

/** Takes about half a minute, in its own namespace, which is deleted afterwards. */
export async function playKubectl(kubeconfig: string): Promise<CommandOutput[]> {
  using shell = new KubectlShell(kubeconfig)
  await shell.run(`create namespace ${namespace}`)
  await waitForServiceAccount(shell)
  try {
    await inspectWorkload(shell)
    await changeWorkload(shell)
    return shell.outputs
  } finally {
    await shell.run(`delete namespace ${namespace} ${timeoutFlag}`)
  }
}

/** Real clusters admit no pod into a namespace before its service account exists; the embedded one has none. */
async function waitForServiceAccount(shell: KubectlShell): Promise<void> {
  await waitUntil('the service account', { limitMs: 20_000 }, async () => {
    const output = await shell.run('get serviceaccount default')
    return output.includes('"default" not found') ? output : null
  })
}

async function inspectWorkload(shell: KubectlShell): Promise<void> {
  await shell.record('apply -f -', { input: buildManifest() })
  await shell.run(`rollout status deploy/web ${timeoutFlag}`)
  await sleep(settleMs)
  await shell.record('get deploy,rs,endpointslices')
  await shell.record('get deploy,rs,pods,services -o wide')
  await shell.record('get pods --show-labels')
  const [pod = ''] = await listPods(shell)
  await shell.record(`describe pod ${pod}`, { shown: 'describe pod POD' })
  await shell.record(`logs ${pod}`, { shown: 'logs POD' })
  await shell.record('logs deploy/web --tail=1')
}

async function changeWorkload(shell: KubectlShell): Promise<void> {
  await shell.record('scale deploy web --replicas=3')
  await shell.run(`rollout status deploy/web ${timeoutFlag}`)
  await shell.record('get deploy')
  await shell.record('scale deploy web --replicas=2')
  await waitForPodCount(shell, 2)
  const watching = shell.start('get pods -w')
  const watched = watching.stdout === null ? '' : text(watching.stdout)
  await sleep(settleMs)
  await shell.record('rollout restart deploy/web')
  await shell.record(`rollout status deploy/web ${timeoutFlag}`)
  await waitForPodCount(shell, 2)
  const [pod = ''] = await listPods(shell)
  await shell.record(`delete pod ${pod}`, { shown: 'delete pod POD' })
  await shell.run(`rollout status deploy/web ${timeoutFlag}`)
  await sleep(settleMs)
  watching.kill('SIGTERM')
  shell.outputs.push({ command: 'get pods -w', output: await watched })
  await shell.record('rollout history deploy/web')
  await shell.record('get pod no-such-pod')
  await shell.record('delete deploy/web service/web')
}

async function listPods(shell: KubectlShell): Promise<string[]> {
  const lines = (await shell.run('get pods -o name')).split('\n')
  return lines.filter((line) => line !== '').map((line) => line.replace('pod/', ''))
}

/** `get` also counts terminating pods. */
async function waitForPodCount(shell: KubectlShell, count: number): Promise<void> {
  await waitUntil(`${count} pods`, { limitMs: 30_000, intervalMs: 200 }, async () => {
    const pods = await listPods(shell)
    return pods.length === count ? null : pods.join(', ')
  })
}
