/** The settings of the folder, which the options of the command line override. */
import type { Command } from 'commander'
import { parseGates } from '../../model/gates/gate-notation.ts'
import { findConfigFile, readConfigFile, runConfigFile } from '../../plan/config/read-config.ts'
import type { Config } from '../../plan/config/config-schema.ts'
import { printNotice } from '../../terminal/print.ts'

/** The arguments of the command line that are not options. */
export interface Words {
  target?: string
  /** The command after `--`. */
  command: readonly string[]
}

/** Adds the options that `applyConfigFile` needs. */
export function addConfigFileOptions(command: Command): Command {
  return command
    .option(
      '--config-file <file>',
      'settings, which options override (default: nodrop.config.ts or .yaml of this folder)',
    )
    .option('--no-config-file', 'leave the settings of this folder out')
    .addHelpText(
      'after',
      '\nOptions override what nodrop.config.ts or nodrop.config.yaml of this folder says (docs/configuration.md).',
    )
}

/**
 * The options of a command, with the folder's settings where the command line has none. A target on the command line replaces the whole
 * target of the file, a command after `--` its scenarios. Throws a usage Fault for an invalid file.
 */
export async function applyConfigFile<T extends { configFile?: string | false }>(
  command: Command,
  words: Words,
): Promise<Omit<T, 'configFile'> & Words> {
  const { configFile, ...options } = command.optsWithGlobals<T>()
  const path = configFile === false ? null : (configFile ?? findConfigFile(process.cwd()))
  if (path === null) return { ...options, ...words }
  await runConfigFile(path)
  const { shown, config } = readConfigFile(path)
  printNotice(`Settings of ${shown}; options override them, and --no-config-file leaves them out.`)
  const isGiven = (name: string): boolean => ['cli', 'env'].includes(command.getOptionValueSource(name) ?? '')
  // With a URL no pod sends the load.
  const isUsed = (name: string): boolean => !isGiven(name) && !(name === 'driverImage' && isGiven('url'))
  const settings = Object.entries(toOptions(config, words)).filter(([name]) => isUsed(name))
  return { ...options, ...Object.fromEntries(settings), ...words, ...pickTarget(config, words) }
}

function pickTarget({ target }: Config, words: Words): { target?: string } {
  return words.target === undefined && target !== undefined ? { target: `${target.kind}/${target.name}` } : {}
}

/** By the names of the command line's options. Settings that a target cannot use are left out if the command line has a target. */
function toOptions({ target, ...config }: Config, words: Words): object {
  const { kind: _, name: __, ...place } = words.target === undefined && target !== undefined ? target : {}
  const { scenarios, scenarioFolder, gates, cluster, manifests, configurations, ...others } = config
  const ofSample = {
    ...(cluster !== undefined && { cluster }),
    ...(manifests !== undefined && { manifests }),
    ...(configurations !== undefined && { config: configurations }),
  }
  return {
    ...others,
    ...place,
    ...(words.target === undefined && ofSample),
    ...(scenarios !== undefined && words.command.length === 0 && { scenario: scenarios }),
    ...(scenarioFolder !== undefined && { scenarios: scenarioFolder }),
    ...(gates !== undefined && { gates: parseGates(gates) }),
  }
}
