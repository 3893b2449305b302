/**
 * `npm run conformance`: compares clusters with the documentation of Kubernetes, and attributions of losses with the truth, and reports
 * differences.
 */
import { exitCodes, Fault, getErrorMessage } from '../../base/fault.ts'
import { handleInterrupts } from '../../terminal/interrupt.ts'
import { explainUncaughtErrors } from '../../terminal/explain.ts'
import { printNotice } from '../../terminal/print.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { createProgress } from '../../terminal/progress.ts'
import { writeDocument } from './document-file.ts'
import { checkCluster, rejudgeEndings } from './check-cluster.ts'
import type { SuiteSelection } from './check-cluster.ts'
import { comparedClusters } from './results.ts'
import type { ComparedCluster } from './results.ts'

explainUncaughtErrors('conformance: ')

const { values } = readToolOptions({
  name: 'conformance',
  does: 'compares clusters with the documentation of Kubernetes, and attributions of losses with the truth',
  options: {
    cluster: { type: 'string', default: 'local', value: 'LIST', help: 'which: local, kind or local,kind' },
    cases: {
      type: 'boolean',
      default: false,
      help: 'what pods, probes and controllers do; alone where nothing is chosen',
    },
    cells: { type: 'boolean', default: false, help: 'results of whole runs, by scenario and configuration' },
    kubectl: { type: 'boolean', default: false, help: 'what kubectl says and does' },
    endings: { type: 'boolean', default: false, help: 'attributions of losses, by how a server ends' },
    refusals: { type: 'boolean', default: false, help: 'what the API server refuses' },
    case: { type: 'string', value: 'LIST', help: 'only cases whose names begin so' },
    cell: { type: 'string', value: 'LIST', help: 'only cells whose names have this in them' },
    ending: { type: 'string', value: 'LIST', help: 'only endings whose names begin so' },
    again: {
      type: 'boolean',
      default: false,
      help: 'play nothing: judge the played endings again, from their files',
    },
    write: { type: 'boolean', default: false, help: 'store the results in results.json and conformance.md' },
    document: { type: 'boolean', default: false, help: 'play nothing: make conformance.md from results.json' },
  },
})

function selectParts(): SuiteSelection & { clusters: ComparedCluster[] } {
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

async function checkClusters(): Promise<number> {
  const progress = createProgress(process.stderr)
  const { clusters, ...what } = selectParts()
  const signal = handleInterrupts(progress)
  let met = true
  for (const cluster of clusters) met = (await checkCluster(cluster, what, { progress, signal })) && met
  if (signal.aborted) return exitCodes.interrupted
  return met ? exitCodes.ok : exitCodes.gate
}

try {
  if (values.document) writeDocument()
  else if (values.again) process.exitCode = (await rejudgeEndings(values.write)) ? exitCodes.ok : exitCodes.gate
  else process.exitCode = await checkClusters()
} catch (error) {
  printNotice(getErrorMessage(error))
  if (error instanceof Fault && error.advice !== '') printNotice(error.advice)
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.unknown
}
