import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const shared = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const

/** Tests that depend on timing: one at a time, with the machine to themselves. */
const measuring = [
  ...['attach', 'autocannon', 'capacity', 'drivers', 'run'].map((name) => `harness/e2e/${name}.test.ts`),
  'harness/e2e/watch/watch.test.ts',
  'harness/proof/endings/endings.test.ts',
  'scenarios/*.test.ts',
]
/** As a project that has installed the package imports it. */
const alias = [
  { find: /^nodrop\/vitest$/, replacement: join(import.meta.dirname, '../library/vitest.ts') },
  { find: /^nodrop$/, replacement: join(import.meta.dirname, '../index.ts') },
]
/** Looks at what the others left. */
const last = 'harness/testing/temporary.test.ts'

// Tests use real sockets, processes and namespaces on a machine that may have two cores: two workers at most. Those that play
// the whole command line come last.
const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    globalSetup: join(import.meta.dirname, 'temporary.ts'),
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['harness/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.kind.test.ts', 'harness/e2e/**', ...measuring, last],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'whole',
          include: ['harness/e2e/**/*.test.ts'],
          exclude: ['**/*.kind.test.ts', '**/*.docker.test.ts', ...measuring],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        test: { ...shared, name: 'measured', include: measuring, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
      {
        test: { ...shared, name: 'last', include: [last], maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
})
export default config
