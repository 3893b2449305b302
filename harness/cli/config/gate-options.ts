/** Gates on the command line: `--gate 'lost<=3' --warn 'p99Ms{phase:during}<250ms'`, which replace those of the settings. */
import { Option } from 'commander'
import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { gatesSchema, parseGates } from '../../model/gates/gate-notation.ts'
import type { Gates } from '../../model/gates/gate-notation.ts'
import type { Gate } from '../../model/gates/gates.ts'
import { formatIssues } from '../../plan/yaml-issues.ts'
import { collect } from '../options.ts'

export interface GateOptions {
  gate?: string[]
  warn?: string[]
}

export function addGateOptions(command: Command): Command {
  const gate = new Option(
    '--gate <limit>',
    "what every run must keep, like 'lost<=3' or 'p99Ms{phase:during}<250ms'; may be given again",
  )
  const warn = new Option('--warn <limit>', 'the same, but only warns when it is not kept')
  return command.addOption(gate.argParser(collect)).addOption(warn.argParser(collect))
}

/** The options with these gates, if any, in place of those of the settings. */
export function withGates<T extends GateOptions & { gates?: Gate[] }>({
  gate = [],
  warn = [],
  ...options
}: T): Omit<T, keyof GateOptions> {
  const gates = parseGateOptions({ gate, warn })
  return gates === undefined ? options : { ...options, gates }
}

/** `undefined` without any. Throws a usage Fault that names the option and its possible values. */
export function parseGateOptions({ gate = [], warn = [] }: GateOptions): Gate[] | undefined {
  const given = [
    ...gate.map((text) => readLimit('--gate', text, (threshold) => threshold)),
    ...warn.map((text) => readLimit('--warn', text, (threshold) => ({ threshold, warn: true }))),
  ]
  if (given.length === 0) return undefined
  const keys = new Set(given.flatMap((gates) => Object.keys(gates))) as Set<keyof Gates>
  const merged = [...keys].map((key) => [key, given.flatMap((gates) => gates[key] ?? [])])
  return parseGates(Object.fromEntries(merged) as Gates)
}

function readLimit(option: string, text: string, toThreshold: (limit: string) => unknown): Gates {
  const { key = '', limit = '' } = /^(?<key>[^<>=]*)(?<limit>.*)$/s.exec(text.trim())?.groups ?? {}
  const parsed = gatesSchema.safeParse({ [key.trim()]: toThreshold(limit.trim()) })
  if (parsed.success) return parsed.data
  const place = { findPlace: () => `Cannot read ${option} ${JSON.stringify(text.slice(0, 200))}` }
  throw new Fault('usage', formatIssues(place, parsed.error, 0, gatesSchema), 'docs/configuration.md has every gate.')
}
