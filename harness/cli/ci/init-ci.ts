/** `nodrop init --ci`: a pipeline that measures on a schedule. */
import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { createDirectory, writeDurably } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { findConfigFile, readConfigFile } from '../../plan/config/read-config.ts'
import { printLines } from '../../terminal/print.ts'
import { nameWorkflow, renderGithubWorkflow, toRootPath } from './github-workflow.ts'
import type { CiOptions } from './github-workflow.ts'
import { renderGitlabPipeline } from './gitlab-pipeline.ts'

interface Pipeline {
  /** Relative to the root of the repository. */
  path: (options: CiOptions) => string
  render: (options: CiOptions) => string
  when: string
  next: (options: CiOptions) => string[]
}

/** By the value of `--ci`. */
export const pipelines = {
  // GitHub only reads workflows at the root of a repository.
  github: {
    path: (options) => `.github/workflows/${nameWorkflow(options)}.yml`,
    render: renderGithubWorkflow,
    when: 'every night',
    next: () => [],
  },
  gitlab: {
    path: (options) => toRootPath(options, 'nodrop.gitlab-ci.yml'),
    render: renderGitlabPipeline,
    when: 'in each scheduled pipeline',
    next: (options) => [
      `Next: include it in .gitlab-ci.yml (include: [{ local: ${toRootPath(options, 'nodrop.gitlab-ci.yml')} }]) and create a pipeline schedule.`,
    ],
  },
} as const satisfies Record<string, Pipeline>

export type CiName = keyof typeof pipelines

/** For the settings of the folder. Throws a usage Fault if the file already exists. */
export function writePipeline(name: CiName, { force = false }: { force?: boolean }): void {
  const { path, render, when, next }: Pipeline = pipelines[name]
  const root = findRepository(process.cwd())
  const folder = relative(root, process.cwd()).replaceAll(sep, '/')
  requirePlain(folder)
  const settings = findConfigFile(process.cwd())
  const hasTarget = settings !== null && readConfigFile(settings).config.target !== undefined
  const options = { hasTarget, folder }
  const file = join(root, path(options))
  const shown = relative(process.cwd(), file)
  if (existsSync(file) && !force) {
    throw new Fault('usage', `Cannot write ${shown}: it is there already`, '--force overwrites it.')
  }
  createDirectory(dirname(file))
  writeDurably(file, render(options), 0o644)
  printLines(
    `Wrote ${shown}: ten rounds on a kind cluster ${when}${hasTarget ? ', of the workload that it deploys there' : ''}.`,
    ...(settings === null ? ['It needs the settings of the folder: nodrop init writes them.'] : []),
    ...(hasTarget ? ['Change the step that deploys: it must deploy your workload.'] : []),
    ...next(options),
    'To make a comparison the baseline: nodrop baseline save DIR --to nodrop-baseline.json, and commit the file.',
  )
}

/** The root of the folder's repository; without one the folder itself. */
function findRepository(folder: string): string {
  for (let above = folder; dirname(above) !== above; above = dirname(above)) {
    // In a worktree and in a submodule it is a file.
    if (existsSync(join(above, '.git'))) return above
  }
  return folder
}

/** The path is part of YAML and of shell scripts. */
function requirePlain(folder: string): void {
  if (/^[\w./@+-]*$/.test(folder) && !/(?:^|\/)-/.test(folder)) return
  const advice = 'Rename it, or run this at the root of the repository and change the pipeline that it writes.'
  throw new Fault('usage', `Cannot write a pipeline for the folder ${folder}: it has unusual characters`, advice)
}
