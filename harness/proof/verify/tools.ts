/** Other load tools: the command for a number of requests on one connection, and how to read the number of failures. */
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

/** A tool's counts of its own requests. */
export interface ToolCounts {
  ok: number
  failed: number
}

export interface Tool {
  name: string
  /** The program and its arguments, `null` when it is not installed. */
  command: (url: string, requests: number) => string[] | null
  /** Written to its stdin. */
  input?: (url: string) => string
  parse: (output: string) => ToolCounts
}

const sumMatches = (output: string, pattern: RegExp): number =>
  [...output.matchAll(pattern)].reduce((total, [, digits]) => total + Number(digits), 0)

const buildK6Script = (url: string, requests: number): string =>
  `import http from 'k6/http'
export const options = { iterations: ${requests}, vus: 1, thresholds: { http_req_failed: ['rate<0.01'] } }
export default () => http.get('${url}', { timeout: '5s' })
`

const countBy = (numbers: Record<string, number>, counts: (name: string) => boolean): number =>
  Object.entries(numbers).reduce((total, [name, times]) => total + (counts(name) ? times : 0), 0)

const parseHey = (output: string): ToolCounts => ({
  ok: sumMatches(output, /\[[23]\d\d\]\s+(\d+) responses/g),
  failed:
    sumMatches(output, /\[[145]\d\d\]\s+(\d+) responses/g) + sumMatches(output, /^\s*\[(\d+)\]\s+(?:Get|Post|http)/gm),
})

/** ab's final output; one request may be counted as failed more than once. */
const parseAb = (output: string): ToolCounts => {
  const failed = sumMatches(output, /^Failed requests: +(\d+)/gm)
  return { ok: sumMatches(output, /^Complete requests: +(\d+)/gm) - failed, failed }
}

export const tools: readonly Tool[] = [
  {
    // It has no option for the number of requests: it sends for one second.
    name: 'wrk',
    command: (url) => findInstalled('wrk', '-t1', '-c1', '-d1s', '--timeout', '5s', url),
    parse: (output) => {
      const failed = sumMatches(output, /(?:connect|read|write|timeout) (\d+)/g)
      const status = sumMatches(output, /Non-2xx or 3xx responses: (\d+)/g)
      return { ok: sumMatches(output, /(\d+) requests in/g) - status, failed: failed + status }
    },
  },
  {
    name: 'hey',
    command: (url, requests) => findInstalled('hey', '-n', `${requests}`, '-c', '1', '-t', '5', url),
    parse: parseHey,
  },
  {
    name: 'hey -m POST',
    command: (url, requests) =>
      findInstalled('hey', '-n', `${requests}`, '-c', '1', '-t', '5', '-m', 'POST', '-d', 'x', url),
    parse: parseHey,
  },
  {
    name: 'vegeta',
    command: (_, requests) => {
      const attack = findInstalled(
        'vegeta',
        'attack',
        '-rate',
        `${requests}`,
        '-duration',
        '1s',
        '-timeout',
        '5s',
        '-workers',
        '1',
        '-max-workers',
        '1',
        '-max-connections',
        '1',
      )
      return attack && ['sh', '-c', '"$@" | "$0" report -type json', attack[0] ?? '', ...attack]
    },
    input: (url) => `GET ${url}\n`,
    parse: (output) => {
      const { requests, status_codes } = JSON.parse(output) as {
        requests: number
        status_codes: Record<string, number>
      }
      const ok = countBy(status_codes, (code) => /^[23]/.test(code))
      return { ok, failed: requests - ok }
    },
  },
  {
    name: 'k6',
    command: (url, requests) => {
      const k6 = findInstalled('k6', 'run', '--quiet', '--no-usage-report', '-')
      return k6 && ['sh', '-c', 'printf %s "$0" | "$@"', buildK6Script(url, requests), ...k6]
    },
    parse: (output) => {
      // `http_req_failed: 20.00% ✓ 10 ✗ 40` or `20.00% 10 out of 50`.
      const failed = sumMatches(output, /http_req_failed\.*: +[\d.]+% +(?:✓ +)?(\d+)/g)
      return { ok: sumMatches(output, /http_reqs\.*: +(\d+)/g) - failed, failed }
    },
  },
  {
    name: 'fortio',
    command: (url, requests) => {
      const limits = ['-qps', '0', '-n', `${requests}`, '-c', '1', '-timeout', '5s', '-allow-initial-errors']
      return findInstalled('fortio', 'load', ...limits, '-json', '-', url)
    },
    parse: (output) => {
      const { RetCodes } = JSON.parse(output) as { RetCodes: Record<string, number> }
      const ok = countBy(RetCodes, (code) => code.startsWith('2'))
      return { ok, failed: countBy(RetCodes, () => true) - ok }
    },
  },
  {
    name: 'oha',
    command: (url, requests) =>
      findInstalled('oha', '-n', `${requests}`, '-c', '1', '-t', '5s', '--no-tui', '--output-format', 'json', url),
    parse: (output) => {
      const result = JSON.parse(output) as Record<
        'statusCodeDistribution' | 'errorDistribution',
        Record<string, number>
      >
      const ok = countBy(result.statusCodeDistribution, (code) => /^[23]/.test(code))
      const statuses = countBy(result.statusCodeDistribution, () => true)
      return { ok, failed: statuses - ok + countBy(result.errorDistribution, () => true) }
    },
  },
  {
    name: 'ab',
    command: (url, requests) => findInstalled('ab', '-q', '-n', `${requests}`, '-c', '1', '-s', '5', url),
    parse: parseAb,
  },
  {
    name: 'ab -k -r',
    command: (url, requests) => findInstalled('ab', '-q', '-k', '-r', '-n', `${requests}`, '-c', '1', '-s', '5', url),
    parse: parseAb,
  },
  {
    name: 'curl',
    command: (url, requests) => {
      const curl = findInstalled('curl', '-s', '-o', '/dev/null', '-w', '%{http_code}\\n', '-m', '5', url)
      return curl && ['sh', '-c', `for i in $(seq ${requests}); do "$0" "$@"; done; true`, ...curl]
    },
    parse: (output) => ({
      ok: (output.match(/^[23]\d\d$/gm) ?? []).length,
      failed: (output.match(/^[045]\d\d$/gm) ?? []).length,
    }),
  },
  {
    name: 'autocannon',
    command: (url, requests) => {
      const program = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
      return [process.execPath, program, '-c', '1', '-a', `${requests}`, '-t', '1', '-j', url]
    },
    parse: (output) => {
      const result = JSON.parse(output) as Record<'errors' | 'non2xx' | '2xx', number>
      return { ok: result['2xx'], failed: result.errors + result.non2xx }
    },
  },
]

/** The command, with the program's path; `null` if it is not on this machine. */
export function findInstalled(program: string, ...args: string[]): [string, ...string[]] | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program)
    try {
      accessSync(path, constants.X_OK)
      return [path, ...args]
    } catch {
      // Not in this folder.
    }
  }
  return null
}
