/** Which room of harness/ may import which; architecture.test.ts compares this with the real imports of every file. */

/** A package of its own: others import it by its name only. */
export const embedded: string = '@nodrop/embedded-kubernetes'

export interface Room {
  may: readonly string[]
  packages?: readonly string[]
}

/** What each may import of the others, and which npm packages it uses. */
export const rooms: Readonly<Record<string, Room>> = {
  // The ground and the domain.
  base: { may: [], packages: ['execa'] },
  model: { may: ['base'], packages: ['zod'] },

  // The doing half: from what users write to the event log.
  plan: { may: ['base', 'model'], packages: ['yaml', 'zod'] },
  embedded: { may: ['base'], packages: ['@kubernetes/client-node', 'dockerfile-ast', 'selfsigned', 'yaml'] },
  cluster: { may: ['base', 'model', 'plan'], packages: [embedded, '@kubernetes/client-node', 'yaml'] },
  load: { may: ['base', 'model'], packages: ['autocannon', 'esbuild'] },
  run: { may: ['base', 'model', 'cluster', 'load', 'log'], packages: ['@kubernetes/client-node'] },

  // The event log, in which the halves meet.
  log: { may: ['base', 'model'], packages: ['zod'] },

  // The judging half: same log, same conclusions.
  judge: { may: ['base', 'model', 'log'], packages: ['diff', 'esbuild', 'hdr-histogram-js', 'uplot', 'yaml'] },

  // Both halves: comparisons of many runs, what holds nodrop against others, and the command line.
  measure: {
    may: ['base', 'model', 'plan', 'cluster', 'load', 'run', 'log', 'judge'],
    packages: [embedded, '@kubernetes/client-node'],
  },
  // Shows the progress of measurements and what came of them.
  terminal: {
    may: ['base', 'model', 'judge', 'measure'],
    packages: ['cli-truncate', 'string-width', 'wrap-ansi'],
  },
  // The same from a program, and matchers for its tests.
  library: {
    may: ['base', 'model', 'plan', 'cluster', 'judge', 'measure'],
    packages: ['vitest'],
  },
  proof: {
    may: ['base', 'model', 'plan', 'cluster', 'load', 'run', 'log', 'judge', 'measure', 'terminal'],
    packages: [embedded, '@kubernetes/client-node', 'autocannon', 'oxc-parser', 'undici'],
  },
  cli: {
    may: ['base', 'model', 'plan', 'cluster', 'load', 'run', 'log', 'judge', 'measure', 'terminal', 'proof'],
    packages: [embedded, 'commander'],
  },

  // For tests: servers that fail on purpose, fake clusters, builders of records; the command line played as a whole.
  testing: {
    may: ['base', 'model', 'log', 'judge', 'terminal'],
    packages: ['@kubernetes/client-node', 'linkedom', 'selfsigned', 'vitest'],
  },
  e2e: {
    may: ['base', 'model', 'plan', 'cluster', 'load', 'run', 'log', 'judge', 'measure', 'library', 'cli', 'testing'],
    packages: ['@kubernetes/client-node', 'testcontainers', 'yaml'],
  },
}

/** What tests may import besides the row of their room. */
export const tests: Required<Room> = {
  may: ['testing', 'proof', 'base', 'model'],
  packages: ['vitest', 'fast-check', 'yaml', 'playwright-core', 'typescript', '@xterm/headless'],
}

/** Code whose result depends on its input alone: it may import Node's `path` and `url`, and other pure code, only. */
export const pure: RegExp =
  /^(base\/(figures|random)\.ts$|(model|judge\/(facts|figures|pods|servers|tracking|margins|gates|tools|verdict|claims|statistics|baseline|history))\/)/
