/** kubectl's output without the parts that differ between clusters, moments or its versions. */
import type { CommandOutput } from './kubectl-session.ts'

/** The order matters: longer patterns come first. */
const replacements: readonly (readonly [RegExp, string])[] = [
  // Random names and hashes consist of only these letters (k8s.io/apimachinery, util/rand, rand.SafeEncodeString).
  [/\bweb-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, 'web-HASH-RANDOM'],
  [/\bweb-[bcdfghjklmnpqrstvwxz2456789]{6,10}\b/g, 'web-HASH'],
  [/\bweb-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, 'web-RANDOM'],
  [/(?<=^ +(?:Image|Container) ID:\s+)\S+/gm, 'ID'],
  [/\bpod-template-hash=\w+/g, 'pod-template-hash=HASH'],
  [/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, 'TIME'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)/g, 'TIME'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, 'ADDRESS'],
  [/\b(?:nodrop-[0-9a-z-]*?(?:worker\d*|control-plane)|node-\d+)\b/g, 'NODE'],
  // kubectl shows the name of a port since 1.33, and the namespace of a deleted object since 1.34.
  [/(?<=^ +(?:Host )?Ports?:\s+\S+) \([a-z-]+\)$/gm, ''],
  [/(?<= deleted) from \S+ namespace$/gm, ''],
  [/\b(?:\d+[hms]){1,2}\b(?: \(x\d+ over (?:\d+[hms]){1,2}\))?/g, 'AGE'],
]

/** An Event that only the embedded cluster has, with facts that no API of others has. */
const ownEvent = /^ +Normal +NetworkCounters /

export function normalizeOutput({ command, output }: CommandOutput): CommandOutput {
  let text = output
  for (const [pattern, name] of replacements) text = text.replaceAll(pattern, name)
  // Columns are as wide as their widest value.
  const lines = text
    .split('\n')
    .filter((line) => !ownEvent.test(line))
    .map((line) => line.trimEnd().replaceAll(/(?<=\S) {2,}/g, '  '))
  if (command.startsWith('rollout status')) return { command, output: listRolloutSteps(lines).join('\n') }
  if (command === 'get pods -w') return { command, output: listPodHistories(output).join('\n') }
  return { command, output: lines.join('\n') }
}

/** How often a rollout's status is printed, and with which counts, depends on when it is read. */
function listRolloutSteps(lines: readonly string[]): string[] {
  const told = lines
    .filter((line) => !line.includes('spec update to be observed'))
    .map((line) => line.replaceAll(/\b\d+\b/g, 'N'))
  return told.filter((line, index) => told.indexOf(line) === index)
}

/** The header, and the successive rows of each pod; pods with the same history are shown once. */
function listPodHistories(output: string): string[] {
  const [header = '', ...rows] = output.split('\n')
  const seen = new Map<string, string[]>()
  for (const row of rows) {
    const [name, ready, status, restarts] = row.split(/\s+/)
    if (name === undefined || name === '') continue
    const life = seen.get(name) ?? []
    const now = `${ready} ${status} ${restarts}`
    if (life.at(-1) !== now) life.push(now)
    seen.set(name, life)
  }
  const distinct = new Set([...seen.values()].map((life) => life.join(' → ')))
  return [header.replaceAll(/ {2,}/g, '  '), ...[...distinct].sort()]
}

/** One text for people and for a file: commands as at a prompt, each with its output. */
export function formatSession(spoken: readonly CommandOutput[]): string {
  return spoken.map(({ command, output }) => `$ kubectl ${command}\n${output.trimEnd()}\n`).join('\n')
}
