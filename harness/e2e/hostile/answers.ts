/** API servers with forbidden answers, damaged state, and places where nothing can be written. */
import { mkdirSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createApi } from '../../cluster/api.ts'
import { inspectContext, buildKubeconfig } from '../../cluster/context/preflight.ts'
import { runCommand } from '../../cli/run.ts'
import type { RunCommandOptions } from '../../cli/run.ts'
import { downCommand, upCommand } from '../../cli/up/up.ts'
import type { NamedContext } from '../../plan/kubeconfig.ts'
import { createCertificate } from '../../testing/certificate.ts'
import { home } from '../stage/nodrop-process.ts'
import { large } from './files.ts'
import type { Command, HostileInput } from './input.ts'

/** A server that answers every request in this way, as the cluster of a context. */
async function startServer(
  answer: (response: ServerResponse) => void,
  stack: AsyncDisposableStack,
): Promise<NamedContext> {
  const { key, cert } = await createCertificate()
  const server = createServer({ key, cert }, (_, response) => answer(response.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const fields = {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'certificate-authority-data': Buffer.from(cert).toString('base64'),
  }
  return { name: 'x', cluster: { name: 'c', fields }, user: { name: 'u', fields: { token: 't' } } }
}

/** Writes a chunk repeatedly as long as it is read. */
function createEndlessAnswer(chunk: string) {
  return (response: ServerResponse): void => {
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).on('drain', more)
    more()
  }
}

function createAnswerCase(
  name: string,
  answers: (response: ServerResponse) => void,
  says: RegExp,
  answerLimitMs = 10_000,
): HostileInput {
  const prepare: HostileInput['prepare'] = async (_, stack) => {
    const context = await startServer(answers, stack)
    return async () => void (await inspectContext({ context, needs: [], answerLimitMs }))
  }
  return { name: `API: ${name}`, exitCode: 3, says, prepare }
}

/** For a call of the typed client. */
function createTypedAnswerCase(name: string, answers: (response: ServerResponse) => void, says: RegExp): HostileInput {
  const prepare: HostileInput['prepare'] = async (_, stack) => {
    const api = createApi(buildKubeconfig(await startServer(answers, stack)))
    stack.defer(() => api.close())
    // As in a run's own calls, whose errors are reported as the cause.
    return async () => {
      const error: unknown = await api.version.getCode().catch((thrown: unknown) => thrown)
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      process.stdout.write(cause instanceof Error ? cause.message : JSON.stringify(cause))
    }
  }
  return { name: `API: ${name}`, exitCode: 0, says, prepare }
}

const createPaths = (reports: string): Parameters<typeof downCommand>[1] => ({
  apps: join(home, 'apps'),
  scenarios: join(home, 'scenarios'),
  manifests: join(home, 'manifests'),
  reports,
})

/** A `cluster.json` of a standing cluster with this content. */
function createStateCase(name: string, content: string, command: 'up' | 'down'): HostileInput {
  const says = /Cannot determine which process holds the cluster of nodrop up: .*cluster\.json/
  const prepare = (folder: string): Command => {
    mkdirSync(join(folder, 'cluster/local'), { recursive: true })
    writeFileSync(join(folder, 'cluster/local/cluster.json'), content)
    return () =>
      command === 'up' ? upCommand('local', createPaths(folder), {}) : downCommand('local', createPaths(folder))
  }
  return { name: `${command}: ${name}`, exitCode: 3, says, prepare }
}

function createOptionCase(
  name: string,
  options: Partial<RunCommandOptions>,
  exitCode: number,
  says: RegExp,
): HostileInput {
  const prepare = (folder: string): Command => {
    const whole: RunCommandOptions = {
      cluster: 'local',
      scenario: ['rollout'],
      config: ['naive'],
      engine: 'driver',
      drivers: 1,
      via: { kind: 'service' },
      rounds: 1,
      seed: 1,
      out: join(folder, 'out'),
      scenarios: join(home, 'scenarios'),
      manifests: join(home, 'manifests'),
      ...options,
    }
    return () => runCommand(whole, createPaths(folder))
  }
  return { name: `run: ${name}`, exitCode, says, prepare }
}

const keeper = { pid: 1234, startTime: '1', kind: 'local', kubeconfig: '/x', description: 'x' }

export const hostileAnswers: readonly HostileInput[] = [
  createAnswerCase('an answer without end', createEndlessAnswer('x'.repeat(1 << 16)), /more than 16 MiB/),
  createAnswerCase(
    'lists within lists',
    (response) => response.end('['.repeat(8 * large)),
    /nested more than 256 levels/,
  ),
  createAnswerCase('no version', (response) => response.end('{"gitVersion":{}}'), /returned no version/),
  createAnswerCase(
    'an answer that never ends',
    (response) => response.writeHead(200).write('{'),
    /it did not answer in 1 s/,
    1000,
  ),
  createTypedAnswerCase(
    'an answer without end to the typed client',
    createEndlessAnswer('x'.repeat(1 << 16)),
    /more than 16 MiB/,
  ),
  createStateCase('half of its state', JSON.stringify(keeper).slice(0, 30), 'up'),
  createStateCase('half of its state', JSON.stringify(keeper).slice(0, 30), 'down'),
  createStateCase('a process group in place of a process', JSON.stringify({ ...keeper, pid: -1 }), 'down'),
  createStateCase('nothing', 'null', 'down'),
  createOptionCase('out below /proc', { out: '/proc/nodrop' }, 3, /Cannot make the directory \/proc\/nodrop.*ENOENT/),
  createOptionCase('out below a device', { out: '/dev/null/out' }, 3, /Cannot make the directory \/dev\/null\/out/),
  createOptionCase('out with a name too long', { out: `/tmp/${'x'.repeat(300)}` }, 3, /name too long/),
  createOptionCase(
    'a billion rounds',
    { rounds: 999_999_999 },
    2,
    /Cannot plan 999999999 runs: a comparison has at most 10000/,
  ),
]
