/** Other clients: the command for a load, and how to read their results. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Quantiles } from '../../model/result.ts'
import { findInstalled, tools } from '../verify/tools.ts'
import type { ToolCounts } from '../verify/tools.ts'

export interface LoadTask {
  url: string
  seconds: number
  connections: number
  /** `null` for a closed loop: each connection sends its next request as soon as its last one has ended. */
  ratePerSecond: number | null
  /** A directory for files. */
  directory: string
}

export interface ClientReport extends ToolCounts {
  /** How much later than due requests were sent, if the client reports it. */
  lag?: Quantiles
}

export interface BenchClient {
  name: string
  /** `null` when it is not installed, or has no such loop. */
  command: (duty: LoadTask) => [string, ...string[]] | null
  parse: (output: string) => ClientReport
}

const getToolParser = (name: string): BenchClient['parse'] => tools.find((tool) => tool.name === name)!.parse
const autocannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
const getClientPath = (name: string): string => join(import.meta.dirname, `${name}-client.ts`)

const buildK6Script = ({ url, seconds, connections, ratePerSecond }: LoadTask): string => {
  const scenario =
    ratePerSecond === null
      ? { executor: 'constant-vus', vus: connections, duration: `${seconds}s` }
      : {
          executor: 'constant-arrival-rate',
          rate: ratePerSecond,
          duration: `${seconds}s`,
          preAllocatedVUs: connections,
          maxVUs: 1000,
        }
  const options = JSON.stringify({ scenarios: { bench: scenario } })
  return `import http from 'k6/http'\nexport const options = ${options}\nexport default () => http.get('${url}')\n`
}

export const benchClients: readonly BenchClient[] = [
  {
    name: 'wrk',
    command: ({ url, seconds, connections, ratePerSecond }) =>
      ratePerSecond === null ? findInstalled('wrk', '-t1', `-c${connections}`, `-d${seconds}s`, url) : null,
    parse: getToolParser('wrk'),
  },
  {
    name: 'bare sockets',
    command: (duty) => [process.execPath, getClientPath('floor'), JSON.stringify(duty)],
    parse: (output) => JSON.parse(output) as ClientReport,
  },
  {
    name: 'undici',
    command: (duty) => [process.execPath, getClientPath('undici'), JSON.stringify(duty)],
    parse: (output) => JSON.parse(output) as ToolCounts,
  },
  {
    name: 'autocannon',
    command: ({ url, seconds, connections, ratePerSecond }) => {
      const rate = ratePerSecond === null ? [] : ['-R', `${ratePerSecond}`]
      return [process.execPath, autocannon, '-c', `${connections}`, '-d', `${seconds}`, ...rate, '-j', url]
    },
    parse: getToolParser('autocannon'),
  },
  {
    name: 'hey',
    command: ({ url, seconds, connections, ratePerSecond }) =>
      ratePerSecond === null ? findInstalled('hey', '-z', `${seconds}s`, '-c', `${connections}`, url) : null,
    parse: getToolParser('hey'),
  },
  {
    name: 'vegeta',
    command({ url, seconds, connections, ratePerSecond, directory }) {
      // Without a limit it starts a worker for every late request, and collapses.
      const limits = ['-rate', `${ratePerSecond ?? 0}`, '-max-workers', `${connections}`]
      const results = join(directory, 'vegeta.bin')
      const attack = findInstalled('vegeta', 'attack', ...limits, '-duration', `${seconds}s`, '-output', results)
      const script = 'echo "GET $0" | "$@" && "$1" report -type json ' + results
      return attack && ['sh', '-c', script, url, ...attack]
    },
    parse: getToolParser('vegeta'),
  },
  {
    name: 'k6',
    command(duty) {
      const k6 = findInstalled('k6', 'run', '--quiet', '--summary-mode', 'legacy', '-')
      return k6 && ['sh', '-c', 'printf %s "$0" | "$@"', buildK6Script(duty), ...k6]
    },
    parse: getToolParser('k6'),
  },
]
