import { checkKind } from '../cluster/kind.ts'
import { checkLocalMachine } from '../cluster/local.ts'
import { exitCodes } from '../fault.ts'
import { paint, plain } from '../terminal/text.ts'

/** Says what this machine can run and how to get the rest; exit code 3 when it can run no cluster at all. */
export async function doctorCommand(options: { json?: boolean }): Promise<number> {
  const [local, kind] = await Promise.all([checkLocalMachine(), checkKind()])
  const groups = [
    { cluster: 'local', title: 'the embedded cluster', checks: local },
    { cluster: 'kind', title: 'kind', checks: kind },
  ].map((group) => ({ ...group, usable: group.checks.every(({ ok }) => ok) }))
  if (options.json) process.stdout.write(`${JSON.stringify(groups, null, 2)}\n`)
  else {
    for (const { title, cluster, checks, usable } of groups) {
      process.stdout.write(`--cluster ${cluster}: ${title} ${usable ? 'can be used' : 'cannot be used'}\n`)
      for (const { name, ok, found, fix } of checks) {
        const mark = ok ? paint('green', '✓', process.stdout) : paint('red', '✗', process.stdout)
        process.stdout.write(`  ${mark} ${plain(name)}: ${plain(found)}\n${ok ? '' : `      ${fix}\n`}`)
      }
    }
  }
  return groups.some(({ usable }) => usable) ? exitCodes.ok : exitCodes.environment
}
