/** The inner half of inside.ts: PID 1 of namespaces of its own, evaluates what tests send. */
import type { NodeMachine } from './node.ts'
import { startNodeMachine } from './node.ts'

type Evaluated = (
  machine: NodeMachine & { load: (module: string) => Promise<unknown> },
  argument: unknown,
) => Promise<unknown>

const [folder = '', extra = '{}'] = process.argv.slice(2)
const machine = await startNodeMachine({ folder, extra: JSON.parse(extra) as Record<string, Record<string, string>> })
const context = { ...machine, load: (module: string): Promise<unknown> => import(module) }

process.on('message', ({ id, code, argument }: { id: number; code: string; argument: unknown }) => {
  const evaluated = new Function(`return (${code})`)() as Evaluated
  evaluated(context, argument).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ id: 0 })
