/** Values that requests take from the environment reach the workload, but no file that stays. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import { runNodrop } from '../stage/nodrop-process.ts'
import { createStage } from '../stage/stage.ts'
import type { Stage } from '../stage/stage.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

const token = 'planted-t0ken-9b1f~%/+=end'
/** All forms in which it may have been written. */
const forms = [
  token,
  'planted-t0ken',
  encodeURIComponent(token),
  Buffer.from(token).toString('base64'),
  createHash('sha256').update(token).digest('hex'),
]

/** In place of the brief scenario: the token in a header, in a query and in a body. */
const scenario = `
name: brief
summary: restarts two pods, one after another
disruption: { kind: rollout-restart }
replicas: 2
load:
  ratePerSecond: 60
  shares: { fresh: 0.5, reused: 0.5, reused-post: 0 }
  workMs: 20
  thinkMs: 300
  timeoutMs: 5000
  requests:
    - { name: page, weight: 2, headers: { Authorization: { env: SHOP_TOKEN, prefix: 'Bearer ' } } }
    - { name: search, query: { key: { env: SHOP_TOKEN } }, expect: { status: 200, body: { contains: pod } } }
    - { name: order, method: POST, body: { env: SHOP_TOKEN }, expect: { body: { matches: '"received": ${token.length}[,}]' } } }
phases: { beforeMs: 1500, afterMs: 1500, limitMs: 60000 }
`

function prepare(stage: Stage, text: string): void {
  writeFileSync(join(stage.folder, 'scenarios/brief.yaml'), text)
}

/** Every written file, with compressed ones decompressed. */
function readAll(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return new Map(
    files.map((name) => {
      const bytes = readFileSync(join(folder, name))
      return [name, (name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString('latin1')]
    }),
  )
}

describe.skipIf(!able)('values from the environment', { timeout: 120_000 }, () => {
  test('secrets: sent, and in no file, log, message or report', async () => {
    using stage = createStage()
    prepare(stage, scenario)
    const options = ['run', ...stage.options, '--config', 'graceful', '--verbose']
    const { stdout, stderr } = await runNodrop(options, { env: { ...stage.env, SHOP_TOKEN: token } })
    const written = readAll(join(stage.folder, 'out'))
    expect([...written.keys()].map((name) => name.replace(/.*\//, ''))).toEqual(
      expect.arrayContaining(['comparison.json', 'plan.json', 'events.jsonl.zst', 'analysis.json', 'report.html']),
    )
    written.set('stdout', stdout).set('stderr', stderr)
    for (const [name, text] of written) {
      for (const form of forms) expect(text.includes(form), `${form} in ${name}`).toBe(false)
    }
    const plan = [...written].find(([name]) => name.endsWith('plan.json'))?.[1] ?? ''
    expect(plan).toContain('"env": "SHOP_TOKEN"')
    const analysis = JSON.parse([...written].find(([name]) => name.endsWith('analysis.json'))?.[1] ?? '') as {
      requests: { name: string; sent: number; lost: number }[]
      claims: { name: string; holds: boolean }[]
    }
    expect(analysis.requests.map(({ name }) => name)).toEqual(['page', 'search', 'order'])
    for (const { name, sent, lost } of analysis.requests) expect([name, sent > 30, lost]).toEqual([name, true, 0])
    expect(analysis.claims.find(({ name }) => name === 'ledger-balanced')).toMatchObject({ holds: true })
  })

  test('secrets: a value that no header can have is refused by its name, before anything starts', async () => {
    using stage = createStage()
    prepare(stage, scenario)
    const options = ['run', ...stage.options, '--config', 'graceful', '--verbose']
    const bad = await runNodrop(options, { env: { ...stage.env, SHOP_TOKEN: `${token}\n` } })
    expect(bad).toMatchObject({ code: 2, stdout: '' })
    expect(bad.stderr).toContain('Cannot send what SHOP_TOKEN holds as header Authorization of page')
    expect(bad.stderr).not.toContain('planted-t0ken')
    const missing = await runNodrop(options, { env: stage.env })
    expect(missing.code).toBe(2)
    expect(missing.stderr).toMatch(/Cannot read the environment variable SHOP_TOKEN .* of page: it is not set/)
    expect(stage.findComparison()).toBeNull()
  })
})
