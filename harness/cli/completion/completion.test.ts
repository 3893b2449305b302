import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { captureOutput } from '../../testing/captured-output.ts'
import { runProgram } from '../program.ts'

const paths = { apps: '/', scenarios: '/', manifests: '/', reports: '/' }
const script = async (shell: string): Promise<string> =>
  (await captureOutput(() => runProgram(['completion', shell], paths))).stdout
const scripts = { bash: await script('bash'), zsh: await script('zsh'), fish: await script('fish') }

/** The completions that bash would offer after these words. */
function complete(...words: string[]): string[] {
  const array = words.map((word) => `'${word}'`).join(' ')
  const code = `${scripts.bash}
compopt() { echo "$@" >&2; }
COMP_WORDS=(nodrop ${array}); COMP_CWORD=${words.length}
_nodrop; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((word) => word !== '')
}

test('completion: bash completes commands, options and their values', () => {
  expect(complete('sc')).toEqual(['schema'])
  expect(complete('run', '--clu')).toEqual(['--cluster'])
  expect(complete('run', '--cluster', '')).toEqual(['auto', 'local', 'kind', 'kubeconfig'])
  expect(complete('run', '--reporter', 'j')).toEqual(['json', 'junit'])
  expect(complete('-q', 'completion', 'f')).toEqual(['fish'])
  expect(complete('baseline', 'sa')).toEqual(['save'])
  expect(complete('watch', '--verb')).toEqual(['--verbose'])
})

test('completion: where a value is free nothing is offered, and where it is a path bash completes it', () => {
  expect(complete('run', '--rate', '')).toEqual([])
  for (const words of [
    ['run', '--out'],
    ['report'],
    ['compare'],
    ['compare', 'reports/runs/1'],
    ['baseline', 'save'],
    ['baseline', 'save', '--to'],
  ]) {
    const array = words.join(' ')
    const code = `${scripts.bash}
compopt() { echo "$@"; }
COMP_WORDS=(nodrop ${array} ''); COMP_CWORD=${words.length + 1}; _nodrop`
    const { stdout } = spawnSync('bash', ['-c', code], { encoding: 'utf8' })
    expect([array, stdout]).toEqual([array, '-o default\n'])
  }
})

test.each([
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const)('completion: the script for %s names every command, and %s can read it', (shell, options) => {
  for (const name of ['run', 'watch', 'init', 'report', 'doctor', 'completion']) expect(scripts[shell]).toContain(name)
  // Bash shows no descriptions.
  expect(scripts[shell].includes('requests per second, over all lanes')).toBe(shell !== 'bash')
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-completion-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // fish reads no script from its standard input, and keeps a history in the home directory.
  const file = join(folder, 'script')
  writeFileSync(file, scripts[shell])
  const env = { PATH: process.env['PATH'], HOME: folder }
  const { status, stderr, error } = spawnSync(shell, [...options, file], { env, encoding: 'utf8' })
  // Other shells are not on every machine.
  if (error === undefined) expect([status, stderr]).toEqual([0, ''])
})
