/** Refuses a command for another cluster than the target's: it would disrupt a workload that is not measured. */
import { basename } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import type { Scenario } from '../../model/plan.ts'
import { listDisruptions } from '../../model/steps/order.ts'
import { readCurrentContext } from '../../plan/current-context.ts'
import { readContext } from '../../plan/kubeconfig.ts'
import type { NamedContext } from '../../plan/kubeconfig.ts'

/** Programs with their options for a context. */
const contextOptions: Readonly<Record<string, string>> = { kubectl: '--context', helm: '--kube-context' }

/** Applies `rejectOtherCluster` to every command of the scenarios. */
export function rejectOtherClusters(
  scenarios: readonly Pick<Scenario, 'steps'>[],
  named: NamedContext,
  kubeconfig: string | undefined,
): void {
  const commands = scenarios
    .flatMap(({ steps }) => listDisruptions(steps))
    .flatMap(({ step }) => (step.kind === 'command' ? [step.argv] : []))
  for (const argv of commands) rejectOtherCluster(argv, named, { kubeconfig, inherited: process.env['KUBECONFIG'] })
}

interface Kubeconfigs {
  /** The kubeconfig of the target's context. */
  kubeconfig: string | undefined
  /** `KUBECONFIG` in the command's environment. */
  inherited: string | undefined
}

/**
 * Throws a usage Fault when a kubectl or helm command names a context of another server, or names none while the current one is of another
 * server. Another user of the same cluster is allowed, as for measuring with few rights. If a context cannot be read, the program itself
 * will report it.
 */
export function rejectOtherCluster(argv: readonly string[], named: NamedContext, files: Kubeconfigs): void {
  const program = basename(argv[0] ?? '')
  const option = Object.hasOwn(contextOptions, program) ? contextOptions[program] : undefined
  if (option === undefined) return
  const given = findValue(argv, option)
  if (given === named.name) return
  const own = findValue(argv, '--kubeconfig')
  const other = tryRead(() =>
    given === undefined ? readCurrentContext(own ?? files.inherited) : readContext(given, own ?? files.kubeconfig),
  )
  if (other === null || other.cluster.fields.server === named.cluster.fields.server) return
  const which =
    given === undefined ? `without ${option}: the current context, ${other.name}, ` : `with the context ${given}: it `
  const message = `Cannot run ${program} ${which}is of another cluster than the target’s, ${named.name}`
  throw new Fault('usage', message, `Give ${option} ${quoteShellWord(named.name)} to it.`)
}

function findValue(argv: readonly string[], option: string): string | undefined {
  const at = argv.indexOf(option)
  return at > 0 ? argv[at + 1] : argv.find((one) => one.startsWith(`${option}=`))?.slice(option.length + 1)
}

function tryRead(read: () => NamedContext | null): NamedContext | null {
  try {
    return read()
  } catch {
    return null
  }
}
