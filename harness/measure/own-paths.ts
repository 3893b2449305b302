/** Where nodrop's own scenarios and manifests are, and where it writes. */
import { join, resolve } from 'node:path'
import { isPackaged } from '../base/program-path.ts'
import type { Paths } from '../cluster/clusters.ts'

const home = join(import.meta.dirname, '../..')

/** Reports of a package go to the current folder: nothing is written below node_modules. */
export function getOwnPaths(): Paths {
  return {
    apps: join(home, 'apps'),
    scenarios: join(home, 'scenarios'),
    manifests: join(home, 'manifests'),
    reports: isPackaged ? resolve('nodrop-report') : join(home, 'reports'),
  }
}
