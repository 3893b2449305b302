/** Other load tools: how each is asked for a number of requests on one connection, and where it says how many failed. */
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

/** What a tool says of its own requests. */
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
  `import http from 'k6/http'\nexport const options = { iterations: ${requests}, vus: 1 }\nexport default () => http.get('${url}')\n`

export const tools: readonly Tool[] = [
  {
    // It knows no number of requests: a second of as many as it can.
    name: 'wrk',
    command: (url) => findInstalled('wrk', '-t1', '-c1', '-d1s', url),
    parse: (output) => {
      const failed = sumMatches(output, /(?:connect|read|write|timeout) (\d+)/g)
      const status = sumMatches(output, /Non-2xx or 3xx responses: (\d+)/g)
      return { ok: sumMatches(output, /(\d+) requests in/g) - status, failed: failed + status }
    },
  },
  {
    name: 'hey',
    command: (url, requests) => findInstalled('hey', '-n', `${requests}`, '-c', '1', url),
    parse: (output) => ({
      ok: sumMatches(output, /\[2\d\d\]\s+(\d+) responses/g),
      failed:
        sumMatches(output, /\[[1345]\d\d\]\s+(\d+) responses/g) +
        sumMatches(output, /^\s*\[(\d+)\]\s+(?:Get|Post|http)/gm),
    }),
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
      const ok = Object.entries(status_codes).reduce((total, [code, n]) => total + (code.startsWith('2') ? n : 0), 0)
      return { ok, failed: requests - ok }
    },
  },
  {
    name: 'k6',
    command: (url, requests) => {
      const k6 = findInstalled('k6', 'run', '--quiet', '--summary-mode', 'legacy', '-')
      return k6 && ['sh', '-c', 'printf %s "$0" | "$@"', buildK6Script(url, requests), ...k6]
    },
    parse: (output) => {
      // `http_req_failed: 20.00% ✓ 10 ✗ 40` or `20.00% 10 out of 50`.
      const failed = sumMatches(output, /http_req_failed\.*: +[\d.]+% +(?:✓ +)?(\d+)/g)
      return { ok: sumMatches(output, /http_reqs\.*: +(\d+)/g) - failed, failed }
    },
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

/** The command, with the program's path; `null` when it is not on this machine's. */
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
