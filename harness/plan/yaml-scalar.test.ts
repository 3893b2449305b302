/** How kubectl 1.34 reads a scalar: `kubectl annotate --local -f FILE a=b -o json` for a ConfigMap with it as a value or a key. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readYamlFile } from './yaml-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'nodrop-scalar-'))
afterAll(() => rmSync(directory, { recursive: true }))

function read(text: string): unknown {
  const path = join(directory, 'x.yaml')
  writeFileSync(path, text)
  return readYamlFile(path).documents[0]
}

/** All in one file, each as the value of a key. */
function valuesOf(scalars: readonly string[]): Record<string, unknown> {
  const values = read(scalars.map((scalar, index) => `k${index}: ${scalar}\n`).join('')) as Record<string, unknown>
  return Object.fromEntries(scalars.map((scalar, index) => [scalar, values[`k${index}`]]))
}

const words = (text: string): string[] => text.trim().split(/\s+/)
/** Each with its numeric value. */
const numbers = Object.fromEntries(
  words(`
    0=0 -0=0 +0=0 -0.0=0 7=7 -7=-7 +7=7 007=7 0400=256 -0400=-256 +0644=420 08=8 09=9 08.5=8.5
    0o400=256 0O17=15 -0o17=-15 0x1f=31 0X1F=31 -0x1f=-31 0b101=5 0B11=3 -0b11=-3
    0_=0 1_=1 1_000=1000 1__0=10 +_1=1 -_1=-1 0_x1f=31 0x_1f=31 0o_7=7 0_o7=7 0_8=8 1_000.5=1000.5
    1.5=1.5 1.=1 .5=0.5 +.5=0.5 -.5=-0.5 .5_0=0.5 1.5_0=1.5 1._5=1.5 1_0e1_0=100000000000
    1e3=1000 1E3=1000 1e+3=1000 1e-3=0.001 1.e3=1000 1e-400=0 0.1e1=1 .5e1=5 1e21=1e21 1e300=1e300
    12345678901234567890.5=12345678901234567000`).map((pair): [string, number] => {
    const [scalar = '', value] = pair.split('=')
    return [scalar, Number(value)]
  }),
)
const texts = words(`
  yEs nO oN tRUE t f o nULL 0o8 0xg 0x 0b2 0b _1 . + +. -. .. .e5 e5 E5 1e 1e+ 1e400 -1e400 ._5 .5_ 1.2.3 0x1.8p1 0x1p4 1p4
  infinity inf Inf nan NaN +inf .1.2 12:30 12:30:45 1:30 190:20:30 190:20:30.15 2026-01-02 2026-1-2 2026-01-02T03:04:05Z
  2026-01-02t03:04:05Z 2026-01-02T03:04:05.5+01:00 2026-13-45 .iNF .nAN 1,000 1/2 5% 10m 1Gi 0s 3h v1 1.2.3-rc =`)
const explicit: Record<string, unknown> = {
  '!!int "3"': 3,
  '!!int 3': 3,
  '!!int 0o7': 7,
  '!<tag:yaml.org,2002:int> 3': 3,
  '!!float 3': 3,
  '!!float 3.5': 3.5,
  '!!float "1e3"': 1000,
  '!!float 08': 8,
  '!!bool yes': true,
  '!!bool "yes"': true,
  '!!null ""': null,
  '!!null ~': null,
  '!!str 3': '3',
  '!!str yes': 'yes',
  '!!str': '',
  '! 3': '3',
}

describe('a scalar is what kubectl takes it for:', () => {
  test.each<[value: unknown, scalars: string[]]>([
    [true, words('y Y yes Yes YES on On ON true True TRUE')],
    [false, words('n N no No NO off Off OFF false False FALSE')],
    [null, words('~ null Null NULL')],
  ])('%s', (value, scalars) => {
    expect(valuesOf(scalars)).toEqual(Object.fromEntries(scalars.map((scalar) => [scalar, value])))
  })

  test('a number', () => expect(valuesOf(Object.keys(numbers))).toEqual(numbers))

  test('text, as it is written', () => {
    expect(valuesOf(texts)).toEqual(Object.fromEntries(texts.map((text) => [text, text])))
  })

  test('text in quotes and in blocks, whatever it says', () => {
    expect(valuesOf(['"yes"', "'0400'", '|-\n  12', '>-\n  ~'])).toEqual({
      '"yes"': 'yes',
      "'0400'": '0400',
      '|-\n  12': '12',
      '>-\n  ~': '~',
    })
  })

  test('what its tag says', () => expect(valuesOf(Object.keys(explicit))).toEqual(explicit))

  test.each([
    ...words('.inf -.inf +.inf .Inf .INF .nan .NaN .NAN'),
    '!!int abc',
    '!!int 3.5',
    '!!int ""',
    '!!float abc',
    '!!bool 3',
    '!!null x',
    '!!timestamp x',
  ])('nothing that has a place in JSON: %s', (scalar) => {
    expect(() => read(`a: ${scalar}`)).toThrow(/:1:4: not valid YAML: /)
  })

  test.each([
    ['y', 'true'],
    ['on', 'true'],
    ['no', 'false'],
    ['1', '1'],
    ['0x1f', '31'],
    ['1_000', '1000'],
    ['1000000', '1000000'],
    ['1.5', '1.5'],
    ['1.10', '1.1'],
    ['1e3', '1000'],
    ['1000.5', '1000.5'],
    ['2026-01-02', '2026-01-02'],
    ['12:30', '12:30'],
  ])('as a key, %s is %s', (key, name) => {
    expect(read(`? ${key}\n: v\n`)).toEqual({ [name]: 'v' })
  })
})

test.each(['~', 'null', '1000000.0', '1.23456789', '0.00001', '.inf'])('as a key, %s is refused', (key) => {
  expect(() => read(`? ${key}\n: v\n`)).toThrow(/:1:3: not valid YAML: /)
})

test.each(['9007199254740993', '-9007199254740993', '0x20000000000001', '18446744073709551616'])(
  '%s, which kubectl takes, is refused: JSON would round it here',
  (scalar) => {
    expect(() => read(`a: ${scalar}`)).toThrow(/:1:4: .*more than 53 bits: put it in quotes/)
  },
)
