/** Plays one foreign server on a running cluster, like its user: kubectl deploys it, nodrop only attaches. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runCommand } from '../../base/child-process.ts'
import type { CommandResult } from '../../base/child-process.ts'
import { Fault } from '../../base/fault.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Paths } from '../../cluster/clusters.ts'
import type { Analysis } from '../../model/result.ts'
import { readObjects } from '../../plan/objects.ts'
import type { UserObject } from '../../plan/objects.ts'
import { findStrangers } from './strangers.ts'
import { summarizeAnalysis } from './server-mark.ts'
import type { ServerMark } from './server-mark.ts'
import { gracefulSleepSeconds } from './servers.ts'
import type { ServerPlay } from './servers.ts'

export interface PlayServerOptions {
  paths: Paths
  /** The run's directory. */
  out: string
  log: (line: string) => void
  signal: AbortSignal
}

const nodrop = join(import.meta.dirname, '../../nodrop.cjs')
const readyLimit = '120s'
const limitMs = 300_000

/** Throws a Fault if it cannot be deployed, or if nodrop returns no result. */
export async function playServer(
  cluster: Cluster,
  { server, variant }: ServerPlay,
  { paths, out, log, signal }: PlayServerOptions,
): Promise<ServerMark> {
  const { name } = server
  const namespace = `servers-${name}`
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig }
  const run = (argv: string[], input = ''): Promise<CommandResult> => runCommand(argv, { env, input, limitMs, signal })
  const kubectl = async (args: string[], input?: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(['kubectl', ...args], input)
    if (exitCode === 0) return stdout.trim()
    throw new Fault('unknown', `Cannot play ${name}: kubectl ${args.join(' ')}: ${stderr.trim()}`)
  }
  const objects = readObjects(join(paths.manifests, 'servers', `${name}.yaml`))
  const items = variant === 'graceful' ? objects.map(addSleep) : objects
  await kubectl(['create', 'namespace', namespace])
  try {
    const context = await kubectl(['config', 'current-context'])
    await kubectl(['apply', '-n', namespace, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    await kubectl(['rollout', 'status', '-n', namespace, `deployment/${name}`, `--timeout=${readyLimit}`])
    const target = [`deployment/${name}`, '-n', namespace, '--context', context]
    const restart = ['kubectl', 'rollout', 'restart', `deployment/${name}`, '-n', namespace, '--context', context]
    const more = ['--out', out, '--repeats', '0', '--json', '--', ...restart]
    const result = await run([process.execPath, nodrop, 'run', ...target, ...more])
    const runDir = findRunDir(result)
    log(`${name}: ${runDir}`)
    const analysis = JSON.parse(readFileSync(join(runDir, 'analysis.json'), 'utf8')) as Analysis
    const strangers = findStrangers(dirname(runDir), result.stdout + result.stderr, server.mentions)
    const date = new Date().toISOString().slice(0, 10)
    return { date, ...summarizeAnalysis(analysis), strangers }
  } finally {
    await runCommand(['kubectl', 'delete', 'namespace', namespace, '--wait=true'], { env })
  }
}

function findRunDir({ stdout, stderr }: CommandResult): string {
  try {
    const {
      runs: [run],
    } = JSON.parse(stdout) as { runs: { runDir: string }[] }
    if (run) return run.runDir
  } catch {
    // It printed no result.
  }
  throw new Fault('unknown', `nodrop gave no result: ${stderr.trim().split('\n').slice(-5).join('\n')}`)
}

/** The same Deployment with a preStop hook that sleeps in every container. */
function addSleep(object: UserObject): UserObject {
  if (object.kind !== 'Deployment') return object
  const copy = structuredClone(object) as UserObject & { spec: { template: { spec: { containers: object[] } } } }
  const { spec } = copy.spec.template
  const lifecycle = { preStop: { sleep: { seconds: gracefulSleepSeconds } } }
  spec.containers = spec.containers.map((container) => ({ ...container, lifecycle }))
  return copy
}
