/** Options of a comparison as from the command line: one round of a rolling restart, with this checkout's own files. */
import { join } from 'node:path'

const home = join(import.meta.dirname, '../../..')

export const comparisonOptions = {
  scenario: ['rollout'] as string[],
  engine: 'driver',
  drivers: 1,
  via: { kind: 'service' },
  rounds: 1,
  seed: 1,
  scenarios: join(home, 'scenarios'),
  manifests: join(home, 'manifests'),
} as const
