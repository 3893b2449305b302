/** What came of the endings, for people. */
import type { Played } from './play-endings.ts'
import type { Blame } from './truth.ts'

const head = [
  'server × configuration',
  'cluster',
  'verdict',
  'sent',
  'lost',
  'kinds',
  'right',
  'listed',
  'wrong',
  'undecided',
  'moved',
]

export function endingsTable(played: readonly Played[]): string[] {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [
    line(head),
    `|${head.map(() => '---|').join('')}`,
    ...played.map((one) => line(cellsOf(one))),
    '',
    total(played),
  ]
}

function cellsOf(one: Played): (string | number)[] {
  const { ending, setting, cluster, verdict, sent, lost, kinds, blames, moved } = one
  const told = kinds.map(([kind, count]) => `${count} ${kind}`).join(', ')
  const share = sent === 0 ? 0 : (100 * lost) / sent
  const name = `${ending} × ${setting}`
  const { right, listed, wrong, undecided, unproven } = blames
  const losses = `${lost} (${share.toFixed(1)} %)`
  return [name, cluster, verdict, sent, losses, told, right, listed, wrong, undecided + unproven, moved]
}

/** Of the pods that are blamed so many must be the right ones. */
export const leastRight = 0.99

/** Of the losses of which one pod is named, as a share; 1 without any. */
export function rightShare(played: readonly Played[]): number {
  const sum = (blame: Blame): number => played.reduce((all, { blames }) => all + blames[blame], 0)
  const named = sum('right') + sum('wrong')
  return named === 0 ? 1 : sum('right') / named
}

function total(played: readonly Played[]): string {
  const sum = (of: (one: Played) => number): number => played.reduce((all, one) => all + of(one), 0)
  const [right, wrong] = [sum(({ blames }) => blames.right), sum(({ blames }) => blames.wrong)]
  const others = (['listed', 'undecided', 'unproven'] as const).map(
    (blame) => `${sum(({ blames }) => blames[blame])} ${blame}`,
  )
  return [
    `${sum(({ lost }) => lost)} lost of ${sum(({ sent }) => sent)}: ${right} blamed right, ${wrong} wrong`,
    `(${(100 * rightShare(played)).toFixed(2)} % right), ${others.join(', ')};`,
    `the kernel and the servers agree about ${sum(({ checked }) => checked)} answered requests,`,
    `and contradict each other about ${sum(({ contradictions }) => contradictions.length)} requests`,
  ].join(' ')
}

/** A line for each wrong blame and each contradiction, with where to look. */
export function wrongLines({ wrong, contradictions, ending, setting, cluster, runDir }: Played): string[] {
  const where = `${cluster} ${ending} × ${setting}`
  const disputed = contradictions.map((text) => `${where} ${text}; ${runDir}`)
  const lines = wrong.map(({ seq, outcome, sentMs, settledMs, blamed, by, truth }) => {
    const named = `${blamed.join(', ') || 'nobody'} (${by ?? 'candidates'})`
    const when = `sent at ${sentMs.toFixed(1)} ms, settled at ${settledMs.toFixed(1)} ms`
    return `${where} #${seq} ${outcome}: blamed ${named}, it was ${truth ?? 'no pod'}; ${when}; ${runDir}`
  })
  return [...lines, ...disputed]
}
