import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mkdtemp, mkdir, writeFile, chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privileges, startInside } from './inside.ts'
import type { Inside } from './inside.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodrop-images-'))
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'base'))
  await writeFile(
    join(folder, 'base', 'Dockerfile'),
    'FROM debian:bookworm-slim\nWORKDIR /app\nCOPY hello.sh /app/\nUSER 10001:10001\nCMD ["sleep", "60"]\n',
  )
  await writeFile(join(folder, 'base', 'hello.sh'), '#!/bin/sh\necho hello\n', { mode: 0o755 })
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(privileges)('with $privilege', ({ privilege, available }) => {
  let inside: Inside
  beforeAll(async () => {
    if (available) inside = await startInside(privilege, folder)
  })
  afterAll(async () => {
    if (available) await inside[Symbol.asyncDispose]()
  })

  test.skipIf(!available)('a container', async () => {
    const result = await inside.run(async ({ runtime }) => {
      const t0 = performance.now()
      const sandbox = await runtime.createSandbox({ uid: 'a', name: 'pod-a', namespace: 'x' })
      const t1 = performance.now()
      const lines: string[] = []
      const c = await runtime.startContainer(sandbox, {
        name: 'c',
        image: 'nodrop/base:dev',
        env: [{ name: 'A', value: 'b c' }],
        mounts: [],
        command: [
          'sh',
          '-c',
          'id; pwd; ./hello.sh; env; hostname; echo x > /dev/stdout; cat /proc/self/status | grep -E "Cap|NoNew"; ls -la / /app; sleep 60',
        ],
        onLog: (line) => lines.push(`${line.stream} ${line.text}`),
      })
      const t2 = performance.now()
      const e = await c.exec(
        ['sh', '-c', 'id; pwd; ps ax; echo y >/dev/stderr; kill -TERM 1; echo z > /proc/1/fd/1'],
        {},
      )
      const t3 = performance.now()
      await new Promise((r) => setTimeout(r, 300))
      const m = await c.exec(['nothere'], {})
      c.signal('SIGKILL')
      return { lines, e, m, exit: await c.exited, times: [t1 - t0, t2 - t1, t3 - t2] }
    })
    console.log(result)
    expect(result.exit.exitCode).toBe(137)
  })
})
