import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import type { PlayedInput } from './play.ts'

/** An input without output for this time never ends. */
const silentMs = 120_000

/** Plays all inputs, or those whose name contains `only`. One that never ends comes last, without figures. */
export async function playAll(only = ''): Promise<PlayedInput[]> {
  const played: PlayedInput[] = []
  for (let from = 0; from >= 0;) from = await playFrom(from, only, played)
  return played
}

/** Plays inputs in one process until it needs another: returns the index of the next input, -1 after the last. */
async function playFrom(from: number, only: string, played: PlayedInput[]): Promise<number> {
  const args = ['--expose-gc', join(import.meta.dirname, 'play.ts'), String(from), only]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const silence = setTimeout(() => child.kill('SIGKILL'), silentMs)
  let last = ''
  createInterface({ input: child.stderr }).on('line', (line) => (last = line))
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  let next = -1
  for await (const line of createInterface({ input: child.stdout })) {
    silence.refresh()
    const told = JSON.parse(line) as PlayedInput | number
    if (typeof told === 'number') next = told
    else played.push(told)
  }
  clearTimeout(silence)
  if ((await closed) === 0) return next
  const wrong = ['the process ended']
  played.push({ name: last, exitCode: -1, message: '', cpuMs: 0, wallMs: 0, peakMiB: 0, wrong })
  return -1
}

/** In Markdown. */
export function formatTable(played: readonly PlayedInput[]): string {
  const rows = played.map(({ name, exitCode, message, cpuMs, wallMs, peakMiB, wrong }) => {
    const said = message.replaceAll('|', '\\|')
    return [name, wallMs.toFixed(0), cpuMs.toFixed(0), peakMiB.toFixed(0), exitCode, said, wrong.join(', ') || '✓']
  })
  const head = ['input', 'ms', 'ms of CPU', 'MiB', 'exit', 'message', 'right']
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
