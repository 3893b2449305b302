/** The process behind the command `nodrop`. */
import { join, resolve } from 'node:path'
import { isPackaged } from '../base/program-path.ts'
import { ignoreBrokenPipe } from '../terminal/broken-pipe.ts'
import { explainUncaughtErrors } from '../terminal/explain.ts'
import { runProgram } from './program.ts'

const home = join(import.meta.dirname, '../..')

ignoreBrokenPipe()
explainUncaughtErrors('nodrop: ')
await runProgram(process.argv.slice(2), {
  apps: join(home, 'apps'),
  scenarios: join(home, 'scenarios'),
  manifests: join(home, 'manifests'),
  // Nothing is written below node_modules.
  reports: isPackaged ? resolve('nodrop-report') : join(home, 'reports'),
})
