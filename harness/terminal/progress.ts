/** Progress on stderr: a block of a few lines that is redrawn in a terminal, plain lines elsewhere (CI). */
import type { Progress } from '../measure/progress.ts'
import type { Verdict } from '../model/result.ts'
import { formatWorkflowCommand } from '../judge/exports/workflow-command.ts'
import { disarmWorkflowCommands } from './github.ts'
import { LiveRun } from './live.ts'
import { renderLine } from './text.ts'
import type { Line } from './text.ts'
import { wrapText } from './view/fit-text.ts'
import { formatLiveRun, Pace } from './view/live-block.ts'
import { formatMark } from './view/marks.ts'
import { ScreenBlock, getUsableColumns } from './view/screen-block.ts'

/** Minimum time between two redraws, so that drawing takes no time from the load. */
const redrawMs = 250
const usualHeartbeatMs = 10_000

export interface ProgressOptions {
  /** Plain lines in a terminal too, because other output would be drawn over. */
  isPlain?: boolean
  /** Prints nothing. */
  isQuiet?: boolean
  /** The longest time between two plain lines. */
  heartbeatMs?: number
  /** GitHub Actions reads the lines: those of a run form a group. */
  isForGitHub?: boolean
}

export function createProgress(stream: NodeJS.WriteStream, options: ProgressOptions = {}): Progress {
  if (options.isQuiet) return quietProgress
  return (options.isPlain ?? !stream.isTTY) ? createPlainProgress(stream, options) : createLiveProgress(stream)
}

const doNothing = (): void => undefined
const quietProgress: Progress = { say: doNothing, beginRun: () => ({ see: doNothing, end: doNothing }) }

function createPlainProgress(
  stream: NodeJS.WriteStream,
  { heartbeatMs = usualHeartbeatMs, isForGitHub = false }: ProgressOptions,
): Progress {
  const write = (line: string): void => void stream.write(`${renderLine(line, stream)}\n`)
  const say = (line: string): void => write(isForGitHub ? disarmWorkflowCommands(line) : line)
  return {
    say,
    beginRun(title) {
      const live = new LiveRun()
      let phase = ''
      const tell = (): void => say(`  ${live.phase} · ${live.settled} requests, ${live.lost} lost`)
      const heartbeat = setInterval(tell, heartbeatMs)
      heartbeat.unref()
      if (isForGitHub) write(formatWorkflowCommand('group', title))
      else say(title)
      return {
        see(record) {
          live.addRecord(record)
          if (record.type !== 'step' || live.phase === phase) return
          phase = live.phase
          tell()
        },
        end(line) {
          clearInterval(heartbeat)
          // The result is outside of the folded group.
          if (isForGitHub) write(formatWorkflowCommand('endgroup'))
          say(isForGitHub ? `${title}: ${line}` : `  ${line}`)
        },
      }
    },
  }
}

function createLiveProgress(stream: NodeJS.WriteStream): Progress {
  const block = new ScreenBlock(stream)
  const pace = new Pace()
  let redraw = doNothing
  const writeAbove = (lines: readonly Line[]): void => {
    block.erase()
    stream.write(lines.map((line) => `${renderLine(line, stream)}\n`).join(''))
    redraw()
  }
  return {
    say: (line) => writeAbove(wrapText(line, getUsableColumns(stream), '  ')),
    beginRun(title, expected) {
      const live = new LiveRun()
      const began = performance.now()
      const adjusted = expected && pace.adjust(expected)
      redraw = () => {
        const elapsedMs = performance.now() - began
        block.draw(formatLiveRun({ title, live, elapsedMs, expected: adjusted, columns: getUsableColumns(stream) }))
      }
      redraw()
      // Pending news of a resize is processed first.
      const timer = setInterval(() => setImmediate(() => redraw()), redrawMs)
      stream.on('resize', redraw)
      return {
        see: (record) => live.addRecord(record),
        end(line, verdict) {
          clearInterval(timer)
          stream.off('resize', redraw)
          redraw = doNothing
          if (expected) pace.addRun(performance.now() - began, expected)
          writeAbove(formatEnding(`${title}: ${line}`, verdict, getUsableColumns(stream)))
        },
      }
    },
  }
}

/** The sentence stays, with a mark for the result of the run. */
function formatEnding(text: string, verdict: Verdict | undefined, columns: number): Line[] {
  const [first = '', ...rest] = wrapText(text, columns - 2)
  return [[formatMark(verdict), ` ${first}`], ...rest.map((line) => `  ${line}`)]
}
