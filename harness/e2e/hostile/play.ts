/** Plays hostile inputs, one after another in one process, and tells of each how long it took, in how much memory and with what message. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault, exitCodes } from '../../base/fault.ts'
import { hostileAnswers } from './answers.ts'
import { hostileFiles } from './files.ts'
import type { HostileInput } from './input.ts'
import { hostileLogs } from './logs.ts'

/** What came of one, as a line of JSON on standard output. */
export interface PlayedInput {
  name: string
  exitCode: number
  /** The line that says what it must, without the folder of the input. */
  message: string
  /** Of this process, and on the wall. */
  cpuMs: number
  wallMs: number
  /** Resident, at its highest. */
  peakMiB: number
  /** Why it is not as it must be; empty when it is. */
  wrong: string[]
}

export const inputs: readonly HostileInput[] = [...hostileFiles, ...hostileLogs, ...hostileAnswers]
export const limits: { ms: number; MiB: number } = { ms: 2000, MiB: 300 }

async function playInput(input: HostileInput): Promise<PlayedInput> {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-hostile-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const command = await input.prepare(folder, stack)
  // What is free goes back to the system: of what inputs before took nothing counts.
  await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' })
  resetPeak()
  const [began, used] = [performance.now(), process.cpuUsage()]
  const ended = await captureOutcome(command)
  const { user, system } = process.cpuUsage(used)
  const [wallMs, cpuMs, peakMiB] = [performance.now() - began, (user + system) / 1000, readPeakMiB()]
  const wrong = [
    ...(ended.exitCode === input.exitCode ? [] : [`exit code ${ended.exitCode} in place of ${input.exitCode}`]),
    ...(input.says.test(ended.said) ? [] : [`does not say ${String(input.says)}`]),
    ...(/^ {4}at /m.test(ended.said) ? ['a stack'] : []),
    ...(cpuMs <= limits.ms ? [] : [`more than ${limits.ms} ms`]),
    ...(peakMiB <= limits.MiB ? [] : [`more than ${limits.MiB} MiB`]),
  ]
  const lines = ended.said.trim().split('\n')
  const line = lines.find((one) => input.says.test(one)) ?? lines.at(-1) ?? ''
  const message = line.replaceAll(folder, '…').slice(0, 200)
  return { name: input.name, exitCode: ended.exitCode, message, cpuMs, wallMs, peakMiB, wrong }
}

/** As the command line ends; what it prints is kept. */
async function captureOutcome(command: () => unknown): Promise<{ exitCode: number; said: string }> {
  let said = ''
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (text: string | Uint8Array): boolean => {
    said += String(text)
    return true
  }
  try {
    const code = await command()
    return { exitCode: typeof code === 'number' ? code : exitCodes.ok, said }
  } catch (error) {
    if (error instanceof Fault) return { exitCode: error.exitCode, said: `${said}${error.message}` }
    return { exitCode: -1, said: `${said}${error instanceof Error ? error.stack : String(error)}` }
  } finally {
    process.stdout.write = write
  }
}

/** The kernel's own mark, which proc(5) lets one reset. */
function resetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5')
}

function readPeakMiB(): number {
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) / 1024
}

/** What a process has taken it keeps: beyond so much above its start the next input is played in another. */
const maxGrowthMiB = 15

/** One line of JSON for each, and the place of the next where another process is to go on. */
async function playFrom(from: number, only: string): Promise<void> {
  const before = process.memoryUsage.rss()
  for (const [place, input] of inputs.entries()) {
    if (place < from || !input.name.includes(only)) continue
    process.stderr.write(`${input.name}\n`)
    process.stdout.write(`${JSON.stringify(await playInput(input))}\n`)
    if (process.memoryUsage.rss() - before < maxGrowthMiB << 20) continue
    process.stdout.write(`${place + 1}\n`)
    return
  }
}

if (process.argv[1] === import.meta.filename) {
  const [from, only = ''] = process.argv.slice(2)
  await playFrom(Number(from), only)
}
