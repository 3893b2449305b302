import { defineConfig } from 'vitest/config'

// Most tests use real sockets, processes and namespaces on a machine that may have two cores: two workers at most.
const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['harness/**/*.test.ts', 'scenarios/**/*.test.ts', 'apps/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.kind.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
export default config
