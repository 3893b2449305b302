import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readYamlFile } from './yaml-file.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nodrop-yaml-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function readText(text: string): unknown[] {
  const path = join(directory, 'x.yaml')
  writeFileSync(path, text)
  return readYamlFile(path).documents
}

describe('YAML: a file is read as kubectl does:', () => {
  test('an alias stands for a copy of what its anchor names', () => {
    const [value] = readText('a: &labels { app: web, team: shop }\nb: { matchLabels: *labels }\n') as [
      { a: Record<string, string>; b: { matchLabels: Record<string, string> } },
    ]
    expect(value).toEqual({ a: { app: 'web', team: 'shop' }, b: { matchLabels: { app: 'web', team: 'shop' } } })
    value.a['app'] = 'changed'
    expect(value.b.matchLabels['app']).toBe('web')
  })

  test('the last anchor of a name before the alias counts, in its own document', () => {
    expect(readText('a: &x 1\nb: *x\nc: &x 2\nd: *x\n')).toEqual([{ a: 1, b: 1, c: 2, d: 2 }])
    expect(() => readText('a: &x 1\n---\nb: *x\n')).toThrow(
      /x\.yaml:3:4: not valid YAML: no anchor &x before this alias/,
    )
  })

  test('<< merges mappings: own keys first, then the first of several', () => {
    const text =
      'base: &base { a: 1, b: 2 }\nmore: &more { b: 3, c: 4 }\np: { a: 0, <<: [*base, *more] }\nq: { <<: *more, b: 9 }\n'
    expect(readText(text)).toMatchObject([{ p: { a: 0, b: 2, c: 4 }, q: { b: 9, c: 4 } }])
    expect(readText('{ "<<": 1 }')).toEqual([{ '<<': 1 }])
  })

  test.each(['', '%YAML 1.1\n---\n'])('numbers, truth values and dates are those of YAML 1.1 (%j)', (directive) => {
    const text = 'mode: 0644\nhex: 0x1f\non: yes\noff: no\nday: 2026-01-02\ntime: 12:30\nnone: ~\nname: "on"\n1: x\n'
    expect(readText(`${directive}${text}`)).toEqual([
      {
        mode: 420,
        hex: 31,
        true: true,
        false: false,
        day: '2026-01-02',
        time: '12:30',
        none: null,
        name: 'on',
        '1': 'x',
      },
    ])
  })

  test('a key that objects have by nature is a key', () => {
    const [value] = readText('__proto__: { polluted: true }\nconstructor: 1\n') as [object]
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

const levels = Array.from({ length: 30 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`)
const big = 300_000

describe('YAML: no value, or too much of one, is refused at once with its place:', () => {
  test.each<[what: string, text: string, says: RegExp]>([
    [
      'doublings by aliases',
      `a0: &a0 [lol]\n${levels.join('\n')}\n`,
      /:\d+:\d+: .*its aliases stand for more than 1 MiB/,
    ],
    ['one large text, often', `a: &a "${'x'.repeat(9999)}"\nb: [${'*a,'.repeat(9999)}]`, /:2:\d+: .*more than 1 MiB/],
    [
      'doublings by merges',
      `a0: &a0 { k: v }\n${levels.join('\n').replaceAll('[', '{<<: [').replaceAll(']', ']}')}`,
      /MiB/,
    ],
    [
      'a long chain of aliases',
      `a0: &a0 [1]\n${Array.from({ length: 99 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}]`).join('\n')}`,
      /:\d+:\d+: .*nested more than 64 levels/,
    ],
    ['an alias within its own anchor', 'a: &a [1, *a]\n', /:1:11: .*the alias \*a is within what it stands for/],
    ['an alias without an anchor', 'a: *b\n', /:1:4: .*no anchor &b/],
    ['a merge of text', '%YAML 1.1\n---\na: 1\n<<: x\n', /:4:1: .*<< takes a mapping/],
    ['a merge of a list of numbers', 'a: 1\n<<: [1]\n', /:2:1: .*<< takes a mapping/],
    ['brackets without end', '['.repeat(big), /:1:\d+: .*nested more than 64 levels/],
    ['braces without end', '{a: '.repeat(big / 4), /:1:\d+: .*nested more than 64 levels/],
    ['lists within lists on one line', '- '.repeat(big), /:1:\d+: .*nested more than 64 levels/],
    ['keys of keys on one line', '? '.repeat(big), /:1:\d+: .*nested more than 64 levels/],
    ['mappings within mappings', Array.from({ length: 1000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'), /64 levels/],
    ['a key that stands twice', 'a: 1\nb: { c: 1, c: 2 }\n', /:2:12: .*Map keys must be unique: c/],
    ['a key that stands twice in another spelling', '1: a\n0x1: b\n', /:2:1: .*unique: 1/],
    ['a list as a key', '? [a, b]\n: c\n', /:1:3: .*a key must be text/],
    ['no key', ': c\n', /:1:\d: .*a key must be text/],
    ['a number without end', 'a: .inf\n', /:1:4: .*JSON has no number \.inf/],
    ['a number of more digits than are kept', 'a: 12345678901234567890\n', /:1:4: .*more than 53 bits/],
    ['an unknown tag', 'a: !!python/object x\n', /:1:4: .*tag/],
    ['binary data', 'a: !!binary aGk=\n', /:1:4: .*tag/],
    ['a set', 'a: !!set { x }\n', /:1:4: .*tag/],
    ['very many values', `[${'1,'.repeat(big)}]`, /:1:\d+: .*more than 100000 keys, values and marks/],
    ['very many documents', '---\n'.repeat(2000), /:\d+:1: .*more than 1000 documents/],
    ['a NUL byte', 'a: 1\nb: \0\n', /:2: not valid YAML: a NUL byte/],
    ['a tab for indentation', 'a:\n\tb: 1\n', /:2:1: .*[Tt]abs/],
    ['an open quote', 'a: "b\n', /:\d:\d+: not valid YAML/],
    ['a directive of another version', '%YAML 3.0\n---\na: 1\n', /:1:\d+: not valid YAML/],
  ])('%s', (_, text, says) => {
    const began = process.cpuUsage()
    expect(() => readText(text)).toThrow(says)
    expect(process.cpuUsage(began).user).toBeLessThan(2e6)
  })

  test.each<[what: string, text: string, keys: number]>([
    ['ten thousand keys of one mapping', Array.from({ length: 10_000 }, (_, n) => `k${n}: 1`).join('\n'), 10_000],
    ['ten thousand anchors', Array.from({ length: 10_000 }, (_, n) => `k${n}: &k${n} 1`).join('\n'), 10_000],
    ['ten thousand aliases', `a: &a 1\n${Array.from({ length: 10_000 }, (_, n) => `k${n}: *a`).join('\n')}`, 10_001],
    ['a mebibyte of comment', `${`# ${'x'.repeat(97)}\n`.repeat(10_000)}a: 1\n`, 1],
    ['a mebibyte of text', `a: "${'\\n x '.repeat(200_000)}"\n`, 1],
  ])('%s are taken, in time linear in their number', (_, text, keys) => {
    const began = process.cpuUsage()
    const [value] = readText(text) as [object]
    expect(Object.keys(value)).toHaveLength(keys)
    expect(process.cpuUsage(began).user).toBeLessThan(2e6)
  })
})
