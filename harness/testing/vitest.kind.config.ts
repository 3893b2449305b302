import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Minutes each, and measuring on a cluster of their own: `NODROP_KIND=all` plays them too. */
const long = [
  'harness/proof/conformance/conformance.kind.test.ts',
  'harness/proof/endings/endings.kind.test.ts',
  'harness/e2e/capture.kind.test.ts',
  'harness/e2e/context.kind.test.ts',
  'harness/e2e/targets/attach.kind.test.ts',
  'harness/e2e/kind/ingress.kind.test.ts',
  'harness/e2e/watch/watch.kind.test.ts',
  'harness/run/observe/follow-container-log.kind.test.ts',
]

// Each of these tests has a kind cluster, or containers on Docker, to itself: one at a time, with the time that creating a
// cluster takes on two cores.
const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    globalSetup: join(import.meta.dirname, 'temporary.ts'),
    include: ['harness/**/*.{kind,docker}.test.ts'],
    exclude: process.env['NODROP_KIND'] === 'all' ? [] : long,
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    passWithNoTests: true,
  },
})
export default config
