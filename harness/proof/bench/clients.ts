/** Other clients: how each is asked for a load, and how it says what became of it. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Quantiles } from '../../model/result.ts'
import { installed, tools } from '../verify/tools.ts'
import type { Said } from '../verify/tools.ts'

export interface Duty {
  url: string
  seconds: number
  connections: number
  /** `null` for a closed loop: each connection sends its next request as soon as its last one has ended. */
  ratePerSecond: number | null
  /** Where files may be left. */
  directory: string
}

export interface SaidOfLag extends Said {
  /** How much later than due requests were sent; of clients that tell. */
  lag?: Quantiles
}

export interface Contestant {
  name: string
  /** `null` when it is not installed, or has no such loop. */
  command: (duty: Duty) => [string, ...string[]] | null
  said: (output: string) => SaidOfLag
}

const saidBy = (name: string): Contestant['said'] => tools.find((tool) => tool.name === name)!.said
const autocannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
const programOf = (name: string): string => join(import.meta.dirname, `${name}-client.ts`)

const k6Script = ({ url, seconds, connections, ratePerSecond }: Duty): string => {
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

export const contestants: readonly Contestant[] = [
  {
    name: 'wrk',
    command: ({ url, seconds, connections, ratePerSecond }) =>
      ratePerSecond === null ? installed('wrk', '-t1', `-c${connections}`, `-d${seconds}s`, url) : null,
    said: saidBy('wrk'),
  },
  {
    name: 'bare sockets',
    command: (duty) => [process.execPath, programOf('floor'), JSON.stringify(duty)],
    said: (output) => JSON.parse(output) as SaidOfLag,
  },
  {
    name: 'undici',
    command: (duty) => [process.execPath, programOf('undici'), JSON.stringify(duty)],
    said: (output) => JSON.parse(output) as Said,
  },
  {
    name: 'autocannon',
    command: ({ url, seconds, connections, ratePerSecond }) => {
      const rate = ratePerSecond === null ? [] : ['-R', `${ratePerSecond}`]
      return [process.execPath, autocannon, '-c', `${connections}`, '-d', `${seconds}`, ...rate, '-j', url]
    },
    said: saidBy('autocannon'),
  },
  {
    name: 'hey',
    command: ({ url, seconds, connections, ratePerSecond }) =>
      ratePerSecond === null ? installed('hey', '-z', `${seconds}s`, '-c', `${connections}`, url) : null,
    said: saidBy('hey'),
  },
  {
    name: 'vegeta',
    command({ url, seconds, connections, ratePerSecond, directory }) {
      // Without a limit it starts a worker for whatever is late, and breaks down by that.
      const limits = ['-rate', `${ratePerSecond ?? 0}`, '-max-workers', `${connections}`]
      const results = join(directory, 'vegeta.bin')
      const attack = installed('vegeta', 'attack', ...limits, '-duration', `${seconds}s`, '-output', results)
      const script = 'echo "GET $0" | "$@" && "$1" report -type json ' + results
      return attack && ['sh', '-c', script, url, ...attack]
    },
    said: saidBy('vegeta'),
  },
  {
    name: 'k6',
    command(duty) {
      const k6 = installed('k6', 'run', '--quiet', '--summary-mode', 'legacy', '-')
      return k6 && ['sh', '-c', 'printf %s "$0" | "$@"', k6Script(duty), ...k6]
    },
    said: saidBy('k6'),
  },
]
