/** `nodrop doctor`: what can be run here, and how to get what is missing. */
import type { Command } from 'commander'
import { managedClusterKinds } from '../model/cluster-kind.ts'
import { providers } from '../cluster/providers.ts'
import type { MachineCheck } from '../cluster/machine-check.ts'
import { exitCodes } from '../base/fault.ts'
import { listFieldsByTreatment, podFields } from '@nodrop/embedded-kubernetes/pod-fields'
import { printLines, printJson } from '../terminal/print.ts'
import { withStyle } from '../terminal/text.ts'
import { resolveContext } from '../cluster/context-options.ts'
import type { ContextCliOptions } from '../cluster/context-options.ts'
import { createAllowContextOption, createContextOption, createKubeconfigOption } from './options.ts'

interface CheckGroup {
  cluster: string
  title: string
  checks: MachineCheck[]
  /** Fields of a pod's spec that the cluster accepts without effect. */
  kept?: { path: string; says: string }[]
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what this machine, or with --context that cluster, can run, and how to get what is missing')
    .addOption(createContextOption())
    .addOption(createKubeconfigOption())
    .addOption(createAllowContextOption())
    .option('--json', 'print JSON')
    .action(async (options: ContextCliOptions & { json?: boolean }) => {
      process.exitCode = await doctorCommand(options)
    })
}

/**
 * Prints what this machine can run and how to get the rest; exit code 3 if it can run no cluster at all. With a context, only whether that
 * one can be used.
 */
async function doctorCommand(options: ContextCliOptions & { json?: boolean }): Promise<number> {
  const found = options.context === undefined ? await checkMachine() : [await checkContext(options)]
  const groups = found.map((group) => ({ ...group, usable: group.checks.every(({ ok }) => ok) }))
  if (options.json) printJson(groups)
  else {
    for (const { title, cluster, checks, usable, kept = [] } of groups) {
      printLines(`--cluster ${cluster}: ${title} ${usable ? 'can be used' : 'cannot be used'}`)
      for (const { name, ok, found, fix } of checks) {
        printLines(['  ', ok ? withStyle('green', '✓') : withStyle('red', '✗'), ` ${name}: ${found}`])
        // Commands to paste are on lines of their own.
        if (fix !== '') printLines(...fix.split('\n').map((line) => `      ${line}`))
      }
      if (usable && kept.length > 0) printLines(...formatKeptFields(kept))
    }
  }
  return groups.some(({ usable }) => usable) ? exitCodes.ok : exitCodes.environment
}

function formatKeptFields(kept: NonNullable<CheckGroup['kept']>): string[] {
  const lines = kept.map(({ path, says }) => `      ${path}: ${says}`)
  return [
    '    Fields of pods that it keeps without effect (all others it enforces or refuses, see docs/pod-fields.md):',
    ...lines,
  ]
}

function checkMachine(): Promise<CheckGroup[]> {
  return Promise.all(
    managedClusterKinds.map(async (cluster) => {
      const { facts, check } = providers[cluster]
      const kept = facts.enforcesPodFields ? {} : { kept: listFieldsByTreatment('kept', podFields) }
      return { cluster, title: facts.title, checks: await check(), ...kept }
    }),
  )
}

/** A context that is not in the kubeconfig is a usage error and thrown; the checks find everything else. */
async function checkContext(options: ContextCliOptions): Promise<CheckGroup> {
  const named = resolveContext(options)
  const { facts, check } = providers.kubeconfig
  return { cluster: `kubeconfig --context ${named.context.name}`, title: facts.title, checks: await check(named) }
}
