import { defineConfig } from 'vitest/config'

const shared = { pool: 'forks', testTimeout: 30_000, hookTimeout: 60_000 } as const

// Most tests use real sockets, processes and namespaces on a machine that may have two cores: two workers at most. Those that
// play the whole command line measure; they come last and have the machine to themselves.
const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    projects: [
      {
        test: {
          ...shared,
          name: 'parts',
          include: ['harness/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.kind.test.ts', 'harness/e2e/**'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'whole',
          include: ['harness/e2e/*.test.ts'],
          exclude: ['**/*.kind.test.ts', '**/*.docker.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
export default config
