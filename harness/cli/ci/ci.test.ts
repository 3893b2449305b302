import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { captureOutput } from '../../testing/captured-output.ts'
import { issueJob, renderGithubWorkflow, renderSummarySteps } from './github-workflow.ts'
import { renderGitlabPipeline } from './gitlab-pipeline.ts'
import { writePipeline } from './init-ci.ts'
import { pinnedActions } from './pinned-actions.ts'

const home = join(import.meta.dirname, '../../..')
const nightly = readFileSync(join(home, '.github/workflows/nightly.yml'), 'utf8')
const workflows = {
  nightly,
  configurations: renderGithubWorkflow({ hasTarget: false }),
  target: renderGithubWorkflow({ hasTarget: true }),
}

interface Workflow {
  permissions: object
  jobs: Record<string, { permissions: object; 'timeout-minutes': number; steps: { uses?: string; run?: string }[] }>
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
    expect(used.length).toBe(5)
    for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    expect(used.filter((action) => !Object.values<string | undefined>(pinnedActions).includes(action))).toEqual([])
    for (const { run } of Object.values(jobs).flatMap(({ steps }) => steps)) if (run) checkShell(run)
  },
)

/** Throws where it is no program for bash. */
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
    const { nodrop } = parse(renderGitlabPipeline({ hasTarget })) as { nodrop: Record<string, unknown> }
    const lines = ['before_script', 'script', 'after_script'].flatMap((name) => nodrop[name])
    expect(lines.every((line) => typeof line === 'string')).toBe(true)
    checkShell(lines.join('\n'))
    expect(nodrop['artifacts']).toMatchObject({ when: 'always', reports: { junit: 'nodrop-report/runs/*/junit.xml' } })
    expect(lines.join('\n').includes('--context kind-nodrop')).toBe(hasTarget)
  },
)

test('nodrop init --ci: writes a pipeline for the settings of the folder, and overwrites none unasked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nodrop-ci-'))
  const before = process.cwd()
  process.chdir(folder)
  onTestFinished(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true })
  })
  const write = async (...what: Parameters<typeof writePipeline>): Promise<string> =>
    (await captureOutput(() => Promise.resolve(writePipeline(...what)).then(() => 0))).stdout
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
