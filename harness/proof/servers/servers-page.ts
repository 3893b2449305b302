/** docs/foreign-servers.md: the losses of servers as their users run them, on both clusters. */
import { formatTable } from '../conformance/markdown.ts'
import { compareMarks, formatShare } from './server-mark.ts'
import type { LossGroup, ServerCluster, ServerMark, ServerResults } from './server-mark.ts'
import { foreignServers, formatServerPlay, gracefulSleepSeconds, selectServerPlays } from './servers.ts'

const clusterTitles: Record<ServerCluster, string> = { local: 'embedded', kind: 'kind' }

export function renderServersPage(results: ServerResults): string {
  const plays = selectServerPlays(undefined).map(formatServerPlay)
  const rows = plays.flatMap((play) => formatPlay(play, results))
  const missing = (Object.keys(clusterTitles) as ServerCluster[]).flatMap((cluster) => {
    const names = plays.filter((play) => results[cluster][play] === undefined)
    return names.length === 0 ? [] : [`- Not played on ${clusterTitles[cluster]}: ${names.join(', ')}.`]
  })
  return [
    '# Servers of others',
    '',
    '<!-- Made by `npm run servers`; do not edit. -->',
    '',
    'Servers as their users write them (`apps/servers/`, `manifests/servers/`), deployed by kubectl, two pods each, and measured where they',
    'run: `nodrop run deployment/NAME -n NAMESPACE --context NAME -- kubectl rollout restart deployment/NAME …`, 50 requests/s, half of them',
    `on kept connections. \`× graceful\` is the same with a preStop hook of ${gracefulSleepSeconds} s in every container.`,
    '',
    '```sh',
    'npm run servers -- --cluster local,kind --only node-close',
    '```',
    '',
    '## What each does on its stop signal',
    '',
    ...formatTable(
      ['name', 'server', 'on the stop signal'],
      foreignServers.map(({ name, title, stops }) => [name, title, stops]),
    ),
    '',
    '## What was lost',
    '',
    'Losses with the latest moment of their pod before them, as the report tells it, and the time since. A container’s exit is told from the',
    'deletion of its pod, from the most exact source there is. An attached run has Events, pod states and logs, mostly in whole seconds.',
    '',
    ...formatTable(['server', 'cluster', 'played', 'verdict', 'lost', 'kinds and moments', 'exits'], rows),
    '',
    '## Whether both clusters agree',
    '',
    'They agree when kinds with a tenth of the losses occur on both, and the shares lost are of one order of magnitude (3 losses or fewer may be none).',
    '',
    ...formatAgreement(plays, results),
    ...missing,
    '',
  ].join('\n')
}

function formatPlay(play: string, results: ServerResults): string[][] {
  return (Object.entries(clusterTitles) as [ServerCluster, string][]).flatMap(([cluster, title]) => {
    const mark = results[cluster][play]
    if (mark === undefined) return []
    return [[play, title, mark.date, mark.verdict, formatShare(mark), formatLosses(mark), formatExits(mark)]]
  })
}

function formatLosses({ losses }: ServerMark): string {
  return losses.length === 0 ? '–' : losses.map(formatGroup).join('; ')
}

function formatGroup({ outcome, moment, count, leastMs, mostMs }: LossGroup): string {
  if (moment === null) return `${count} ${outcome}, no pod known`
  const since = leastMs === mostMs ? formatSeconds(leastMs) : `${formatSeconds(leastMs)}–${formatSeconds(mostMs)}`
  return `${count} ${outcome} ${since} s after \`${moment}\``
}

function formatExits({ exits }: ServerMark): string {
  return [...Map.groupBy(exits, ({ container }) => container)]
    .map(([container, all]) => {
      const detail = [...new Set(all.map(({ detail }) => detail).filter((one) => one !== null))].join(', ')
      return `${container} ${all.map(({ afterMs, errorMs }) => `${formatSeconds(afterMs)} ±${formatSeconds(errorMs)}`).join(', ')} s${detail === '' ? '' : ` (${detail})`}`
    })
    .join('; ')
}

function formatSeconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}

function formatAgreement(plays: readonly string[], { local, kind }: ServerResults): string[] {
  return plays.flatMap((play) => {
    const [one, other] = [local[play], kind[play]]
    if (!one || !other) return []
    const problems = compareMarks(one, other)
    return [`- ${play}: ${problems.length === 0 ? 'they agree' : `they differ: ${problems.join('; ')}`}.`]
  })
}
