import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { captureOutput } from '../../testing/captured-output.ts'
import { runProgram } from '../program.ts'
import { issueJob, renderGithubWorkflow, renderSummarySteps } from './github-workflow.ts'
import { renderGitlabPipeline } from './gitlab-pipeline.ts'
import { writePipeline } from './init-ci.ts'
import { pinnedActions } from './pinned-actions.ts'

const home = join(import.meta.dirname, '../../..')
const nightly = readFileSync(join(home, '.github/workflows/nightly.yml'), 'utf8')
const workflows = {
  nightly,
  configurations: renderGithubWorkflow({ hasTarget: false, folder: '' }),
  target: renderGithubWorkflow({ hasTarget: true, folder: '' }),
  folder: renderGithubWorkflow({ hasTarget: true, folder: 'services/shop' }),
}

interface Step {
  uses?: string
  run?: string
  if?: string
  with?: { path?: string; key?: string }
}

interface Workflow {
  permissions: object
  jobs: Record<string, { permissions: object; 'timeout-minutes': number; defaults?: object; steps: Step[] }>
}

test.each(Object.entries(workflows))(
  'workflow %s: actions by the digest of a commit, rights for what needs them',
  (_, text) => {
    const { permissions, jobs } = parse(text) as Workflow
    expect(permissions).toEqual({})
    expect(jobs['measure']?.permissions).toEqual({ contents: 'read' })
    expect(jobs['report']?.permissions).toEqual({ issues: 'write' })
    expect(jobs['report']?.steps.some(({ uses }) => uses?.includes('checkout'))).toBe(false)
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action)
    expect(used.length).toBe(6)
    for (const action of used) expect(action).toMatch(/^[\w-]+(?:\/[\w-]+){1,2}@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    expect(used.filter((action) => !Object.values<string | undefined>(pinnedActions).includes(action))).toEqual([])
    for (const { run } of Object.values(jobs).flatMap(({ steps }) => steps)) if (run) checkShell(run)
  },
)

test.each(Object.entries(workflows))('workflow %s: the history is kept of a run that fails too', (_, text) => {
  const steps = (parse(text) as Workflow).jobs['measure']!.steps
  const findStep = (words: string): number => steps.findIndex(({ uses, run }) => `${uses}${run}`.includes(words))
  const [restore, draw, save] = ['actions/cache/restore@', 'nodrop history ', 'actions/cache/save@'].map(findStep)
  expect([restore, draw].includes(-1)).toBe(false)
  expect(save).toBeGreaterThan(draw!)
  expect(steps[save!]).toMatchObject({ if: '${{ !cancelled() }}', with: { path: steps[restore!]?.with?.path } })
  // Each attempt has its own key, because a cache is never replaced.
  expect(steps[save!]?.with?.key).toMatch(/github\.run_id.*github\.run_attempt/)
})

test.each([
  ['a comment', 'lost 3', 'lost 3'],
  ['an empty one', '', 'No comparison was made: https://ci.example/1\n'],
  ['none', null, 'No comparison was made: https://ci.example/1\n'],
])('the issue of a failed run: with %s in its artifact it has a body', (_, comment, body) => {
  const [download, open] = (parse(nightly) as Workflow).jobs['report']!.steps
  expect(download).toMatchObject({ 'continue-on-error': true })
  const cwd = mkdtempSync(join(tmpdir(), 'nodrop-ci-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  if (comment !== null) writeFileSync(join(cwd, 'comment.md'), comment)
  // A gh with no issue yet, which opens none.
  writeFileSync(join(cwd, 'gh'), '#!/bin/sh\nif [ "$1 $2" = "issue create" ]; then cat comment.md; fi\n', {
    mode: 0o755,
  })
  const env = { PATH: `${cwd}:${process.env['PATH']}`, RUN: 'https://ci.example/1' }
  // As GitHub runs it.
  expect(execFileSync('bash', ['-e', '-c', open!.run!], { cwd, env, encoding: 'utf8' })).toBe(body)
})

/** Throws for text that is not a bash script. */
function checkShell(text: string): void {
  execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] })
}

test("this project's own workflow: ends as the one that users get", () => {
  expect(nightly.endsWith(`${renderSummarySteps('reports/baselines/kind.json', 'reports/nightly')}\n${issueJob}`)).toBe(
    true,
  )
})

test.each([true, false])(
  'GitLab (target: %s): a job with report, JUnit and history, whose lines bash reads',
  (hasTarget) => {
    const { nodrop } = parse(renderGitlabPipeline({ hasTarget, folder: '' })) as { nodrop: Record<string, unknown> }
    const lines = ['before_script', 'script', 'after_script'].flatMap((name) => nodrop[name])
    expect(lines.every((line) => typeof line === 'string')).toBe(true)
    checkShell(lines.join('\n'))
    expect(nodrop['artifacts']).toMatchObject({ when: 'always', reports: { junit: 'nodrop-report/runs/*/junit.xml' } })
    expect(lines.join('\n').includes('--context kind-nodrop')).toBe(hasTarget)
  },
)

