/** `npm run servers`: plays servers as their users run them, stores the result of each in results.json, and makes docs/foreign-servers.md from it. */
import { rmSync } from 'node:fs'
import { exitCodes, Fault, getErrorMessage } from '../../base/fault.ts'
import { makeTemporaryDirectory } from '../../base/files/durable-file.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { startEmbeddedCluster } from '../../cluster/embedded/embedded-cluster.ts'
import type { EmbeddedImages } from '../../cluster/embedded/embedded-cluster.ts'
import { buildImages, loadImages } from '../../cluster/kind/images.ts'
import { startKindCluster } from '../../cluster/kind/kind-cluster.ts'
import { findLocalNodeImage } from '../../cluster/kind/kind-machine.ts'
import { explainUncaughtErrors } from '../../terminal/explain.ts'
import { handleInterrupts } from '../../terminal/interrupt.ts'
import { printLines, printNotice } from '../../terminal/print.ts'
import { readToolOptions } from '../../terminal/npm/tool-options.ts'
import { paths } from '../conformance/check-cluster.ts'
import { playServer } from './play-server.ts'
import { prepareServerImages } from './server-images.ts'
import { formatShare, serverClusters } from './server-mark.ts'
import type { ServerCluster, ServerMark } from './server-mark.ts'
import { getPlayDirectory, rejudgePlay } from './saved-plays.ts'
import { readServerResults, saveServerMark, writeServersPage } from './server-results.ts'
import { formatServerPlay, selectServerPlays } from './servers.ts'
import type { ServerPlay } from './servers.ts'

explainUncaughtErrors('servers: ')

interface Start {
  stateDir: string
  images: EmbeddedImages
  signal: AbortSignal
}

const starts: Record<ServerCluster, (start: Start) => Promise<Cluster>> = {
  local: ({ stateDir, images, signal }) => startEmbeddedCluster({ stateDir, images, log: printNotice, signal }),
  kind: async ({ stateDir, images, signal }) => {
    const built = await buildImages({ ...images, stateDir, log: printNotice, signal })
    const onNodes = (kubeconfig: string): Promise<void> => loadImages(kubeconfig, built, { log: printNotice, signal })
    const image = process.env['NODROP_KIND_IMAGE'] ?? (await findLocalNodeImage())
    return startKindCluster({ stateDir, log: printNotice, signal, onNodes, ...(image !== undefined && { image }) })
  },
}

/** Whether every report named only servers that are there. */
async function playOn(kind: ServerCluster, plays: readonly ServerPlay[], signal: AbortSignal): Promise<boolean> {
  const directory = makeTemporaryDirectory('nodrop-servers-')
  try {
    const servers = plays.map(({ server }) => server)
    const images = await prepareServerImages(servers, { ...paths, directory, node: process.execPath, signal })
    await using cluster = await starts[kind]({ stateDir: directory, images, signal })
    let met = true
    for (const play of plays) {
      if (signal.aborted) break
      const name = formatServerPlay(play)
      const out = getPlayDirectory(paths, kind, name)
      const mark = await tryPlay(() => playServer(cluster, play, { paths, out, log: printNotice, signal }))
      met &&= mark?.strangers.length === 0
      if (mark === null) continue
      saveServerMark(kind, name, mark)
      printLines(`${kind} ${name}: ${mark.verdict}, lost ${formatShare(mark)}`, ...mark.strangers)
    }
    return met
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** `null` if a server cannot be played: the others are. */
async function tryPlay(play: () => Promise<ServerMark>): Promise<ServerMark | null> {
  try {
    return await play()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    printNotice(error.message)
    return null
  }
}

async function rejudgeAll(): Promise<void> {
  const results = readServerResults()
  for (const cluster of serverClusters) {
    for (const play of selectServerPlays(undefined)) {
      const name = formatServerPlay(play)
      const mark = results[cluster][name]
      if (!mark) continue
      const again = await rejudgePlay(getPlayDirectory(paths, cluster, name), { mark, known: play.server.mentions })
      if (again) saveServerMark(cluster, name, again)
    }
  }
}

async function playAll(clusterList: string, only: string | undefined): Promise<number> {
  const clusters = clusterList.split(',').map((name) => {
    const cluster = serverClusters.find((one) => one === name)
    if (!cluster) throw new Fault('usage', `Cannot use --cluster ${name}: it must be ${serverClusters.join(', ')}`)
    return cluster
  })
  const plays = selectServerPlays(only?.split(','))
  if (plays.length === 0)
    throw new Fault(
      'usage',
      `Cannot find a play named ${only}`,
      `They are: ${selectServerPlays(undefined).map(formatServerPlay).join(', ')}.`,
    )
  const signal = handleInterrupts({ say: printNotice }, 'ending the play')
  let met = true
  for (const cluster of clusters) met = (await playOn(cluster, plays, signal)) && met
  if (signal.aborted) return exitCodes.interrupted
  return met ? exitCodes.ok : exitCodes.gate
}

const { values } = readToolOptions({
  name: 'servers',
  does: 'plays servers as their users run them, and makes docs/foreign-servers.md from the results',
  options: {
    cluster: { type: 'string', default: 'local', value: 'LIST', help: 'where: local, kind or local,kind' },
    only: { type: 'string', value: 'LIST', help: "only these servers or plays, such as 'NAME,NAME × graceful'" },
    document: { type: 'boolean', help: 'play nothing: make the page from the stored results' },
    again: { type: 'boolean', help: 'play nothing: judge earlier plays again, from the files that still exist' },
  },
})

try {
  if (values.document) writeServersPage()
  else if (values.again) await rejudgeAll()
  else process.exitCode = await playAll(values.cluster, values.only)
} catch (error) {
  printNotice(getErrorMessage(error))
  process.exitCode = error instanceof Fault ? error.exitCode : exitCodes.unknown
}
