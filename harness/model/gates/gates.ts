/** Limits that a run must keep: which there are, how users write them, and how `plan.json` has them. */
import { z } from 'zod'

interface GateKind {
  unit: 'requests' | 'share' | 'ms'
  /** What is held against the limit. */
  meaning: string
}

const kinds = {
  lost: { unit: 'requests', meaning: 'requests that were sent and not answered well' },
  lossRate: { unit: 'share', meaning: 'those as a share of what was sent' },
  p99Ms: {
    unit: 'ms',
    meaning:
      'milliseconds in which 99 of 100 good answers came to requests that were due while pods were replaced; lost ones are for the other gates',
  },
} satisfies Record<string, GateKind>

export type GateName = keyof typeof kinds
export const gateKinds: Readonly<Record<GateName, GateKind>> = kinds
export const gateNames = Object.keys(kinds) as [GateName, ...GateName[]]

/** As k6 writes a threshold, without the name: `<250ms`. */
const notations: Record<GateKind['unit'], { pattern: RegExp; example: string; most?: number }> = {
  requests: { pattern: /^(?<operator><=?) ?(?<amount>\d{1,9})$/, example: '<5' },
  share: {
    pattern: /^(?<operator><=?) ?(?<amount>0(\.\d{1,12})?|1|\d{1,3}(\.\d{1,12})?(?=%))(?<unit>%?)$/,
    example: '<0.1%',
    most: 1,
  },
  ms: { pattern: /^(?<operator><=?) ?(?<amount>\d{1,9}(\.\d{1,3})?)(?<unit>ms|s|)$/, example: '<250ms' },
}
const factors: Record<string, number> = { '%': 0.01, s: 1000 }

type Threshold = z.ZodUnion<readonly [z.ZodNumber, z.ZodString]>

function createThreshold({ unit, meaning }: GateKind): Threshold {
  const { pattern, example, most = 1e9 } = notations[unit]
  const rule = `must be a number from 0${unit === 'share' ? ' to 1' : ''}, or like '${example}'`
  const number = z.number(rule).min(0, rule).max(most, rule)
  const text = z.string(rule).regex(pattern, rule)
  return z.union([number, text], rule).describe(`${meaning}; ${rule}`)
}

/** As users write them: a number is the highest value that is kept. */
export const gatesSchema = z.strictObject(
  Object.fromEntries(gateNames.map((name) => [name, createThreshold(gateKinds[name]).exactOptional()])) as {
    [name in GateName]: z.ZodExactOptional<Threshold>
  },
)
export type Gates = z.infer<typeof gatesSchema>

/** As `plan.json` has it. */
export const gateSchema = z.object({ name: z.enum(gateNames), operator: z.enum(['<', '<=']), limit: z.number() })
export type Gate = z.infer<typeof gateSchema>

/** Those of a file; where none is about lost requests, none may be lost. Throws a RangeError for what the schema refuses. */
export function parseGates(gates: Gates): Gate[] {
  const given = gateNames.flatMap((name) => (gates[name] === undefined ? [] : [parseGate(name, gates[name])]))
  const isAboutLosses = given.some(({ name }) => name === 'lost' || name === 'lossRate')
  return isAboutLosses ? given : [{ name: 'lost', operator: '<=', limit: 0 }, ...given]
}

function parseGate(name: GateName, threshold: number | string): Gate {
  if (typeof threshold === 'number') return { name, operator: '<=', limit: threshold }
  const { operator, amount, unit = '' } = notations[gateKinds[name].unit].pattern.exec(threshold)?.groups ?? {}
  if (amount === undefined) throw new RangeError(`Cannot read the gate ${name}: ${threshold}`)
  // 0.1 % is 0.001, without the last digit of a binary fraction.
  const limit = Number((Number(amount) * (factors[unit] ?? 1)).toPrecision(12))
  return { name, operator: operator === '<' ? '<' : '<=', limit }
}

export function isKept({ operator, limit }: Gate, measured: number): boolean {
  return operator === '<' ? measured < limit : measured <= limit
}

/** `p99Ms < 250 ms` */
export function formatGate({ name, operator, limit }: Gate): string {
  return `${name} ${operator} ${formatGated(name, limit)}`
}

/** A value in the gate's unit: `250 ms`, `0.1 %`, `3`. */
export function formatGated(name: GateName, value: number): string {
  const round = (digits: number): number => Number(value.toPrecision(digits))
  const texts = {
    requests: (): string => String(value),
    share: (): string => `${Number((value * 100).toPrecision(3))} %`,
    ms: (): string => `${round(6)} ms`,
  }
  return texts[gateKinds[name].unit]()
}
