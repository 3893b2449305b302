/** Plays hostile inputs, one after another in one process, and reports the time, the memory and the message of each. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault, exitCodes } from '../../base/fault.ts'
import { hostileAnswers } from './answers.ts'
import { hostileFiles } from './files.ts'
import type { HostileInput } from './input.ts'
import { hostileLogs } from './logs.ts'

/** The result of one input, as a line of JSON on standard output. */
export interface PlayedInput {
  name: string
  exitCode: number
  /** The line with the required message, without the folder of the input. */
  message: string
  /** Of this process; and wall-clock time. */
  cpuMs: number
  wallMs: number
  /** Peak resident memory. */
  peakMiB: number
  /** The differences from the required result; empty without any. */
  wrong: string[]
}

export const inputs: readonly HostileInput[] = [...hostileFiles, ...hostileLogs, ...hostileAnswers]
export const limits: { ms: number; MiB: number } = { ms: 2000, MiB: 300 }

async function playInput(input: HostileInput): Promise<PlayedInput> {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-hostile-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const command = await input.prepare(folder, stack)
  // Returns free memory to the system, so that memory of earlier inputs does not count.
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

/** The ending as on the command line, with the captured output. */
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

/** Resets the kernel's own peak, as proc(5) allows. */
function resetPeak(): void {
  writeFileSync('/proc/self/clear_refs', '5')
}

function readPeakMiB(): number {
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) / 1024
}

/** A process keeps the memory that it has taken: beyond this growth since its start the next input is played in another process. */
const maxGrowthMiB = 15

/** Prints one line of JSON for each, and the index of the next one if another process is to continue. */
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
