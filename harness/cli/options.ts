/** Options that several commands share, and the parsers of their values. */
import { InvalidArgumentError, Option } from 'commander'
import { managedClusterKinds } from '../model/cluster-kind.ts'
import { statusClasses } from '../model/load/requests.ts'
import type { StatusRule } from '../model/load/requests.ts'
import { maxDrivers } from '../model/plan.ts'
import type { Via } from '../model/plan.ts'

/** The clusters that nodrop starts, and further choices. */
export function createClusterOption(...more: string[]): Option {
  const kubeconfig = more.length > 0 ? ', or the one that --context names (kubeconfig)' : ''
  const text = `where: kind, the embedded cluster (local), or kind where it is usable (auto)${kubeconfig}`
  return new Option('--cluster <kind>', text).choices(['auto', ...managedClusterKinds, ...more]).default('auto')
}

export function createContextOption(): Option {
  const option = new Option('--context <name>', 'the context of your kubeconfig; never the current one by default')
  return option.argParser((name: string, before: string | undefined) => {
    if (before !== undefined && before !== name) throw new InvalidArgumentError('Must be given once.')
    return name
  })
}

export function createKubeconfigOption(): Option {
  return new Option('--kubeconfig <file>', 'your kubeconfig, which is only read (default: ~/.kube/config)').env(
    'KUBECONFIG',
  )
}

export function createAllowContextOption(): Option {
  const text = 'allow the context of this very name although it looks like production or has a public address'
  return new Option('--allow-context <name>', text)
}

export function createEngineOption(): Option {
  const text = 'what sends the load: the driver on a schedule (open loop), or autocannon, fenced, in a closed loop'
  return new Option('--engine <name>', text).choices(['driver', 'autocannon']).default('driver')
}

export function createKindImageOption(): Option {
  const text = "node image for kind (default: the newest on this machine, else kind's own)"
  return new Option('--kind-image <image>', text).env('NODROP_KIND_IMAGE')
}

export function parseNames(text: string): string[] {
  const list = text.split(',').filter((name) => name !== '')
  if (list.length === 0) throw new InvalidArgumentError('Must name at least one.')
  return [...new Set(list)]
}

/** The beginning of an image's name: a host, optionally with a port and a path. */
export function parseRegistry(text: string): string {
  const prefix = text.replace(/\/$/, '')
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(prefix)) return prefix
  throw new InvalidArgumentError('Must be like registry.example/team: no https://, no capital letters, no tag.')
}

export function parsePositiveNumber(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 100_000)) throw new InvalidArgumentError('Must be a number above 0, 100,000 at most.')
  return value
}

export function parsePositiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Must be a whole number, 1 or more.')
  return Number(text)
}

export function createViaOption(): Option {
  const text = 'the way of the load to the pods: service, nodeport or ingress=HOST[:PORT]'
  return new Option('--via <way>', text).argParser(parseVia).default({ kind: 'service' } satisfies Via, 'service')
}

function parseVia(text: string): Via {
  if (text === 'service' || text === 'nodeport') return { kind: text }
  const found = /^ingress=(?<host>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:(?<port>[1-9]\d{0,4}))?$/.exec(text)?.groups
  const port = Number(found?.['port'] ?? 80)
  if (found?.['host'] === undefined || port > 65_535) {
    throw new InvalidArgumentError('Must be service, nodeport or ingress=HOST[:PORT], the host in small letters.')
  }
  return { kind: 'ingress', host: found['host'], port }
}

export function parseDriverCount(text: string): number {
  const value = parsePositiveInteger(text)
  if (value > maxDrivers) throw new InvalidArgumentError(`Must be ${maxDrivers} at most.`)
  return value
}

/** An image's name, with or without a tag or a digest. */
export function parseImageName(text: string): string {
  if (/^[a-z0-9][a-zA-Z0-9._:/@-]{0,500}$/.test(text)) return text
  throw new InvalidArgumentError('Must be like node:24-slim or registry.example/team/node@sha256:…')
}

/** For an option that may be given several times. */
export function collect(text: string, before: string[] = []): string[] {
  return [...before, text]
}

/** Statuses of final responses, and classes of them. */
export function parseStatuses(text: string): StatusRule[] {
  return text.split(',').map((one) => {
    if (/^[2-5]\d\d$/.test(one)) return Number(one)
    const found = statusClasses.find((known) => known === one)
    if (found !== undefined) return found
    throw new InvalidArgumentError('Must be like 200,204 or 2xx.')
  })
}

export function parseNonNegativeInteger(text: string): number {
  return text === '0' ? 0 : parsePositiveInteger(text)
}

export function parseFreezeSeconds(text: string): number {
  const value = Number(text)
  if (value !== 0 && !(value >= 2 && value <= 60)) throw new InvalidArgumentError('Must be 0, or from 2 to 60.')
  return value
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }
const longestMs = 6 * 86_400_000

/** Returns ms. */
export function parseDuration(text: string): number {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,6})([smh])$/.exec(text) ?? []
  const ms = Number(amount) * (unitsMs[unit] ?? NaN)
  if (ms > 0 && ms <= longestMs) return ms
  throw new InvalidArgumentError('Must be like 30s, 10m or 2h, six days at most.')
}
