/** Gates as users write them, in the notation of k6's thresholds: https://grafana.com/docs/k6/latest/using-k6/thresholds/ */
import { z } from 'zod'
import { formatList } from '../../base/figures.ts'
import { phases, workloadLanes } from '../load/lanes.ts'
import { gateKinds, gateNames } from './gate-kinds.ts'
import type { GateKind, GateName, Selector } from './gate-kinds.ts'
import { defaultGates } from './gates.ts'
import type { Gate } from './gates.ts'

/** A number is the maximum, for a margin the minimum; a text begins with the operator: `<250ms`, `>=500ms`. */
type Limit = number | string
/** An object may say that the gate only warns. */
type Threshold = Limit | { threshold: Limit; warn?: boolean }
type Thresholds = Threshold | readonly Threshold[]

/** Limits by the names of their gates, possibly narrowed: `p99Ms{lane:fresh,phase:during}`. */
export type Gates = { [name in GateName]?: Thresholds } & { [selected: `${GateName}{${string}}`]: Thresholds }

interface Notation {
  amount: string
  example: string
  most?: number
}

const notations: Record<GateKind['unit'], Notation> = {
  count: { amount: '(?<amount>\\d{1,9})', example: '5' },
  mean: { amount: '(?<amount>\\d{1,9}(\\.\\d{1,3})?)', example: '0.5' },
  share: {
    amount: '(?<amount>0(\\.\\d{1,12})?|1|\\d{1,3}(\\.\\d{1,12})?(?=%))(?<unit>%?)',
    example: '0.1%',
    most: 1,
  },
  ms: { amount: '(?<amount>\\d{1,9}(\\.\\d{1,3})?)(?<unit>ms|s|)', example: '250ms' },
  s: { amount: '(?<amount>\\d{1,9}(\\.\\d{1,3})?)(?<unit>ms|s|)', example: '30s' },
}
/** How many of the gate's own unit one of each unit is. */
const factors: Record<GateKind['unit'], Record<string, number>> = {
  count: {},
  mean: {},
  share: { '%': 0.01 },
  ms: { s: 1000 },
  s: { ms: 0.001 },
}

function getPattern({ unit, bound }: GateKind): RegExp {
  return new RegExp(`^(?<operator>${bound === 'most' ? '<' : '>'}=?) ?${notations[unit].amount}$`)
}

/** Follows the name, without a period: `must be a number from 0, or like '<250ms'`. */
function formatRule({ unit, bound }: GateKind): string {
  const { example } = notations[unit]
  const range = unit === 'share' ? ' to 1' : ''
  return `must be a number from 0${range}, or like '${bound === 'most' ? '<' : '>='}${example}'`
}

function createThresholds(kind: GateKind): z.ZodType<Thresholds> {
  const rule = formatRule(kind)
  const number = z
    .number(rule)
    .min(0, rule)
    .max(notations[kind.unit].most ?? 1e9, rule)
  const limit = z.union([number, z.string(rule).regex(getPattern(kind), rule)], rule)
  const object = z.strictObject({ threshold: limit, warn: z.boolean().exactOptional() })
  const threshold = z.union([...limit.options, object], rule)
  const thresholds = [...threshold.options, z.array(threshold).min(1).max(10)] as const
  return z.union(thresholds, rule).describe(`${kind.meaning}; ${rule}`)
}

const thresholdsByName = Object.fromEntries(gateNames.map((name) => [name, createThresholds(gateKinds[name])])) as {
  [name in GateName]: z.ZodType<Thresholds>
}

/** In the form of users' files. A narrowed key is not a property of the schema, so it is checked separately. */
export const gatesSchema = z
  .object(
    Object.fromEntries(gateNames.map((name) => [name, thresholdsByName[name].exactOptional()])) as {
      [name in GateName]: z.ZodExactOptional<z.ZodType<Thresholds>>
    },
  )
  .catchall(z.unknown())
  .superRefine((gates, context) => {
    for (const [key, value] of Object.entries(gates)) {
      if (Object.hasOwn(thresholdsByName, key)) continue
      const read = readGateKey(key)
      if (read === null) context.addIssue({ code: 'unrecognized_keys', keys: [key], input: gates })
      else if ('problem' in read) context.addIssue({ code: 'custom', path: [key], message: read.problem, input: value })
      else if (!thresholdsByName[read.name].safeParse(value).success) {
        context.addIssue({ code: 'custom', path: [key], message: formatRule(gateKinds[read.name]), input: value })
      }
    }
  }) as unknown as z.ZodType<Gates>

