/** How a terminal emulator shows a redrawn block at any size and after resizing. */
import xterm from '@xterm/headless'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Line } from '../text.ts'
import { ScreenBlock } from './screen-block.ts'
import type { TerminalStream } from './screen-block.ts'

class Screen {
  readonly #terminal: InstanceType<typeof xterm.Terminal>
  readonly #stream: PassThrough & { columns: number; rows: number; isTTY: boolean }
  readonly block: ScreenBlock

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: 1_000,
      allowProposedApi: true,
      convertEol: true,
    })
    this.#stream = Object.assign(new PassThrough(), { columns, rows, isTTY: true })
    this.block = new ScreenBlock(this.#stream as TerminalStream)
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows)
    Object.assign(this.#stream, { columns, rows })
  }

  write(text: string): void {
    this.#stream.write(text)
  }

  /** Lines with text, including those that have left the screen. */
  async read(): Promise<string[]> {
    const bytes = this.#stream.read() as Buffer | null
    await new Promise<void>((resolve) => this.#terminal.write(bytes ?? '', resolve))
    const { active } = this.#terminal.buffer
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
    return lines.filter((line) => line !== '')
  }
}

const wide = '配置'.repeat(30)

test.each([
  [80, 24],
  [21, 24],
  [20, 24],
  [12, 24],
  [5, 10],
])('screen block: on %i × %i each line has one row, and ends with a sign that it is cut', async (columns, rows) => {
  const screen = new Screen(columns, rows)
  const lines: Line[] = [
    '▸ a title that is too long for a terminal of any width, however far away it may be seen',
    'é'.normalize('NFD').repeat(100),
    wide,
  ]
  for (let time = 0; time < 3; time++) screen.block.draw(lines)
  const shown = await screen.read()
  expect(shown).toHaveLength(3)
  expect(shown.every((line) => line.endsWith('…'))).toBe(true)
})

test('screen block: a low screen shows the first lines, and they are drawn over', async () => {
  const screen = new Screen(40, 5)
  for (let time = 0; time < 3; time++) screen.block.draw(['1', '2', '3', '4', '5', '6'].map((one) => one + time))
  expect(await screen.read()).toEqual(['12', '22', '32', '42'])
})

test.each([
  ['narrow characters', 'x'.repeat(200)],
  ['wide characters', wide],
  ['combining characters', 'é'.normalize('NFD').repeat(100)],
  ['both', 'x配y'.repeat(50)],
])('screen block: through ten resizes nothing is left of %s', async (_, text) => {
  const screen = new Screen(80, 24)
  screen.write('above\n')
  for (const [columns, rows] of [
    [61, 24],
    [33, 24],
    [34, 24],
    [23, 24],
    [22, 24],
    [90, 24],
    [41, 24],
    [27, 24],
    [25, 24],
    [80, 24],
  ] as const) {
    screen.block.draw(['▸ first', text, 'last'])
    await screen.read()
    screen.resize(columns, rows)
  }
  screen.block.draw(['▸ first', text, 'last'])
  expect((await screen.read()).map((line) => line.slice(0, 4).trim())).toEqual([
    'abov',
    '▸ fi',
    expect.any(String),
    'last',
  ])
  screen.block.erase()
  expect(await screen.read()).toEqual(['above'])
})
