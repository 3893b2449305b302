/** `nodrop init --ci`: a pipeline that measures on a schedule. */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createDirectory, writeDurably } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { findConfigFile, readConfigFile } from '../../plan/config/read-config.ts'
import { printLines } from '../../terminal/print.ts'
import { renderGithubWorkflow } from './github-workflow.ts'
import { renderGitlabPipeline } from './gitlab-pipeline.ts'

/** By the word of `--ci`. */
export const pipelines = {
  github: {
    path: '.github/workflows/nodrop.yml',
    render: renderGithubWorkflow,
    when: 'every night',
    next: [],
  },
  gitlab: {
    path: 'nodrop.gitlab-ci.yml',
    render: renderGitlabPipeline,
    when: 'in each scheduled pipeline',
    next: [
      'Next: include it in .gitlab-ci.yml (include: [{ local: nodrop.gitlab-ci.yml }]) and create a pipeline schedule.',
    ],
  },
} as const

export type CiName = keyof typeof pipelines

/** For what the settings of the folder have. Throws a usage Fault where the file is there already. */
export function writePipeline(name: CiName, { force = false }: { force?: boolean }): void {
  const { path, render, when, next } = pipelines[name]
  if (existsSync(path) && !force) {
    throw new Fault('usage', `Cannot write ${path}: it is there already`, '--force overwrites it.')
  }
  const settings = findConfigFile(process.cwd())
  const hasTarget = settings !== null && readConfigFile(settings).config.target !== undefined
  createDirectory(dirname(resolve(path)))
  writeDurably(resolve(path), render({ hasTarget }), 0o644)
  printLines(
    `Wrote ${path}: ten rounds on a kind cluster ${when}${hasTarget ? ', of the workload that it deploys there' : ''}.`,
    ...(settings === null ? ['It needs the settings of the folder: nodrop init writes them.'] : []),
    ...(hasTarget ? ['Change the step that deploys: it must deploy your workload.'] : []),
    ...next,
    'To make a comparison the baseline: nodrop baseline save DIR --to nodrop-baseline.json, and commit the file.',
  )
}