type Selected = Pick<Gate, 'name' | 'lane' | 'phase'>

const choices: Record<Selector, readonly string[]> = { lane: workloadLanes, phase: phases }

/** Parses `p99Ms`, `p99Ms{lane:fresh,phase:during}`; `null` if there is no gate of that name. */
export function readGateKey(key: string): Selected | { problem: string } | null {
  const parts = /^(?<name>[^{}]*)(\{(?<selectors>[^{}]+)\})?$/.exec(key)?.groups
  const name = gateNames.find((one) => one === (parts?.name ?? key.replace(/[{}].*/s, '')))
  if (name === undefined) return null
  if (parts === undefined) return { problem: `must be like ${name}${formatExample(name)}` }
  const selected: Partial<Record<Selector, string>> = {}
  for (const part of parts.selectors?.split(',') ?? []) {
    const [selector = '', ...rest] = part.split(':').map((one) => one.trim())
    const value = rest.join(':')
    const problem = explainSelector(name, selector, value)
    if (problem !== null) return { problem }
    if (Object.hasOwn(selected, selector)) return { problem: `${name} can be narrowed to one ${selector} only` }
    selected[selector as Selector] = value
  }
  return { name, ...(selected as Omit<Selected, 'name'>) }
}

function explainSelector(name: GateName, selector: string, value: string): string | null {
  const { selectors } = gateKinds[name]
  const own = selectors.find((one) => one === selector)
  if (own === undefined) {
    return selectors.length === 0
      ? `${name} cannot be narrowed`
      : `${name} cannot be narrowed to ${JSON.stringify(selector)}: must be like ${name}${formatExample(name)}`
  }
  if (choices[own].includes(value)) return null
  return `no ${own} ${JSON.stringify(value)}: there are ${formatList(choices[own])}`
}

function formatExample(name: GateName): string {
  const examples = { lane: 'lane:fresh', phase: 'phase:during' }
  const { selectors } = gateKinds[name]
  return selectors.length === 0 ? '' : `{${selectors.map((one) => examples[one]).join(',')}}`
}

/**
 * The gates of a file, in the order of their kinds. If none limits the losses of all lanes and phases, none may be lost. Throws a
 * RangeError for a value that the schema refuses.
 */
export function parseGates(gates: Gates): Gate[] {
  const given = Object.entries<Thresholds>(gates).flatMap(([key, thresholds]) =>
    [thresholds].flat().map((threshold) => parseGate(key, threshold)),
  )
  const ordered = given.toSorted((a, b) => gateNames.indexOf(a.name) - gateNames.indexOf(b.name))
  const isTold = given.some(
    ({ name, lane, phase }) => gateKinds[name].limitsLosses && lane === undefined && phase === undefined,
  )
  return isTold ? ordered : [...defaultGates, ...ordered]
}

function parseGate(key: string, threshold: Threshold): Gate {
  const selected = readGateKey(key)
  if (selected === null || 'problem' in selected) throw new RangeError(`Cannot read the gate ${key}`)
  const { threshold: limit, warn = false } = typeof threshold === 'object' ? threshold : { threshold }
  const { name, ...selectors } = selected
  return { name, ...parseLimit(name, limit), ...selectors, ...(warn && { warn }) }
}

function parseLimit(name: GateName, limit: Limit): Pick<Gate, 'operator' | 'limit'> {
  const kind = gateKinds[name]
  if (typeof limit === 'number') return { operator: kind.bound === 'most' ? '<=' : '>=', limit }
  const { operator, amount, unit = '' } = getPattern(kind).exec(limit)?.groups ?? {}
  if (amount === undefined) throw new RangeError(`Cannot read the gate ${name}: ${limit}`)
  // 0.1 % is 0.001, without the last digit of a binary fraction.
  const value = Number((Number(amount) * (factors[kind.unit][unit] ?? 1)).toPrecision(12))
  return { operator: operator as Gate['operator'], limit: value }
}
