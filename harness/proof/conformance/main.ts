/**
 * `npm run conformance -- [--cluster local|kind|local,kind] [--cases] [--cells] [--kubectl] [--refusals] [--endings] [--case a,b] [--cell
 * a,b] [--ending a,b] [--write]`: compares clusters with the documentation of Kubernetes, and attributions of losses with the truth, and
 * reports differences. Without any of these, the cases. `--write` stores the results in results.json and conformance.md; `--document` makes
 * the latter again from the former; `--again` judges the played endings again, from their files.
 */
import { parseArgs } from 'node:util'
import { exitCodes, Fault, getErrorMessage } from '../../base/fault.ts'
import { handleInterrupts } from '../../terminal/interrupt.ts'
import { explainUncaughtErrors } from '../../terminal/explain.ts'
import { printNotice } from '../../terminal/print.ts'
import { createProgress } from '../../terminal/progress.ts'
import { writeDocument } from './document-file.ts'
import { checkCluster, rejudgeEndings } from './check-cluster.ts'
import type { SuiteSelection } from './check-cluster.ts'
import { comparedClusters } from './results.ts'
import type { ComparedCluster } from './results.ts'

explainUncaughtErrors('conformance: ')

const options = {
  cluster: { type: 'string', default: 'local' },
  cases: { type: 'boolean', default: false },
  cells: { type: 'boolean', default: false },
  kubectl: { type: 'boolean', default: false },
  endings: { type: 'boolean', default: false },
  refusals: { type: 'boolean', default: false },
  case: { type: 'string' },
  cell: { type: 'string' },
  ending: { type: 'string' },
  again: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  document: { type: 'boolean', default: false },
} as const
type OptionValues = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

/** Throws a usage Fault for an unknown option. */
function parseOptions(): OptionValues {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    throw new Fault(
      'usage',
      getErrorMessage(error),
      'The first lines of harness/proof/conformance/main.ts name the options.',
    )
  }
}

function selectParts(values: OptionValues): SuiteSelection & { clusters: ComparedCluster[] } {
  const clusters = values.cluster.split(',').map((name) => {
    const cluster = comparedClusters.find((one) => one === name)
    if (!cluster) throw new Fault('usage', `Cannot use --cluster ${name}: it must be ${comparedClusters.join(', ')}`)
    return cluster
  })
  const [oneCase, oneCell, oneEnding] = [values.case, values.cell, values.ending].map((names) => names?.split(','))
  if (values.write && (oneCase ?? oneCell)) {
    throw new Fault('usage', 'Cannot use --write with --case or --cell: only whole plays are kept')
  }
  const { kubectl, refusals } = values
  const cells = values.cells || oneCell !== undefined
  const endings = values.endings || oneEnding !== undefined
  const all = values.cases || oneCase !== undefined || (!cells && !kubectl && !refusals && !endings)
  return { clusters, cases: all, cells, kubectl, refusals, endings, oneCase, oneCell, oneEnding, write: values.write }
}

async function checkClusters(values: OptionValues): Promise<number> {
  const progress = createProgress(process.stderr)
  const { clusters, ...what } = selectParts(values)
  const signal = handleInterrupts(progress)
  let met = true
  for (const cluster of clusters) met = (await checkCluster(cluster, what, { progress, signal })) && met
  if (signal.aborted) return exitCodes.interrupted
  return met ? exitCodes.ok : exitCodes.gate
}

try {
  const values = parseOptions()
  if (values.document) writeDocument()
  else if (values.again) process.exitCode = (await rejudgeEndings(values.write)) ? exitCodes.ok : exitCodes.gate
  else process.exitCode = await checkClusters(values)
} catch (error) {
  printNotice(getErrorMessage(error))
  if (error instanceof Fault && error.advice !== '') printNotice(error.advice)
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.unknown
}