test.each([
  ['deployment/shop', /^nodrop: Cannot use --ci with a target/],
  ['--yaml', /^nodrop: Cannot use --yaml with --ci/],
  ['--context=staging', /^nodrop: Cannot use --context with --ci/],
])('nodrop init --ci: %s is refused, which would say nothing of a pipeline', async (word, message) => {
  const paths = { apps: '/', scenarios: '/', manifests: '/', reports: '/' }
  const { code, stderr } = await captureOutput(() => runProgram(['init', '--ci', 'github', word], paths))
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
})

/** Makes a folder the current one until the test ends. */
function enterFolder(...below: string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'nodrop-ci-'))
  const before = process.cwd()
  mkdirSync(join(root, ...below), { recursive: true })
  process.chdir(join(root, ...below))
  onTestFinished(() => {
    process.chdir(before)
    rmSync(root, { recursive: true })
  })
  return root
}

const write = async (...what: Parameters<typeof writePipeline>): Promise<string> =>
  (await captureOutput(() => Promise.resolve(writePipeline(...what)).then(() => 0))).stdout

test('nodrop init --ci github: below the root of a repository it is written where GitHub reads it, for that folder', async () => {
  const root = enterFolder('services', 'shop')
  execFileSync('git', ['init', '-q', root])
  expect(await write('github', {})).toContain('Wrote ../../.github/workflows/nodrop-services-shop.yml: ')
  const workflow = parse(readFileSync(join(root, '.github/workflows/nodrop-services-shop.yml'), 'utf8')) as Workflow & {
    concurrency: { group: string }
  }
  const { steps, defaults } = workflow.jobs['measure']!
  expect(workflow.concurrency.group).toBe('nodrop-services-shop')
  expect(defaults).toEqual({ run: { 'working-directory': 'services/shop' } })
  // In steps without commands, paths are relative to the root.
  const kept = steps.flatMap(({ with: given }) => given?.path?.trim().split('\n') ?? [])
  expect(kept.length).toBeGreaterThan(3)
  expect(kept.filter((path) => !path.startsWith('services/shop/nodrop-report/'))).toEqual([])
  expect(steps.filter(({ run }) => run?.includes('services/shop'))).toEqual([])
})

test('nodrop init --ci gitlab: below the root of a repository its job enters the folder, and keeps what is there', async () => {
  const root = enterFolder('services', 'shop')
  execFileSync('git', ['init', '-q', root])
  expect(await write('gitlab', {})).toContain('include: [{ local: services/shop/nodrop.gitlab-ci.yml }]')
  const text = readFileSync(join(root, 'services/shop/nodrop.gitlab-ci.yml'), 'utf8')
  const { 'nodrop-services-shop': job } = parse(text) as Record<
    string,
    { before_script: string[]; after_script: string[]; cache: { paths: string[] }[]; artifacts: { paths: string[] } }
  >
  expect(job?.before_script).toContain('cd services/shop')
  expect(job?.after_script[0]).toBe('cd services/shop')
  const kept = [...(job?.cache ?? []).flatMap(({ paths }) => paths), ...(job?.artifacts.paths ?? [])]
  expect(kept.filter((path) => !path.startsWith('services/shop/'))).toEqual(['dockerd.log'])
})

test('nodrop init --ci: a folder whose name could end a word of the shell is refused', () => {
  const root = enterFolder('a; b')
  execFileSync('git', ['init', '-q', root])
  expect(() => writePipeline('github', {})).toThrow('Cannot write a pipeline for the folder a; b')
  expect(readdirSync(root).toSorted()).toEqual(['.git', 'a; b'])
})

test('nodrop init --ci: where a file has the name of the folder, that is told', () => {
  const root = enterFolder()
  writeFileSync(join(root, '.github'), '')
  expect(() => writePipeline('github', {})).toThrow(/Cannot make the directory .*\.github/)
})

test('nodrop init --ci: writes a pipeline for the settings of the folder, and overwrites none unasked', async () => {
  const folder = enterFolder()
  const path = join(folder, '.github/workflows/nodrop.yml')
  expect(await write('github', {})).toContain('It needs the settings of the folder: nodrop init writes them.')
  expect(readFileSync(path, 'utf8')).toBe(workflows.configurations)
  expect(() => writePipeline('github', {})).toThrow('Cannot write .github/workflows/nodrop.yml: it is there already')
  const target = '{ kind: deployment, name: shop, namespace: shop, context: staging }'
  writeFileSync(join(folder, 'nodrop.config.yaml'), `target: ${target}\nscenarios: [rollout]\n`)
  expect(await write('github', { force: true })).toContain(
    'Change the step that deploys: it must deploy your workload.',
  )
  expect(readFileSync(path, 'utf8')).toBe(workflows.target)
  const gitlab = await write('gitlab', {})
  expect(gitlab).toContain('Wrote nodrop.gitlab-ci.yml: ten rounds on a kind cluster in each scheduled pipeline')
  expect(gitlab).toContain('include it in .gitlab-ci.yml')
})
