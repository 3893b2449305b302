/** The view in a real terminal: the bytes that a pseudo-terminal gets while it is resized, replayed by an emulator. */
import xterm from '@xterm/headless'
import type { Terminal } from '@xterm/headless'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { quoteShellWord } from '../../base/shell-quote.ts'
import { getRecordedDir } from '../../testing/recorded-runs.ts'
import { home } from '../stage/nodrop-process.ts'

type Size = [columns: number, rows: number]

/** Between two of its records the terminal is resized: first a mark for the replay, then the resize of its pseudo-terminal. */
function writeProgram(sizes: readonly Size[]): string {
  const at = (path: string): string => JSON.stringify(pathToFileURL(join(home, 'harness', path)).href)
  const directories = ['rollout-naive-local', 'rollout-graceful-local'].map(getRecordedDir)
  return `
    import { execFileSync } from 'node:child_process'
    import { writeSync } from 'node:fs'
    import { setTimeout as sleep } from 'node:timers/promises'
    import { readLog } from ${at('log/reader.ts')}
    import { createProgress } from ${at('terminal/progress.ts')}
    const sizes = ${JSON.stringify(sizes)}
    const progress = createProgress(process.stderr)
    progress.say('6 runs (scenario rollout, 6 configurations): about 3 to 6 minutes, and a line that is longer than it has to be')
    for (const [index, directory] of ${JSON.stringify(directories)}.entries()) {
      const run = progress.beginRun(\`\${index + 1}/2 rollout × \${index === 0 ? 'naive' : 'graceful'}\`, { runMs: 27_000, laterMs: 60_000 })
      const records = await Array.fromAsync(readLog(directory))
      const share = Math.ceil(records.length / 5)
      for (let place = 0; place < records.length; place += share) {
        for (const record of records.slice(place, place + share)) run.see(record)
        const [columns, rows] = sizes.shift() ?? []
        if (columns === undefined) continue
        await sleep(300)
        writeSync(2, \`\\u001B]777;\${columns}x\${rows}\\u0007\`)
        execFileSync('stty', ['cols', columns, 'rows', rows], { stdio: [2, 'ignore', 'ignore'] })
        await sleep(50)
        progress.say('  a line of somebody else')
      }
      run.end('115 of 5,262 requests lost in 1 rollout: 81 refused, 28 closed before response', index === 0 ? 'failed' : 'passed')
    }`
}

interface Captured {
  /** The bytes up to the next resize, and the size at which they were written. */
  parts: { size: Size; bytes: string }[]
}

function capture(first: Size, sizes: readonly Size[]): Captured {
  const node = [process.execPath, '--input-type=module', '-e', writeProgram(sizes)].map(quoteShellWord).join(' ')
  const command = `stty cols ${first[0]} rows ${first[1]} && exec ${node}`
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env
  const output = execFileSync('script', ['-qefc', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // oxlint-disable-next-line no-control-regex
  const [head = '', ...others] = output.split(/\u001B\]777;(\d+x\d+)\u0007/)
  const parts = [{ size: first, bytes: head }]
  for (let place = 0; place < others.length; place += 2) {
    const [columns = 0, rows = 0] = (others[place] ?? '').split('x').map(Number)
    parts.push({ size: [columns, rows], bytes: others[place + 1] ?? '' })
  }
  return { parts }
}

interface ScreenLine {
  text: string
  isWrapped: boolean
}

/** All lines, including those that have left the screen at its top. */
function readLines({ buffer: { active } }: Terminal): ScreenLine[] {
  return Array.from({ length: active.length }, (_, index) => {
    const line = active.getLine(index)
    return { text: line?.translateToString(true) ?? '', isWrapped: line?.isWrapped ?? false }
  })
}

const large: Size[] = [
  [60, 10],
  [100, 30],
  [60, 24],
  [80, 10],
  [40, 12],
  [120, 40],
  [79, 9],
  [61, 11],
  [200, 50],
  [80, 24],
]
const small: Size[] = [
  [80, 24],
  [60, 10],
  [59, 10],
  [58, 24],
  [60, 8],
  [61, 10],
  [100, 10],
  [50, 20],
  [80, 10],
  [60, 10],
]

test.each<[Size, Size[]]>([
  [[80, 24], large],
  [[60, 10], small],
])(
  'terminal of %j: through ten resizes one view, no line of which is wrapped, and nothing of it is left',
  { timeout: 120_000 },
  async (first, sizes) => {
    const { parts } = capture(first, sizes)
    expect(parts.map(({ size }) => size)).toEqual([first, ...sizes])
    const terminal = new xterm.Terminal({ cols: first[0], rows: first[1], scrollback: 1_000, allowProposedApi: true })
    for (const { size, bytes } of parts) {
      terminal.resize(...size)
      await new Promise<void>((resolve) => terminal.write(bytes, resolve))
      const lines = readLines(terminal)
      const top = lines.findLastIndex(({ text }) => text.startsWith('▸ '))
      const views = lines.filter(({ text }) => text.startsWith('▸ ')).length
      // After the last resize both runs end.
      expect(views, `views at ${size.join('×')}`).toBe(size === parts.at(-1)?.size ? 0 : 1)
      const view = top < 0 ? [] : lines.slice(top).filter(({ text }) => text !== '')
      expect(view.filter(({ isWrapped }) => isWrapped)).toEqual([])
      expect(view.length).toBeLessThanOrEqual(size[1] - 1)
      if (top >= 0)
        expect(view.map(({ text }) => text.trim().split(' ')[0])).toEqual(
          ['▸', expect.any(String), expect.any(String), 'pods:', 'lost'].slice(0, view.length),
        )
    }
    const said = readLines(terminal).map(({ text }) => text)
    expect(said.filter((text) => text === '  a line of somebody else')).toHaveLength(sizes.length)
    expect(said.filter((text) => /requests\/s|lost each second|^ {2}pods: /.test(text))).toEqual([])
    expect(said.filter((text) => /^[✓✗] [12]\/2 rollout/.test(text))).toHaveLength(2)
  },
)
