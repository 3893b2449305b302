/** A command that names another cluster than the target's would disrupt what nobody measures. */
import { basename } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { quoteShellWord } from '../../base/shell-quote.ts'
import { readContext } from '../../plan/kubeconfig.ts'
import type { NamedContext } from '../../plan/kubeconfig.ts'

/** Programs, and their options for a context. */
const contextOptions: Readonly<Record<string, string>> = { kubectl: '--context', helm: '--kube-context' }

/**
 * Throws a usage Fault when a command of kubectl or helm names a context of another server. Another user of the same cluster is what
 * somebody has who measures with few rights; of a context that cannot be read the program itself will tell.
 */
export function rejectOtherCluster(argv: readonly string[], named: NamedContext, kubeconfig: string | undefined): void {
  const program = basename(argv[0] ?? '')
  const option = Object.hasOwn(contextOptions, program) ? contextOptions[program] : undefined
  const given = option === undefined ? undefined : findValue(argv, option)
  if (option === undefined || given === undefined || given === named.name) return
  const other = tryRead(given, findValue(argv, '--kubeconfig') ?? kubeconfig)
  if (other === null || other.cluster.fields.server === named.cluster.fields.server) return
  const message = `Cannot run ${program} with the context ${given}: it is of another cluster than the target’s, ${named.name}`
  throw new Fault('usage', message, `Give ${option} ${quoteShellWord(named.name)} to it.`)
}

function findValue(argv: readonly string[], option: string): string | undefined {
  const at = argv.indexOf(option)
  return at > 0 ? argv[at + 1] : argv.find((one) => one.startsWith(`${option}=`))?.slice(option.length + 1)
}

function tryRead(context: string, kubeconfig: string | undefined): NamedContext | null {
  try {
    return readContext(context, kubeconfig)
  } catch {
    return null
  }
}
