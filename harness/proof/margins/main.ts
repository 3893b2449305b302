/**
 * `npm run margins`: plays each configuration and compares nodrop's margin of the leaving pod with a probe, which opens a connection to the
 * pod every 5 ms from the driver's network, and others through the Service. The cluster's pods must run on this machine; it needs root.
 *
 * Status 0 when they agree to within 20 ms on the embedded cluster and 100 ms on kind, 1 when they do not.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes, Fault, getErrorMessage } from '../../base/fault.ts'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import { acquireCluster } from '../../cluster/clusters.ts'
import { explainUncaughtErrors } from '../../terminal/explain.ts'
import { handleInterrupts } from '../../terminal/interrupt.ts'
import { printLines, printNotice } from '../../terminal/print.ts'
import { createProgress } from '../../terminal/progress.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { paths } from '../conformance/check-cluster.ts'
import { playMargin, selectConfigurations } from './play-margins.ts'
import { compareMargins, formatComparedMargin } from './probed-margin.ts'
import { marginTraffic } from './traffic.ts'

explainUncaughtErrors('margins: ')

async function playAll(kind: keyof typeof marginTraffic, names: string[]): Promise<number> {
  if (process.getuid?.() !== 0) {
    throw new Fault(
      'environment',
      'Cannot probe from a driver’s network: this takes root on the machine of the cluster',
    )
  }
  const traffic = marginTraffic[kind]
  const { allowedMs } = traffic
  const files = selectConfigurations(paths.manifests, names)
  const progress = createProgress(process.stderr)
  const signal = handleInterrupts(progress)
  const stateDir = makeTemporaryDirectory('nodrop-margins-')
  const out = join(paths.reports, 'runs', 'margins')
  let met = true
  try {
    await using cluster = await acquireCluster(kind, { paths, stateDir, log: (line) => progress.say(line), signal })
    for (const file of files) {
      const played = await playMargin(cluster, file, { traffic, paths, out, progress, signal })
      if (played === null) return exitCodes.interrupted
      const apartMs = compareMargins(played.margin, played.probed)
      met &&= apartMs !== null && apartMs <= allowedMs
      printLines(formatComparedMargin(file.configuration.name, { ...played, allowedMs }))
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
  return met ? exitCodes.ok : exitCodes.gate
}

const { values } = readToolOptions({
  name: 'margins',
  does: 'compares the margin of a leaving pod with a probe; needs root on the machine of the cluster',
  options: {
    cluster: { type: 'string', default: 'local', value: 'NAME', help: 'where: local or kind' },
    config: { type: 'string', default: 'naive,sleep,graceful', value: 'LIST', help: 'the configurations' },
  },
})

try {
  const { cluster, config } = values
  if (cluster !== 'local' && cluster !== 'kind') {
    throw new Fault('usage', `Cannot use --cluster ${cluster}: it must be local or kind`)
  }
  process.exitCode = await playAll(cluster, config.split(','))
} catch (error) {
  printNotice(getErrorMessage(error))
  if (error instanceof Fault && error.advice !== '') printNotice(error.advice)
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.unknown
}
