/** The shells' own completion of a word and a Tab: on a pseudo-terminal, with a function in nodrop's place that prints its arguments. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { captureOutput } from '../../testing/captured-output.ts'
import { runProgram } from '../program.ts'

const folder = mkdtempSync(join(tmpdir(), 'nodrop-shells-'))
afterAll(() => rmSync(folder, { recursive: true }))
const work = join(folder, 'work')
mkdirSync(join(work, 'my runs'), { recursive: true })
writeFileSync(join(work, 'my runs/plan.json'), '')
const paths = { apps: '/', scenarios: '/', manifests: '/', reports: '/' }
for (const shell of ['bash', 'zsh', 'fish'])
  writeFileSync(join(folder, shell), (await captureOutput(() => runProgram(['completion', shell], paths))).stdout)

const tell = `nodrop() { printf '<%s>' "$@"; echo '<end>'; }`
writeFileSync(
  join(folder, 'bashrc'),
  `PS1='> '; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; bind 'set page-completions off'
${tell}\neval "$(cat '${folder}/bash')"`,
)
writeFileSync(
  join(folder, '.zshrc'),
  `PS1='> '; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D\n${tell}\neval "$(cat '${folder}/zsh')"`,
)

const fish: string = 'fish'
const commands = { bash: `bash --noprofile --rcfile '${folder}/bashrc' -i`, zsh: 'zsh -i' }
const isThere = (program: string): boolean => spawnSync(program, ['-c', 'true']).error === undefined

/** The arguments that nodrop gets when this is typed, without the slash after a folder, which zsh removes. */
function type(shell: keyof typeof commands, text: string): string[] {
  const { stdout } = spawnSync('script', ['-qec', commands[shell], '/dev/null'], {
    cwd: work,
    env: { PATH: process.env['PATH'], HOME: folder, ZDOTDIR: folder, TERM: 'dumb' },
    input: `nodrop ${text}\nexit\n`,
    encoding: 'utf8',
    timeout: 20_000,
  })
  const told = /^(?:.*[^<])?((?:<[^<>\n]*>)*)<end>/m.exec(stdout.replaceAll('\r', ''))?.[1]
  if (told === undefined) expect.fail(`it was not run: ${stdout}`)
  return [...told.matchAll(/<([^>]*)>/g)].map(([, word = '']) => word.replace(/\/$/, ''))
}

const cases: [typed: string, words: string[]][] = [
  ['sc\t', ['schema']],
  ['run --clu\t loc\t', ['run', '--cluster', 'local']],
  ['run --cluster=loc\t', ['run', '--cluster=local']],
  ['run --reporter ju\t', ['run', '--reporter', 'junit']],
  ['run --out my\t', ['run', '--out', 'my runs']],
  ['run --out=my\t', ['run', '--out=my runs']],
  ['report my\t', ['report', 'my runs']],
  ['report \t', ['report', 'my runs']],
  ['report my\tpl\t', ['report', 'my runs/plan.json']],
  ['compare --js\t \t \t', ['compare', '--json', 'my runs', 'my runs']],
  ['baseline sa\t \t --t\t', ['baseline', 'save', 'my runs', '--to']],
  ['init --ci git\th\t', ['init', '--ci', 'github']],
  ['-q run --rou\t', ['-q', 'run', '--rounds']],
  ['nonsense ru\t', ['nonsense', 'ru']],
]

describe.skipIf(!isThere('bash'))('completion in bash', () => {
  test.each(cases)('%j', (typed, words) => {
    expect(type('bash', typed)).toEqual(words)
  })

  test.each<[string, string[]]>([
    ["report 'my\t", ['report', 'my runs']],
    ['run --reporter junit=my\t', ['run', '--reporter', 'junit=my runs']],
    ['help ru\t', ['help', 'run']],
    ['run -- cat my\t', ['run', '--', 'cat', 'my runs']],
  ])('%j', (typed, words) => {
    expect(type('bash', typed)).toEqual(words)
  })
})

describe.skipIf(!isThere('zsh'))('completion in zsh', () => {
  test.each(cases)('%j', (typed, words) => {
    expect(type('zsh', typed)).toEqual(words)
  })

  test('a path in quotes', () => {
    expect(type('zsh', "report 'my\t'")).toEqual(['report', 'my runs'])
  })
})

/** The completions that fish offers after this. */
function offer(typed: string): string[] {
  const code = `source '${folder}/fish'; complete -C ${JSON.stringify(`nodrop ${typed}`)}`
  const { stdout } = spawnSync(fish, ['-c', code], {
    cwd: work,
    env: { PATH: process.env['PATH'], HOME: folder },
    encoding: 'utf8',
  })
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? '']))
}

describe.skipIf(!isThere(fish))('completion in fish', () => {
  test.each([
    ['sc', ['schema']],
    ['run --cluster ', ['auto', 'kind', 'kubeconfig', 'local']],
    ['run --cluster=loc', ['--cluster=local']],
    ['run --rate ', []],
    ['run --out my', ['my runs/']],
    ['report ', ['my runs/']],
    ['-q run --rou', ['--rounds']],
    ['completion f', ['fish']],
    ['nonsense ru', []],
  ])('%j', (typed, words) => {
    expect(offer(typed)).toEqual(words)
  })
})
