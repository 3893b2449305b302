/** `npm run conformance -- --cluster local|kind [--case a,b] [--write]` */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startLocalCluster } from '../cluster/local.ts'
import { cases } from './suite.ts'
import { isMet, linesOf, playAll } from './play.ts'

const { values } = parseArgs({
  options: { cluster: { type: 'string', default: 'local' }, case: { type: 'string' }, kubeconfig: { type: 'string' } },
})
const names = values.case?.split(',')
const chosen = cases.filter(({ name }) => names?.some((n) => name.startsWith(n)) ?? true)
const stateDir = mkdtempSync(join(tmpdir(), 'nodrop-conformance-'))
{
  await using cluster = values.kubeconfig
    ? { kubeconfig: values.kubeconfig, [Symbol.asyncDispose]: async () => {} }
    : await startLocalCluster({ stateDir, log: (line) => process.stderr.write(`${line}\n`) })
  const from = performance.now()
  const results = await playAll(chosen, cluster.kubeconfig, {
    atOnce: 6,
    onResult: (result) => process.stdout.write(`${linesOf(result).join('\n')}\n`),
  })
  const met = results.filter(isMet).length
  process.stdout.write(`${met} of ${results.length} cases met in ${((performance.now() - from) / 1000).toFixed(0)} s\n`)
  process.exitCode = met === results.length ? 0 : 1
}
rmSync(stateDir, { recursive: true, force: true })
