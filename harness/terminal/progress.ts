/** Progress on stderr: a block of a few lines that redraws itself in a terminal, plain lines elsewhere (CI). */
import type { Progress } from '../measure/progress.ts'
import { LiveRun } from './live.ts'
import { withStyle, escapeControlCharacters, renderLine } from './text.ts'

/** Redrawn at most so often, so that drawing takes no time from the load. */
const redrawMs = 250
const usualHeartbeatMs = 10_000

/** `isPlain`: lines in a terminal too, for what else is printed would be drawn over. `heartbeatMs`: how often there is one, at least. */
export function createProgress(
  stream: NodeJS.WriteStream,
  isPlain: boolean = !stream.isTTY,
  heartbeatMs: number = usualHeartbeatMs,
): Progress {
  return isPlain ? createPlainProgress(stream, heartbeatMs) : createLiveProgress(stream)
}

function createPlainProgress(stream: NodeJS.WriteStream, heartbeatMs: number): Progress {
  const say = (line: string): void => void stream.write(`${renderLine(line, stream)}\n`)
  return {
    say,
    beginRun(title) {
      const live = new LiveRun()
      let phase = ''
      const tell = (): void => say(`  ${live.phase} · ${live.settled} requests, ${live.lost} lost`)
      const heartbeat = setInterval(tell, heartbeatMs)
      heartbeat.unref()
      say(title)
      return {
        see(record) {
          live.addRecord(record)
          if (record.type !== 'step' || live.phase === phase) return
          phase = live.phase
          tell()
        },
        end(line) {
          clearInterval(heartbeat)
          say(`  ${line}`)
        },
      }
    },
  }
}

function createLiveProgress(stream: NodeJS.WriteStream): Progress {
  let drawn = 0
  const eraseBlock = (): void => {
    if (drawn > 0) stream.write(`\u001B[${drawn}A\u001B[0J`)
    drawn = 0
  }
  const drawBlock = (lines: string[]): void => {
    eraseBlock()
    // A terminal that does not know its width says 0.
    const width = Math.max(20, (stream.columns || 80) - 1)
    stream.write(lines.map((line) => `${line.length > width ? `${line.slice(0, width - 1)}…` : line}\n`).join(''))
    drawn = lines.length
  }
  return {
    say: (line) => {
      eraseBlock()
      stream.write(`${renderLine(line, stream)}\n`)
    },
    beginRun(title) {
      const live = new LiveRun()
      const timer = setInterval(() => drawBlock(formatBlock(title, live)), redrawMs)
      return {
        see: (record) => live.addRecord(record),
        end(line) {
          clearInterval(timer)
          eraseBlock()
          const mark = withStyle(live.lost > 0 ? 'yellow' : 'green', '●')
          stream.write(`${renderLine([mark, ` ${title} — ${line}`], stream)}\n`)
        },
      }
    },
  }
}

function formatBlock(title: string, live: LiveRun): string[] {
  const pods = live.pods.map(escapeControlCharacters)
  return [
    `▸ ${escapeControlCharacters(title)}: ${escapeControlCharacters(live.phase)}`,
    `  ${live.rate} requests/s · ${live.settled} settled · ${live.lost} lost${live.lost > 0 ? ` (${live.losses})` : ''}`,
    ...(pods.length > 0 ? pods : ['no pods yet']).map((pod) => `  ${pod}`),
  ]
}
