import { defineConfig } from 'vitest/config'

// Each of these tests has a kind cluster to itself: one at a time, with the time that creating one takes on two cores.
const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['harness/**/*.kind.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    passWithNoTests: true,
  },
})
export default config
