/** `nodrop init`: writes the settings of a folder, for a workload that runs already or for the sample. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { Option } from 'commander'
import type { Command } from 'commander'
import { writeDurably } from '../../base/files/durable-file.ts'
import { Fault } from '../../base/fault.ts'
import { describeTarget } from '../../measure/attach/describe-target.ts'
import { findConfigFile, runConfigFile } from '../../plan/config/read-config.ts'
import { renderConfig } from '../../plan/config/render-config.ts'
import { printLines } from '../../terminal/print.ts'
import { pipelines, writePipeline } from '../ci/init-ci.ts'
import type { CiName } from '../ci/init-ci.ts'
import { createContextOption, createKubeconfigOption } from '../options.ts'
import { buildSampleSettings, buildTargetSettings } from './initial-settings.ts'

interface InitOptions {
  namespace?: string
  context?: string
  kubeconfig?: string
  yaml?: boolean
  force?: boolean
  ci?: CiName
}

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('write nodrop.config.ts, for a workload that runs already, or for the sample')
    .argument('[target]', 'deployment/NAME, statefulset/NAME, daemonset/NAME or service/NAME, which is only read')
    .option('-n, --namespace <name>', "of the target (default: that of the context, else 'default')")
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .option('--yaml', 'write nodrop.config.yaml instead')
    .option('--force', 'overwrite the file that is there')
    .addOption(
      new Option('--ci <name>', 'write a pipeline that measures on a schedule instead').choices(Object.keys(pipelines)),
    )
    .action(initCommand)
}

async function initCommand(target: string | undefined, options: InitOptions): Promise<void> {
  if (options.ci !== undefined) {
    rejectBesideCi(target, options)
    const settings = findConfigFile(process.cwd())
    if (settings !== null) await runConfigFile(settings)
    return writePipeline(options.ci, options)
  }
  const form = options.yaml ? 'yaml' : 'ts'
  const path = `nodrop.config.${form}`
  rejectOverwriting(path, options)
  if (target === undefined) {
    rejectUseless(options)
    writeDurably(resolve(path), renderConfig(form, buildSampleSettings()), 0o644)
    return printLines(`Wrote ${path}: the sample, two configurations through a rolling restart.`, 'Next: nodrop run')
  }
  const found = await describeTarget(target, options)
  writeDurably(resolve(path), renderConfig(form, buildTargetSettings(found)), 0o644)
  const { kind, name, namespace, context, service, replicas } = found
  printLines(
    `Wrote ${path}: ${kind}/${name} in the namespace ${namespace} of ${context}, ${replicas} ${replicas === 1 ? 'pod' : 'pods'}, by the Service ${service.name}.`,
    'Next: nodrop run --dry-run says what would be done, nodrop run does it.',
  )
}

/** With two files the next run could not choose. */
function rejectOverwriting(path: string, { force = false }: InitOptions): void {
  const there = existsSync(path) ? path : findConfigFile(process.cwd())
  if (there === null || (force && basename(there) === path)) return
  const name = basename(there)
  const advice = name === path ? '--force overwrites it.' : 'Remove it first: there can be one alone.'
  throw new Fault('usage', `Cannot write ${path}: ${name} is there already`, advice)
}

/** A pipeline uses the settings of the folder. */
function rejectBesideCi(target: string | undefined, options: InitOptions): void {
  const names = ['namespace', 'context', 'kubeconfig', 'yaml'] as const
  const given = names.find((name) => options[name] !== undefined)
  if (target === undefined && given === undefined) return
  const what = given === undefined ? '--ci with a target' : `--${given} with --ci`
  throw new Fault(
    'usage',
    `Cannot use ${what}`,
    'Write nodrop.config.ts first, then the pipeline: nodrop init --ci NAME.',
  )
}

function rejectUseless(options: InitOptions): void {
  const given = (['namespace', 'context'] as const).find((name) => options[name] !== undefined)
  if (given !== undefined) throw new Fault('usage', `Cannot use --${given} without a target like deployment/NAME`)
}
