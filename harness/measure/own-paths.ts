/** The folders of nodrop's own scenarios and manifests, and of its output. */
import { join, resolve } from 'node:path'
import { isPackaged } from '../base/program-path.ts'
import type { Paths } from '../cluster/clusters.ts'

const home = join(import.meta.dirname, '../..')

/** An installed package writes reports to the current folder: nothing is written below node_modules. */
export function getOwnPaths(): Paths {
  return {
    apps: join(home, 'apps'),
    scenarios: join(home, 'scenarios'),
    manifests: join(home, 'manifests'),
    reports: isPackaged ? resolve('nodrop-report') : join(home, 'reports'),
  }
}
