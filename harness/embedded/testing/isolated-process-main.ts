/** The inner half of inside.ts: PID 1 of its own namespaces, which evaluates functions that tests send. */
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openConnectionEvents } from '../network/connection-events.ts'
import { startNodeMachine } from '../runtime/node-machine.ts'
import type { NodeMachine } from '../runtime/node-machine.ts'
import type { ContainerConfig, LogLine, RunningContainer, Sandbox } from '../runtime/runtime.ts'

export interface StartedContainer {
  sandbox: Sandbox
  container: RunningContainer
  lines: LogLine[]
  /** Waits for a line with this text. */
  waitForLine: (text: string) => Promise<void>
}

/** The context of an evaluated function. */
export interface IsolatedContext extends NodeMachine {
  sleep: typeof sleep
  openConnectionEvents: typeof openConnectionEvents
  /** On the first node by default. */
  makePod: (name: string, node?: number) => Promise<Sandbox>
  /** Starts a container of the image `nodrop/base:dev`, by default in a new pod. */
  start: (config: Partial<ContainerConfig>, sandbox?: Sandbox) => Promise<StartedContainer>
  /** The first text that a server sends on a connection, or the error's code. */
  ask: (host: string, port: number) => Promise<string>
}

const [folder = '', extra = '{}'] = process.argv.slice(2)
const machine = await startNodeMachine({
  folder,
  extra: JSON.parse(extra) as Record<string, Record<string, string>>,
  hidden: ['/usr/share/doc'],
  nodes: 2,
})
let pods = 0

const context: IsolatedContext = {
  ...machine,
  sleep,
  openConnectionEvents,
  makePod: (name, node = 0) => machine.runtime.createSandbox({ uid: String(++pods), name, namespace: 'default', node }),
  start: async (config, sandbox) => {
    const pod = sandbox ?? (await context.makePod(`pod-${pods}`))
    const lines: LogLine[] = []
    const whole = {
      name: 'main',
      image: 'nodrop/base:dev',
      env: [],
      mounts: [],
      onLog: (line: LogLine) => lines.push(line),
    }
    const container = await machine.runtime.startContainer(pod, { ...whole, ...config })
    const waitForLine = async (text: string): Promise<void> => {
      for (let tries = 0; !lines.some((line) => line.text.includes(text)); tries++) {
        if (tries > 500)
          throw new Error(
            `Timed out waiting for a line with "${text}"; lines: ${lines.map((line) => line.text).join('\n')}`,
          )
        await sleep(10)
      }
    }
    return { sandbox: pod, container, lines, waitForLine }
  },
  ask: (host, port) =>
    new Promise((resolve) => {
      const socket = createConnection({ host, port, timeout: 3_000 })
      socket.once('data', (data) => (resolve(data.toString().trim()), socket.destroy()))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      socket.once('timeout', () => (resolve('timeout'), socket.destroy()))
    }),
}

type EvaluatedFunction = (context: IsolatedContext, argument: unknown) => Promise<unknown>
process.on('message', ({ id, code, argument }: { id: number; code: string; argument: unknown }) => {
  // The code is a test's own, sent by the process that started this one.
  // oxlint-disable-next-line typescript/no-implied-eval
  const evaluated = new Function(`return (${code})`)() as EvaluatedFunction
  evaluated(context, argument).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ id: 0 })
